"""One person's machine: set-up, embedded PostgreSQL and Redis, and the run of web, worker and beat."""
