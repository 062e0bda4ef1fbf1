"""What is told of a start holds nine in ten times, is no wider than it must be, and tells of nobody."""

from __future__ import annotations

from pathlib import Path
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.core.desk import empty_desk
from dispatcher.core.evolve import evolve
from dispatcher.core.punctual import BINS, EDGES_S, ENOUGH, LEAST_WIDTH_S, MOST, counted, spread, within
from schemas.facts import PersonForgotten
from schemas.rows import Row
from tests.rules.core.noisy_world import World
from tests.rules.core.small_town import SETTINGS, clock, only, small_town, span

GOLDEN = Path(__file__).parents[2] / "golden" / "journal-v1.jsonl"
WIDEST_BIN_S = 300
offsets = st.lists(st.integers(-6_000, 6_000), min_size=ENOUGH, max_size=200)


def counts_of(starts: list[int]) -> tuple[int, ...]:
    counts: tuple[int, ...] = ()
    for off_s in starts:
        counts = counted(counts, off_s)
    return counts


@given(offsets)
def test_the_interval_holds_nine_in_ten_of_what_was_seen_and_no_bin_more(starts: list[int]) -> None:
    """A promise from the past must be the past's: neither wishful nor padded."""
    seen = spread(counts_of(starts))
    assert seen.seen == len(starts)
    outer = (-seen.early_s - WIDEST_BIN_S, seen.late_s + WIDEST_BIN_S)
    inner = (-seen.early_s + WIDEST_BIN_S, seen.late_s - WIDEST_BIN_S)
    around = sum(outer[0] <= s <= outer[1] for s in starts)
    inside = sum(inner[0] < s < inner[1] for s in starts)
    assert around >= min(len(starts), 0.9 * (len(starts) + 1)) - 1
    assert inside <= 0.9 * (len(starts) + 1) + 1


@given(st.lists(st.integers(-9_000, 9_000), min_size=MOST, max_size=MOST))
def test_what_fades_keeps_its_shape(starts: list[int]) -> None:
    """Halving each count alone would lose the rare late starts, and promises would be cut short."""
    before, after = counts_of(starts[:-1]), counts_of(starts)
    assert (sum(before), sum(after), len(after)) == (MOST - 1, MOST // 2, BINS)
    assert min(after) >= 0
    full = sorted(sum(s >= edge for edge in EDGES_S) for s in starts)
    for k, bin_ in enumerate(full):
        place = sum(after[: bin_ + 1])
        assert 2 * place >= k - 1


@given(offsets, st.integers(60, 7_200))
def test_a_city_s_limit_is_never_passed(starts: list[int], limit_s: int) -> None:
    """A wide promise holds the whole plan in place: the city says how much it will pay for that."""
    early_s, late_s = within(spread(counts_of(starts)), limit_s)
    assert min(early_s, late_s) >= 0
    assert min(LEAST_WIDTH_S, limit_s) <= early_s + late_s <= limit_s


@pytest.mark.parametrize("seed", [1, 3])
def test_nine_in_ten_visits_begin_in_the_interval_that_was_told(seed: int) -> None:
    """Who was told nine o'clock and waits at ten stops believing; who was told a morning stays in for it."""
    noisy = World(seed, days=6, carers=40, visits_a_day=260, road=0.4, service=0.3, door_s=200).live()
    later = [seen for seen in noisy.seen if seen.day > 0]
    assert len(later) == 5 * 260
    assert 0.88 <= mean(seen.held for seen in later) <= 0.92


def test_where_everybody_is_on_time_less_is_asked_of_who_waits() -> None:
    """A punctual service must not make people wait in for half an hour."""
    punctual = World(1, days=3, visits_a_day=100, road=0.03, service=0.02, door_s=15).live()
    last = [seen for seen in punctual.seen if seen.day == 2]
    assert mean(seen.held for seen in last) >= 0.9
    assert mean(seen.width_s for seen in last) < SETTINGS.promise_width_s / 2


def test_a_city_that_sets_no_use_by_the_past_tells_what_it_set() -> None:
    """The limit of nought is how a city keeps its fixed promise."""
    fixed = World(1, days=1, settings=SETTINGS.model_copy(update={"promise_limit_s": 0})).live()
    assert fixed.town.desk.starts["all"]
    assert all(seen.width_s <= SETTINGS.promise_width_s for seen in fixed.seen)
    assert not any(visit.leeway for visit in fixed.town.desk.visits.values())


def test_the_plan_leaves_the_road_its_part_of_a_promise() -> None:
    """A visit planned at the very end of what was told would be late every other time."""
    noisy = World(2, days=1, road=0.4, service=0.3, door_s=200).live()
    told = [d for row in noisy.town.rows for d in row.decisions if d.word == "PromiseMade" and d.basis]
    assert told
    for promise in told:
        assert promise.leeway is not None
        assert promise.leeway.closes_at < promise.told.closes_at
        visit = noisy.town.desk.visits[promise.visit_id]
        assert visit.told is not None
        assert visit.told[0] <= visit.start_s <= visit.told[1]


def test_journals_of_former_rules_already_teach_punctuality() -> None:
    """An upgrade must not begin with an empty memory of a city."""
    desk = empty_desk("a1")
    for line in GOLDEN.read_bytes().splitlines():
        desk = evolve(desk, Row.of_body(line))
    assert sum(desk.starts["all"]) > 0


def test_what_is_counted_names_nobody_and_who_came_is_forgotten_with_the_person() -> None:
    """Someone who asks to be forgotten must not stay in a tally of visits."""
    town = small_town(2, 2)
    visit_id = only(town.ask("r1", "BATH_BED", span("09:00", "10:00")), "RequestAdmitted").visit_id
    carer = town.desk.visits[visit_id].hands[0].caregiver_id
    assert carer is not None
    town.now = clock("09:04")
    town.check_in(visit_id, carer, clock("09:04"))
    assert [who for _, who in town.desk.came["r1"]] == [carer]
    counted_before = dict(town.desk.starts)
    town.tell(PersonForgotten(**town.base("SUPERVISOR"), person_id="r1"))
    assert "r1" not in town.desk.came
    assert dict(town.desk.starts) == counted_before
    assert set(counted_before) == {"1.0.0", "1.0", "all"}
