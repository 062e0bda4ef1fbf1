"""Reading rows as plain dictionaries, for pages."""

from typing import Any

from sqlalchemy import Connection, Select

Record = dict[str, Any]


def records(connection: Connection, query: Select[Any]) -> list[Record]:
    """All rows of a query, each by column name."""
    return [dict(row) for row in connection.execute(query).mappings()]


def record(connection: Connection, query: Select[Any]) -> Record | None:
    """The first row of a query, None when there is none."""
    row = connection.execute(query).mappings().first()
    return dict(row) if row is not None else None
