"""Composition root: settings, URLs and whatever spans the apps."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
