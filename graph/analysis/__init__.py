"""What the shape of a graph says, in arrays: pure, no database. Every function gives the same for the same network."""
