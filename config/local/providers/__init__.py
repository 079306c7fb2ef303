"""Stand-in, for development and tests alone: Nango and four providers in one small process that speaks to nobody but loopback."""
