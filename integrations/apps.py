from importlib import import_module

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"

    def ready(self) -> None:
        import_module("integrations.failures")  # connects the signal that records failures
