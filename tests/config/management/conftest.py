"""The stand-in of Nango for commands."""

from tests.fakes.nango import nango  # noqa: F401 - a fixture
