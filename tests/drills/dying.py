"""A web process that dies after it has stored a memory and before anybody is woken for it: `python -m tests.drills.dying NAME`."""

import os
import sys

import django
from django.test import Client

DIED = 9


def die(*_: object, **_named: object) -> None:
    os._exit(DIED)


def main() -> None:
    django.setup()
    from memories import wakeups
    from memories.models import User

    wakeups.send_wakeup = die  # the hook on commit calls it
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username=sys.argv[1]))
    client.post("/api/v1/memories/", {"content": "Lunch with Tomas Kowal in Lisbon."}, content_type="application/json")


if __name__ == "__main__":
    main()
