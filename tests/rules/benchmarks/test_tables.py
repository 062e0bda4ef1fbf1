"""Results: kept whole, and shown without a number that was not measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.benchmarks.child import measured
from tests.benchmarks.plots import cost_over_time
from tests.benchmarks.results import Result, keep, kept
from tests.benchmarks.tables import tables
from tests.benchmarks.works.works import group, limit_s

OURS = Result(
    "home:200/30", "ours", 1, 10.0, price_s=36_000, unserved=1, travel_s=18_000, took_s=10.0, cpu_s=9.0
)
THEIRS = replace(OURS, peer="VROOM", price_s=72_000)


def cells(text: str) -> list[list[str]]:
    """Rows of all tables, heads included."""
    rows = [line for line in text.splitlines() if line.startswith("|") and "---" not in line]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def rows(results: list[Result]) -> list[dict[str, str]]:
    """Rows of the one table of the results, by head."""
    heads, *lines = cells(tables(results))
    return [dict(zip(heads, line, strict=True)) for line in lines]


def test_means_and_the_worst_are_over_days_and_ratios_over_the_same_days() -> None:
    """A mean over other days than a peer's would flatter."""
    more = [replace(OURS, seed=2, price_s=72_000), replace(OURS, seed=3, price_s=360_000)]
    ours, vroom = rows([OURS, *more, THEIRS, replace(THEIRS, seed=2)])
    assert (ours["days"], ours["cost h"], ours["worst"], ours["ours / it"]) == ("3", "43", "100", "")
    assert (vroom["days"], vroom["cost h"], vroom["worst"], vroom["ours / it"]) == ("2", "20", "20", "0.75")
    assert ours["core"] == "90 %"


def test_the_spread_is_between_repeats_of_one_day() -> None:
    """The machine's noise would be taken for a difference."""
    (row,) = rows([OURS, replace(OURS, price_s=44_000), replace(OURS, seed=2, price_s=1)])
    assert row["spread"] == "20.0 %"
    (single,) = rows([OURS])
    assert single["spread"] == ""


def test_plans_that_break_a_rule_or_were_not_made_are_named_and_not_counted() -> None:
    """A broken plan would win."""
    results = [
        OURS,
        replace(THEIRS, violations=2, price_s=1),
        replace(THEIRS, peer="PyVRP", trouble="KILLED after 30 s"),
    ]
    assert [row["peer"] for row in rows(results)] == ["ours"]
    assert "- home 200/30, VROOM: 2 rules broken" in tables(results)
    assert "- home 200/30, PyVRP: KILLED after 30 s" in tables(results)


def test_gaps_are_to_the_best_known_and_only_of_plans_that_serve_all() -> None:
    """A plan that leaves a customer out would come below the best known."""
    one = replace(OURS, work="vrptw:solomon/C101", price_s=8_400, best_known_s=8_000.0, unserved=0)
    two = replace(one, work="vrptw:solomon/C201", price_s=6_300, best_known_s=6_000.0)
    left = replace(one, work="vrptw:solomon/R101", price_s=1, unserved=1)
    (row,) = rows([one, two, left])
    assert (row["family"], row["plans"], row["all served"]) == ("solomon", "3", "2")
    assert (row["mean gap"], row["worst gap"]) == ("+5.00 %", "+5.00 %")
    prizes = replace(one, work="prizes:C1_10_1", unserved=5, price_s=8_080)
    (row,) = rows([prizes])
    assert row["mean gap"] == "+1.00 %"


def test_cities_show_steps_and_memory() -> None:
    """Growth with size could not be seen."""
    (row,) = rows([replace(OURS, work="city:20000/3000", steps_per_s=7_654.3, extra_mb=141.6)])
    assert (row["work"], row["steps / s"], row["extra MB"]) == ("city 20,000/3,000", "7,654", "142")


def test_nothing_measured_makes_no_table() -> None:
    """A table of nothing would look like a result."""
    assert tables([]) == ""


def test_results_come_back_as_they_were_kept(tmp_path: Path) -> None:
    """A table could not be made again from what was kept."""
    path = tmp_path / "kept" / "some.jsonl"
    results = [OURS, replace(THEIRS, trouble="NOTHING_FOUND"), replace(OURS, steps=7, steps_per_s=1.5)]
    for result in results:
        keep(path, result)
    assert kept([path]) == results


def test_a_plot_has_a_line_for_each_peer_with_a_plan() -> None:
    """A peer's curve would be missing, or drawn from nothing."""
    results = [
        replace(some, limit_s=limit, price_s=round(some.price_s / limit))
        for some in (OURS, THEIRS)
        for limit in (1.0, 10.0, 60.0)
    ]
    drawn = ElementTree.fromstring(
        cost_over_time(OURS.work, [*results, replace(OURS, peer="PyVRP", trouble="ABSENT")])
    )
    said = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"ours", "VROOM", "1", "10", "60"} <= set(said)
    assert "PyVRP" not in said
    assert len(list(drawn.iter("{http://www.w3.org/2000/svg}circle"))) == 6
    with pytest.raises(ValueError, match="home:1/1"):
        cost_over_time("home:1/1", results)


def test_groups_name_their_works_and_budgets() -> None:
    """A whole group would be asked for and one day planned."""
    assert group("home") == ["home:200/30", "home:1000/150", "home:5000/800"]
    assert group("city:20000/3000") == ["city:20000/3000"]
    assert limit_s("city:20000/3000") == 40.0
    assert limit_s("home:200/30") == 60.0
    with pytest.raises(ValueError, match="somewhere"):
        group("somewhere")


def test_one_plan_in_a_process_of_its_own_is_judged_and_priced() -> None:
    """Numbers in the table would not be those of the plan."""
    found = measured(Result("home:60/10", "nearest-first", 4, 1.0), None, 8.0)
    assert found.trouble is None
    assert found.violations == 0
    assert found.price_s >= found.travel_s > 0
    assert measured(replace(found), None, 8.0).price_s == found.price_s


def test_a_peer_that_fails_is_a_row_of_its_own_and_no_crash() -> None:
    """One peer's failure would lose an hour of measurements."""
    found = measured(Result("home:0/0/0", "nearest-first", 4, 1.0), None, 8.0)
    assert found.trouble is not None
    assert found.trouble.startswith("FAILED: ValueError")
