"""Syncs: is everything at a provider a memory afterwards, whatever went wrong on the way, and how quickly."""
