"""A tiny area for two days in virtual time: what the comparison of ways rests on."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise

import pytest

from tests.benchmarks.virtual.book import MOMENTS
from tests.benchmarks.virtual.desk_way import DeskWay, Rolling
from tests.benchmarks.virtual.field import Way
from tests.benchmarks.virtual.nearest_way import NearestWay
from tests.benchmarks.virtual.score import Run, history_of, punctuality_of, run_of, score
from tests.benchmarks.virtual.world import Size, make_world

SIZE = Size(days=2, requests=30, carers=5, cancelled_permille=100, sick_permille=150, alarms_permille=300)
WAYS: dict[str, Callable[[], Way]] = {
    "rolling": lambda: DeskWay(Rolling(every_s=3_600, steps_a_visit=20)),
    "instant": lambda: DeskWay(None),
    "nearest": NearestWay,
}


@cache
def lived(name: str, seed: int = 1) -> Run:
    return run_of(name, make_world(seed, SIZE), WAYS[name]())


def test_the_same_seed_makes_the_same_world_and_another_seed_another() -> None:
    """A comparison between two worlds would compare nothing."""
    assert make_world(1, SIZE) == make_world(1, SIZE)
    assert make_world(1, SIZE) != make_world(2, SIZE)


@pytest.mark.parametrize("name", ["rolling", "nearest"])
def test_the_same_days_are_lived_alike(name: str) -> None:
    """Figures that nobody can repeat convince nobody."""
    again = run_of(name, make_world(1, SIZE), WAYS[name]())
    assert again.book == lived(name).book
    assert again.lived == lived(name).lived


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_is_in_two_places(name: str, seed: int) -> None:
    """A caregiver who serves twice at once would make any way look good."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for carer_id, from_s, to_s in lived(name, seed).lived.spans:
        spans.setdefault(carer_id, []).append((from_s, to_s))
    assert spans
    for busy in spans.values():
        for (_, end_s), (begin_s, _) in pairwise(sorted(busy)):
            assert end_s <= begin_s


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("seed", [1, 2])
def test_every_request_is_served_or_not_and_who_serves_has_the_skill(name: str, seed: int) -> None:
    """A request that falls out of the count would hide who was left alone."""
    run = lived(name, seed)
    figures = score(run)
    assert figures.requested == len(run.world.wishes)
    assert figures.served + figures.unserved + figures.cancelled == figures.requested
    assert figures.served > figures.requested // 2
    for page in run.served():
        assert page.came_s is not None
        assert page.came_s >= page.wish.opens_s
        assert page.wish.skill in run.world.carer_by_id[page.carer_id or ""].skills
        assert (page.carer_id, page.wish.day) not in run.world.sick


@pytest.mark.parametrize("name", WAYS)
def test_all_figures_are_in_range(name: str) -> None:
    """A share above one or a travel of nothing is a mistake in the counting."""
    run = lived(name)
    figures = score(run)
    for share in (figures.punctual, figures.punctual_first, figures.usual, figures.served_share):
        assert 0 <= share <= 1
    assert 0 < figures.travel_h < SIZE.days * SIZE.carers * 9
    assert figures.carers_a_recipient == 0 or figures.carers_a_recipient >= 1
    assert min(figures.moved, figures.renamed, figures.overtime_h, figures.alarm_min) >= 0
    assert all(0 <= punctuality_of(run, moment) <= 1 for moment in MOMENTS)


@pytest.mark.parametrize("name", WAYS)
def test_the_history_has_every_moment_of_every_visit_served(name: str) -> None:
    """What is told could not be calibrated on a history with holes."""
    run = lived(name)
    rows = list(history_of(run))
    moments = {(row["request_id"], row["moment"]) for row in rows}
    for page in run.served():
        assert {(page.wish.request_id, moment) for moment in MOMENTS} <= moments
    for row in rows:
        lo_s, hi_s = row["told"]  # type: ignore[misc]
        assert lo_s <= hi_s
        assert row["made_s"] <= row["came_s"]  # type: ignore[operator]


def test_who_is_told_when_a_caregiver_leaves_hears_truer_than_at_the_request() -> None:
    """The nearer the visit, the less is unknown of it."""
    run = lived("instant")
    assert punctuality_of(run, "DEPARTURE") >= punctuality_of(run, "REQUEST")
