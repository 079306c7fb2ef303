"""What tests of connections stand on."""

from tests.fakes.nango import nango  # noqa: F401 - a fixture
