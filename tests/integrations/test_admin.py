"""Operators' pages of failures, connections and runs: readable, not writable, and only for who may."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

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
    return client.post(LIST, {"action": action, "_selected_action": [row.pk]})


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
