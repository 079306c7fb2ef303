"""A phase is switched on when its guards hold, off at any time, as a whole and under somebody's name."""

from decimal import Decimal

import psycopg
import pytest
from django.conf import settings as configured
from django.db import OperationalError, connection
from waffle.models import Switch

from config.models import Flip
from config.rollout import turn
from config.rollout.phases import PHASES, find_phase
from config.rollout.states import read_states
from config.rollout.turn import Refused, advance_phase, find_highest, find_next, read_status, roll_back
from graph.models import Refresh
from memories.flags import is_switch_on
from memories.models import Flag
from tests.factories import UserFactory

FLAG = "serve_precomputed_graph"


def advance(word, **how):
    return advance_phase(find_phase(word), by="ana@command", **how)


def roll(word, **how):
    return roll_back([find_phase(word)], by="ana@command", **how)


def words():
    return {name: str(state) for name, state in read_states().items()}


def test_all_is_off_until_somebody_advances(all_off):
    assert words() == {"schema": "on", "backfill": "off", "work": "off", "serve": "off", "syncs": "off"}


def test_the_phases_go_on_one_after_the_other(all_off, sound):
    flipped = []
    while phase := find_next():
        flipped += advance(phase.name)
    assert flipped == [name for phase in PHASES[:4] for name in phase.gates]
    assert words() == {"schema": "on", "backfill": "on", "work": "on", "serve": "on", "syncs": "off"}


def test_this_process_sees_a_flip_at_once(all_off, sound, django_capture_on_commit_callbacks):
    assert not is_switch_on("sync_gmail")
    with django_capture_on_commit_callbacks(execute=True):
        advance("syncs")
    assert is_switch_on("sync_gmail")


def test_a_phase_whose_guards_do_not_hold_stays_off_and_each_is_named(all_off):
    Refresh.objects.all().delete()
    with pytest.raises(Refused) as refusal:
        advance("serve")
    assert [guard.name for guard in refusal.value.guards] == ["order", "freshness", "beat"]
    assert words()["serve"] == "off"
    assert not Flip.objects.exists()


def test_a_forced_advance_says_so_and_what_did_not_hold(all_off):
    assert advance("backfill", force=True, reason="a drill") == ["backfill_entities"]
    flip = Flip.objects.get()
    assert (flip.name, flip.before, flip.after, flip.by) == ("backfill_entities", "off", "on", "ana@command")
    assert flip.reason == "a drill (forced; beat: beat, broker and worker were never seen alive together.)"


def test_force_is_not_mentioned_where_it_was_not_needed(all_off, sound):
    advance("backfill", force=True)
    assert Flip.objects.get().reason == ""


def test_what_is_on_already_is_left_alone_whatever_the_guards_say(all_off):
    advance("backfill", force=True)
    assert advance("backfill") == []
    assert Flip.objects.count() == 1


def test_a_phase_that_is_partly_on_is_completed(all_off, sound):
    advance("backfill")
    Switch.objects.filter(name="refresh_view").update(active=True)
    assert words()["work"] == "partly (only refresh_view)"
    assert "refresh_view" not in advance("work")
    Switch.objects.filter(name="enrich_causal").update(active=False)
    assert words()["work"] == "partly (without enrich_causal)"


def test_a_switch_without_a_row_gets_one(all_off, sound, settings):
    settings.WAFFLE_SWITCH_DEFAULT = False
    Switch.objects.filter(name="backfill_entities").delete()
    assert advance("backfill") == ["backfill_entities"]
    assert Switch.objects.get(name="backfill_entities").active


def test_a_share_of_people_is_more_each_time_and_then_everyone(all_off):
    for percent in (5, 25):
        advance("serve", percent=percent, force=True)
    advance("serve", force=True)
    found = Flip.objects.filter(name=FLAG).order_by("id").values_list("before", "after")
    assert list(found) == [("nobody", "5 %"), ("5 %", "25 %"), ("25 %", "everyone")]


def test_fewer_people_than_now_is_a_way_back_and_asks_for_nothing(all_off):
    advance("serve", force=True)
    assert [advance("serve", percent=percent) for percent in (50, 10)] == [[FLAG], [FLAG]]
    with pytest.raises(Refused):
        advance("serve", percent=20)


def test_a_share_is_partly_on(all_off):
    advance("serve", percent=Decimal("12.5"), force=True)
    assert words()["serve"] == "partly (12.5 % of people)"
    assert advance("serve", percent=Decimal("12.5")) == []
    assert find_highest().name == "serve"


@pytest.mark.parametrize(("word", "percent"), [("serve", 0), ("serve", 100), ("serve", Decimal("0.01")), ("work", 5)])
def test_what_is_no_share_is_refused(all_off, word, percent):
    with pytest.raises(Refused, match="percentage"):
        advance(word, percent=percent, force=True)


def test_off_is_off_for_superusers_and_for_people_by_name(all_off, rf):
    flag = Flag.objects.get(name=FLAG)
    chosen = UserFactory(is_superuser=True, is_staff=True)
    flag.users.add(chosen)
    Flag.objects.update(everyone=None, percent=99, superusers=True, staff=True, authenticated=True)
    assert roll("serve") == [FLAG]
    request = rf.get("/")
    request.user = chosen
    flag.refresh_from_db()
    assert not flag.is_active(request)
    assert flag.percent is None


def test_rolling_back_asks_for_nothing_and_says_who_and_why(all_off):
    advance("work", force=True)
    Flip.objects.all().delete()
    assert len(roll("work", reason="layers too slow")) == 13
    assert set(Flip.objects.values_list("before", "after", "by", "reason")) == {
        ("on", "off", "ana@command", "layers too slow")
    }


def test_all_phases_are_rolled_back_together(all_off, sound):
    for phase in PHASES:
        advance(phase.name)
    assert len(roll_back(PHASES, by="ana@command")) == 1 + 13 + 1 + 5
    assert set(words().values()) == {"on", "off"}
    assert find_highest() is None


def test_every_phase_tells_its_guards_with_numbers(all_off, sound):
    status = {entry.phase.name: entry for entry in read_status()}
    guards = {guard.name: guard.says for guard in status["serve"].guards}
    assert list(guards) == ["order", "migrations", "view", "freshness", "beat", "connections", "backlog", "failures"]
    assert guards["order"] == "2 backfill is off, 3 work is off."
    assert [guard.name for guard in status["serve"].broken] == ["order"]
    assert status["backfill"].broken == ()


@pytest.fixture
def other():
    """Another session of the database."""
    with psycopg.connect(configured.DATABASE_OWNER_URL, dbname=connection.settings_dict["NAME"]) as other:
        yield other


@pytest.mark.django_db(transaction=True)
def test_a_rollback_waits_for_whoever_holds_a_switch_and_then_goes_through(all_off, other, monkeypatch):
    monkeypatch.setattr(turn, "LOCK_TIMEOUT_MS", 100)
    monkeypatch.setattr(turn.time, "sleep", lambda _: other.rollback())
    Switch.objects.update_or_create(name="backfill_entities", defaults={"active": True})
    other.execute("SELECT 1 FROM waffle_switch FOR UPDATE")
    assert roll("backfill") == ["backfill_entities"]
    assert not is_switch_on("backfill_entities")


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_is_never_let_go_leaves_all_switches_as_they_were(all_off, other, monkeypatch):
    monkeypatch.setattr(turn, "LOCK_TIMEOUT_MS", 50)
    monkeypatch.setattr(turn, "PAUSE_SECONDS", 0)
    roll_back(PHASES, by="the test")
    advance("work", force=True)
    other.execute("SELECT 1 FROM waffle_switch WHERE name = 'refresh_view' FOR UPDATE")
    with pytest.raises(OperationalError, match="lock timeout"):
        roll("work")
    other.rollback()
    assert words()["work"] == "on"


def test_nothing_asks_redis(all_off, settings):
    settings.REDIS_URL = settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    advance("backfill", force=True)
    assert roll("backfill") == ["backfill_entities"]
