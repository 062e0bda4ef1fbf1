"""Writing entries, claims and purses, inside the transaction of the row."""

import logging

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or

from consumers.ledger.entries import Entry, HoldKey, entries_of, purse_change, visits_of
from schemas.rows import Row
from schemas.tables import claims, entries, postings, purses

log = logging.getLogger(__name__)


def post_row(connection: Connection, row: Row) -> None:
    """Post all entries of a row."""
    if visits := visits_of(row):
        for entry in entries_of(row, held_for(connection, visits)):
            post(connection, entry)


def held_for(connection: Connection, visits: set[str]) -> dict[HoldKey, int]:
    """What is held per visit and programme, in fen, from the postings."""
    programme = func.split_part(postings.c.account, "/", 2)
    told = connection.execute(
        select(entries.c.visit_id, programme, func.sum(postings.c.amount_fen))
        .join(postings, postings.c.entry_id == entries.c.entry_id)
        .where(entries.c.visit_id.in_(visits), postings.c.account.like("held:%"))
        .group_by(entries.c.visit_id, programme)
    )
    return {(visit_id, code): int(amount) for visit_id, code, amount in told}


def post(connection: Connection, entry: Entry) -> bool:
    """Write one entry; False, and nothing written, when one of its lines was claimed before."""
    if _claimed_before(connection, entry):
        log.error("PRICED_TWICE %s: visit %s is not booked again", entry.entry_id, entry.visit_id)
        return False
    connection.execute(
        insert(entries),
        {
            "entry_id": entry.entry_id,
            "area": entry.area,
            "seq": entry.seq,
            "n": entry.n,
            "kind": entry.kind,
            "period": entry.period,
            "visit_id": entry.visit_id,
            "at": entry.at,
            "reverses": entry.reverses,
        },
    )
    connection.execute(
        insert(postings),
        [
            {
                "entry_id": entry.entry_id,
                "line": line,
                "account": posting.account,
                "amount_fen": posting.amount_fen,
            }
            for line, posting in enumerate(entry.postings)
        ],
    )
    _claim(connection, entry)
    _move_purses(connection, entry)
    return True


def _claimed_before(connection: Connection, entry: Entry) -> bool:
    """One billable line per visit and tariff item, also within one bill."""
    items = [line.item for line in entry.lines]
    if len(set(items)) != len(items):
        return True
    known = select(claims.c.line_id).where(claims.c.visit_id == entry.visit_id, claims.c.item.in_(items))
    return bool(items) and connection.execute(known.limit(1)).first() is not None


def _claim(connection: Connection, entry: Entry) -> None:
    if entry.bill is None or not entry.lines:
        return
    bill = entry.bill
    connection.execute(
        insert(claims),
        [
            {
                "line_id": line.line_id,
                "visit_id": bill.visit_id,
                "item": line.item,
                "area": entry.area,
                "provider_id": bill.provider_id,
                "recipient_id": bill.recipient_id,
                "period": bill.period,
                "amount_fen": line.amount_fen,
                "held": bill.held,
                "entry_id": entry.entry_id,
            }
            for line in entry.lines
        ],
    )


def _move_purses(connection: Connection, entry: Entry) -> None:
    for (recipient_id, programme_id), (reserved, settled) in sorted(purse_change(entry).items()):
        fresh = insert_or(purses).values(
            recipient_id=recipient_id,
            programme_id=programme_id,
            period=entry.period,
            area=entry.area,
            reserved_fen=reserved,
            settled_fen=settled,
        )
        connection.execute(
            fresh.on_conflict_do_update(
                index_elements=["recipient_id", "programme_id", "period"],
                set_={
                    "reserved_fen": purses.c.reserved_fen + fresh.excluded.reserved_fen,
                    "settled_fen": purses.c.settled_fen + fresh.excluded.settled_fen,
                },
            )
        )
