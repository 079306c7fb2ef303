"""A person leaves for good: nothing of theirs is left in any table, and a receipt says so."""

import json
from io import StringIO
from unittest.mock import patch

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from knox.models import AuthToken

from config.erasure import count_rows, find_places, list_left
from graph.models import EntityEvent, Leaf, Relationship
from graph.services.refresh import refresh_view
from integrations.models import Connection, JobFailure, RemoteItem
from memories.models import Flag, Memory, Tombstone, User
from tests.factories import UserFactory
from tests.factories.graph import find_all, relate_now, write
from tests.factories.integrations import ConnectionFactory, RunFactory
from tests.fakes.nango import NOWHERE, connect_gmail

SECRET = "Quillfeather"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ana():
    return live(UserFactory(username="ana"))


def live(user):
    """A row in most tables."""
    memories = [write(user, f"Ambrosine {SECRET}", "Tomas Kowal", title=SECRET) for _ in range(2)]
    relate_now(*memories)
    find_all(Relationship.objects.get(user=user))
    EntityEvent.objects.create(user=user, action="hide", entity=Leaf.objects.filter(user=user)[0])
    Tombstone.objects.create(user=user, source="note", external_id=SECRET)
    JobFailure.objects.create(user=user, unit=f"memory:{memories[0].pk}", first_due=memories[0].created_at)
    AuthToken.objects.create(user=user)
    Client().force_login(user)
    AccessAttempt.objects.create(username=user.username, failures_since_start=1)
    about = ContentType.objects.get_for_model(Memory)
    LogEntry.objects.create(
        user=UserFactory(), content_type=about, object_id=memories[0].pk, object_repr=SECRET, action_flag=2
    )
    flag, _ = Flag.objects.get_or_create(name="early")
    flag.users.add(user)
    refresh_view()
    return user


def erase(tmp_path, *options, name="ana"):
    call_command("erase_user", name, *options, receipt=tmp_path / "receipt.json", stdout=StringIO(), stderr=StringIO())
    return json.loads((tmp_path / "receipt.json").read_text())


def count_text(text):
    """Rows of any table and of the view, in which a text stands."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'm') AND relnamespace = 'public'::regnamespace"
        )
        tables = [table for (table,) in cursor.fetchall()]
        found = {}
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text ILIKE %s', [f"%{text}%"])
            found[table] = cursor.fetchone()[0]
    return {table: count for table, count in found.items() if count}


def test_nothing_of_the_person_is_left_and_the_receipt_says_what_went(ana, tmp_path):
    assert len(count_text(SECRET)) > 5
    before = count_rows(ana)
    told = erase(tmp_path, "--no-input")
    assert (told["user"], told["complete"], told["left"], told["access_not_given_back"]) == ("ana", True, {}, 0)
    assert {table for table, count in before.items() if told["rows"].get(table, 0) < count} == set()
    assert told["rows"]["memories_memory"] == 2
    assert told["rows"]["memories_user"] == told["rows"]["knox_authtoken"] == told["rows"]["memories_session"] == 1
    assert told["total"] == sum(told["rows"].values())
    assert count_text(SECRET) == {}
    assert not User.objects.filter(username="ana").exists()


def test_the_receipt_holds_no_text_and_is_the_owners_alone(ana, tmp_path):
    erase(tmp_path, "--no-input")
    receipt = tmp_path / "receipt.json"
    assert SECRET not in receipt.read_text()
    assert receipt.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["receipt.json"]


def test_everybody_else_keeps_everything(ana, tmp_path):
    ben = live(UserFactory(username="ben"))
    before = count_rows(ben)
    erase(tmp_path, "--no-input")
    assert count_rows(ben) == before
    assert AccessAttempt.objects.get().username == "ben"


def test_every_table_with_a_person_is_looked_at(ana):
    ours = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if any(field.remote_field and field.remote_field.model is User for field in model._meta.concrete_fields)
    }
    assert {place.table for place in find_places()} >= ours | {"view_enriched_relationships", "graph_bodies"}


def test_the_name_is_asked_for_again(ana, tmp_path):
    with patch("builtins.input", return_value="anna"), pytest.raises(CommandError, match="that was not the name"):
        erase(tmp_path)
    assert Memory.objects.filter(user=ana).count() == 2
    with patch("builtins.input", return_value="ana"):
        assert erase(tmp_path)["complete"]


@pytest.mark.parametrize("name", ["nobody", "Ana"])
def test_an_unknown_name_is_said_in_a_sentence(ana, tmp_path, name):
    with pytest.raises(CommandError, match="There is no user named"):
        erase(tmp_path, "--no-input", name=name)


def test_a_receipt_that_cannot_be_written_stops_it_before_anything_goes(ana, tmp_path):
    (tmp_path / "receipt.json").touch()
    with pytest.raises(CommandError, match="is there already"):
        erase(tmp_path, "--no-input")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("erase_user", "ana", receipt=tmp_path / "no" / "receipt.json", no_input=True)
    assert Memory.objects.filter(user=ana).count() == 2


def test_access_is_given_back_first(ana, tmp_path, nango):
    row = connect_gmail(nango, ana)
    RunFactory(connection=row)
    RemoteItem.objects.create(user=ana, connection=row, remote_id="1", path=SECRET)
    told = erase(tmp_path, "--no-input")
    assert (told["complete"], told["rows"]["integrations_connection"]) == (True, 1)
    assert nango.connections() == []
    assert not list_left(user_id=ana.pk, name="ana")


def test_while_nango_is_away_nothing_is_erased_unless_forced(ana, tmp_path, nango, settings):
    connect_gmail(nango, ana)
    settings.NANGO_BASE_URL = NOWHERE
    with pytest.raises(CommandError, match="Nothing was erased but access"):
        erase(tmp_path, "--no-input")
    assert Memory.objects.filter(user=ana).count() == 2
    told = erase(tmp_path, "--no-input", "--force")
    assert (told["access_not_given_back"], told["left"], told["complete"]) == (1, {}, False)
    assert not Connection.objects.exists()


def test_a_server_without_a_key_says_what_is_in_the_way(ana, tmp_path, settings):
    settings.NANGO_SECRET_KEY = ""
    ConnectionFactory(user=ana)
    with pytest.raises(CommandError, match="with --force"):
        erase(tmp_path, "--no-input")
