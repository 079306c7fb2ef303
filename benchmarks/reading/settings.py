"""The product's settings of one's own machine, with the bench's paths beside the product's."""

from config.settings.local import *  # noqa: F403, TID251 -- a settings module of its own

ROOT_URLCONF = "benchmarks.reading.urls"
