"""The first responders are those that looking at everybody one by one finds."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from dispatcher.core import responders
from dispatcher.core.desk import Desk
from dispatcher.core.eligible import CODES, role_codes
from dispatcher.core.records import Visit
from dispatcher.core.responders import RANKED, Responder, rank
from dispatcher.core.rooms import Stopped
from tests.benchmarks.city_desk import DAY_S, city_desk, wishes
from tests.rules.core.simulator import Day


def one_by_one(desk: Desk, visit: Visit, now_s: int) -> tuple[list[Responder], dict[str, Stopped]]:
    """Everybody, each by their whole timetable."""
    desk.board.ready(desk)
    codes = role_codes(desk, visit, 0, now_s).tolist()
    ready, stopped = [], {}
    for number, caregiver_id in enumerate(desk.board.carer_ids(desk)):
        day = responders._day_now(desk, caregiver_id, now_s)
        if codes[number] or day is None:
            stopped[caregiver_id] = Stopped(CODES[codes[number]] or "NO_SHIFT")
        else:
            ready.append(responders._responder(desk, visit, day, now_s))
    return sorted(ready, key=lambda r: (r.arrive_s, r.caregiver_id)), stopped


def holds(desk: Desk, visit: Visit, now_s: int) -> int:
    everyone, stopped = one_by_one(desk, visit, now_s)
    first, others = rank(desk, visit, now_s, ())
    assert first == everyone[:RANKED]
    assert dict(others) == stopped
    sooner = responders._sooner(desk, visit, now_s, len(desk.caregivers))
    for responder in everyone:
        assert sooner[desk.board.numbers(desk)[responder.caregiver_id]] <= responder.arrive_s
    return len(everyone)


@pytest.mark.parametrize("seed", range(4))
def test_in_a_large_district_nobody_nearer_is_overlooked(seed: int) -> None:
    """The second nearest would come to somebody who lies on the floor."""
    desk, dice = city_desk(150, seed), Random(seed)
    for visit in list(desk.visits.values()):
        if dice.random() < 0.2:
            left_s = visit.start_s - visit.hands[0].travel_s - dice.randint(-600, 600)
            desk.put_visit(replace(visit, hands=(replace(visit.hands[0], departed_s=left_s),)))
        elif dice.random() < 0.2:
            desk.put_visit(replace(visit, hands=(replace(visit.hands[0], bound=False),)))
    for wish in wishes(desk, 150, 15, seed):
        anyone = replace(wish.visit, needs=(replace(wish.visit.needs[0], skills=()),))
        assert holds(desk, anyone, DAY_S + dice.randint(7 * 3_600, 17 * 3_600)) >= 0
        assert holds(desk, wish.visit, DAY_S + 10 * 3_600) > RANKED


@pytest.mark.parametrize(("seed", "kitchens"), [(2, False), (5, False), (3, True), (8, True)])
def test_with_check_ins_breaks_crews_and_kitchens_it_is_the_same(seed: int, kitchens: bool) -> None:
    """Who is serving, resting or already on the way must be looked for where they are."""
    day = Day(seed, carers=24, kitchens=kitchens)
    looked = 0
    for number in range(300):
        day.step()
        visits = [v for v in day.town.desk.visits.values() if v.place is not None]
        if number % 6 == 0 and visits:
            visit = replace(day.dice.choice(visits), refused=())
            looked += holds(day.town.desk, visit, int(day.town.now.timestamp()))
    assert looked > 50
