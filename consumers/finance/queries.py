"""What the finance pages read: records (visits with their bills) and, apart from them, the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, and_, case, cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.sql import ColumnElement

from consumers.reading import Record, record, records
from schemas.shown import ZONE
from schemas.tables import entries, journal, people, places, postings, stops, tariff_items, visits

SLACK = timedelta(days=10)
"""A visit is billed for the month it was served in; its window lies this near."""


@dataclass(frozen=True)
class Period:
    """A calendar month of the city."""

    year: int
    month: int

    @property
    def code(self) -> str:
        """`2026-11`."""
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    def moved(self, months: int) -> "Period":
        """The month so many later."""
        n = self.year * 12 + self.month - 1 + months
        return Period(n // 12, n % 12 + 1)

    @property
    def starts_at(self) -> datetime:
        """Its first moment in the city's zone."""
        return datetime(self.year, self.month, 1, tzinfo=ZONE)


def period_of(said: str | None, now: datetime) -> Period:
    """The month in `2026-11`, or the present one for anything else."""
    there = now.astimezone(ZONE)
    try:
        found = date.fromisoformat(f"{said}-01")
    except ValueError:
        return Period(there.year, there.month)
    return Period(found.year, found.month) if 2000 <= found.year < 2200 else Period(there.year, there.month)


def billed_in(period: Period) -> ColumnElement[bool]:
    """Visits with a bill of that month."""
    near = visits.c.opens_at.between(period.starts_at - SLACK, period.moved(1).starts_at + SLACK)
    return and_(near, visits.c.bill.is_not(None), visits.c.bill["period"].astext == period.code)


def missed_in(period: Period) -> ColumnElement[bool]:
    """Visits of that month that were not paid because nobody came."""
    begins, ends = period.starts_at, period.moved(1).starts_at
    return and_(visits.c.status == "MISSED", visits.c.opens_at >= begins, visits.c.opens_at < ends)


def held(table: Any = visits) -> ColumnElement[bool]:
    """Bills that wait for a person."""
    return func.coalesce(table.c.held, False)


BILLS = (
    visits.c.visit_id,
    visits.c.area,
    visits.c.recipient_id,
    visits.c.provider_id,
    visits.c.item,
    visits.c.help,
    visits.c.status,
    visits.c.started_at,
    visits.c.finished_at,
    visits.c.opens_at,
    visits.c.billed_s,
    visits.c.grade,
    visits.c.findings,
    visits.c.exceptions,
    visits.c.total_fen,
    visits.c.held,
    visits.c.bill["shares"].label("shares"),
    people.c.street,
)


def bills(
    connection: Connection,
    period: Period,
    *,
    provider: str | None = None,
    only: str = "",
    limit: int | None = None,
    offset: int = 0,
) -> list[Record]:
    """Visits of the month, billed or missed, by time; `only` is `held`, `paid`, `missed` or empty."""
    which = {
        "held": and_(billed_in(period), held()),
        "paid": and_(billed_in(period), ~held()),
        "missed": missed_in(period),
    }.get(only, or_(billed_in(period), missed_in(period)))
    query = (
        select(*BILLS)
        .outerjoin(people, people.c.person_id == visits.c.recipient_id)
        .where(which)
        .order_by(func.coalesce(visits.c.started_at, visits.c.opens_at), visits.c.visit_id)
        .offset(offset)
    )
    if provider:
        query = query.where(visits.c.provider_id == provider)
    return records(connection, query.limit(limit) if limit else query)


def _share(payer: str) -> ColumnElement[Any]:
    """What one payer pays of a bill, in fen, from the bill as decided."""
    path = f'$[*] ? (@.payer == "{payer}").amount_fen'
    amount = func.jsonb_path_query(visits.c.bill["shares"], cast(path, JSONPATH)).column_valued("amount")
    total = func.coalesce(func.sum(cast(amount, BigInteger)), 0)
    return select(total).correlate(visits).scalar_subquery()


PAYERS = ("BUREAU", "INSURANCE", "SELF")


def sums(connection: Connection, period: Period, by: str) -> list[Record]:
    """Bills of the month added up by `provider`, `street` or `help`: counts, shares and total in fen."""
    key = {"street": people.c.street, "help": visits.c.help}.get(by, visits.c.provider_id)
    one = (
        select(
            func.coalesce(key, "-").label("key"),
            case((visits.c.status == "MISSED", 1), else_=0).label("missed"),
            case((visits.c.bill.is_not(None), 1), else_=0).label("billed"),
            case((held(), 1), else_=0).label("held"),
            func.coalesce(visits.c.total_fen, 0).label("total_fen"),
            case((held(), visits.c.total_fen), else_=0).label("held_fen"),
            *(_share(payer).label(payer) for payer in PAYERS),
        )
        .outerjoin(people, people.c.person_id == visits.c.recipient_id)
        .where(or_(billed_in(period), missed_in(period)))
        .subquery()
    )
    names = ("missed", "billed", "held", "total_fen", "held_fen", *PAYERS)
    query = select(one.c.key, *(func.sum(one.c[name]).label(name) for name in names)).group_by(one.c.key)
    return records(connection, query.order_by(func.sum(one.c.total_fen).desc(), one.c.key))


def days(connection: Connection, period: Period) -> dict[date, int]:
    """Billed visits per day of the month."""
    there = func.timezone("Asia/Shanghai", func.coalesce(visits.c.started_at, visits.c.opens_at))
    day = func.date(there)
    query = select(day, func.count()).where(billed_in(period)).group_by(day)
    return {row[0]: row[1] for row in connection.execute(query)}


def ledger_total(connection: Connection, period: Period) -> tuple[int, int]:
    """What the ledger says is owed of the month, in fen, and the number of its settlements."""
    owed = or_(postings.c.account.like("provider:%"), postings.c.account.like("suspense:%"))
    query = (
        select(
            func.coalesce(-func.sum(postings.c.amount_fen), 0), func.count(func.distinct(entries.c.entry_id))
        )
        .join(entries, entries.c.entry_id == postings.c.entry_id)
        .where(entries.c.period == period.code, entries.c.kind.in_(("SETTLE", "REVERSE")), owed)
    )
    amount, count = connection.execute(query).one()
    return int(amount), int(count)


def held_count(connection: Connection, period: Period) -> int:
    """Bills of the month that wait for a person."""
    query = select(func.count()).select_from(visits).where(billed_in(period), held())
    return int(connection.execute(query).scalar_one())


def visit(connection: Connection, visit_id: str) -> Record | None:
    """One visit, whole."""
    return record(connection, select(visits).where(visits.c.visit_id == visit_id))


def stops_of(connection: Connection, visit_id: str) -> list[Record]:
    """The stops of a visit by role."""
    query = select(stops).where(stops.c.visit_id == visit_id).order_by(stops.c.role)
    return records(connection, query)


def caregivers_of(connection: Connection, visit_ids: Sequence[str]) -> dict[str, list[str]]:
    """Caregivers per visit, by role."""
    query = select(stops.c.visit_id, stops.c.caregiver_id).where(stops.c.visit_id.in_(visit_ids))
    found: dict[str, list[str]] = {}
    for visit_id, caregiver_id in connection.execute(query.order_by(stops.c.visit_id, stops.c.role)):
        if caregiver_id:
            found.setdefault(visit_id, []).append(caregiver_id)
    return found


def postings_of(connection: Connection, visit_id: str) -> list[Record]:
    """The ledger's lines of a visit, with the hash of the journal row behind each."""
    query = (
        select(
            entries.c.entry_id,
            entries.c.kind,
            entries.c.at,
            entries.c.area,
            entries.c.seq,
            postings.c.line,
            postings.c.account,
            postings.c.amount_fen,
            journal.c.hash,
        )
        .join(postings, postings.c.entry_id == entries.c.entry_id)
        .outerjoin(journal, and_(journal.c.area == entries.c.area, journal.c.seq == entries.c.seq))
        .where(entries.c.visit_id == visit_id)
        .order_by(entries.c.area, entries.c.seq, entries.c.n, postings.c.line)
    )
    return records(connection, query)


def items(connection: Connection) -> dict[str, tuple[str, str]]:
    """Names of tariff items, of the latest list in force for each."""
    query = select(tariff_items.c.code, tariff_items.c.name_zh, tariff_items.c.name_en).order_by(
        tariff_items.c.valid_from
    )
    return {row[0]: (row[1], row[2]) for row in connection.execute(query)}


def tariff_item(connection: Connection, area: str, tariff_id: str, code: str) -> Record | None:
    """One item of a price list."""
    query = select(tariff_items).where(
        tariff_items.c.area == area, tariff_items.c.tariff_id == tariff_id, tariff_items.c.code == code
    )
    return record(connection, query)


def city_name(connection: Connection, language: str) -> str:
    """The name of the first area, which stands for the city in a heading; empty when nothing is entered."""
    column = places.c.name_zh if language == "zh" else places.c.name_en
    query = select(column).where(places.c.kind == "AREA").order_by(places.c.place_id).limit(1)
    return str(connection.execute(query).scalar() or "")
