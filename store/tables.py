"""What all tables share.  Times are seconds since 1970 UTC by the database's clock; units are in the names."""

from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Double, Enum, Index, Integer, text
from sqlalchemy.orm import DeclarativeBase

BigId = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only INTEGER keys


class Base(DeclarativeBase):
    """What every table shares."""

    type_annotation_map: ClassVar = {float: Double, dict[str, Any]: JSON, Any: JSON}


def stored(states: type[StrEnum]) -> Enum:
    """The column type of an enumeration: its values as text, so that a new one needs no migration."""
    return Enum(states, native_enum=False, length=16, values_callable=lambda kind: [state.value for state in kind])


def partial_index(name: str, *columns: str, only: str) -> Index:
    """An index over the rows `only` holds for: it stays small while ended rows pile up."""
    return Index(name, *columns, postgresql_where=text(only), sqlite_where=text(only))
