"""Settings of one person's machine: `make demo`, `make up` and every manage.py command there.

Servers that the environment does not name are the embedded ones of LIFEGRAPH_HOME; their URLs stand in `run/env`.
"""

import os
from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parents[2]
LIFEGRAPH_HOME = Path(os.environ.get("LIFEGRAPH_HOME", ROOT / ".lifegraph")).resolve()
for env_file in (ROOT / ".env", LIFEGRAPH_HOME / "run" / "env"):
    if env_file.is_file():
        environ.Env.read_env(env_file)  # before the base asks

from config.settings.base import *
from config.settings.base import complete_database, env

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY", default="local-only-key-of-one-persons-own-machine-never-for-staging-or-production")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
DATABASES = {"default": complete_database(env.db_url("DATABASE_URL", default="postgresql://127.0.0.1:1/lifegraph"))}
DATABASE_URL = env.str("DATABASE_URL", default="")
DATABASE_OWNER_URL = env.str("DATABASE_OWNER_URL", default="")
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:1/0")
CELERY_BROKER_URL = REDIS_URL
WAFFLE_SWITCH_DEFAULT = True
WAFFLE_FLAG_DEFAULT = True
METRICS_OPEN = True
