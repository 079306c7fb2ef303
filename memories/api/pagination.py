"""Lists are pages by cursor: stable while rows come and go."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request


class Cursor(CursorPagination):
    """`?limit=` (50, at most 500) and `?cursor=`; a list's order is its view's."""

    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 500
    # Rows that share a place in the order, as memories of one moment do: DRF's 1000 would hide the rest.
    offset_cutoff = 10**9
    ordering = ("-occurred_at", "-id")

    def decode_cursor(self, request: Request) -> Any:
        cursor = super().decode_cursor(request)
        if cursor is not None and "\x00" in str(cursor.position or ""):
            raise NotFound(self.invalid_cursor_message)
        return cursor

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, ValidationError):  # a position that no row of this list can have
            raise NotFound(self.invalid_cursor_message) from None
