"""The rollout: what is switched on in which order, what has to hold before, and who flipped what."""
