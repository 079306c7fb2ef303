"""Shapes of a memory in JSON; checks beyond shape are the draft's (memories.drafts)."""

from typing import Any

from rest_framework import serializers

from memories.models import Memory


class MemorySerializer(serializers.ModelSerializer[Memory]):
    """A memory as it is shown: its stage and its entities with it."""

    class Meta:
        model = Memory
        fields = (
            "id", "external_id", "source", "account", "title", "content", "author", "participants", "occurred_at",
            "occurred_on", "occurred_precision", "thread_id", "reply_to", "message_id", "in_reply_to", "metadata",
            "stage", "failed_stage", "entities", "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = fields


class DraftSerializer(serializers.Serializer[Memory]):
    """What POST takes, for the API's description; `memories.drafts.parse_draft` is what checks it."""

    content = serializers.CharField()
    title = serializers.CharField(required=False)
    occurred_at = serializers.CharField(required=False, help_text="ISO 8601 date or time; now if missing")
    source: Any = serializers.SlugField(required=False)
    external_id = serializers.CharField(required=False)
    author = serializers.CharField(required=False)
    participants = serializers.ListField(child=serializers.DictField(), required=False)
    thread_id = serializers.CharField(required=False)
    reply_to = serializers.CharField(required=False)
    message_id = serializers.CharField(required=False)
    in_reply_to = serializers.CharField(required=False)
    metadata = serializers.DictField(required=False)


class EditSerializer(serializers.Serializer[Memory]):
    """What PATCH takes."""

    content = serializers.CharField(required=False)
    title = serializers.CharField(required=False)
    occurred_at = serializers.CharField(required=False)
    author = serializers.CharField(required=False)
    participants = serializers.ListField(child=serializers.DictField(), required=False)
    metadata = serializers.DictField(required=False)
