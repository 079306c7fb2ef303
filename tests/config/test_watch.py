"""Watched: an alert is open once, told when it begins, once a day and when it is over, and its mail is never lost nor sent twice."""

import logging
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import mail
from django.db import OperationalError
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from config import watch
from config.connections import Longest
from config.models import Alert
from config.tasks import watch as watch_task
from graph.services.refresh import Lag
from integrations.models import JobFailure
from memories.models import Lane
from memories.selectors import Backlog
from tests.config.switching import switched_off

SAYS = "Something is wrong."


@pytest.fixture
def operators(settings, db):
    settings.ADMINS = [("", "operator@example.com")]


def look(monkeypatch, says):
    """One look at one thing, which says this; a calm one comes some minutes after the last."""
    if not says:
        Alert.objects.update(seen_at=Now() - watch.CALM - timedelta(seconds=1))
    monkeypatch.setattr(watch, "CHECKS", (watch.Check("connections", bound=1, look=lambda bound: says),))
    return watch.watch()


def told():
    return [message.subject.removeprefix("[Life Graph] ").split(",")[0] for message in mail.outbox]


def test_an_alert_is_told_when_it_begins_and_when_it_is_over(monkeypatch, operators, caplog):
    caplog.set_level(logging.INFO, logger="config.watch")
    assert look(monkeypatch, SAYS) == 1
    assert look(monkeypatch, "") == 0
    assert told() == ["connections", "connections is over"]
    assert mail.outbox[0].body == f"{SAYS}\n\nWhat to do: docs/runbook.md, LifeGraphConnectionsNearBudget\n"
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("ERROR", "alert connections: Something is wrong."),
        ("INFO", "alert connections is over"),
    ]


def test_while_it_lasts_it_is_told_once_however_often_and_by_however_many_it_is_seen(monkeypatch, operators):
    for _ in range(3):
        look(monkeypatch, SAYS)
    assert told() == ["connections"]
    assert Alert.objects.count() == 1


def test_it_says_what_was_seen_last(monkeypatch, operators):
    look(monkeypatch, SAYS)
    look(monkeypatch, "It is worse.")
    assert Alert.objects.get().detail == "It is worse."


def test_once_a_day_it_is_told_again(monkeypatch, operators, caplog):
    look(monkeypatch, SAYS)
    Alert.objects.update(told_at=timezone.now() - timedelta(hours=25))
    look(monkeypatch, SAYS)
    look(monkeypatch, SAYS)
    assert told() == ["connections", "connections"]
    assert "goes on since" in caplog.messages[-1]


def test_a_mail_that_cannot_be_sent_is_sent_at_the_next_look(monkeypatch, operators, caplog):
    with monkeypatch.context() as broken:
        broken.setattr(watch, "mail_admins", refuse)
        look(broken, SAYS)
        look(broken, SAYS)
    assert caplog.messages.count("alert connections: Something is wrong.") == 1
    look(monkeypatch, SAYS)
    assert told() == ["connections"]


def refuse(*_args, **_kwargs):
    raise ConnectionRefusedError


def test_an_end_that_cannot_be_mailed_is_mailed_at_the_next_look(monkeypatch, operators):
    look(monkeypatch, SAYS)
    with monkeypatch.context() as broken:
        broken.setattr(watch, "mail_admins", refuse)
        assert look(broken, "") == 1
    assert look(monkeypatch, "") == 0
    assert told() == ["connections", "connections is over"]


def test_without_addresses_it_is_logged_alone(monkeypatch, db, caplog):
    look(monkeypatch, SAYS)
    look(monkeypatch, SAYS)
    assert caplog.messages == ["alert connections: Something is wrong."]
    assert mail.outbox == []


def test_what_begins_again_is_a_new_alert(monkeypatch, operators):
    for says in (SAYS, "", SAYS):
        look(monkeypatch, says)
    assert [alert.ended_at is None for alert in Alert.objects.all()] == [True, False]


def test_what_comes_and_goes_within_minutes_is_one_alert(monkeypatch, operators):
    for says in (SAYS, "", SAYS):
        monkeypatch.setattr(watch, "CHECKS", (watch.Check("connections", bound=1, look=lambda bound, says=says: says),))
        assert watch.watch() == 1
    assert told() == ["connections"]


def test_who_dies_while_telling_is_followed_by_the_next_some_minutes_later(monkeypatch, operators):
    with monkeypatch.context() as killed:
        killed.setattr(watch, "mail_admins", lambda *_: sys.exit())
        with pytest.raises(SystemExit):
            look(killed, SAYS)
    look(monkeypatch, SAYS)
    assert told() == []
    Alert.objects.update(told_at=F("told_at") - watch.MAIL_TAKES)
    look(monkeypatch, SAYS)
    assert told() == ["connections"]


def test_a_look_that_fails_keeps_nobody_from_looking_at_the_rest(monkeypatch, operators, caplog):
    def fail(bound):
        raise OperationalError("the text of somebody")

    checks = (watch.Check("view", bound=1, look=fail), watch.Check("connections", bound=1, look=lambda bound: SAYS))
    monkeypatch.setattr(watch, "CHECKS", checks)
    assert watch.watch() == 1
    assert told() == ["connections"]
    assert "nobody knows of view: OperationalError" in caplog.messages
    assert "somebody" not in "".join(caplog.messages)


def test_with_nothing_wrong_nothing_is_found(db):
    assert watch_task() == 0


def test_each_check_has_a_chapter_of_the_runbook():
    runbook = (settings.BASE_DIR / "docs" / "runbook.md").read_text()
    assert {check.name for check in watch.CHECKS} == set(watch.CHAPTERS)
    assert all(f"## {chapter}\n" in runbook for chapter in watch.CHAPTERS.values())


def test_connections_beyond_their_share_of_the_budget_are_found(db, settings):
    settings.DB_CONNECTION_BUDGET = 0
    assert "connections are open" in watch.look_at_connections(80)


def test_the_transaction_that_idles_longest_is_named_by_its_application(monkeypatch):
    found = [Longest("app", "lifegraph-web", 9.0, 0.0), Longest("app", "lifegraph-sync", 8.0, 6.0)]
    monkeypatch.setattr(watch, "read_longest", lambda: found)
    assert "lifegraph-sync has held a transaction for 6 s" in watch.look_at_transactions(5)
    assert watch.look_at_transactions(7) == ""


def test_only_new_memories_behind_switches_that_are_on_wait_too_long(monkeypatch, db):
    waiting = [Backlog("stored", Lane.LIVE, 2, 400.0), Backlog("stored", Lane.BACKFILL, 9, 9_000.0)]
    monkeypatch.setattr(watch, "read_backlog", lambda: waiting)
    assert watch.look_at_backlog(300).startswith("A new memory at stage stored has waited for 400 s")
    assert watch.look_at_backlog(500) == ""
    with switched_off("extract_new_memories"):
        assert watch.look_at_backlog(300) == ""


@pytest.mark.parametrize(
    ("old", "new", "found"), [(0, 9, False), (0, 10, True), (5, 4, False), (5, 5, True), (2, 2, False)]
)
def test_ten_new_failures_within_an_hour_or_twice_as_many_are_found(user, old, new, found):
    for number in range(old + new):
        seen = timezone.now() - timedelta(hours=2 if number < old else 0)
        JobFailure.objects.create(user=user, unit=f"memory:{number}", first_due=seen, kind="lost", first_seen=seen)
    assert bool(watch.look_at_failures(10)) == found


def test_changes_wait_too_long_only_for_a_view_that_is_refreshed(monkeypatch, db):
    monkeypatch.setattr(watch, "read_lag", lambda: Lag(seconds=9_000, dirty=3, waiting=2_000))
    assert watch.look_at_view(1_800) == "3 changes wait for the view, the first for 2000 s."
    with switched_off("refresh_view"):
        assert watch.look_at_view(1_800) == ""


def test_syncs_that_are_late_are_named_by_their_provider(monkeypatch):
    monkeypatch.setattr(watch, "read_lateness", lambda: {"gmail": 4_000.0, "dropbox": 3.0})
    assert watch.look_at_syncs(3_600) == "Syncs are late: gmail by 4000 s."


def test_two_looks_at_the_same_moment_open_one_alert(db):
    first = Alert.objects.create(name="view", detail=SAYS, told_at=Now())
    watch.begin_alert("view", detail=SAYS)
    assert Alert.objects.get() == first


def test_open_alerts_come_first_in_the_admin_and_nobody_changes_them(client, django_user_model, db):
    Alert.objects.create(name="backlog", detail=SAYS)
    Alert.objects.create(name="view", detail=SAYS, ended_at=timezone.now())
    client.force_login(django_user_model.objects.create_superuser("root"))
    page = client.get("/admin/config/alert/")
    assert [alert.name for alert in page.context["cl"].result_list] == ["backlog", "view"]
    assert client.get("/admin/config/alert/add/").status_code == 403
