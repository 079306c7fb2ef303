"""Others beside whom Life Graph is put: the same nodes and edges, the same questions, each in its own environment."""
