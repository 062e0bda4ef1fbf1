"""When nobody can come: what could be given up, each alone, so that somebody can; the least first.

Time, the recipient's own provider, the gender asked, the crew. Each is tried: who is named
could come, and of its kind nothing less would do. Whether a neighbouring area could help is not known here;
it is named last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from dispatcher.core.candidates import people_of
from dispatcher.core.desk import Desk
from dispatcher.core.insertion import find
from dispatcher.core.rooms import Choice, Room, Wish, room_for, seat_of
from dispatcher.core.times import at, window
from dispatcher.core.travel import Ints
from schemas.decisions import Relaxation

REACH_S = 14_400
"""How far before and after the window a way out is looked for."""
PROVIDER_S, GENDER_S, ALONE_S = 1_800, 3_600, 5_400
"""What these are held to cost beside a second of another time: a colleague of another house, someone of the
other gender, one caregiver without the crew. They rank the ways out, nothing else."""


def ways_out(desk: Desk, wish: Wish) -> tuple[Relaxation, ...]:
    """Everything that would do, cheapest first; of two that cost the same, the one with less travel."""
    ranked = sorted(_each(desk, wish), key=lambda pair: (pair[0].price_s, pair[1], pair[0].kind))
    ways = tuple(way for way, _ in ranked)
    if desk.settings is not None and desk.settings.neighbours:
        ways = (*ways, Relaxation(kind="NEIGHBOUR_AREA"))
    return ways


def _each(desk: Desk, wish: Wish) -> Iterator[tuple[Relaxation, int]]:
    """Ways out, each with the cost of its insertion."""
    visit = wish.visit
    if not visit.late_allowed:
        yield from _later(desk, wish)
        yield from _earlier(desk, wish)
    if visit.provider_id is not None:
        yield from _with(desk, replace(wish, visit=replace(visit, provider_id=None)), "PROVIDER", PROVIDER_S)
    if visit.gender is not None:
        yield from _with(desk, replace(wish, visit=replace(visit, gender=None)), "GENDER", GENDER_S)
    yield from _alone(desk, wish)


def _with(desk: Desk, wish: Wish, kind: str, price_s: int) -> Iterator[tuple[Relaxation, int]]:
    choices = find(desk, wish).choices
    if choices:
        yield _way(choices[0], kind, price_s), choices[0].cost_s


def _alone(desk: Desk, wish: Wish) -> Iterator[tuple[Relaxation, int]]:
    """The first role of a crew, without the others."""
    visit = wish.visit
    if len(visit.needs) > 1 and visit.trip is None:
        one = replace(visit, needs=visit.needs[:1], hands=visit.hands[:1])
        yield from _with(desk, replace(wish, visit=one, roles=(0,)), "ONE_CAREGIVER", ALONE_S)


def _way(choice: Choice, kind: str, price_s: int) -> Relaxation:
    start_at = at(choice.seats[0].start_s)
    return Relaxation(kind=kind, caregiver_ids=people_of(choice), start_at=start_at, price_s=price_s)


def _shifted(choice: Choice, kind: str, shift_s: int) -> tuple[Relaxation, int]:
    start_s = choice.seats[0].start_s
    way = _way(choice, kind, shift_s)
    return way.model_copy(update={"shift_s": shift_s, "window": window(start_s, start_s)}), choice.cost_s


def _later(desk: Desk, wish: Wish) -> Iterator[tuple[Relaxation, int]]:
    """The first start after the window."""

    def after(by_s: int) -> Wish:
        return _within(wish, wish.hi_s, wish.hi_s + by_s)

    if len(wish.roles) == 1 and wish.visit.meal is None:
        room = room_for(desk, after(REACH_S), wish.roles[0])
        choice = _single(desk, room, int(room.from_s.argmin()), room.from_s) if len(room) else None
    else:
        choice = _least(desk, after, REACH_S)
    if choice is not None:
        yield _shifted(choice, "LATER", choice.seats[0].start_s - wish.hi_s)


def _earlier(desk: Desk, wish: Wish) -> Iterator[tuple[Relaxation, int]]:
    """The last start before the window."""
    reach_s = min(REACH_S, wish.lo_s - wish.now_s)
    if reach_s <= 0:
        return

    def before(by_s: int) -> Wish:
        return _within(wish, wish.lo_s - by_s, wish.lo_s)

    if len(wish.roles) == 1 and wish.visit.meal is None:
        room = room_for(desk, before(reach_s), wish.roles[0])
        choice = _single(desk, room, int(room.to_s.argmax()), room.to_s) if len(room) else None
    else:
        choice = _least(desk, before, reach_s)
    if choice is not None:
        yield _shifted(choice, "EARLIER", wish.lo_s - choice.seats[0].start_s)


def _within(wish: Wish, lo_s: int, hi_s: int) -> Wish:
    """The wish with another window; a meal is cooked for that one."""
    visit = wish.visit if wish.visit.meal is None else replace(wish.visit, opens_s=lo_s)
    return replace(wish, visit=visit, lo_s=lo_s, hi_s=hi_s)


def _single(desk: Desk, room: Room, i: int, starts_s: Ints) -> Choice:
    seat = seat_of(desk, room, i, int(starts_s[i]))
    return Choice((seat,), int(room.added[i]), int(room.own[i]))


def _least(desk: Desk, moved: Callable[[int], Wish], most_s: int) -> Choice | None:
    """Who can come when the window is moved by the least: what a second allows, more allow too.

    A meal asked for at that very second is cooked for it, so it is looked for once more.
    """
    best = next(iter(find(desk, moved(most_s)).choices), None)
    low_s, high_s = 0, most_s
    while best is not None and low_s < high_s:
        middle_s = (low_s + high_s) // 2
        choices = find(desk, moved(middle_s)).choices
        if choices:
            best, high_s = choices[0], middle_s
        else:
            low_s = middle_s + 1
    wish = moved(most_s)
    if best is None or wish.visit.meal is None:
        return best
    start_s = best.seats[0].start_s
    return next(iter(find(desk, _within(wish, start_s, start_s)).choices), None)
