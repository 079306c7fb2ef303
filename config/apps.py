from importlib import import_module

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Life Graph"

    def ready(self) -> None:
        import_module("config.checks")  # which registers them
        import_module("config.signals")  # which connects them
