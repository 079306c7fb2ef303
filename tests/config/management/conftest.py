"""The stand-in of Nango for commands, and an installation before its rollout."""

from tests.fakes.installation import all_off, sound  # noqa: F401 - fixtures
from tests.fakes.nango import nango  # noqa: F401 - a fixture
