"""What decisions on emergencies change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from dispatcher.core.desk import Desk
from dispatcher.core.evolve_facts import place_of
from dispatcher.core.records import Case
from schemas.decisions import AreaTold, CaseClosed, CaseDispatched, CaseOpened, CasePressedAgain
from schemas.facts import AlarmRaised, Fact

KEEP_CASE_S = 30 * 86_400


def _opened(desk: Desk, d: CaseOpened, fact: Fact, now_s: int) -> None:
    person = desk.recipients.get(d.recipient_id) if d.recipient_id is not None else None
    place, device_id, for_area = None, None, None
    if isinstance(fact, AlarmRaised):
        place, device_id = place_of(fact.opened.home if fact.opened else fact.place), fact.device_id
        for_area = fact.by.id if fact.for_case_id is not None else None
    if person is not None and person.home is not None:
        place = person.home
    case = Case(d.case_id, d.recipient_id, device_id, d.kind, d.rule, place, now_s, for_area=for_area)
    desk.cases[d.case_id] = case
    desk.open_cases[d.case_id] = True


def _pressed(desk: Desk, d: CasePressedAgain, fact: Fact, now_s: int) -> None:
    desk.cases[d.case_id] = replace(desk.cases[d.case_id], times=d.times)


def _dispatched(desk: Desk, d: CaseDispatched, fact: Fact, now_s: int) -> None:
    case = desk.cases[d.case_id]
    asked = (*case.asked, d.caregiver_id)
    desk.cases[d.case_id] = replace(case, visit_id=d.visit_id, asked=asked, state="SENT")
    desk.busy[d.caregiver_id] = d.case_id
    desk.timers.clear("alarms", f"CASE|{d.case_id}")


def _told(desk: Desk, d: AreaTold, fact: Fact, now_s: int) -> None:
    if isinstance(d.fact, AlarmRaised):
        case = desk.cases.get(d.fact.for_case_id or d.fact.case_id)
        if case is not None:
            desk.cases[case.case_id] = replace(case, told=(*case.told, (d.to_area, d.fact.case_id)))


def _closed(desk: Desk, d: CaseClosed, fact: Fact, now_s: int) -> None:
    case = desk.cases[d.case_id]
    desk.cases[d.case_id] = replace(case, state="CLOSED")
    desk.open_cases.pop(d.case_id, None)
    desk.timers.clear("alarms", f"CASE|{d.case_id}")
    desk.timers.set("keep", f"CASE|{d.case_id}", now_s + KEEP_CASE_S)


CASE_CHANGES: dict[str, Callable[[Desk, Any, Fact, int], None]] = {
    "CaseOpened": _opened,
    "CasePressedAgain": _pressed,
    "CaseDispatched": _dispatched,
    "AreaTold": _told,
    "CaseClosed": _closed,
}
