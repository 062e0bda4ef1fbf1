"""The simulated town: the same for the same seed, plausible, and told without a name leaving home."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from functools import cache

import pytest

from producers.pinyin import pinyin_of
from producers.simulator.chance import dice, uuid7_at
from producers.simulator.city import AREAS, build_city
from producers.simulator.geometry import blob, cells, contains, spot_inside
from producers.simulator.settle import Size, Town, build_town, entries_of
from producers.simulator.tariff import BATHING_CERT, items

DAY = date(2026, 11, 12)
NOW = datetime(2026, 11, 12, 0, 30, tzinfo=UTC)


@cache
def town(seed: int = 12349) -> Town:
    """A town of full size."""
    return build_town(seed, Size(), DAY, NOW)


def test_the_same_seed_gives_the_same_town() -> None:
    """A shown day can be shown again."""
    size = Size(recipients=120, caregivers=24, visits_per_day=60)
    assert build_town(7, size, DAY, NOW) == build_town(7, size, DAY, NOW)
    assert build_town(7, size, DAY, NOW) != build_town(8, size, DAY, NOW)


def test_a_second_start_on_another_day_knows_the_same_people_and_plans() -> None:
    """A town stopped over night would otherwise call in the name of strangers."""
    size = Size(recipients=120, caregivers=24, visits_per_day=60)
    first, later = build_town(7, size, DAY, NOW), build_town(7, size, date(2027, 3, 1), NOW)
    for a, b in zip(first.residents, later.residents, strict=True):
        assert a.entry.person.person_id == b.entry.person.person_id
        assert a.entry.person.name == b.entry.person.name
    assert [p.plan_id for p in first.plans] == [p.plan_id for p in later.plans]


def test_the_town_has_its_size_and_every_area_can_give_every_help() -> None:
    """A help that nobody in an area can give would make its callers hear no for ever."""
    told = town()
    assert len(told.residents) == 3_000
    assert len(told.caregivers) == 200
    assert len(told.city.providers) == 8
    skills: dict[str, Counter[str]] = defaultdict(Counter)
    for worker in told.caregivers:
        skills[worker.person.area].update(worker.secret.skills)
    for plan in AREAS:
        for item in items():
            for role in item.roles:
                assert all(skills[plan.area][skill] >= 2 for skill in role.skills), (plan.area, item.code)


def test_some_bathing_certificates_have_run_out_and_most_hold() -> None:
    """Otherwise nobody would ever see why a caregiver with a lapsed certificate is not sent."""
    until = [
        c.valid_until for w in town().caregivers for c in w.secret.certificates if c.code == BATHING_CERT
    ]
    lapsed = sum(day <= DAY for day in until)
    assert 0 < lapsed < len(until) / 4


def test_everybody_lives_inside_the_bounds_of_their_area() -> None:
    """An enrolment outside the bounds is set aside: the person could not be served."""
    bounds = {entry.place.place_id: entry.settings for entry in town().city.areas}
    for entry in [*(r.entry for r in town().residents), *town().caregivers]:
        box, home = bounds[entry.person.area], entry.secret.home
        assert box.south_west.lat_udeg <= home.lat_udeg <= box.north_east.lat_udeg
        assert box.south_west.lon_udeg <= home.lon_udeg <= box.north_east.lon_udeg


def test_a_day_of_care_plans_is_about_as_large_as_asked() -> None:
    """The load of the demonstration is a setting and must mean something."""
    for weekday in range(7):
        asked = sum(weekday in plan.weekdays for plan in town().plans)
        assert 0.7 * 800 < asked < 0.95 * 800


def test_ids_are_unique_across_the_town() -> None:
    """Two people with one id would share a key."""
    ids = [r.entry.person.person_id for r in town().residents]
    ids += [w.person.person_id for w in town().caregivers]
    ids += [p.plan_id for p in town().plans] + [p.fact_id for p in town().plans]
    assert len(ids) == len(set(ids))


def test_usual_caregivers_are_real_and_of_the_same_area() -> None:
    """Continuity would otherwise point at people the desk does not know."""
    area_of = {w.person.person_id: w.person.area for w in town().caregivers}
    usual = [(r.entry.person.area, c) for r in town().residents for c in r.entry.secret.usual_caregiver_ids]
    assert len(usual) > 500
    assert all(area_of[caregiver] == area for area, caregiver in usual)


def test_entries_name_only_what_was_entered_before_them() -> None:
    """The desk would set aside a caregiver whose provider it has not heard of."""
    from producers.entries import CaregiverEntry, EntitlementEntry, ProviderEntry, RecipientEntry

    for plan in AREAS:
        seen: set[str] = set()
        for entry in entries_of(town(), plan.area):
            if isinstance(entry, ProviderEntry):
                seen.add(entry.place.place_id)
            elif isinstance(entry, CaregiverEntry | RecipientEntry):
                assert entry.person.provider_id is None or entry.person.provider_id in seen
                seen.add(entry.person.person_id)
            elif isinstance(entry, EntitlementEntry):
                assert entry.recipient_id in seen


@pytest.mark.parametrize("seed", range(5))
def test_streets_cover_their_district_without_overlapping(seed: int) -> None:
    """The wallboard's map would show holes, or a home in two streets."""
    rng = dice(seed, "test")
    whole = blob(rng, 10, 8)
    parts = cells(whole, [spot_inside(rng, whole) for _ in range(7)])
    for _ in range(300):
        spot = spot_inside(rng, whole)
        assert sum(contains(part, spot) for part in parts) == 1


def test_outlines_on_the_map_are_closed() -> None:
    """An open outline is drawn with a missing side."""
    for place in build_city(3).others:
        if place.kind == "STREET":
            ring = place.card["outline"]
            assert len(ring) > 3
            assert ring[0] == ring[-1]


def test_ids_made_from_chance_are_version_seven_and_tell_their_moment() -> None:
    """Other systems sort by them."""
    from uuid import UUID

    made = UUID(uuid7_at(NOW, dice(1, "id")))
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == int(NOW.timestamp() * 1000)


@pytest.mark.parametrize(
    ("name", "full", "initials"),
    [
        ("罗玉珍", "luoyuzhen", "lyz"),
        ("单国华", "shanguohua", "sgh"),
        ("吕秀兰", "lvxiulan", "lxl"),
        ("曾敏", "zengmin", "zm"),
    ],
)
def test_names_are_found_as_operators_type_them(name: str, full: str, initials: str) -> None:
    """A caller whose surname is read otherwise would not be found by pinyin."""
    assert pinyin_of(name) == (full, initials)
