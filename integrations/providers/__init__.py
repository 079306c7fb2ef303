"""Arrive: the providers a person can connect."""
