"""/admin/rollout/: what an operator sees of the phases, and who may turn them."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.db import OperationalError

from config.models import Flip
from config.rollout import pages
from config.rollout.states import read_states
from memories.models import User

PAGE = "/admin/rollout/"


@pytest.fixture
def operator(client, db):
    """Logs somebody of the staff in who has these permissions."""

    def log_in(*codenames):
        person = User.objects.create_user("olga", is_staff=True)
        person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client.force_login(person)
        return client

    return log_in


def read(client):
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return answer.content.decode()


def turn(client, **form):
    """What the page says after a form was sent."""
    answer = client.post(PAGE, form, follow=True)
    return [str(message) for message in answer.context["messages"]]


def words():
    return {name: str(state) for name, state in read_states().items()}


def test_the_index_of_the_admin_leads_there(admin_client):
    assert f'<a href="{PAGE}">Rollout</a>' in admin_client.get("/admin/").content.decode()


def test_every_phase_is_shown_with_state_and_guards_in_words(all_off, sound, admin_client):
    page = read(admin_client)
    assert re.findall(r'class="state (\w+)">(\w+)<', page) == [("on", "on")] + [("off", "off")] * 4
    assert '<td class="fails">does not hold</td><th scope="row">order</th><td>2 backfill is off' in page
    assert '<td class="holds">holds</td><th scope="row">beat</th>' in page
    assert page.count('value="advance"') == 4


def test_force_is_offered_only_where_a_guard_does_not_hold(all_off, sound, admin_client):
    page = read(admin_client)
    assert page.count('name="force"') == 2
    assert "although 1 of these does not hold" in page


def test_a_phase_is_advanced_under_the_users_name(all_off, sound, admin_client):
    told = turn(admin_client, phase="backfill", action="advance", reason="monday")
    assert told[0].startswith("Phase 2 backfill is on. Flipped: backfill_entities. Other processes follow within 5")
    flip = Flip.objects.get()
    assert (flip.by, flip.reason) == ("admin", "monday")


def test_a_refusal_names_what_does_not_hold(all_off, admin_client):
    told = turn(admin_client, phase="backfill", action="advance")
    assert told == ["Phase 2 backfill stays as it is: beat: beat, broker and worker were never seen alive together."]
    assert words()["backfill"] == "off"


def test_force_and_percent_go_through(all_off, admin_client):
    turn(admin_client, phase="serve", action="advance", percent="25", force="on")
    assert words()["serve"] == "partly (25 % of people)"
    assert "Partly: 25 % of people." in read(admin_client)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"phase": "serve", "action": "advance", "percent": "many"}, "'many' is not a percentage."),
        ({"phase": "serve", "action": "advance", "percent": "nan"}, "'nan' is not a percentage."),
        ({"phase": "nine", "action": "advance"}, "There is no phase nine; there are 1 schema"),
        ({"phase": "serve"}, "Nothing was asked for; nothing was flipped."),
        ({"phase": "serve", "action": "rollback"}, "Phase 4 serve was off already; nothing was flipped."),
    ],
)
def test_what_makes_no_sense_is_answered_and_flips_nothing(all_off, admin_client, form, words):
    assert turn(admin_client, **form)[0].startswith(words)
    assert not Flip.objects.exists()


def test_everything_is_rolled_back_at_once(all_off, admin_client):
    turn(admin_client, phase="syncs", action="advance", force="on")
    turn(admin_client, phase="backfill", action="advance", force="on")
    told = turn(admin_client, phase="all", action="rollback")
    assert told[0].startswith("Every phase is off.")
    assert set(words().values()) == {"on", "off"}
    assert words()["syncs"] == words()["backfill"] == "off"


def test_a_lock_that_is_not_to_be_had_is_told(all_off, admin_client, monkeypatch):
    def break_down(*_, **__):
        raise OperationalError("canceling statement due to lock timeout\nCONTEXT: …")

    monkeypatch.setattr(pages, "roll_back", break_down)
    told = turn(admin_client, phase="serve", action="rollback")
    assert told == ["The database did not do it, nothing was flipped: canceling statement due to lock timeout"]


def test_without_both_permissions_the_page_is_only_read(all_off, operator):
    client = operator("change_switch")
    assert "<form" not in read(client).partition('class="rollout"')[2]
    assert client.post(PAGE, {"phase": "backfill", "action": "advance", "force": "on"}).status_code == 403
    assert not Flip.objects.exists()


def test_with_both_permissions_it_is_turned_and_flips_are_linked_for_who_may_see_them(all_off, operator):
    client = operator("change_switch", "change_flag")
    turn(client, phase="backfill", action="advance", force="on")
    assert Flip.objects.get().by == "olga"
    assert "/admin/config/flip/" not in read(client)


def test_flips_lead_to_their_pages(all_off, admin_client):
    turn(admin_client, phase="backfill", action="advance", force="on")
    page = read(admin_client)
    assert f'/admin/config/flip/{Flip.objects.get().pk}/change/"' in page
    assert "/admin/config/flip/?name=backfill_entities" in page
    assert "off → on" in page


def test_who_is_not_of_the_staff_is_sent_to_the_login(client, user):
    client.force_login(user)
    assert client.get(PAGE).status_code == 302


def test_a_form_of_another_site_turns_nothing(all_off, admin_user, client):
    client.handler.enforce_csrf_checks = True
    client.force_login(admin_user)
    assert client.post(PAGE, {"phase": "backfill", "action": "advance", "force": "on"}).status_code == 403
    assert not Flip.objects.exists()


def test_the_page_has_no_script_or_style_of_its_own(all_off, admin_client):
    page = read(admin_client)
    assert not re.search(r"<script(?![^>]* src=)[^>]*>\s*\S", page)
    assert "<style" not in page
    assert " style=" not in page.partition('class="rollout"')[2]
