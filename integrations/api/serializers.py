"""Shapes of connections, runs and failures in JSON. What opens an account at Nango is in none of them."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers

from integrations.models import PROVIDER_NAMES, Connection, JobFailure, SyncRun


class RunSerializer(serializers.ModelSerializer[SyncRun]):
    """A run with what it did and, while it is held, what it would do; rows of `selectors.list_runs`."""

    provider: Any = serializers.CharField(source="connection.provider")
    waits_until = serializers.SerializerMethodField()
    would = serializers.SerializerMethodField()
    can_undo = serializers.SerializerMethodField()

    class Meta:
        model = SyncRun
        fields = (
            "id", "provider", "connection", "kind", "state", "created", "updated", "unchanged", "deleted", "skipped",
            "pages", "error", "created_at", "started_at", "waits_until", "ended_at", "would", "would_delete",
            "would_delete_of", "can_undo",
        )  # fmt: skip
        read_only_fields = fields

    def get_waits_until(self, run: SyncRun) -> str | None:
        """When a run that waits goes on; null where it does not wait."""
        return run.due_at.isoformat() if run.state == SyncRun.State.WAITING else None

    def get_would(self, run: Any) -> str | None:
        """What a held run would do or has done, in words."""
        return run.error if run.state == SyncRun.State.HELD else None

    def get_can_undo(self, run: Any) -> bool:
        """Whether the run wrote something, went on within the last 30 days, and no other run of its connection is open."""
        wrote = run.created + run.updated + run.deleted > 0
        if run.state not in SyncRun.UNDOABLE or run.blocked or not wrote:
            return False
        return bool((run.ended_at or run.created_at) > timezone.now() - SyncRun.UNDO_LASTS)


class ConnectionSerializer(serializers.ModelSerializer[Connection]):
    """A connection with its latest run and its counts; rows of `selectors.fill_connections`."""

    state_text = serializers.CharField(source="get_state_display")
    memories = serializers.IntegerField()
    failures = serializers.IntegerField()
    last_run = RunSerializer(allow_null=True)

    class Meta:
        model = Connection
        fields = (
            "id", "provider", "account", "state", "state_text", "error", "preview", "created_at", "synced_at",
            "next_at", "memories", "failures", "last_run",
        )  # fmt: skip
        read_only_fields = fields


class FailureSerializer(serializers.ModelSerializer[JobFailure]):
    """Work that failed for good; with what connection it concerns, if any. Rows of `selectors.fill_failures`."""

    connection: Any = serializers.IntegerField(source="connection.pk", default=None)
    provider: Any = serializers.CharField(source="connection.provider", default=None)
    account: Any = serializers.CharField(source="connection.account", default=None)

    class Meta:
        model = JobFailure
        fields = (
            "id", "unit", "connection", "provider", "account", "stage", "kind", "state", "runs", "error", "first_seen", "last_seen",
        )  # fmt: skip


class SessionRequestSerializer(serializers.Serializer[Any]):
    """What opening a session takes: a provider to connect, or a connection that needs access again."""

    provider: Any = serializers.ChoiceField(choices=PROVIDER_NAMES, required=False, help_text="a provider to connect")
    connection = serializers.IntegerField(required=False, help_text="a connection that needs access again")


class SessionSerializer(serializers.Serializer[Any]):
    """A session at Nango; its page opens at `connect_link` until `expires_at`."""

    token = serializers.CharField()
    connect_link: Any = serializers.URLField()
    expires_at = serializers.DateTimeField()


class DecisionSerializer(serializers.Serializer[Any]):
    """The answer to a held run: delete what it found missing, or keep it."""

    accept = serializers.BooleanField()
