#!/usr/bin/env python
"""Django's command line; on a person's own machine it brings the embedded servers up first."""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

from django.core.management import execute_from_command_line

from config.local.home import HomeError, join_home, read_settings_file

WITHOUT_SERVERS = {"help", "--help", "-h", "version", "--version", "collectstatic"}


def main(arguments: list[str]) -> None:
    """Run one command. With local settings it joins the home, whose servers stay up until it ends."""
    named = any(argument.startswith("--settings") for argument in arguments)
    local = os.environ["DJANGO_SETTINGS_MODULE"] == "config.settings.local" and not named
    if local and not WITHOUT_SERVERS.intersection(arguments[1:2] or ["help"]):
        try:
            read_settings_file()
            join_home()
        except HomeError as refusal:
            sys.exit(str(refusal))
    execute_from_command_line(arguments)


if __name__ == "__main__":
    main(sys.argv)
