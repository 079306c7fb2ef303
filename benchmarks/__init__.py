"""What the layers find in worlds whose truth is known: run by `make bench`, written to RESULTS.md."""
