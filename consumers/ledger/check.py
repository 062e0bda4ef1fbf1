"""Looking for faults in the ledger; `liuzhu verify` calls `check`."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, and_, func, literal, or_, select

from consumers.follow import read_row
from schemas.decisions import VisitPriced
from schemas.tables import applied, claims, entries, journal, postings, purses

LIMIT = 100


@dataclass(frozen=True)
class Fault:
    """One fault: a code, what it is about, and by how many fen where that can be said."""

    code: str
    about: str
    amount_fen: int = 0


def check(engine: Engine) -> list[Fault]:
    """All faults, at most a hundred of each kind; an empty list is what everyone hopes for.

    ENTRY_UNBALANCED, CLAIM_UNBALANCED (claims of an entry against its payers), PURSE_DIFFERS, HOLD_NEGATIVE,
    BILL_UNBOOKED (a bill in the journal without claims; also one priced twice), CLAIM_UNBILLED.
    """
    with engine.connect() as connection:
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
        return [
            *_unbalanced(connection),
            *_claims_against_entries(connection),
            *_purses(connection),
            *_negative_holds(connection),
            *_journal(connection),
        ]


def _unbalanced(connection: Connection) -> Iterator[Fault]:
    total = func.coalesce(func.sum(postings.c.amount_fen), 0)
    told = connection.execute(
        select(entries.c.entry_id, total, func.count(postings.c.line))
        .outerjoin(postings, postings.c.entry_id == entries.c.entry_id)
        .group_by(entries.c.entry_id)
        .having(or_(total != 0, func.count(postings.c.line) == 0))
        .limit(LIMIT)
    )
    for entry_id, amount, _ in told:
        yield Fault("ENTRY_UNBALANCED", entry_id, int(amount))


def _claims_against_entries(connection: Connection) -> Iterator[Fault]:
    claimed = (
        select(claims.c.entry_id, func.sum(claims.c.amount_fen).label("fen"))
        .group_by(claims.c.entry_id)
        .subquery()
    )
    paid = (
        select(postings.c.entry_id, func.sum(postings.c.amount_fen).label("fen"))
        .where(postings.c.account.like("payer:%"))
        .group_by(postings.c.entry_id)
        .subquery()
    )
    difference = claimed.c.fen - func.coalesce(paid.c.fen, 0)
    told = connection.execute(
        select(claimed.c.entry_id, difference)
        .outerjoin(paid, paid.c.entry_id == claimed.c.entry_id)
        .where(difference != 0)
        .limit(LIMIT)
    )
    for entry_id, amount in told:
        yield Fault("CLAIM_UNBALANCED", entry_id, int(amount))


def _purses(connection: Connection) -> Iterator[Fault]:
    for name, column in (("held", purses.c.reserved_fen), ("spent", purses.c.settled_fen)):
        account = literal(f"{name}:").concat(purses.c.recipient_id).concat("/").concat(purses.c.programme_id)
        booked = (
            select(func.coalesce(func.sum(postings.c.amount_fen), 0))
            .join(entries, entries.c.entry_id == postings.c.entry_id)
            .where(and_(postings.c.account == account, entries.c.period == purses.c.period))
            .scalar_subquery()
        )
        told = connection.execute(
            select(purses.c.recipient_id, purses.c.programme_id, purses.c.period, column - booked)
            .where(column != booked)
            .limit(LIMIT)
        )
        for recipient_id, programme_id, period, amount in told:
            yield Fault("PURSE_DIFFERS", f"{name}:{recipient_id}/{programme_id} {period}", int(amount))


def _negative_holds(connection: Connection) -> Iterator[Fault]:
    total = func.sum(postings.c.amount_fen)
    told = connection.execute(
        select(entries.c.visit_id, postings.c.account, total)
        .join(postings, postings.c.entry_id == entries.c.entry_id)
        .where(postings.c.account.like("held:%"))
        .group_by(entries.c.visit_id, postings.c.account)
        .having(total < 0)
        .limit(LIMIT)
    )
    for visit_id, account, amount in told:
        yield Fault("HOLD_NEGATIVE", f"{visit_id} {account}", int(amount))


def _journal(connection: Connection) -> Iterator[Fault]:
    """Every bill the ledger has passed stands in the claims, by its own row, and no claim without a bill."""
    booked = {
        (line_id, entry_id.rpartition("/")[0])
        for line_id, entry_id in connection.execute(select(claims.c.line_id, claims.c.entry_id))
    }
    rows = connection.execution_options(yield_per=500).execute(
        select(journal.c.area, journal.c.seq, journal.c.body)
        .join(applied, and_(applied.c.area == journal.c.area, applied.c.consumer == "ledger"))
        .where(journal.c.seq <= applied.c.seq, journal.c.body.like('%"word":"VisitPriced"%'))
        .order_by(journal.c.area, journal.c.seq)
    )
    faults = 0
    for area, seq, body in rows:
        place = f"{area}/{seq}"
        for decision in read_row(body.encode(), place).decisions:
            if not isinstance(decision, VisitPriced):
                continue
            for line in decision.lines:
                if (line.line_id, place) in booked:
                    booked.discard((line.line_id, place))
                elif faults < LIMIT:
                    faults += 1
                    yield Fault("BILL_UNBOOKED", f"{place} {decision.visit_id} {line.item}", line.amount_fen)
    for line_id, place in sorted(booked)[:LIMIT]:
        yield Fault("CLAIM_UNBILLED", f"{place} {line_id}")
