"""Whoever changes a switch or flag, by whatever door, is written down by the database."""

import psycopg
import pytest
from django.conf import settings as configured
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from waffle.models import Switch

from config.models import Flip
from config.rollout.signature import sign_flips
from config.switches import make_switches
from memories.models import Flag

NAME = "serve_precomputed_graph"


def list_flips(**filters):
    return list(Flip.objects.filter(**filters).order_by("id").values_list("name", "before", "after"))


def flag_to(**state):
    Flag.objects.filter(name=NAME).update(**state)
    return Flip.objects.first().after


def test_a_switch_that_is_turned_is_written_down_with_role_and_application(all_off):
    Switch.objects.filter(name="sync_gmail").update(active=True)
    assert list_flips() == [("sync_gmail", "off", "on")]
    assert Flip.objects.get().by.startswith("lifegraph_app/lifegraph")
    assert Flip.objects.get().reason == ""


def test_a_switch_that_is_only_touched_is_no_flip(all_off):
    Switch.objects.filter(name="sync_gmail").update(modified=timezone.now(), note="looked at")
    Switch.objects.filter(name="sync_gmail").update(active=False)
    assert list_flips() == []


def test_a_switch_that_comes_goes_or_gets_another_name_is_written_down(all_off):
    Switch.objects.create(name="new_one", active=True)
    Switch.objects.filter(name="new_one").update(name="old_one", active=False)
    Switch.objects.filter(name="old_one").delete()
    assert list_flips() == [
        ("new_one", "", "on"), ("new_one", "on", ""), ("old_one", "", "off"), ("old_one", "off", ""),
    ]  # fmt: skip


def test_a_flag_says_in_words_for_whom_it_is(all_off):
    assert flag_to(everyone=True) == "everyone"
    assert flag_to(everyone=None, percent=25, superusers=False) == "25 %"
    assert flag_to(percent="12.5", staff=True, superusers=True) == "12.5 %, superusers, staff"
    assert flag_to(percent=0, staff=False, superusers=False) == "nobody"
    assert flag_to(authenticated=True, languages="pt", testing=True) == (
        "whoever is logged in, languages pt, whoever asks by cookie"
    )


def test_nobody_by_choice_and_nobody_by_lack_of_anybody_are_one(all_off):
    Flag.objects.filter(name=NAME).update(everyone=None, percent=None, superusers=False)
    assert list_flips() == []


def test_people_and_groups_by_name_are_told_by_their_ids(all_off, user):
    flag, group = Flag.objects.get(name=NAME), Group.objects.create(name="early")
    flag.users.add(user)
    flag.groups.add(group)
    flag.users.clear()
    assert list_flips(kind="flag") == [
        (NAME, "", f"user {user.pk}"), (NAME, "", f"group {group.pk}"), (NAME, f"user {user.pk}", ""),
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_what_somebody_does_at_psql_is_written_down_too(all_off):
    make_switches()
    url = configured.DATABASE_OWNER_URL
    with psycopg.connect(url, dbname=connection.settings_dict["NAME"], application_name="psql") as session:
        session.execute("UPDATE waffle_switch SET active = NOT active WHERE name = 'sync_gmail'")
    assert Flip.objects.first().name == "sync_gmail"
    assert Flip.objects.first().by == "lifegraph_owner/psql"


def test_rows_that_migrate_makes_are_its_own(all_off):
    Switch.objects.filter(name="sync_gmail").delete()
    Flip.objects.all().delete()
    make_switches()
    assert [(flip.name, flip.after, flip.by) for flip in Flip.objects.all()] == [("sync_gmail", "on", "migrate")]


def test_a_signature_ends_with_its_work(all_off):
    with sign_flips(by="ana", reason="once"):
        Switch.objects.filter(name="sync_gmail").update(active=True)
    Switch.objects.filter(name="sync_gmail").update(active=False)
    assert [flip.by.partition("/")[0] for flip in Flip.objects.order_by("id")] == ["ana", "lifegraph_app"]
    assert list(Flip.objects.order_by("id").values_list("reason", flat=True)) == ["once", ""]


def test_a_flip_that_is_taken_back_leaves_no_row(all_off):
    with transaction.atomic():
        with sign_flips(by="ana"):
            Switch.objects.filter(name="sync_gmail").update(active=True)
        transaction.set_rollback(True)
    assert list_flips() == []


def switch_page(page, *args):
    return reverse(f"admin:waffle_switch_{page}", args=args)


def test_a_list_of_switches_turned_in_the_admin_is_signed(all_off, admin_client):
    rows = Switch.objects.filter(name__in=("sync_gmail", "sync_dropbox")).values_list("pk", flat=True)
    admin_client.post(switch_page("changelist"), {"action": "enable_switches", "_selected_action": list(rows)})
    assert set(Flip.objects.values_list("after", "by", "reason")) == {("on", "admin", "in the admin")}
    assert Flip.objects.count() == 2


def test_a_switch_edited_or_deleted_in_the_admin_is_signed(all_off, admin_client):
    row = Switch.objects.get(name="sync_gmail")
    when = {"created_0": "2026-01-01", "created_1": "00:00", "modified_0": "2026-01-01", "modified_1": "00:00"}
    admin_client.post(switch_page("change", row.pk), {"name": "sync_gmail", "active": "on", "note": "", **when})
    admin_client.post(switch_page("delete", row.pk), {"post": "yes"})
    assert list_flips(by="admin") == [("sync_gmail", "off", "on"), ("sync_gmail", "on", "")]


def test_a_flag_turned_in_the_admin_is_signed(all_off, admin_client):
    row = Flag.objects.get(name=NAME)
    admin_client.post(
        reverse("admin:memories_flag_changelist"), {"action": "enable_for_all", "_selected_action": [row.pk]}
    )
    assert list_flips(by="admin") == [(NAME, "nobody", "everyone")]


def test_flips_are_shown_and_cannot_be_written_in_the_admin(all_off, admin_client):
    Switch.objects.filter(name="sync_gmail").update(active=True)
    flip = Flip.objects.get()
    assert "sync_gmail" in admin_client.get(reverse("admin:config_flip_changelist")).content.decode()
    address = reverse("admin:config_flip_change", args=[flip.pk])
    assert admin_client.get(address).status_code == 200
    assert admin_client.post(address, {"by": "nobody"}).status_code == 403
    assert admin_client.post(reverse("admin:config_flip_delete", args=[flip.pk]), {"post": "yes"}).status_code == 403
    assert admin_client.get(reverse("admin:config_flip_add")).status_code == 403
