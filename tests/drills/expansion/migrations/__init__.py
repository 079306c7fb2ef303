"""A column, then an index built beside writers."""
