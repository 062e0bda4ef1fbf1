"""What a provider reads of its people, of complaints, and of a month's claims. SELECTs and sums only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from producers.provider.day import EXPIRES_SOON, certificates
from producers.provider.queries import Rows
from schemas.tables import claims, people, stops, visits

COMPLAINT_STARS = 2
COMPLAINTS_FOR = timedelta(days=60)
CERTIFICATES = {
    "BATHING_CERT": ("助浴培训证", "Bathing certificate"),
    "HEALTH_CERT": ("健康证", "Health certificate"),
    "NURSING_CERT": ("养老护理员证", "Carer's certificate"),
    "FIRST_AID_CERT": ("急救证", "First-aid certificate"),
}


def certificate_name(code: str, language: str) -> str:
    """Its name; a code nobody described stays as it is."""
    zh, en = CERTIFICATES.get(code, (code, code))
    return zh if language == "zh" else en


@dataclass(frozen=True)
class Expiry:
    """A certificate that ends soon or has ended (`is_over`)."""

    caregiver: str
    code: str
    until: date
    is_over: bool


def expiries(caregivers: Rows, today: date) -> list[Expiry]:
    """Certificates that end within 30 days or have ended, soonest first."""
    found = [
        Expiry(person["name"], code, until, until <= today)
        for person in caregivers
        for code, until in certificates(person["card"])
        if until <= today + EXPIRES_SOON
    ]
    return sorted(found, key=lambda each: (each.until, each.caregiver))


@dataclass(frozen=True)
class Complaint:
    """A visit that was thought little of: who, what, by whom."""

    visit_id: str
    recipient: str
    telephone: str
    item: str
    at: datetime
    stars: int
    caregivers: tuple[str, ...]


def complaints(conn: Connection, provider_id: str, now: datetime) -> list[Complaint]:
    """Visits of the last 60 days with at most two stars, newest first."""
    rows = (
        conn.execute(
            select(visits, people.c.name, people.c.telephone)
            .outerjoin(people, people.c.person_id == visits.c.recipient_id)
            .where(
                visits.c.provider_id == provider_id,
                visits.c.stars <= COMPLAINT_STARS,
                visits.c.opens_at > now - COMPLAINTS_FOR,
            )
            .order_by(visits.c.opens_at.desc())
            .limit(200)
        )
        .mappings()
        .all()
    )
    carers: dict[str, list[str]] = {}
    for row in conn.execute(
        select(stops.c.visit_id, people.c.name)
        .join(people, people.c.person_id == stops.c.caregiver_id)
        .where(stops.c.visit_id.in_([row["visit_id"] for row in rows]))
        .order_by(stops.c.role)
    ):
        carers.setdefault(row.visit_id, []).append(row.name)
    return [
        Complaint(
            row["visit_id"],
            row["name"] or "—",
            row["telephone"] or "",
            row["item"],
            row["started_at"] or row["opens_at"],
            row["stars"],
            tuple(carers.get(row["visit_id"], ())),
        )
        for row in rows
    ]


@dataclass
class StatementLine:
    """One item of a month: how many visits, their sum, how it is shared, what is held back."""

    item: str
    visits: int = 0
    total_fen: int = 0
    held_fen: int = 0
    by_payer: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Statement:
    """A month's statement; `difference_fen` is claims less payers' shares, and should be 0."""

    period: str
    lines: tuple[StatementLine, ...]
    payers: tuple[str, ...]
    sum: StatementLine
    difference_fen: int


def statement(conn: Connection, provider_id: str, period: str) -> Statement:
    """Claims of the provider in `period` (`YYYY-MM`), by item and payer."""
    rows = conn.execute(
        select(claims.c.visit_id, claims.c.item, claims.c.amount_fen, claims.c.held, visits.c.bill)
        .outerjoin(visits, visits.c.visit_id == claims.c.visit_id)
        .where(claims.c.provider_id == provider_id, claims.c.period == period)
        .order_by(claims.c.item)
    ).mappings()
    lines: dict[str, StatementLine] = {}
    total = StatementLine("")
    shared: set[str] = set()
    for row in rows:
        line = lines.setdefault(row["item"], StatementLine(row["item"]))
        for each in (line, total):
            each.visits += 1
            each.total_fen += row["amount_fen"]
            each.held_fen += row["amount_fen"] if row["held"] else 0
        # A visit's shares are of its whole bill: they are counted once, with its first line.
        if row["visit_id"] not in shared:
            shared.add(row["visit_id"])
            _share(row["bill"], line, total)
    payers = tuple(sorted(total.by_payer, key=("INSURANCE", "BUREAU", "SELF").index))
    difference = total.total_fen - sum(total.by_payer.values())
    return Statement(period, tuple(lines.values()), payers, total, difference)


def _share(bill: Mapping[str, Any] | None, *lines: StatementLine) -> None:
    for share in (bill or {}).get("shares", ()):
        for line in lines:
            held = line.by_payer.get(share["payer"], 0)
            line.by_payer[share["payer"]] = held + int(share["amount_fen"])


def periods(conn: Connection, provider_id: str) -> list[str]:
    """Months with claims, newest first."""
    query = (
        select(claims.c.period)
        .where(claims.c.provider_id == provider_id)
        .distinct()
        .order_by(claims.c.period.desc())
    )
    return [row.period for row in conn.execute(query)]
