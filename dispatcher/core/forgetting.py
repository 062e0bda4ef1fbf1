"""What goes when a person is forgotten: everything that describes them; ids, times and money stay."""

from __future__ import annotations

from dataclasses import replace

from dispatcher.core.desk import Desk
from dispatcher.core.records import Caregiver, Evidence, Hands, Recipient, Trip


def _blank(seen: Evidence | None) -> Evidence | None:
    return None if seen is None else Evidence(seen.at_s, seen.heard_s)


def erase(desk: Desk, person_id: str) -> None:
    """Remove what the desk knew of a recipient or caregiver."""
    person = desk.recipients.get(person_id)
    if person is not None:
        desk.recipients[person_id] = Recipient(person_id, None, False)
    desk.came.pop(person_id, None)
    if person_id in desk.entitlements:
        desk.entitlements[person_id] = tuple(
            replace(right, class_code=None) for right in desk.entitlements[person_id]
        )
    carer = desk.caregivers.get(person_id)
    if carer is not None:
        desk.caregivers[person_id] = Caregiver(person_id, carer.provider_id, False)
        desk.board.mark_caregiver(desk, person_id)
    for visit_id in desk.visits_of.get(person_id, ()):
        visit = desk.visits[visit_id]
        hands: tuple[Hands, ...] = tuple(
            replace(hand, came=_blank(hand.came), left=_blank(hand.left)) for hand in visit.hands
        )
        trip = None if visit.trip is None else Trip(None)
        desk.put_visit(replace(visit, place=None, trip=trip, gender=None, asked_ids=(), hands=hands))
    for case in list(desk.cases.values()):
        if case.recipient_id == person_id:
            desk.cases[case.case_id] = replace(case, place=None)
