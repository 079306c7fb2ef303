"""Rows that point at a person, read with that person by one statement whose text is made once.

A session and a token are looked up at every request; there the making of a queryset's SQL costs several times what running it does.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model

from memories.models import User


def read_owned(model: type[Model], *, where: str, values: Sequence[Any]) -> list[Any]:
    """Return the rows of a model with a foreign key `user`, that and the person loaded, for which `where` holds.

    `where` is SQL on the row's columns as `t`, with a %s for each value. A row of nobody's has None as its user.
    """
    with connection.cursor() as cursor:
        cursor.execute(_select(model, where), values)
        return [_build(model, found) for found in cursor.fetchall()]


@cache
def _select(model: type[Model], where: str) -> str:
    quote = connection.ops.quote_name
    columns = [f"t.{quote(name)}" for name in _columns(model)] + [f"u.{quote(name)}" for name in _columns(User)]
    tables = f"{quote(model._meta.db_table)} t LEFT JOIN {quote(User._meta.db_table)} u ON u.id = t.user_id"
    return f"SELECT {', '.join(columns)} FROM {tables} WHERE {where}"  # noqa: S608 -- names of our models, a constant condition


@cache
def _columns(model: type[Model]) -> list[str]:
    return [str(field.column) for field in model._meta.concrete_fields]


@cache
def _names(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]


def _build(model: type[Model], found: Sequence[Any]) -> Any:
    """Return the row with its person; `found` holds the columns of both."""
    names = _names(model)
    row: Any = model.from_db(DEFAULT_DB_ALIAS, names, found[: len(names)])
    row.user = User.from_db(DEFAULT_DB_ALIAS, _names(User), found[len(names) :]) if row.user_id else None
    return row
