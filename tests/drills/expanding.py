"""Settings of the next version's `migrate`: the drills' own with the expansion installed."""

from tests.drills.settings import *  # noqa: F403
from tests.drills.settings import INSTALLED_APPS as THIS_VERSIONS

INSTALLED_APPS = [*THIS_VERSIONS, "tests.drills.expansion.apps.Expansion"]
