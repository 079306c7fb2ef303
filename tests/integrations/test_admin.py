"""Operators' pages of failures, connections and runs: readable, not writable, and only for who may."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from integrations.admin import count_open
from integrations.failures import record_missed
from integrations.models import Connection, JobFailure, SyncRun
from memories.models import Memory, User
from tests.factories import MemoryFactory

MODELS = [Connection, SyncRun, JobFailure]
LIST = "/admin/integrations/jobfailure/"


@pytest.fixture
def rows(user):
    """A row of each model, by model."""
    MemoryFactory(user=user, stage="failed", failed_stage="related", attempts=5)
    record_missed()
    connection = Connection.objects.create(user=user, provider="gmail", nango_id="n1")
    return {
        Connection: connection,
        SyncRun: SyncRun.objects.create(user=user, connection=connection),
        JobFailure: JobFailure.objects.get(),
    }


@pytest.fixture
def operator(client, db):
    """Logs somebody with these permissions in."""

    def log_in(*codenames):
        person = User.objects.create_user("operator", is_staff=True)
        person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client.force_login(person)
        return client

    return log_in


def address(model, page, *args):
    return reverse(f"admin:integrations_{model._meta.model_name}_{page}", args=args)


def act(client, action, row):
    return client.post(address(type(row), "changelist"), {"action": action, "_selected_action": [row.pk]})


def read(client, model, page="changelist", *args, **query):
    return client.get(address(model, page, *args), query).content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_lists_and_rows_are_shown(admin_client, rows, model):
    assert admin_client.get(address(model, "changelist")).status_code == 200
    assert admin_client.get(address(model, "change", rows[model].pk)).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_rows_are_neither_made_nor_changed_nor_deleted(admin_client, rows, model):
    row = rows[model]
    assert admin_client.get(address(model, "add")).status_code == 403
    assert admin_client.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    admin_client.post(address(model, "change", row.pk), {"state": "changed", "provider": "dropbox", "unit": "memory:1"})
    row_before = model.objects.values().get(pk=row.pk)
    row.refresh_from_db()
    assert row_before["state"] == row.state != "changed"


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("permissions", [(), ("view_memory",)])
def test_without_the_permission_there_is_no_page(rows, operator, model, permissions):
    client = operator(*permissions)
    assert client.get(address(model, "changelist")).status_code == 403
    assert client.get(address(model, "change", rows[model].pk)).status_code == 403


def test_who_is_no_operator_is_sent_to_the_login(client, user, rows):
    client.force_login(user)
    assert client.get(LIST).status_code == 302


def test_a_retry_puts_the_memory_back_in_line(admin_client, rows):
    answer = act(admin_client, "retry", rows[JobFailure])
    assert answer.status_code == 302
    assert Memory.objects.values_list("stage", "attempts").get() == ("stored", 0)
    assert JobFailure.objects.get().state == "retried"


def test_a_failure_can_be_marked_as_resolved(admin_client, rows):
    act(admin_client, "resolve", rows[JobFailure])
    assert JobFailure.objects.get().state == "resolved"
    assert Memory.objects.get().stage == "failed"


@pytest.mark.parametrize("action", ["retry", "resolve", "delete_selected"])
def test_who_may_only_look_can_do_nothing(rows, operator, action):
    client = operator("view_jobfailure")
    assert client.get(LIST).status_code == 200
    act(client, action, rows[JobFailure])
    assert JobFailure.objects.get().state == "open"
    assert Memory.objects.get().stage == "failed"


def test_an_action_takes_a_post(admin_client, rows):
    admin_client.get(LIST, {"action": "retry", "_selected_action": rows[JobFailure].pk})
    assert JobFailure.objects.get().state == "open"


def test_the_list_of_failures_costs_the_same_for_many(admin_client, user, rows, django_assert_max_num_queries):
    MemoryFactory.create_batch(20, user=user, stage="failed", failed_stage="related", attempts=5)
    record_missed()
    with django_assert_max_num_queries(12):
        admin_client.get(LIST)


@pytest.mark.parametrize("model", MODELS)
def test_a_row_is_shown_without_a_field_to_write_in(admin_client, rows, model):
    page = read(admin_client, model, "change", rows[model].pk)
    form = page[page.index(f'id="{model._meta.model_name}_form"') :]
    assert re.findall(r'<textarea|<select|<input type="(?!hidden)|name="_save', form) == []


def test_a_failures_traceback_is_text_and_folded(admin_client, rows):
    JobFailure.objects.update(traceback="File <script>alert(1)</script>")
    page = read(admin_client, JobFailure, "change", rows[JobFailure].pk)
    assert "<pre>File &lt;script&gt;alert(1)&lt;/script&gt;</pre></details>" in page
    assert "<script>alert(1)" not in page + read(admin_client, JobFailure)


def test_open_failures_are_counted_by_provider_and_kind(admin_client, user, rows, django_assert_num_queries):
    now = timezone.now()
    for number, (stage, kind, state) in enumerate(
        [
            ("gmail", "auth", "open"),
            ("gmail", "auth", "open"),
            ("gmail", "lost", "open"),
            ("dropbox", "auth", "retried"),
        ]
    ):
        JobFailure.objects.create(
            user=user, unit=f"connection:{number}", first_due=now, stage=stage, kind=kind, state=state
        )
    with django_assert_num_queries(1):
        counts = [(row["stage"], row["kind"], row["count"]) for row in count_open()]
    assert counts == [
        ("gmail", "access was withdrawn", 2),
        ("gmail", "the worker died", 1),
        ("related", "the worker died", 1),
    ]
    assert "Open failures" in read(admin_client, JobFailure)


def test_a_count_leads_to_what_it_counts(admin_client, user, rows):
    connection = rows[Connection]
    failure = JobFailure.objects.create(
        user=user, unit=f"connection:{connection.pk}", first_due=timezone.now(), stage="gmail", kind="auth"
    )
    [query] = [row["query"] for row in count_open() if row["stage"] == "gmail"]
    page = admin_client.get(f"{LIST}?{query}")
    assert list(page.context["cl"].queryset) == [failure]


def test_pages_lead_from_a_connection_to_its_runs_and_failures(admin_client, user, rows):
    connection, run = rows[Connection], rows[SyncRun]
    other = Connection.objects.create(user=user, provider="dropbox", nango_id="n2")
    SyncRun.objects.create(user=user, connection=other)
    runs = admin_client.get(address(SyncRun, "changelist"), {"connection__id__exact": connection.pk})
    assert list(runs.context["cl"].queryset) == [run]
    assert f"connection__id__exact={connection.pk}" in read(admin_client, Connection)
    assert f"unit=connection%3A{connection.pk}" in read(admin_client, Connection, "change", connection.pk)
    assert address(Connection, "change", connection.pk) in read(admin_client, SyncRun, "change", run.pk)


def test_no_page_shows_where_a_providers_token_stands(admin_client, rows):
    Connection.objects.update(cursor={"phase": "changes", "token": "canary-token"})
    page = read(admin_client, Connection, "change", rows[Connection].pk)
    assert "set, phase changes" in page
    assert "canary-token" not in page + read(admin_client, Connection)


def test_an_operator_syncs_pauses_and_undoes(admin_client, rows):
    connection, run = rows[Connection], rows[SyncRun]
    Connection.objects.update(state="active")
    act(admin_client, "pause", connection)
    assert Connection.objects.get().state == "paused"
    assert SyncRun.objects.get().state == "stopped"
    act(admin_client, "undo", run)
    assert SyncRun.objects.get().state == "undoing"
    SyncRun.objects.update(state="undone")
    act(admin_client, "sync_now", connection)
    assert SyncRun.objects.latest("pk").state == "queued"


def test_what_does_not_fit_is_said_and_the_rest_is_done(admin_client, user, rows):
    gone = Connection.objects.create(user=user, provider="dropbox", nango_id="n2", state="gone")
    Connection.objects.filter(pk=rows[Connection].pk).update(state="active")
    answer = admin_client.post(
        address(Connection, "changelist"),
        {"action": "pause", "_selected_action": [gone.pk, rows[Connection].pk]},
        follow=True,
    )
    told = [str(message) for message in answer.context["messages"]]
    assert sorted(Connection.objects.values_list("state", flat=True)) == ["gone", "paused"]
    assert len(told) == 2
    assert "1 paused." in told


def test_the_first_import_waits_for_its_person(admin_client, rows):
    SyncRun.objects.all().delete()
    act(admin_client, "sync_now", rows[Connection])
    assert Connection.objects.get().state == "new"
    assert not SyncRun.objects.exists()


@pytest.mark.parametrize(("model", "action"), [(Connection, "sync_now"), (Connection, "pause"), (SyncRun, "undo")])
def test_who_may_only_look_starts_and_stops_nothing(rows, operator, model, action):
    Connection.objects.update(state="active")
    SyncRun.objects.update(state="done")
    client = operator(f"view_{model._meta.model_name}")
    assert client.get(address(model, "changelist")).status_code == 200
    act(client, action, rows[model])
    assert Connection.objects.get().state == "active"
    assert SyncRun.objects.get().state == "done"


def test_who_may_change_failures_retries_them(rows, operator):
    act(operator("change_jobfailure"), "retry", rows[JobFailure])
    assert JobFailure.objects.get().state == "retried"


@pytest.mark.parametrize("model", [Connection, SyncRun])
def test_lists_cost_the_same_for_many(admin_client, user, rows, model, django_assert_max_num_queries):
    for number in range(20):
        connection = Connection.objects.create(user=user, provider="gmail", nango_id=f"many-{number}")
        SyncRun.objects.create(user=user, connection=connection)
    with django_assert_max_num_queries(8):
        admin_client.get(address(model, "changelist"))


@pytest.mark.parametrize("name", ["waffle/switch", "memories/flag"])
def test_switches_and_flags_are_toggled_in_the_same_place(admin_client, name):
    assert admin_client.get(f"/admin/{name}/").status_code == 200
