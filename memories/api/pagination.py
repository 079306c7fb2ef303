"""Lists are pages by cursor: stable while rows come and go."""

from rest_framework.pagination import CursorPagination


class Cursor(CursorPagination):
    """`?limit=` (50, at most 500) and `?cursor=`; a list's order is its view's."""

    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 500
    ordering = ("-occurred_at", "-id")
