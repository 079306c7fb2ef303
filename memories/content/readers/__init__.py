"""Arrive: what each kind of file says. Each module reads one kind, in the child process alone, and may fail in any way."""
