"""What the tables of the graph share: the person first, keys of two columns, a layer's finding."""

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


def owner(*, implied: bool = False) -> Any:
    """The person a row belongs to; indexes name it first themselves.

    `implied`: a key of two columns to a row of the same person says it already, and the database need not look a second time.
    """
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        db_index=False,
        db_constraint=not implied,
        related_name="+",
    )


def link(to: str, *, null: bool = False) -> Any:
    """A reference whose constraint is the composite one in SQL."""
    return models.ForeignKey(
        to, null=null, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )


if TYPE_CHECKING:
    TextualField = models.Field[str, str]
else:
    TextualField = models.Field  # generic in the stubs alone


class TransactionId(TextualField):
    """`xid8`, a transaction's 64-bit number, as text (https://www.postgresql.org/docs/current/datatype-oid.html)."""

    def db_type(self, connection: Any) -> str:
        return "xid8"


class UserQuerySet(models.QuerySet[Any]):
    def for_user(self, user: Any) -> Self:
        return self.filter(user_id=user.pk)


class Finding(models.Model):
    """What every layer's row carries beside its value: the status, the numbers behind it and when it was computed."""

    user = owner()
    status = models.CharField(max_length=16, default="computed")
    evidence = models.JSONField(default=dict)
    computed_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[models.Manager[Any]] = UserQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.model_name} {self.pk} ({self.status})"


class RelationshipFinding(Finding):
    """A layer's row that belongs to one relationship."""

    relationship = link("graph.Relationship")

    class Meta:
        abstract = True
