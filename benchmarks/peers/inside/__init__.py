"""What runs in the peers' own environment (`.venv-peers`), a process each. Nothing here imports Django or the product."""
