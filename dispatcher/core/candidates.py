"""What is said of a way to serve: when they come, who waits for it, who is known there, what it costs."""

from __future__ import annotations

from collections.abc import Sequence

from dispatcher.core.desk import Desk
from dispatcher.core.draft import why
from dispatcher.core.eligible import plain_reason, reason_of
from dispatcher.core.evolve_facts import CONTINUITY_S
from dispatcher.core.funding import quote_visit
from dispatcher.core.records import Visit
from dispatcher.core.rooms import TIMED, Choice, Seat, Stopped, Wish
from dispatcher.core.rounds import way_to
from dispatcher.core.stop_said import stop_said
from dispatcher.core.stops import Stops
from dispatcher.core.times import at, to_s, window
from dispatcher.core.told import told_of
from schemas.base import Reason
from schemas.decisions import Candidate, Continuity, NotOffered, StopMoved
from schemas.shapes import PlannedStop


def people_of(choice: Choice) -> tuple[str, ...]:
    """Its caregivers by role."""
    return tuple(seat.caregiver_id for seat in choice.seats)


def candidate(desk: Desk, wish: Wish, choice: Choice) -> Candidate:
    """One way to serve, with all that is weighed and told of it."""
    visit, lead = wish.visit, choice.seats[0]
    told = told_of(desk, visit, lead.start_s, lead.shift_id, wish.now_s)
    continuity = continuity_of(desk, visit, people_of(choice), wish.now_s)
    reasons = [why("CHEAPEST_DETOUR", travel_s=choice.added_s)]
    if visit.meal is not None:
        reasons.append(_fetched(desk, visit, lead))
    if continuity.usual:
        reasons.append(plain_reason("KNOWN_CAREGIVER"))
    if any(c in visit.asked_ids for c in people_of(choice)):
        reasons.append(plain_reason("ASKED_FOR"))
    return Candidate(
        caregiver_ids=people_of(choice),
        start_at=at(lead.start_s),
        told=window(told.lo_s, told.hi_s),
        added_travel_s=choice.added_s,
        cost_s=choice.cost_s,
        copay_fen=quote_visit(desk, visit, lead.start_s).copay_fen,
        reasons=tuple(reasons),
        continuity=continuity,
        moved=tuple(_moved(desk, *move) for move in pushed(desk, visit, choice.seats)),
    )


def _fetched(desk: Desk, visit: Visit, seat: Seat) -> Reason:
    """How a meal comes to the door, and when it leaves the kitchen."""
    day = desk.board.day(desk, seat.shift_id)
    assert day is not None
    assert visit.meal is not None
    assert visit.place is not None
    door_s = desk.board.ways(desk).travel_s(visit.meal.kitchen, visit.place, day.speed_mm_s)
    if seat.round_id is None:
        return why("FETCHED_ALONE", left_s=seat.start_s - door_s)
    gap = day.gaps[seat.gap]
    joined = day.rounds[gap.leads if seat.leads else gap.rides]
    left_s = seat.start_s - door_s if seat.leads else joined.left_s
    return why("FETCHED_WITH", others=joined.load, left_s=left_s)


def continuity_of(desk: Desk, visit: Visit, people: tuple[str, ...], now_s: int) -> Continuity:
    """How often each of them came to the recipient of late, among all who did."""
    person = desk.recipients.get(visit.recipient_id)
    came = [who for at_s, who in desk.came.get(visit.recipient_id, ()) if at_s > now_s - CONTINUITY_S]
    return Continuity(
        usual=person is not None and any(each in person.usual for each in people),
        times=tuple(came.count(each) for each in people),
        visits=len(came),
        caregivers=len(set(came)),
    )


def pushed(desk: Desk, visit: Visit, seats: Sequence[Seat]) -> list[tuple[str, PlannedStop]]:
    """Stops behind these seats that must start later because of them, shift by shift."""
    shifts = dict.fromkeys(seat.shift_id for seat in seats)
    return [
        move
        for shift_id in shifts
        for move in _pushed_in(desk, visit, [seat for seat in seats if seat.shift_id == shift_id])
    ]


def _pushed_in(desk: Desk, visit: Visit, seats: list[Seat]) -> list[tuple[str, PlannedStop]]:
    """The same of one shift; `seats` are in the order of their gaps."""
    day = desk.board.day(desk, seats[0].shift_id)
    if day is None or visit.place is None:
        return []
    ways = desk.board.ways(desk)
    free_s, place, credit_s, pushes, led = 0, day.first, 0, False, False
    moves: list[tuple[str, PlannedStop]] = []
    for number, halt in enumerate(day.halts):
        for seat in seats:
            if seat.gap == number:
                free_s, credit_s = seat.start_s + visit.needs[seat.role].duration_s, 0
                place, pushes = visit.ends_at(seat.role) or visit.place, True
                led = led or seat.leads
        if not pushes:
            continue
        if halt.visit_id is None:
            begin_s = max(free_s, halt.start_s)
            credit_s += begin_s - free_s
            free_s = begin_s + halt.end_s - halt.start_s
            continue
        by_kitchen = halt.kitchen is not None and not led
        to_s, on_s, door_s = way_to(ways, day.speed_mm_s, place, halt, by_kitchen=by_kitchen)
        way_s, led = to_s + on_s, led and halt.kitchen is None
        start_s = max(halt.start_s, free_s + max(0, way_s - door_s - credit_s) + door_s)
        if start_s == desk.visits[halt.visit_id].hands[halt.role].start_s:
            pushes = False
            continue
        stop = stop_said(
            desk,
            desk.visits[halt.visit_id],
            halt.role,
            seats[0].caregiver_id,
            start_s=start_s,
            travel_s=way_s,
            round_id=desk.visits[halt.visit_id].hands[halt.role].round_id,
        )
        moves.append((halt.visit_id, stop))
        free_s, place, credit_s = start_s + halt.end_s - halt.start_s, halt.leaves_at, 0
    return moves


def _moved(desk: Desk, visit_id: str, stop: PlannedStop) -> StopMoved:
    """Who is moved, by how much, and what is left of their promise behind the new start."""
    visit, start_s = desk.visits[visit_id], to_s(stop.start_at)
    left_s = None if visit.told is None or visit.late_allowed else max(0, visit.told[1] - start_s)
    return StopMoved(
        visit_id=visit_id, later_s=max(0, start_s - visit.hands[stop.role].start_s), left_s=left_s
    )


def named(desk: Desk, wish: Wish, caregiver_id: str, stop: Stopped) -> NotOffered:
    """One caregiver with what stopped them."""
    if stop.code in TIMED:
        reason = why(stop.code, late_s=stop.by_s)
    elif stop.code == "COSTS_MORE":
        reason = why(stop.code, more_s=stop.by_s)
    else:
        reason = reason_of(desk, wish.visit, caregiver_id, stop.code, wish.lo_s)
    return NotOffered(caregiver_id=caregiver_id, reason=reason)


def not_offered(desk: Desk, wish: Wish, stopped: Stops) -> tuple[NotOffered, ...]:
    """Those of whom somebody may ask why they do not come, with the reason."""
    return tuple(named(desk, wish, caregiver_id, stopped[caregiver_id]) for caregiver_id in stopped.told())
