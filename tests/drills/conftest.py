"""What the drills in the test suite stand on."""

from tests.integrations.conftest import gmail, shelf  # noqa: F401 - fixtures
