"""Lays out a provider's day: a line for each caregiver, and what a clerk must confirm. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from schemas.shown import ZONE, clock, local

OPENS, CLOSES = time(7), time(19)
FORGOTTEN_AFTER = timedelta(minutes=15)
"""A check-out is asked after so long beyond the planned end."""
EXPIRES_SOON = timedelta(days=30)
Row = Mapping[Any, Any]


@dataclass(frozen=True)
class Bar:
    """One stop on a line: from left to width in thousandths of the day shown."""

    visit_id: str
    kind: str
    help: str
    label: str
    title: str
    left: int
    width: int
    is_tied: bool = False


@dataclass(frozen=True)
class Rest:
    """A break, or a day without a shift; left and width as in `Bar`."""

    left: int
    width: int


@dataclass(frozen=True)
class Line:
    """One caregiver's day; `expired` is a certificate (code and date) that no longer holds on it."""

    caregiver_id: str
    name: str
    telephone: str
    count: int
    bars: tuple[Bar, ...]
    rests: tuple[Rest, ...]
    on_shift: bool = True
    expired: tuple[str, date] | None = None


@dataclass(frozen=True)
class Doubt:
    """Something a phone did not tell: LATE (no check-in) or FORGOTTEN (no check-out)."""

    kind: str
    stop: Row
    caregiver: str
    telephone: str
    minutes: int
    planned_end: datetime


@dataclass(frozen=True)
class Day:
    """A provider's day."""

    lines: tuple[Line, ...]
    doubts: tuple[Doubt, ...]
    counts: Mapping[str, int] = field(default_factory=dict)
    stops: tuple[tuple[Row, str], ...] = ()


def lay_out(
    day: date, now: datetime, people: Sequence[Row], stops: Sequence[Row], shifts: Sequence[Row]
) -> Day:
    """The day as it is drawn; `people` are the caregivers in the sequence of the lines."""
    kinds = {(stop["visit_id"], stop["role"]): kind_of(stop, now) for stop in stops}
    by_person: dict[str, list[Row]] = {}
    for stop in stops:
        if kinds[stop["visit_id"], stop["role"]] != "gone":
            by_person.setdefault(stop["caregiver_id"], []).append(stop)
    lines = []
    above: set[str] = set()
    for person in people:
        mine = by_person.get(person["person_id"], [])
        bars = tuple(_bar(stop, kinds[stop["visit_id"], stop["role"]], day, above) for stop in mine)
        rests = _rests(person["person_id"], shifts, day)
        lines.append(
            Line(
                person["person_id"],
                person["name"],
                person["telephone"],
                len(mine),
                bars,
                rests or (),
                rests is not None,
                first_expired(person["card"], day),
            )
        )
        above = {stop["visit_id"] for stop in mine}
    shown = tuple((stop, kind) for stop in stops if (kind := kinds[stop["visit_id"], stop["role"]]) != "gone")
    return Day(tuple(lines), tuple(_doubts(people, shown, now)), _counts(shown), shown)


def kind_of(stop: Row, now: datetime) -> str:
    """done, now, next, offered, planned, confirm, or gone (cancelled and missed ones leave the chart)."""
    if stop["status"] in {"CANCELLED", "MISSED"}:
        return "gone"
    status = stop["stop_status"]
    if status in {"FINISHED", "OBSTRUCTED"}:
        return "done"
    if doubt_of(stop, now) is not None:
        return "confirm"
    return {"STARTED": "now", "OFFERED": "offered", "PLANNED": "planned"}.get(status, "next")


def doubt_of(stop: Row, now: datetime) -> str | None:
    """LATE by the desk's word, FORGOTTEN when the planned end is long over; else None."""
    status = stop["stop_status"]
    if stop["overdue"] and status in {"BOUND", "DEPARTED"}:
        return "LATE"
    if status == "STARTED" and now >= planned_end(stop) + FORGOTTEN_AFTER:
        return "FORGOTTEN"
    return None


def planned_end(stop: Row) -> datetime:
    """When service should be done: its length after check-in, or after the planned start."""
    begun: datetime = stop["checked_in_at"] or stop["start_at"]
    return begun + timedelta(seconds=stop["duration_s"] or 3600)


def _doubts(people: Iterable[Row], shown: Iterable[tuple[Row, str]], now: datetime) -> list[Doubt]:
    known = {person["person_id"]: person for person in people}
    found = []
    for stop, kind in shown:
        doubt = doubt_of(stop, now) if kind == "confirm" else None
        if doubt is None:
            continue
        since = stop["start_at"] if doubt == "LATE" else planned_end(stop)
        person = known[stop["caregiver_id"]]
        minutes = max(0, (now - since) // timedelta(minutes=1))
        found.append(Doubt(doubt, stop, person["name"], person["telephone"], minutes, planned_end(stop)))
    return found


def _counts(shown: Iterable[tuple[Row, str]]) -> dict[str, int]:
    """Visits (not stops) by what is to be said of them; they add up to `all`."""
    rank = ("confirm", "offered", "planned", "now", "next", "done")
    kinds: dict[str, str] = {}
    for stop, kind in shown:
        held = kinds.get(stop["visit_id"], "done")
        kinds[stop["visit_id"]] = min(held, kind, key=rank.index)
    counted = Counter(kinds.values())
    return {"all": len(kinds)} | {kind: counted[kind] for kind in rank}


def _bar(stop: Row, kind: str, day: date, above: set[str]) -> Bar:
    begun: datetime = stop["checked_in_at"] or stop["start_at"]
    ended: datetime = stop["checked_out_at"] or begun + timedelta(seconds=stop["duration_s"] or 3600)
    left, width = place(begun, ended, day)
    name = stop["name"] or "—"
    return Bar(
        stop["visit_id"],
        kind,
        stop["help"],
        f"{name}？" if kind == "offered" else name,
        f"{clock(begun)}–{clock(ended)} {name}",
        left,
        max(width, 12),
        stop["visit_id"] in above,
    )


def place(begins: datetime, ends: datetime, day: date) -> tuple[int, int]:
    """Left and width in thousandths of 7:00–19:00 of `day`, cut at its edges."""
    opens = datetime.combine(day, OPENS, tzinfo=ZONE)
    span = datetime.combine(day, CLOSES, tzinfo=ZONE) - opens
    left = min(max((begins - opens) / span, 0.0), 0.985)
    right = min(max((ends - opens) / span, left), 1.0)
    return round(left * 1000), round((right - left) * 1000)


def _rests(caregiver_id: str, shifts: Iterable[Row], day: date) -> tuple[Rest, ...] | None:
    """The breaks of their shifts on `day`; None when they have no shift."""
    mine = [
        shift
        for shift in shifts
        if shift["caregiver_id"] == caregiver_id and local(shift["starts_at"]).date() == day
    ]
    if not mine:
        return None
    rests = []
    for shift in mine:
        for rest in shift["breaks"]:
            begins = datetime.fromisoformat(rest["earliest_at"])
            rests.append(Rest(*place(begins, begins + timedelta(seconds=rest["duration_s"]), day)))
    return tuple(rests)


def certificates(card: Row) -> list[tuple[str, date]]:
    """Code and first day on which it no longer holds, soonest first; what cannot be read is left out."""
    found = []
    for entry in card.get("certificates") or ():
        try:
            found.append((str(entry["code"]), date.fromisoformat(str(entry["valid_until"]))))
        except (KeyError, TypeError, ValueError):
            continue
    return sorted(found, key=lambda each: each[1])


def first_expired(card: Row, day: date) -> tuple[str, date] | None:
    """The certificate that ended longest before `day`, or on it."""
    return next((each for each in certificates(card) if each[1] <= day), None)
