"""Demo person: a made-up life for `make demo`, and the truth of what is hidden in it."""

from config.local.demo.life import DemoLife, generate_life
from config.local.demo.people import DEMO_PERSON, DemoPerson

__all__ = ["DEMO_PERSON", "DemoLife", "DemoPerson", "generate_life"]
