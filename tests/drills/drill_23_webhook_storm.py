"""Drill 23: a storm of webhooks: unsigned, the same fifty times, of kinds unknown, and while PostgreSQL is dead."""

import hashlib
import hmac
import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from config.local.providers.client import StandIn
from tests.drills.client import Answer, call
from tests.drills.home import SETTINGS
from tests.drills.measures import count, count_failures, read, wait_until
from tests.drills.scene import Scene
from tests.drills.table import Outcome
from tests.drills.world import NAMES, make_people

TITLE = "webhook storm, and PostgreSQL killed in it"
PATH = "/webhooks/nango/"
AT_ONCE = 20
REPLAYS = 50
DOWN_SECONDS = 4.0
EVENTS = "SELECT count(*) FROM integrations_webhookevent WHERE nango_id = %s"
TIMES = "SELECT coalesce(sum(times), 0) FROM integrations_webhookevent WHERE nango_id LIKE %s"
CONNECTIONS = "SELECT count(*) FROM integrations_connection"
USED = "SELECT count(*) FROM integrations_connectsession WHERE used_at IS NOT NULL"
ADDRESS = "ana@post.example"
OPEN = "SELECT count(*) FROM integrations_webhookevent WHERE handled_at IS NULL"


def run(scene: Scene) -> Outcome:
    outcome = Outcome()
    clear()
    port, log = urlsplit(settings.NANGO_BASE_URL).port or 0, scene.log_folder / "nango.log"
    with StandIn.start(log, port=port) as nango, ThreadPoolExecutor(AT_ONCE) as pool:
        given = tell(give_access(nango), integration=settings.NANGO_INTEGRATION_IDS["gmail"])
        again = str(given["connectionId"])
        unsigned = list(pool.map(lambda n: send(scene, tell(f"bad-{n}"), signature="0" * 64), range(200)))
        replayed = list(pool.map(lambda _: send(scene, given), range(REPLAYS)))
        unknown = list(pool.map(lambda n: send(scene, {"type": f"kind-{n}", "connectionId": f"odd-{n}"}), range(50)))
        expect(outcome, unsigned, {401}, "unsigned")
        expect(outcome, replayed, {200}, "replayed")
        expect(outcome, unknown, {200}, "of unknown kinds")
        outcome.require(count(EVENTS, [again]) == 1, "a replay is an event of its own")
        outcome.require(count(TIMES, [again]) == REPLAYS, "not every replay was counted")
        outcome.require(count(TIMES, ["bad-%"]) == 0, "an unsigned message was kept")
        wait_until(lambda: count(CONNECTIONS) > 0, seconds=60)
        down = storm_without_database(scene, pool)
        expect(outcome, list(pool.map(lambda _: send(scene, given), range(REPLAYS))), {200, 503}, "replayed at last")
        measure(outcome, down)
        made = (count(CONNECTIONS), count(USED))
        outcome.require(made == (1, 1), f"connections and used sessions of one access: {made}")
    statuses = Counter(answer.status for _, answer in down)
    outcome.injected = f"{200 + 2 * REPLAYS + 50 + len(down)} messages, PostgreSQL killed once"
    outcome.note = f"while it was down: {', '.join(f'{n} x {status}' for status, n in sorted(statuses.items()))}"
    return outcome


def storm_without_database(scene: Scene, pool: ThreadPoolExecutor) -> list[tuple[str, Answer]]:
    """Kill PostgreSQL and go on telling; returns what was told under which id and what came."""
    scene.servers.kill_postgres()
    begun, answers = time.monotonic(), []
    while time.monotonic() - begun < DOWN_SECONDS or len(answers) < 100:
        ids = [f"down-{len(answers) + n}" for n in range(AT_ONCE)]
        answers += zip(ids, pool.map(lambda name: send(scene, tell(name)), ids), strict=True)
    return answers


def measure(outcome: Outcome, down: list[tuple[str, Answer]]) -> None:
    """What was answered with 200 is kept and handled, once; the others were told to come again."""
    outcome.bound = 60
    outcome.recovery = wait_until(lambda: count(OPEN) == 0, seconds=60)
    kept = Counter(dict(read("SELECT nango_id, count(*) FROM integrations_webhookevent GROUP BY 1")))
    told = {name for name, answer in down if answer.status == 200}
    expect(outcome, [answer for _, answer in down], {200, 503}, "while PostgreSQL was down")
    outcome.require(any(answer.status == 503 for _, answer in down), "nobody was asked to come again")
    outcome.lost = len(told - set(kept))
    outcome.doubled = sum(times - 1 for times in kept.values())
    outcome.stuck, outcome.found = count(OPEN), count_failures()


def expect(outcome: Outcome, answers: list[Answer], statuses: set[int], what: str) -> None:
    others = Counter(answer.status for answer in answers if answer.status not in statuses)
    outcome.require(not others, f"{what}: {', '.join(f'{n} x {status}' for status, n in others.items())}")


def give_access(nango: StandIn) -> str:
    """Somebody gave access to an account in a session of ours; its id at Nango, of which nobody has told yet."""
    from integrations.models import ConnectSession

    expires = timezone.now() + timedelta(minutes=30)
    session = ConnectSession.objects.create(user=make_people()[NAMES[0]], provider="gmail", expires_at=expires)
    nango.add_account("gmail", ADDRESS)
    tags = {"end_user_id": str(session.user_id), "lifegraph_session": str(session.key)}
    return nango.connect("gmail", ADDRESS, tags=tags)


def tell(nango_id: str, *, integration: str = "none-of-ours") -> dict[str, object]:
    """Access to an account; that of a provider which this installation does not have changes nothing."""
    return {
        "from": "nango",
        "type": "auth",
        "operation": "creation",
        "connectionId": nango_id,
        "providerConfigKey": integration,
    }


def send(scene: Scene, body: dict[str, object], *, signature: str = "") -> Answer:
    digest = hmac.new(SETTINGS["NANGO_WEBHOOK_KEY"].encode(), json.dumps(body).encode(), hashlib.sha256).hexdigest()
    return call(scene.url, "POST", PATH, body=body, headers={"X-Nango-Hmac-Sha256": signature or digest})


def clear() -> None:
    from integrations.models import WebhookEvent

    WebhookEvent.objects.all().delete()
