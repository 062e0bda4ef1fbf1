"""The first responders among many, and a whole alarm decided, with those it displaces re-homed.

python -m tests.benchmarks.one_emergency                    # 150, 800 and 3,000 caregivers, 6.5 visits each
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from random import Random
from time import perf_counter_ns

from dispatcher.core.decide import decide
from dispatcher.core.desk import Desk
from dispatcher.core.responders import rank
from dispatcher.core.times import at
from schemas.base import Point, Speaker
from schemas.codes import AlarmKind
from schemas.facts import AlarmRaised
from schemas.ids import decided_id, new_id
from tests.benchmarks.city_desk import DAY_S, city_desk, wishes
from tests.benchmarks.one_insertion import quantiles

SIZES = (150, 800, 3_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=100, help="alarms a size")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print("caregivers | first 20 ranked p50 / p99 µs | alarm decided p50 / p99 µs | displaced | re-homed")
    for carers in SIZES:
        print(row(carers, asked.count, asked.seed), flush=True)


def row(carers: int, count: int, seed: int) -> str:
    """One line of the table."""
    desk, dice = city_desk(carers, seed), Random(seed)
    for caregiver_id, carer in list(desk.caregivers.items()):
        desk.caregivers[caregiver_id] = replace(carer, skills=("EMERGENCY", *carer.skills))
    desk.board.mark_all()
    ranked, decided, displaced, lost = [], [], 0, 0
    for number, wish in enumerate(wishes(desk, carers, count + 10, seed)):
        now_s = DAY_S + dice.randint(9 * 3_600, 15 * 3_600)
        began = perf_counter_ns()
        rank(desk, replace(wish.visit, needs=(replace(wish.visit.needs[0], skills=()),)), now_s, ())
        spent = perf_counter_ns() - began
        fact = alarm(desk, wish.visit.place or desk.caregivers["c0"].home, now_s)
        began = perf_counter_ns()
        said = decide(desk, fact, at(now_s))
        if number >= 10:
            ranked.append(spent / 1_000)
            decided.append((perf_counter_ns() - began) / 1_000)
            first = next(d for d in said if d.word == "CaseDispatched")
            taken = next(r for r in first.ranked if r.caregiver_id == first.caregiver_id)
            displaced += len(taken.displaced_visit_ids)
            lost += sum(d.word == "VisitUnplanned" for d in said)
    return f"{carers:,} | {quantiles(ranked)} | {quantiles(decided)} | {displaced} | {displaced - lost}"


def alarm(desk: Desk, place: object, now_s: int) -> AlarmRaised:
    """A fall at a place, for which help goes at once."""
    where = Point(lat_udeg=place.lat_udeg, lon_udeg=place.lon_udeg)  # type: ignore[attr-defined]
    return AlarmRaised(
        fact_id=new_id(),
        area=desk.area,
        said_at=at(now_s),
        by=Speaker(role="DEVICE", id="d1"),
        case_id=decided_id(new_id(), 1),
        kind=AlarmKind.FALL,
        place=where,
    )


if __name__ == "__main__":
    main()
