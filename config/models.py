"""Rows of the installation, not of a person: who flipped which switch, what is wrong now, and who was alive when."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class Flip(models.Model):
    """A switch or flag that somebody changed, whoever it was and by whatever door: a trigger of the database writes it."""

    class Kind(models.TextChoices):
        SWITCH = "switch"
        FLAG = "flag"

    kind = models.CharField(max_length=6, choices=Kind.choices)
    name = models.CharField(max_length=100)
    before = models.CharField(max_length=200, blank=True, default="")
    after = models.CharField(max_length=200, blank=True, default="")
    by = models.CharField(
        max_length=150, help_text="a user's name, or the database role and application where nobody said"
    )
    reason = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField(db_default=Now())

    objects: ClassVar[models.Manager["Flip"]]

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("name", "-id"), name="flip_of_name"),)

    def __str__(self) -> str:
        return f"{self.name}: {self.before} -> {self.after}"


class Alert(models.Model):
    """Something that was found wrong: told once when it began, once a day while it lasts, and once when it is over."""

    name = models.CharField(max_length=60)
    detail = models.CharField(max_length=500)
    began_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())  # when it was last found so
    told_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["Alert"]]

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("name",), name="alert_open_once", condition=models.Q(ended_at__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return self.name


class Heartbeat(models.Model):
    """When something that nobody can ask was last known to be alive: `beat` by way of broker and worker."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField(db_default=Now())

    objects: ClassVar[models.Manager["Heartbeat"]]

    def __str__(self) -> str:
        return self.name
