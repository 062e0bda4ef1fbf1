"""What the pages show, gathered: the office, the left pane, the day, the counts of the tabs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, RowMapping

from producers.provider import queries, records
from producers.provider.day import Day, lay_out
from schemas.ids import new_id
from schemas.reasons import sentence
from schemas.shown import local
from schemas.web import Kit, Refused, Who

HERE = Path(__file__).parent
HOURS = tuple(range(7, 20))
KIND_WORDS = {
    "done": ("做完", "Done"),
    "now": ("进行中", "Under way"),
    "next": ("还没开始", "To come"),
    "offered": ("邀约，还没答复", "Offered"),
    "planned": ("计划中，还没发邀约", "Planned"),
    "confirm": ("要确认", "To confirm"),
}


@dataclass(frozen=True)
class Office:
    """Who sits there, for which provider, and its caregivers."""

    who: Who
    provider: RowMapping
    caregivers: queries.Rows

    @property
    def provider_id(self) -> str:
        """Of the provider."""
        return str(self.provider["place_id"])

    @property
    def clerk(self) -> str:
        """The clerk's own name, where the register has one."""
        return str((self.provider["card"].get("clerk") or {}).get("name") or self.who.name)


def office_of(conn: Connection, who: Who) -> Office:
    """The clerk's provider. Raises Refused when it is not enrolled."""
    found = queries.provider(conn, who.provider_id or who.id)
    if found is None:
        raise Refused("PROVIDER_UNKNOWN", status=404)
    return Office(who, found, queries.caregivers(conn, found["place_id"]))


def offers_context(
    kit: Kit, conn: Connection, who: Who, *, answered: Iterable[str] = (), told: Any = None
) -> dict[str, Any]:
    """What the left pane shows; `answered` offers and visits are left out, `told` is shown above."""
    office = office_of(conn, who)
    without = set(answered)
    now = kit.now()
    asks = queries.asks(conn, office.provider_id, without=without)
    duties = [
        duty for duty in queries.open_duties(conn, office.provider_id) if duty["duty_id"] not in without
    ]
    day = _day(kit, conn, office, local(now).date())
    wanted = {duty["recipient_id"] or duty["of_visit"] for duty in duties}
    wanted |= {offer["caregiver_id"] for ask in asks for offer in ask.offers}
    return {
        "office": office,
        "asks": asks,
        "doubts": [doubt for doubt in day.doubts if doubt.stop["visit_id"] not in without],
        "duties": duties,
        "names": queries.names(conn, wanted),
        "items": queries.items(conn, office.provider["area"]),
        "suggestion": suggestion,
        "reason": lambda value, language: _sentence(value, language),
        "new_id": new_id,
        "told": told,
    }


def suggestion(ask: queries.Ask, language: Any) -> str:
    """Why the caregivers suggested were chosen, as the decision says it."""
    chosen = tuple(offer["caregiver_id"] for offer in ask.offers)
    choice = ask.visit["choice"] or {}
    for candidate in choice.get("candidates", ()):
        if set(chosen) <= set(candidate.get("caregiver_ids", ())):
            return "；".join(_sentence(reason, language) for reason in candidate.get("reasons", ()))
    return "；".join(_sentence(reason, language) for reason in choice.get("reasons", ()))


def _sentence(value: Any, language: Any) -> str:
    reason = queries.reason_of(value)
    return sentence(reason, language) if reason else ""


def today_context(kit: Kit, conn: Connection, who: Who, day: date | None, view: str) -> dict[str, Any]:
    """All of the first page."""
    now = local(kit.now())
    shown_day = day or now.date()
    context = offers_context(kit, conn, who)
    office: Office = context["office"]
    return context | {
        "tab": "today",
        "day": _day(kit, conn, office, shown_day),
        "on": shown_day,
        "is_today": shown_day == now.date(),
        "before": shown_day - timedelta(days=1),
        "after": shown_day + timedelta(days=1),
        "noon": queries.bounds(shown_day)[0] + timedelta(hours=12),
        "now_permille": round(((now.hour - 7) * 60 + now.minute) / 720 * 1000),
        "view": "table" if view == "table" else "chart",
        "hours": HOURS,
        "kind_words": KIND_WORDS,
        "carers": {person["person_id"]: person["name"] for person in office.caregivers},
        **counts(conn, office, kit),
    }


def counts(conn: Connection, office: Office, kit: Kit) -> dict[str, Any]:
    """What the tabs count: certificates and complaints."""
    now = kit.now()
    return {
        "expiries": records.expiries(office.caregivers, local(now).date()),
        "complaints": records.complaints(conn, office.provider_id, now),
        "certificate_name": records.certificate_name,
        "last_month": (local(now).date().replace(day=1) - timedelta(days=1)).month,
    }


def _day(kit: Kit, conn: Connection, office: Office, day: date) -> Day:
    ids = [person["person_id"] for person in office.caregivers]
    stops = queries.stops_of(conn, ids, day)
    shifts = queries.shifts_of(conn, ids, day, 1)
    return lay_out(day, kit.now(), office.caregivers, stops, shifts)
