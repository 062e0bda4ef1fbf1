"""Ways out of "nobody can come": each is tried by walking through whole days, and by asking again."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from dispatcher.core.desk import Desk
from dispatcher.core.insertion import find
from dispatcher.core.rooms import Wish
from dispatcher.core.ways_out import REACH_S, ways_out
from schemas.base import StartWindow
from schemas.codes import Gender
from schemas.decisions import Relaxation
from schemas.facts import Asks
from tests.rules.core.small_town import SETTINGS, Town, clock, only, point, span
from tests.rules.core.test_insertion import early_s, rooms_by_walking, wanted


def two_houses(seed: int) -> Town:
    """A busy town of two providers, men and women."""
    town, dice = Town(), Random(seed)
    town.open()
    for provider_id in ("p1", "p2"):
        town.provider(provider_id)
    for n in range(6):
        home = point(dice.randint(-30_000, 30_000), dice.randint(-30_000, 30_000))
        gender = Gender.MALE if n in (1, 4) else Gender.FEMALE
        town.caregiver(f"c{n + 1}", f"p{n % 2 + 1}", home, gender=gender, shift=("09:00", "15:00"))
    for n in range(12):
        town.recipient(f"r{n + 1}", home=point(dice.randint(-30_000, 30_000), dice.randint(-30_000, 30_000)))
    town.now = clock("07:00")
    for _ in range(16):
        opens = clock("08:00") + (clock("00:01") - clock("00:00")) * dice.randint(0, 360)
        window = StartWindow(opens_at=opens, closes_at=opens + (clock("00:01") - clock("00:00")) * 60)
        town.ask(f"r{dice.randint(1, 12)}", dice.choice(["BATH_BED", "CLEAN_HOME"]), window)
    return town


def narrow(town: Town, dice: Random, crew: int) -> Wish:
    """A wish with much that could be given up."""
    wish = wanted(town, dice, crew)
    provider_id, gender = dice.choice([None, "p1", "p2"]), dice.choice([None, Gender.MALE, Gender.FEMALE])
    return replace(wish, visit=replace(wish.visit, provider_id=provider_id, gender=gender))


def allowed(desk: Desk, wish: Wish, caregiver_id: str) -> bool:
    carer = desk.caregivers[caregiver_id]
    visit = wish.visit
    return visit.provider_id in (None, carer.provider_id) and visit.gender in (None, carer.gender)


def spans(desk: Desk, wish: Wish) -> list[tuple[int, int, int]]:
    """(earliest start, latest start, cost at the earliest) of each way that walking finds."""
    rooms = [
        [room for room in rooms_by_walking(desk, wish, role) if allowed(desk, wish, room[0])]
        for role in wish.roles
    ]
    if len(rooms) == 1:
        return [(a, b, added + early_s(wish, a)) for _, a, b, added in rooms[0]]
    return [
        (max(a, c), min(b, d), added + more + early_s(wish, max(a, c)))
        for one, a, b, added in rooms[0]
        for other, c, d, more in rooms[1]
        if one != other
        and max(a, c) <= min(b, d)
        and desk.caregivers[one].provider_id == desk.caregivers[other].provider_id
    ]


def given_up(wish: Wish, way: Relaxation) -> Wish:
    """The wish with a way out taken."""
    visit = wish.visit
    if way.kind == "PROVIDER":
        return replace(wish, visit=replace(visit, provider_id=None))
    if way.kind == "GENDER":
        return replace(wish, visit=replace(visit, gender=None))
    if way.kind == "ONE_CAREGIVER":
        return replace(wish, visit=replace(visit, needs=visit.needs[:1], hands=visit.hands[:1]), roles=(0,))
    assert way.window is not None
    start_s = int(way.window.opens_at.timestamp())
    return replace(wish, lo_s=start_s, hi_s=start_s)


def by_walking(desk: Desk, wish: Wish) -> dict[str, int]:
    """For each kind of way out the least that would do: seconds of another time, else the cost."""
    least: dict[str, int] = {}
    later = spans(desk, replace(wish, lo_s=wish.hi_s, hi_s=wish.hi_s + REACH_S))
    reach_s = min(REACH_S, wish.lo_s - wish.now_s)
    earlier = spans(desk, replace(wish, lo_s=wish.lo_s - reach_s, hi_s=wish.lo_s))
    if later:
        least["LATER"] = min(a for a, _, _ in later) - wish.hi_s
    if earlier:
        least["EARLIER"] = wish.lo_s - max(b for _, b, _ in earlier)
    for kind in ("PROVIDER", "GENDER", "ONE_CAREGIVER"):
        changed = given_up(wish, Relaxation(kind=kind))
        found = spans(desk, changed) if changed != wish else []
        if found:
            least[kind] = min(cost for _, _, cost in found)
    return least


@pytest.mark.parametrize("crew", [1, 2])
@pytest.mark.parametrize("seed", range(10))
def test_a_way_out_is_true_and_nothing_less_would_do(seed: int, crew: int) -> None:
    """The caller agrees to another hour, and is told again that nobody can come: they hang up."""
    town, dice = two_houses(seed), Random(seed)
    desk = town.desk
    tried = 0
    for _ in range(25):
        wish = narrow(town, dice, crew)
        if find(desk, wish).choices:
            continue
        tried += 1
        least = by_walking(desk, wish)
        ways = ways_out(desk, wish)
        assert {way.kind for way in ways} == set(least)
        prices = [way.price_s or 0 for way in ways]
        assert prices == sorted(prices)
        for way in ways:
            found = find(desk, given_up(wish, way))
            assert found.choices, way
            crews = {tuple(seat.caregiver_id for seat in c.seats): c.seats[0].start_s for c in found.choices}
            if way.window is not None:
                assert way.shift_s == least[way.kind], way
            else:
                assert found.choices[0].cost_s == least[way.kind], way
                assert way.start_at is not None
                assert crews[way.caregiver_ids] == int(way.start_at.timestamp())
    assert tried >= 3


def test_what_is_not_known_here_comes_last_and_the_cheapest_first() -> None:
    """An operator reads the first line aloud: it must be the least that is asked of the caller."""
    town = two_houses(3)
    town.open(SETTINGS.model_copy(update={"neighbours": ("a2",)}))
    said = town.ask("r1", "BATH_BED", span("15:10", "15:20"), asks=Asks(provider_id="p1"))
    refusal = only(said, "RequestRefused")
    assert [way.kind for way in refusal.relaxations][-1] == "NEIGHBOUR_AREA"
    assert refusal.relaxations[0].kind == "EARLIER"
    assert refusal.relaxations[0].price_s == refusal.relaxations[0].shift_s
    assert len(refusal.stopped.codes) == len(town.desk.caregivers)
    assert refusal.named
