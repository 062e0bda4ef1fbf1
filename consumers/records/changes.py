"""The few kinds of change that records are made of, as statements."""

from typing import Any

from sqlalchemy import Table, Update, case, func, update
from sqlalchemy.dialects.postgresql import JSONB, Insert, insert
from sqlalchemy.sql import ColumnElement, cast
from sqlalchemy.sql.dml import Delete

from schemas.base import Reason
from schemas.rows import Row
from schemas.tables import visits

Change = Insert | Update | Delete


def put(table: Table, values: dict[str, Any]) -> Insert:
    """Insert a row, or set these columns of the row with the same primary key."""
    keys = [column.name for column in table.primary_key]
    fresh = insert(table).values(values)
    rest = {name: fresh.excluded[name] for name in values if name not in keys}
    return fresh.on_conflict_do_update(index_elements=keys, set_=rest)


def put_once(table: Table, values: dict[str, Any]) -> Insert:
    """Insert a row unless one with the same primary key stands."""
    return insert(table).values(values).on_conflict_do_nothing()


def patch(table: Table, where: dict[str, Any], **values: Any) -> Update:
    """Set columns of the rows where all of `where` holds (a tuple there means: one of)."""
    return update(table).where(*matching(table, where)).values(**values)


def matching(table: Table, where: dict[str, Any]) -> list[ColumnElement[bool]]:
    """The conditions of `patch`."""
    return [
        table.c[name].in_(wanted) if isinstance(wanted, tuple) else table.c[name] == wanted
        for name, wanted in where.items()
    ]


def first(table: Table, column: str, value: Any) -> ColumnElement[Any]:
    """The column as it is, or `value` where it is empty."""
    return func.coalesce(table.c[column], value)


def kept_if(table: Table, column: str, keep: tuple[str, ...], value: str) -> ColumnElement[Any]:
    """`value`, unless the column already holds one of `keep`."""
    return case((table.c[column].in_(keep), table.c[column]), else_=value)


def joined(table: Table, column: str, piece: Any) -> ColumnElement[Any]:
    """The JSON column with `piece` joined on (lists appended, objects merged)."""
    return table.c[column].op("||")(cast(piece, JSONB))


def reason_json(reason: Reason) -> dict[str, Any]:
    """A reason as it is stored."""
    return reason.model_dump(mode="json")


def touch(row: Row, visit_id: str, **values: Any) -> Change:
    """Set columns of a visit, and the row that did."""
    return patch(visits, {"visit_id": visit_id}, seq=row.seq, **values)
