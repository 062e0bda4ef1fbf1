"""Thousands of random facts: the laws hold after each, and a replay gives the same bytes."""

from __future__ import annotations

import pytest

from dispatcher.core.decide import decide
from dispatcher.core.desk import Desk, dump, empty_desk, load
from dispatcher.core.evolve import evolve
from schemas.facts import TimePassed
from schemas.rows import GENESIS, Row
from tests.rules.core import laws
from tests.rules.core.simulator import Day, run

SEEDS = range(12)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_laws_hold_after_every_fact(seed: int) -> None:
    day = Day(seed)
    for _ in range(400):
        rows = len(day.town.rows)
        day.step()
        for row in day.town.rows[rows:]:
            laws.all_of(day.town, row.decisions)
            if isinstance(row.fact, TimePassed):
                laws.no_timer_is_stuck(day.town, row.fact)


@pytest.mark.parametrize("seed", range(8))
def test_the_laws_hold_where_meals_come_from_kitchens(seed: int) -> None:
    """Whatever is cancelled, moved, declined or called away, no box is too full and no meal planned cold."""
    day = Day(seed, kitchens=True)
    for _ in range(400):
        rows = len(day.town.rows)
        day.step()
        for row in day.town.rows[rows:]:
            laws.all_of(day.town, row.decisions)


def redecided(day: Day) -> tuple[Desk, bytes]:
    """The desk and the chain's hash when every row is decided anew."""
    desk, chain = empty_desk("a1"), GENESIS
    for row in day.town.rows:
        decisions = decide(desk, row.fact, row.now)
        assert decisions == row.decisions, row.seq
        again = Row(
            area="a1", seq=row.seq, now=row.now, decider=row.decider, fact=row.fact, decisions=decisions
        )
        chain = again.hashed(chain)
        desk = evolve(desk, again)
    return desk, chain


@pytest.mark.parametrize(("seed", "kitchens"), [(1, False), (5, False), (9, False), (2, True), (4, True)])
def test_a_replay_gives_the_same_bytes(seed: int, kitchens: bool) -> None:
    day = run(seed, 500, kitchens=kitchens)
    desk, chain = redecided(day)
    assert chain == day.town.hash
    assert dump(desk) == dump(day.town.desk)


@pytest.mark.parametrize("seed", [2, 6])
def test_a_desk_from_a_snapshot_decides_as_one_that_folded_everything(seed: int) -> None:
    day = run(seed, 500)
    rows = day.town.rows
    half = len(rows) // 2
    desk = empty_desk("a1")
    for row in rows[:half]:
        desk = evolve(desk, row)
    desk = load(dump(desk))
    for row in rows[half:]:
        assert decide(desk, row.fact, row.now) == row.decisions, row.seq
        desk = evolve(desk, row)
    assert dump(desk) == dump(day.town.desk)


@pytest.mark.parametrize("seed", [3, 7])
def test_deciding_leaves_the_desk_as_it_was(seed: int) -> None:
    day = Day(seed)
    for number in range(300):
        day.step()
        if number % 10 == 0 and day.said:
            before = dump(day.town.desk)
            for fact in day.said[-3:]:
                decide(day.town.desk, fact, day.town.now)
            assert dump(day.town.desk) == before


@pytest.mark.parametrize("seed", [4, 8])
def test_rows_read_back_from_their_bodies_fold_to_a_desk(seed: int) -> None:
    """The journal's bytes, with every seal closed, still fold: forgotten people stay forgotten."""
    day = run(seed, 300)
    desk = empty_desk("a1")
    for row in day.town.rows:
        desk = evolve(desk, Row.of_body(row.body()))
    assert set(desk.visits) == set(day.town.desk.visits)
    assert all(person.home is None for person in desk.recipients.values())
    assert load(dump(desk)).purses == day.town.desk.purses
