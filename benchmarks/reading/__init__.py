"""The read path against its bars: a made-up universe of many people, the product's own web processes, and the seed's way beside them."""
