"""An installation before and during its rollout."""

from tests.fakes.installation import all_off, sound  # noqa: F401 - fixtures
