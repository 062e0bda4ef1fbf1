"""Derived rows held against the journal: built again in temporary tables, and compared row by row."""

from sqlalchemy import Connection, Engine, Table, select, text

from consumers.catalogue import CONSUMERS
from consumers.follow import Consumer
from dispatcher.shelf import stored_rows
from infra.verify import Flaw
from schemas.tables import applied

COMPARED = ("records", "ledger")
"""Consumers whose rows come from the journal alone. Notices also hold deliveries, timings real time."""


def derived_flaws(engine: Engine) -> list[Flaw]:
    """Each table of records and ledger that differs from what the journal makes of it now.

    Reads one consistent state, as far as each consumer has come; nothing that lasts is written. Temporary
    tables of the same names stand before the real ones, so the consumers' own code fills them.
    """
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        schema = str(connection.execute(text("SELECT current_schema()")).scalar_one())
        flaws = [flaw for name in COMPARED for flaw in _flaws_of(connection, CONSUMERS[name], schema)]
        connection.rollback()
    return flaws


def _flaws_of(connection: Connection, consumer: Consumer, schema: str) -> list[Flaw]:
    come = select(applied.c.area, applied.c.seq).where(applied.c.consumer == consumer.name)
    tips = {row.area: row.seq for row in connection.execute(come.order_by(applied.c.area))}
    for table in consumer.tables:
        like = f'"{schema}"."{table.name}" INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES'
        connection.execute(text(f'CREATE TEMPORARY TABLE "{table.name}" (LIKE {like}) ON COMMIT DROP'))
    for area, tip in tips.items():
        for page in stored_rows(connection, area, 0):
            for stored in page:
                if stored.seq <= tip:
                    consumer.apply(connection, stored.read(area))
    return [flaw for table in consumer.tables if (flaw := _difference(connection, table, schema))]


def _difference(connection: Connection, table: Table, schema: str) -> Flaw | None:
    """The first row, by key, that stands in one of the two tables only."""
    kept, made = f'"{schema}"."{table.name}"', f'pg_temp."{table.name}"'
    keys = ", ".join(f'"{column.name}"' for column in table.primary_key)
    either = " UNION ALL ".join(
        f"SELECT {keys}, '{side}' AS side FROM (TABLE {one} EXCEPT TABLE {other})"
        for one, other, side in ((kept, made, "kept"), (made, kept, "journal"))
    )
    found = connection.execute(text(f"SELECT * FROM ({either}) ORDER BY {keys}, side")).all()
    if not found:
        return None
    *key, side = found[0]
    place = f"{table.name} {'/'.join(map(str, key))}"
    return Flaw("DERIVED_DIFFERS", place, f"first seen in: {side}; {len(found)} rows in all")
