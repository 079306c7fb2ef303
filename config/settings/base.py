"""Settings that hold everywhere; values that differ come from the environment."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF

from config.logs import plan_logging

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()

# --- What is installed, in the order of the rooms ---------------------------
INSTALLED_APPS = [
    "config",
    "memories",
    "graph",
    "integrations",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "knox",
    "waffle",
    "axes",
    "csp",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    "config.requests.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.policy.PolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "memories.sessions.SessionMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Database ---------------------------------------------------------------
# DATABASE_URL is the role lifegraph_app; DATABASE_OWNER_URL is lifegraph_owner, used by `migrate` alone.
# What the product may open together, whoever it is: web processes times pool, worker children, beat, and a reserve for commands and
# people at psql. `manage.py check --database default` holds the sum against the budget and the budget against the server.
DB_POOL_SIZE = env.int("DB_POOL_SIZE", default=4)
WEB_PROCESSES = env.int("WEB_PROCESSES", default=2)
WORKER_CONCURRENCY = env.int("WORKER_CONCURRENCY", default=2)
GRAPH_CONCURRENCY = env.int("GRAPH_CONCURRENCY", default=1)
SYNC_CONCURRENCY = env.int("SYNC_CONCURRENCY", default=2)
DB_CONNECTION_RESERVE = env.int("DB_CONNECTION_RESERVE", default=3)
DB_CONNECTION_BUDGET = env.int(
    "DB_CONNECTION_BUDGET", default=17
)  # what a server of max_connections=20 leaves to others
WEB_SEATS = DB_POOL_SIZE or 4  # requests that a web process works on at once (config/handler.py)
DATABASE_OPTIONS: dict[str, object] = {
    "application_name": env.str("DB_APPLICATION_NAME", default="lifegraph"),
}
if DB_POOL_SIZE and env.bool("DB_POOLED", default=False):
    DATABASE_OPTIONS["pool"] = {"min_size": DB_POOL_SIZE, "max_size": DB_POOL_SIZE, "timeout": 5}
# Behind a pooler in transaction mode the next statement may meet another session, so nothing may rest in one: no cursor on the
# server, no SET, no LISTEN, no lock that outlives its transaction (tests/journeys/test_sessions_of_the_server.py).
# A connection of the pool is tried before it is given out: after a restart of the server each would fail one request.
DATABASE_EXTRAS = {"DISABLE_SERVER_SIDE_CURSORS": True, "CONN_HEALTH_CHECKS": True}


def complete_database(given: dict[str, Any]) -> dict[str, Any]:
    """What DATABASE_URL says, its own options (`?sslmode=require`) among it, and what holds for every database of ours."""
    return {**given, **DATABASE_EXTRAS, "OPTIONS": {**given.get("OPTIONS", {}), **DATABASE_OPTIONS}}


DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- The journey of a memory: stages in order, read top to bottom -----------
# `takes` and `gives` are stages; `run` is the service that carries a claimed batch from one to the other. A batch holds `rows` new
# memories, or `crowd` of one person that came by the thousand (imports, first syncs, the backfill): a new one waits behind it, about
# 300 ms of work (measured; a batch of many people's would take as long for each of them).
MEMORY_PIPELINE = [
    {
        "takes": "stored",
        "gives": "extracted",
        "switch": "extract_new_memories",
        "backfill_switch": "backfill_entities",  # lets old memories through in its place
        "run": "memories.services.extract.extract_memories",
        "rows": 32,
        "crowd": 8,
    },
    {
        "takes": "extracted",
        "gives": "related",
        "switch": "relate_memories",
        "run": "graph.services.relate.relate_memories",
        "rows": 100,
        "crowd": 10,
    },
    {
        "takes": "related",
        "gives": "enriched",
        "switch": "enrich_relationships",
        "run": "graph.services.enrich.enrich_memories",
        "rows": 200,
        "crowd": 10,
    },
]
# What other apps do in the same transaction when memories are erased, and what they still owe a user.
MEMORY_FORGETTERS = ["graph.services.forget.forget_memories", "integrations.services.forget.forget_memories"]
# What an export holds, in this order, and who reads back what is no memory (`record` of a line).
EXPORT_SOURCES = [
    "memories.services.export.write_memories",
    "graph.services.exchange.list_events",
    "integrations.services.exchange.list_connections",
]
IMPORT_RECORDS = {
    "entity_event": "graph.services.exchange.read_events",
    "connection": "integrations.services.exchange.read_connections",
}
BACKGROUND_WORK = ["graph.services.work.run_due_work"]
DASHBOARD_SECTIONS = [
    "memories.selectors.read_dashboard",
    "graph.selectors.read_dashboard",
    "integrations.selectors.read_dashboard",
]
BACKFILL_GUARDS = [  # each says why the backfill has to wait, or ''
    "memories.services.backfill.check_latency",
    "config.connections.check_headroom",
]
BACKFILL_PER_DAY = env.int("BACKFILL_PER_DAY", default=100)  # old memories let in a day, of all people together
EXTRACTION_ENGINE = env.str("EXTRACTION_ENGINE", default="spacy")
LLM_BASE_URL = env.str("LLM_BASE_URL", default="")
LLM_API_KEY = env.str("LLM_API_KEY", default="")
LLM_MODEL = env.str("LLM_MODEL", default="")

# --- Providers, through Nango -------------------------------------------------
NANGO_BASE_URL = env.str("NANGO_BASE_URL", default="https://api.nango.dev")
NANGO_SECRET_KEY = env.str("NANGO_SECRET_KEY", default="")
NANGO_LIST_KEY = env.str("NANGO_LIST_KEY", default="")  # may list connections and nothing else; '' = the secret key
NANGO_WEBHOOK_KEY = env.str("NANGO_WEBHOOK_KEY", default="")  # two, parted by a comma, while one replaces the other
NANGO_REQUESTS_PER_MINUTE = env.int(
    "NANGO_REQUESTS_PER_MINUTE", default=200
)  # for the estimate of a first import; 0 = no limit
NANGO_INTEGRATION_IDS = {
    "gmail": env.str("NANGO_GMAIL_INTEGRATION_ID", default="google-mail"),
    "dropbox": env.str("NANGO_DROPBOX_INTEGRATION_ID", default="dropbox"),
    "gdrive": env.str("NANGO_GOOGLE_DRIVE_INTEGRATION_ID", default="google-drive"),
    "zoho_mail": env.str("NANGO_ZOHO_MAIL_INTEGRATION_ID", default="zoho-mail"),
}
# --- /metrics: functions that yield gauges -------------------------------------
METRIC_SOURCES = [
    "memories.metrics.read_metrics",
    "graph.metrics.read_metrics",
    "integrations.metrics.read_metrics",
    "config.metrics.read_server",
    "config.metrics.read_heartbeats",
    "config.metrics.read_redis",
    "config.metrics.read_pool",
]
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_OPEN = False  # without a token nobody may ask

# --- Who may come in --------------------------------------------------------
AUTH_USER_MODEL = "memories.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "memories.sessions.SessionBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
TRUSTED_PROXIES = env.int(
    "TRUSTED_PROXIES", default=0
)  # of our own before the web, each of which adds to X-Forwarded-For
AXES_CLIENT_IP_CALLABLE = "config.requests.read_client_address"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
SESSION_ENGINE = "memories.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# --- Flags: PostgreSQL is the truth, each process remembers it for 5 seconds --
WAFFLE_FLAG_MODEL = "memories.Flag"
WAFFLE_CACHE_NAME = "flags"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "default"},
    "flags": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "flags", "TIMEOUT": 5},
}
LAYERS = (
    "causal", "temporal", "seasonal", "pattern", "cross_platform", "prediction", "root_cause", "change", "duplicate",
)  # fmt: skip
SWITCHES = {  # work; `migrate` makes their rows, so that the admin shows them
    "backfill_entities": "Phase 2: the staged backfill of old memories",
    "extract_new_memories": "Phase 3: names are found in new memories",
    "relate_memories": "Phase 3: names become people, places, ties and relationships",
    "enrich_relationships": "Phase 3: the layers, all together",
    **{f"enrich_{layer}": f"Phase 3: the layer {layer}" for layer in LAYERS},
    "refresh_view": "Phase 3: the materialized view is refreshed",
    "sync_providers": "Mail and files are synced, all providers together",
    "sync_gmail": "Gmail",
    "sync_dropbox": "Dropbox",
    "sync_gdrive": "Google Drive",
    "sync_zoho_mail": "Zoho Mail",
}
FLAGS = {"serve_precomputed_graph": "Phase 4: graphs are read from the view; off, the latest 50 memories are shown"}
WAFFLE_SWITCH_DEFAULT = False
WAFFLE_FLAG_DEFAULT = False

# --- REST -------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "knox.auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "memories.api.errors.handle_exception",
}
REST_KNOX = {"TOKEN_TTL": timedelta(days=365), "AUTO_REFRESH": False}
SPECTACULAR_SETTINGS = {
    "TITLE": "Life Graph",
    "VERSION": "1",
    "DESCRIPTION": "A person's memories as a graph that explains itself.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "ENUM_NAME_OVERRIDES": {"EntityKindEnum": "graph.models.KINDS"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
UPLOAD_MAX_SIZE = 64 * 1024 * 1024  # of a request; up to here it is spooled to a file before it is worked on

# --- Background work: a message is only a wake-up, the row is the truth -----
REDIS_SOCKET_TIMEOUT = env.int("REDIS_SOCKET_TIMEOUT", default=10)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False  # the lease runs out and the sweeper sends again
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_BACKEND = None
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_TASK_TIME_LIMIT = 600
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_connect_timeout": 2,
    "socket_timeout": REDIS_SOCKET_TIMEOUT,
}
CELERY_TASK_ROUTES = {
    # A person's layout or whole pass takes seconds to minutes, a refresh as long as the view is large: no new memory waits for them.
    "graph.tasks.*": {"queue": "graph"},
    # What waits for others' servers has a worker of its own, too.
    "integrations.tasks.sync_connection": {"queue": "sync"},
    # What a person waits for has its turn between two slices of a sync.
    "integrations.tasks.preview_connection": {"queue": "connect"},
    "integrations.tasks.handle_webhooks": {"queue": "connect"},
    "integrations.tasks.tend_connections": {"queue": "connect"},
    "integrations.tasks.reconcile_connections": {"queue": "connect"},
    # What watches, sweeps and lets in is done in an instant and may not stand in line behind an import's wake-ups, or it would expire
    # there. The worker takes from its two queues in turn. `graph` and `connect` have no worker that is sure to be free: a whole pass
    # lasts a minute, and two first syncs leave two turns a minute to what else the sync worker has.
    "config.tasks.*": {"queue": "ticks"},
    "memories.tasks.admit_backfill": {"queue": "ticks"},
    "memories.tasks.sweep_memories": {"queue": "ticks"},
    "integrations.tasks.sweep_syncs": {"queue": "ticks"},
    "integrations.tasks.record_failures": {"queue": "ticks"},
}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "config.beat:Scheduler"
CELERY_BEAT_SCHEDULE = {
    "note that beat is alive": {"task": "config.tasks.note_beat", "schedule": 30.0, "options": {"expires": 30}},
    "watch": {"task": "config.tasks.watch", "schedule": 60.0, "options": {"expires": 60}},
    "let old memories in": {"task": "memories.tasks.admit_backfill", "schedule": 60.0, "options": {"expires": 60}},
    "sweep overdue memories": {"task": "memories.tasks.sweep_memories", "schedule": 30.0},
    "sweep overdue graph work": {"task": "graph.tasks.sweep_graph_work", "schedule": 30.0, "options": {"expires": 30}},
    "sweep syncs": {"task": "integrations.tasks.sweep_syncs", "schedule": 15.0},
    # What nobody took within half a minute is not asked for twice.
    "tend connections": {"task": "integrations.tasks.tend_connections", "schedule": 15.0, "options": {"expires": 30}},
    "look into webhooks": {"task": "integrations.tasks.handle_webhooks", "schedule": 60.0, "options": {"expires": 60}},
    "hold connections against Nango's": {
        "task": "integrations.tasks.reconcile_connections",
        "schedule": crontab(minute="37"),
    },
    "tidy syncs": {"task": "integrations.tasks.tidy_syncs", "schedule": crontab(hour="3", minute="53")},
    "record failures": {"task": "integrations.tasks.record_failures", "schedule": 60.0},
    "refresh a stale view": {"task": "graph.tasks.refresh_stale_view", "schedule": 300.0},
    "pass over all layers": {"task": "graph.tasks.pass_over_all_layers", "schedule": crontab(hour="2", minute="23")},
    "tidy the dirty log": {"task": "graph.tasks.tidy_dirty_log", "schedule": crontab(hour="3", minute="47")},
    "tidy up": {"task": "memories.tasks.tidy_up", "schedule": crontab(hour="3", minute="41")},
    "refresh the view in order": {
        "task": "graph.tasks.refresh_view_in_order",
        "schedule": crontab(hour="3", minute="17"),
    },
}

# --- Pages and their headers --------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.staticfiles.ManifestStorage"},
}
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "worker-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "object-src": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True

# --- What an operator is told -------------------------------------------------
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = plan_logging(kind=env.str("LOG_FORMAT", default="plain"), level=LOG_LEVEL)
ADMINS = [("", address) for address in env.list("ALERT_EMAILS", default=[])]
vars().update(env.email_url("EMAIL_URL", default="smtp://localhost:25"))
EMAIL_TIMEOUT = 10  # seconds
EMAIL_SUBJECT_PREFIX = "[Life Graph] "
SERVER_EMAIL = DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="lifegraph@localhost")
