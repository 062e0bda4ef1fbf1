"""What a fact itself changes in a desk, beside what was decided from it. A fact set aside changes nothing.

A sealed part that is closed reads as forgotten: the record is there, what described the person is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from dispatcher.core.desk import Desk
from dispatcher.core.punctual import count_start
from dispatcher.core.records import (
    Caregiver,
    Entitlement,
    Evidence,
    Place,
    Programme,
    Provider,
    Recipient,
    Shift,
    Table,
    Tariff,
    Visit,
)
from dispatcher.core.times import to_s
from schemas.base import Point
from schemas.facts import (
    AreaOpened,
    AssignmentDeclined,
    CaregiverCheckedIn,
    CaregiverCheckedOut,
    CaregiverDeparted,
    CaregiverEnrolled,
    EntitlementGranted,
    Fact,
    ProgrammePublished,
    ProviderEnrolled,
    RecipientEnrolled,
    ShiftPublished,
    TariffPublished,
    TravelTablePublished,
)

CONTINUITY_S = 14 * 86_400
KEEP_SHIFT_S = 5 * 86_400
"""How long after its end a shift is still known: phones come back after 72 hours."""
KEEP_WEEK_S = 8 * 86_400
"""The same where the work of a week is counted."""


def place_of(point: Point | None, table_index: int | None = None) -> Place | None:
    """A record of a position."""
    return None if point is None else Place(point.lat_udeg, point.lon_udeg, table_index)


def apply_fact(desk: Desk, fact: Fact, now_s: int) -> None:
    """Fold what a fact tells."""
    change = _CHANGES.get(fact.word)
    if change is not None:
        change(desk, fact, now_s)


def _area_opened(desk: Desk, fact: AreaOpened, now_s: int) -> None:
    desk.settings = fact.settings
    desk.board.mark_all()


def _table(desk: Desk, fact: TravelTablePublished, now_s: int) -> None:
    if fact.opened is not None:
        desk.table = Table(fact.table_id, fact.size, fact.opened)
        desk.board.mark_all()


def _provider(desk: Desk, fact: ProviderEnrolled, now_s: int) -> None:
    desk.providers[fact.provider_id] = Provider(fact.provider_id, fact.acceptance, fact.fuse_s, fact.active)
    desk.board.fitness = {}


def _caregiver(desk: Desk, fact: CaregiverEnrolled, now_s: int) -> None:
    carer = Caregiver(fact.caregiver_id, fact.provider_id, fact.active)
    if fact.opened is not None:
        known = fact.opened
        carer = replace(
            carer,
            home=place_of(known.home),
            gender=known.gender,
            skills=tuple(sorted(set(known.skills))),
            certificates=known.certificates,
            mode=known.travel_mode,
            barred=known.barred_recipient_ids,
            week_s=known.week_s,
        )
    desk.caregivers[fact.caregiver_id] = carer
    desk.board.mark_caregiver(desk, fact.caregiver_id)


def _shift(desk: Desk, fact: ShiftPublished, now_s: int) -> None:
    """A withdrawn shift stays as one without time, for the visits begun in it."""
    starts_s, ends_s = to_s(fact.starts_at), to_s(fact.ends_at)
    breaks = tuple((to_s(b.earliest_at), to_s(b.latest_at), b.duration_s) for b in fact.breaks)
    shift = Shift(
        fact.shift_id,
        fact.caregiver_id,
        starts_s,
        starts_s if fact.withdrawn else ends_s,
        () if fact.withdrawn else breaks,
        place_of(fact.station, fact.station_table_index),
    )
    desk.shifts[fact.shift_id] = shift
    known = desk.shifts_of.get(fact.caregiver_id, ())
    if fact.shift_id not in known:
        desk.shifts_of[fact.caregiver_id] = (*known, fact.shift_id)
    carer = desk.caregivers.get(fact.caregiver_id)
    keep_s = KEEP_SHIFT_S if carer is None or carer.week_s is None else KEEP_WEEK_S
    desk.timers.set("keep", f"SHIFT|{fact.shift_id}", ends_s + keep_s)
    rests = desk.settings is not None and bool(desk.settings.rest_s)
    for shift_id in desk.shifts_of[fact.caregiver_id] if rests else (fact.shift_id,):
        desk.board.mark(shift_id)


def _recipient(desk: Desk, fact: RecipientEnrolled, now_s: int) -> None:
    person = Recipient(fact.recipient_id, fact.provider_id, fact.active)
    if fact.opened is not None:
        known = fact.opened
        person = replace(
            person,
            home=place_of(known.home, known.table_index),
            asks_gender=known.asks_gender,
            usual=known.usual_caregiver_ids,
            barred=known.barred_caregiver_ids,
            sealed=fact.sealed,
        )
    desk.recipients[fact.recipient_id] = person
    for visit_id in desk.visits_of.get(fact.recipient_id, ()):
        visit = desk.visits[visit_id]
        if visit.closed is None and not visit.started and person.home is not None:
            desk.put_visit(replace(visit, place=person.home))


def _tariff(desk: Desk, fact: TariffPublished, now_s: int) -> None:
    items = {item.code: item for item in fact.items}
    desk.tariffs[fact.tariff_id] = Tariff(fact.tariff_id, fact.valid_from, items)


def _programme(desk: Desk, fact: ProgrammePublished, now_s: int) -> None:
    desk.programmes[fact.programme_id] = Programme(
        fact.programme_id, fact.payer.value, fact.valid_from, fact.helps, fact.classes
    )


def _entitlement(desk: Desk, fact: EntitlementGranted, now_s: int) -> None:
    others = tuple(
        e for e in desk.entitlements.get(fact.recipient_id, ()) if e.entitlement_id != fact.entitlement_id
    )
    granted = Entitlement(
        fact.entitlement_id,
        fact.recipient_id,
        fact.programme_id,
        fact.valid_from,
        fact.valid_until,
        fact.opened.class_code if fact.opened is not None else None,
    )
    desk.entitlements[fact.recipient_id] = (*others, granted)


def role_of(visit: Visit, caregiver_id: str, role: int | None = None, *, ends: bool = False) -> int | None:
    """Which of a caregiver's roles in a visit a word is of: the one it names, else the first not over yet.

    Where it `ends` one, a leg that nobody began is not meant: the phone says the end of the last one again.
    """
    theirs = [k for k, hand in enumerate(visit.hands) if hand.caregiver_id == caregiver_id]
    if not theirs or role in theirs:
        return role if theirs else None
    first = next((k for k in theirs if visit.hands[k].left is None), theirs[-1])
    again = ends and first != theirs[0] and visit.hands[first].came is None
    return theirs[0] if again else first


def _declined(desk: Desk, fact: AssignmentDeclined, now_s: int) -> None:
    offer = desk.offers[fact.offer_id]
    close_offer(desk, fact.offer_id, "DECLINED")
    refuse(desk, offer.visit_id, offer.role, offer.caregiver_id, "DECLINED_BEFORE")


def close_offer(desk: Desk, offer_id: str, state: str) -> None:
    """An offer is over; its timers go."""
    offer = desk.offers[offer_id]
    desk.offers[offer_id] = replace(offer, state=state)
    line = "alarms" if offer.case_id else "intake"
    desk.timers.clear(line, f"DELIVER|{offer_id}")
    desk.timers.clear(line, f"FUSE|{offer_id}")
    if offer.case_id and desk.busy.get(offer.caregiver_id) == offer.case_id and state != "ACCEPTED":
        del desk.busy[offer.caregiver_id]


def refuse(desk: Desk, visit_id: str, role: int, caregiver_id: str, code: str) -> None:
    """A caregiver will not take this visit: remembered, and the role has no open offer."""
    visit = desk.visits[visit_id]
    hands = list(visit.hands)
    hands[role] = replace(hands[role], offer_id=None)
    desk.put_visit(replace(visit, hands=tuple(hands), refused=(*visit.refused, (caregiver_id, code))))


def _departed(desk: Desk, fact: CaregiverDeparted, now_s: int) -> None:
    visit = desk.visits[fact.visit_id]
    role = role_of(visit, fact.caregiver_id, fact.role)
    if role is not None:
        hands = list(visit.hands)
        hands[role] = replace(hands[role], departed_s=to_s(fact.happened_at))
        desk.put_visit(replace(visit, hands=tuple(hands)))


def _evidence(fact: CaregiverCheckedIn | CaregiverCheckedOut, now_s: int) -> Evidence:
    moment = Evidence(to_s(fact.happened_at), now_s)
    if fact.opened is None:
        return moment
    seen = fact.opened
    return replace(
        moment,
        place=place_of(seen.point),
        accuracy_m=seen.accuracy_m,
        mocked=seen.mocked,
        method=seen.method,
    )


def _checked(desk: Desk, fact: CaregiverCheckedIn | CaregiverCheckedOut, now_s: int) -> None:
    """The first word on arrival and on the end counts; a repeat from the phone changes nothing."""
    visit = desk.visits[fact.visit_id]
    role = role_of(visit, fact.caregiver_id, fact.role, ends=fact.word == "CaregiverCheckedOut")
    if role is None:
        return
    hand, seen = visit.hands[role], _evidence(fact, now_s)
    if fact.word == "CaregiverCheckedIn":
        if hand.came is None and visit.case_id is None:
            _first_came(desk, visit, role, seen.at_s)
        hand = replace(hand, came=hand.came or seen)
    else:
        hand = replace(hand, left=hand.left or seen)
    desk.timers.clear("alarms" if visit.case_id else "intake", f"OVERDUE|{visit.visit_id}|{role}")
    hands = list(visit.hands)
    hands[role] = hand
    desk.put_visit(replace(visit, hands=tuple(hands)))


def _first_came(desk: Desk, visit: Visit, role: int, at_s: int) -> None:
    """Remember who came to whom, for 14 days, and how far from what was told."""
    since_s = at_s - CONTINUITY_S
    known = tuple(pair for pair in desk.came.get(visit.recipient_id, ()) if pair[0] > since_s)
    desk.came[visit.recipient_id] = (*known, (at_s, visit.hands[role].caregiver_id or ""))
    if role == 0:
        count_start(desk, visit, at_s)


_CHANGES: dict[str, Callable[[Desk, Any, int], None]] = {
    "AreaOpened": _area_opened,
    "TravelTablePublished": _table,
    "ProviderEnrolled": _provider,
    "CaregiverEnrolled": _caregiver,
    "ShiftPublished": _shift,
    "RecipientEnrolled": _recipient,
    "TariffPublished": _tariff,
    "ProgrammePublished": _programme,
    "EntitlementGranted": _entitlement,
    "AssignmentDeclined": _declined,
    "CaregiverDeparted": _departed,
    "CaregiverCheckedIn": _checked,
    "CaregiverCheckedOut": _checked,
}
