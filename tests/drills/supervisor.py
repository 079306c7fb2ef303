"""The supervisor of the drills' PostgreSQL: the product's own, over a server as small as a small hosted plan."""

import sys

from config.local import postgres, supervisor

MAX_CONNECTIONS = 20

if __name__ == "__main__":
    postgres.SETTINGS["max_connections"] = str(MAX_CONNECTIONS)
    sys.exit(supervisor.main(sys.argv[1:]))
