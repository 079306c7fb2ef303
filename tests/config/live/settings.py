"""Settings of that server: the tests' own, and its addresses."""

from config.settings.test import *  # noqa: F403, TID251 -- settings build on settings

ROOT_URLCONF = "tests.config.live.urls"
