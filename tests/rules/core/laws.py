"""What must hold of a desk whatever was said to it; each failure names what a person would lose."""

from __future__ import annotations

from itertools import pairwise

from dispatcher.core.boxes import members
from dispatcher.core.desk import Desk
from dispatcher.core.meals import boxes_of
from dispatcher.core.time_passed import anything_due
from schemas.decisions import Decision
from schemas.facts import TimePassed
from tests.rules.core.small_town import Town

QUOTA_FEN = {"DISABLED": 30_000, "SEMI_DISABLED": 20_000}


def nobody_is_in_two_places(desk: Desk) -> None:
    """No caregiver has two stops to come that overlap."""
    spans: dict[str, list[tuple[int, int, str]]] = {}
    for visit in desk.visits.values():
        if visit.closed is not None:
            continue
        for role, hand in enumerate(visit.hands):
            if hand.caregiver_id is not None and hand.came is None and hand.left is None:
                end_s = hand.start_s + visit.needs[role].duration_s
                spans.setdefault(hand.caregiver_id, []).append((hand.start_s, end_s, visit.visit_id))
    for carer, stops in spans.items():
        stops.sort()
        for (_, end_s, one), (start_s, _, other) in pairwise(stops):
            assert end_s <= start_s, f"{carer} is in two places: {one} and {other}"


def crews_are_together(desk: Desk) -> None:
    """The roles of a visit have different caregivers of one provider, at the offsets asked.

    Linked legs may have one caregiver for both.
    """
    for visit in desk.visits.values():
        if visit.closed is not None or not visit.planned or len(visit.needs) == 1 or visit.started:
            continue
        carers = [hand.caregiver_id or "" for hand in visit.hands]
        assert len(set(carers)) == len(carers) or visit.trip is not None, visit.visit_id
        assert len({desk.caregivers[c].provider_id for c in carers}) == 1, visit.visit_id
        for need, hand in zip(visit.needs, visit.hands, strict=True):
            apart_s = hand.start_s - visit.start_s
            assert need.offset_min_s <= apart_s <= need.offset_max_s, visit.visit_id


def promises_are_kept(desk: Desk) -> None:
    """What was told holds the planned start, of every visit that is still to come."""
    for visit in desk.visits.values():
        open_ended = visit.case_id is not None or (visit.late_allowed and not visit.bound)
        if visit.closed is None and visit.planned and visit.told and not visit.started and not open_ended:
            assert visit.told[0] <= visit.start_s <= visit.told[1], visit.visit_id


def no_quota_is_overspent(desk: Desk) -> None:
    """Held and booked together never exceed the month's quota, and neither is below zero."""
    for key, purse in desk.purses.items():
        recipient_id = key.split("|")[0]
        assert purse.reserved_fen >= 0, key
        assert purse.settled_fen >= 0, key
        classes = [e.class_code for e in desk.entitlements.get(recipient_id, ())]
        quota = QUOTA_FEN.get(classes[0] or "", 30_000) if classes else 0
        assert purse.reserved_fen + purse.settled_fen <= quota, key


def holds_match_purses(desk: Desk) -> None:
    """The holds of all visits together are what the purses hold."""
    held: dict[str, int] = {}
    for visit in desk.visits.values():
        if visit.hold is not None:
            key = f"{visit.recipient_id}|{visit.hold.programme_id}|{visit.hold.period}"
            held[key] = held.get(key, 0) + visit.hold.amount_fen
    assert held == {k: p.reserved_fen for k, p in desk.purses.items() if p.reserved_fen}


def nobody_is_lost(desk: Desk, decisions: tuple[Decision, ...]) -> None:
    """A visit that lost its caregiver has another, or is over, or a human has it by name."""
    lost = {
        d.visit_id
        for d in decisions
        if d.word in ("AssignmentWithdrawn", "AssignmentLapsed", "VisitUnplanned")
    }
    handed = {d.visit_id for d in decisions if d.word == "HelpEscalated"}
    cases = {d.case_id for d in decisions if d.word == "HelpEscalated"}
    for visit_id in lost:
        visit = desk.visits[visit_id]
        human = visit_id in handed or (visit.case_id is not None and visit.case_id in cases)
        assert visit.closed is not None or visit.planned or human, visit_id


def bills_add_up(decisions: tuple[Decision, ...]) -> None:
    """Shares and lines add up to the total, to the fen."""
    for d in decisions:
        if d.word == "VisitPriced":
            assert sum(share.amount_fen for share in d.shares) == d.total_fen
            assert sum(line.amount_fen for line in d.lines) == d.total_fen


def no_timer_is_stuck(town: Town, fact: TimePassed) -> None:
    """What fell due was decided: the next second decides nothing more of it."""
    due = [list(town.desk.timers.passed(line, int(town.now.timestamp()))) for line in ("intake", "alarms")]
    assert not anything_due(town.desk, fact, int(town.now.timestamp())), due


def routes_are_true(desk: Desk) -> None:
    """Routes hold exactly the stops that visits say they have, each once, by start."""
    said = set()
    for visit in desk.visits.values():
        for role, hand in enumerate(visit.hands):
            if hand.shift_id is not None and visit.closed in (None, "DONE"):
                said.add((hand.shift_id, visit.visit_id, role))
    kept = [(shift_id, *stop) for shift_id, stops in desk.routes.items() for stop in stops]
    assert len(kept) == len(set(kept))
    open_kept = {k for k in kept if desk.visits[k[1]].closed in (None, "DONE")}
    assert open_kept == said
    for stops in desk.routes.values():
        starts = [desk.visits[v].hands[r].start_s for v, r in stops]
        assert starts == sorted(starts)


def rounds_are_true(desk: Desk) -> None:
    """No box is too full; every meal that is still to be fetched is planned fresh, and cooked by then."""
    desk.board.ready(desk)
    boxes, numbers = boxes_of(desk), desk.board.numbers(desk)
    for shift_id in desk.shifts:
        day = desk.board.day(desk, shift_id)
        for round_ in day.rounds if day is not None else ():
            assert day is not None
            assert round_.load <= boxes[numbers[day.shift.caregiver_id]], round_
            first = day.halts[round_.first]
            hands = [(desk.visits[h.visit_id or ""], h) for h in members(day, round_)]
            if any(h.here or v.hands[0].boxed_s is not None for v, h in hands) or first.left_s is None:
                continue
            door_s = first.start_s - first.left_s
            left_s = desk.visits[first.visit_id or ""].hands[0].start_s - door_s
            for visit, _ in hands:
                assert visit.meal is not None
                assert visit.hands[0].round_id is not None
                assert visit.hands[0].start_s - left_s <= visit.meal.fresh_s, visit.visit_id
                assert left_s >= visit.opens_s - visit.meal.cooked_before_s, visit.visit_id


def all_of(town: Town, decisions: tuple[Decision, ...]) -> None:
    """Every law."""
    desk = town.desk
    nobody_is_in_two_places(desk)
    crews_are_together(desk)
    promises_are_kept(desk)
    no_quota_is_overspent(desk)
    holds_match_purses(desk)
    nobody_is_lost(desk, decisions)
    bills_add_up(decisions)
    routes_are_true(desk)
    rounds_are_true(desk)
