"""Ids in URLs."""

from typing import Any

from werkzeug.routing import IntegerConverter, Map


class RowId(IntegerConverter):
    """A key that a database can hold: larger numbers are no page rather than an overflow."""

    def __init__(self, map: Map, *args: Any, **kwargs: Any) -> None:  # noqa: A002 - Werkzeug's name for it
        super().__init__(map, *args, **{"max": 2**63 - 1, **kwargs})
