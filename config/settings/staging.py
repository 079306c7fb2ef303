"""Settings of staging: production's, so that what passes here passes there; only values of the environment differ."""

from config.settings.production import *
