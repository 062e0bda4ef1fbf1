"""Rounds: meals of one shift that are fetched together, brought hot from door to door.

A round is a run of a shift's meal stops with one round and one kitchen; other stops may come between. Its
first stop is reached by the kitchen, which is left just in time for it: waiting is done there, or before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dispatcher.core.records import Meal, Place, Visit

if TYPE_CHECKING:
    from dispatcher.core.plan import Halt
    from dispatcher.core.travel import Ways

Key = tuple[str, str, Place]


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a timetable; `first` and `last` are numbers of halts.

    It leaves the kitchen at `left_s`, with `load` portions of which the last is cooked at `cooked_s`. With
    another stop in front it must leave from `led_from_s` on, and at most `spare_s` before its first stop
    begins, for every meal to be fresh.
    """

    round_id: str
    meal: Meal
    first: int
    last: int
    left_s: int
    cooked_s: int
    load: int
    led_from_s: int
    spare_s: int


def key_of(visit: Visit, role: int) -> Key | None:
    """What tells a meal's round from others in its shift; None of what is no meal from a kitchen."""
    if visit.meal is None:
        return None
    return visit.hands[role].round_id or visit.visit_id, visit.meal.kitchen_id, visit.meal.kitchen


def cooked_s(visit: Visit) -> int:
    """From when on a meal can leave its kitchen; 0 of what is no meal."""
    return 0 if visit.meal is None else visit.opens_s - visit.meal.cooked_before_s


def opened(visits: Mapping[str, Visit], stops: Iterable[tuple[str, int]]) -> dict[int, int]:
    """By number of each stop that opens a round: from when on all of its meals are cooked."""
    found: dict[int, int] = {}
    key, first = None, -1
    for number, (visit_id, role) in enumerate(stops):
        visit = visits[visit_id]
        if visit.meal is None:
            continue
        if key_of(visit, role) != key:
            key, first = key_of(visit, role), number
        found[first] = max(found.get(first, 0), cooked_s(visit))
    return found


def rounds_of(visits: Mapping[str, Visit], halts: Sequence[Halt]) -> Iterator[Round]:
    """The rounds of a timetable in order."""
    members: list[int] = []
    key = None
    for number, halt in enumerate(halts):
        visit = visits.get(halt.visit_id or "")
        if visit is None or visit.meal is None:
            continue
        if members and key_of(visit, halt.role) != key:
            yield _round(visits, halts, members)
            members = []
        key = key_of(visit, halt.role)
        members.append(number)
    if members:
        yield _round(visits, halts, members)


def _round(visits: Mapping[str, Visit], halts: Sequence[Halt], members: list[int]) -> Round:
    """`members` are the numbers of its halts. A start behind is the later of what it is now, and pushed."""
    first, last = members[0], members[-1]
    led_from_s, spare_s, behind_s = list[int](), list[int](), 0
    for number in range(first, last + 1):
        halt = halts[number]
        if halt.visit_id is not None and number != first:
            behind_s += halt.travel_s
        if number in members:
            meal = _meal(visits, halt)
            led_from_s.append(halt.start_s - meal.fresh_s)
            spare_s.append(meal.fresh_s - behind_s)
        behind_s += halt.end_s - halt.start_s
    opens, left_s = visits[halts[first].visit_id or ""], halts[first].left_s
    assert left_s is not None
    meals = [visits[halts[number].visit_id or ""] for number in members]
    return Round(
        round_id=opens.hands[halts[first].role].round_id or opens.visit_id,
        meal=_meal(visits, halts[first]),
        first=first,
        last=last,
        left_s=left_s,
        cooked_s=max(cooked_s(visit) for visit in meals),
        load=sum(_meal(visits, halts[number]).load for number in members),
        led_from_s=max(led_from_s),
        spare_s=min(spare_s),
    )


def _meal(visits: Mapping[str, Visit], halt: Halt) -> Meal:
    meal = visits[halt.visit_id or ""].meal
    assert meal is not None
    return meal


def way_to(ways: Ways, speed: int, place: Place, halt: Halt, *, by_kitchen: bool) -> tuple[int, int, int]:
    """How a halt is reached from a place: to the kitchen or door; loading and from there; that alone."""
    if not by_kitchen or halt.kitchen is None or halt.left_s is None:
        return ways.travel_s(place, halt.place, speed), 0, 0
    return ways.travel_s(place, halt.kitchen, speed), halt.on_s, halt.start_s - halt.left_s
