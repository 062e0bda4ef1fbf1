"""Travel from points is what a matrix of the same points says; a wrong second here is a late caregiver."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.planning.travel import MatrixTravel, PointTravel

metre = st.floats(-30_000, 30_000, allow_nan=False)
points = st.lists(st.tuples(metre, metre, metre), min_size=1, max_size=8)


@given(points, st.integers(500, 20_000), st.integers(300, 4_000))
def test_points_and_their_matrix_tell_the_same_second(
    places: list[tuple[float, float, float]], speed_mm_s: int, pace: int
) -> None:
    """Else the price, the checker and an engine would each see another day."""
    ways = PointTravel(np.array(places), speed_mm_s)
    table = MatrixTravel(ways.matrix_s)
    for a in range(len(places)):
        for b in range(len(places)):
            assert ways.travel_s(a, b, pace) == table.travel_s(a, b, pace)


@given(points, st.integers(500, 20_000))
def test_no_way_is_told_shorter_than_it_is(places: list[tuple[float, float, float]], speed_mm_s: int) -> None:
    """A way told too short makes somebody wait at the door."""
    ways = PointTravel(np.array(places), speed_mm_s)
    for a, one in enumerate(places):
        for b, other in enumerate(places):
            assert ways.travel_s(a, b) >= math.dist(one, other) * 1000 / speed_mm_s - 1e-6


def test_ways_among_some_places_are_those_of_the_whole() -> None:
    """A zone's plan is joined to the city's: both must tell the same ways."""
    ways = PointTravel(np.array([[0.0, 0, 0], [3_000, 0, 0], [0, 4_000, 0], [9_000, 9_000, 0]]), 5_000)
    assert ways.among_s([2, 0, 1]).tolist() == MatrixTravel(ways.matrix_s).among_s([2, 0, 1]).tolist()
    assert ways.among_s([2, 0, 1])[0].tolist() == [0, 800, 1000]


@pytest.mark.parametrize("points_m", [[[0.0, 0.0]], [[math.nan, 0.0, 0.0]], [[math.inf, 0.0, 0.0]]])
def test_points_that_are_none_are_refused(points_m: list[list[float]]) -> None:
    """A position that is no position would put a door nowhere."""
    with pytest.raises(ValueError, match="finite"):
        PointTravel(np.array(points_m), 5_000)
