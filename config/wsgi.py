"""The web process's entry point."""

import gc
import logging
import os
from importlib import import_module

import django
from django.conf import settings

from config.handler import Handler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
os.environ.setdefault("DB_POOLED", "1")  # of all processes only the web's have a pool
django.setup(set_prefix=False)
logging.captureWarnings(True)  # noqa: FBT003 -- what a library warns of may quote a text (config/logs.py)
application = Handler()
import_module(settings.ROOT_URLCONF)  # and with it every view, now and not while the first person waits
gc.collect()
gc.freeze()  # what stands now stays; the collector need not look at it again
