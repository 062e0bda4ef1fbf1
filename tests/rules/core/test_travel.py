"""Way and time against geopy, one at a time and many at a time."""

from __future__ import annotations

import math

import numpy as np
from geopy.distance import great_circle
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.core.desk import dump, empty_desk, load
from dispatcher.core.records import Place, Table
from dispatcher.core.travel import Ways, distance_m, vector

LAT = st.integers(-90_000_000, 90_000_000)
LON = st.integers(-180_000_000, 180_000_000)


def place(lat: int, lon: int) -> Place:
    return Place(lat, lon)


@given(LAT, LON, LAT, LON)
def test_distances_are_geopys_anywhere_on_earth(a: int, b: int, c: int, d: int) -> None:
    ours = distance_m(place(a, b), place(c, d))
    theirs = great_circle((a / 1e6, b / 1e6), (c / 1e6, d / 1e6)).meters
    assert math.isclose(ours, theirs, rel_tol=1e-6, abs_tol=0.05)


@given(st.integers(-300_000, 300_000), st.integers(-300_000, 300_000))
def test_distances_in_a_city_are_geopys_to_a_centimetre(north: int, east: int) -> None:
    a, b = place(32_990_000, 112_530_000), place(32_990_000 + north, 112_530_000 + east)
    theirs = great_circle((a.lat_udeg / 1e6, a.lon_udeg / 1e6), (b.lat_udeg / 1e6, b.lon_udeg / 1e6)).meters
    assert abs(distance_m(a, b) - theirs) < 0.01


@given(st.lists(st.tuples(LAT, LON), min_size=1, max_size=20), LAT, LON, st.integers(1_000, 9_000))
def test_many_at_a_time_give_the_same_seconds_as_one_at_a_time(
    spots: list[tuple[int, int]], lat: int, lon: int, speed: int
) -> None:
    """The insertion measures many; the timetable one: they must never differ by a second."""
    ways, goal = Ways(1350, None), place(lat, lon)
    vectors = np.array([vector(*spot) for spot in spots])
    many = ways.many_s(
        (vectors[:, 0], vectors[:, 1], vectors[:, 2]),
        np.full(len(spots), -1),
        goal,
        np.full(len(spots), float(speed)),
        to_them=False,
    )
    assert many.tolist() == [ways.travel_s(place(*spot), goal, speed) for spot in spots]


def test_a_published_table_is_used_where_both_ends_are_in_it() -> None:
    table = np.array([[0, 11], [22, 0]], np.int32)
    ways = Ways(1350, table)
    a, b, far = Place(1, 1, 0), Place(2_000_000, 2_000_000, 1), Place(1, 1, None)
    assert ways.travel_s(a, b, 5_000) == 11
    assert ways.travel_s(b, a, 5_000) == 22
    assert ways.travel_s(far, b, 5_000) > 10_000
    vectors = np.array([vector(1, 1), vector(1, 1)])
    xyz = (vectors[:, 0], vectors[:, 1], vectors[:, 2])
    to_b = ways.many_s(xyz, np.array([0, -1]), b, np.full(2, 5_000.0), to_them=False)
    assert to_b.tolist() == [11, ways.travel_s(far, b, 5_000)]
    from_b = ways.many_s(xyz, np.array([0, -1]), b, np.full(2, 5_000.0), to_them=True)
    assert from_b.tolist()[0] == 22


def test_a_desk_with_a_travel_table_is_kept_and_read_again() -> None:
    """Its snapshot would fail at every five-hundredth row, and the desk with it, for ever."""
    desk = empty_desk("a1")
    ways = np.array([[0, 216], [55_512, 0]], "<i4")
    desk.table = Table("t1", 2, ways.tobytes())
    assert load(dump(desk)).table == desk.table
