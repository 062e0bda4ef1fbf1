"""Meals from a kitchen: fetched hot, brought in rounds, fresh at every door."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dispatcher.core.desk import dump, load
from schemas.codes import HelpKind
from schemas.decisions import RequestAdmitted, VisitPlanned
from schemas.reasons import sentence
from schemas.shapes import AreaSettings, Escort
from tests.rules.core.kitchen_town import FAR, NEAR, RULE, kitchen_town
from tests.rules.core.small_town import SETTINGS, item, only, span


def test_the_kitchen_with_the_shortest_way_to_the_door_cooks_a_meal() -> None:
    """Else soup crosses the town; and a later change of kitchens would move meals already promised."""
    town = kitchen_town()
    said = town.ask("r1", "HOT_LUNCH", span("11:00", "12:00"))
    admitted: RequestAdmitted = only(said, "RequestAdmitted")
    assert admitted.meal is not None
    assert admitted.meal.kitchen == NEAR
    meal = town.desk.visits[admitted.visit_id].meal
    assert meal is not None
    assert (meal.kitchen_id, meal.fresh_s, meal.load) == ("k-near", 3_600, 1)


def test_a_planned_meal_names_its_round_and_the_way_from_its_kitchen() -> None:
    """The phone says from it when the box must leave."""
    town = kitchen_town()
    planned: VisitPlanned = only(town.ask("r1", "HOT_LUNCH", span("11:00", "12:00")), "VisitPlanned")
    stop, hand = planned.stops[0], town.desk.visits[planned.visit_id].hands[0]
    assert stop.round_id is not None
    assert hand.round_id == stop.round_id
    assert stop.from_kitchen_s is not None
    assert dump(load(dump(town.desk))) == dump(town.desk)


def test_where_no_kitchen_is_known_a_meal_is_a_visit_like_others() -> None:
    """Towns that say nothing of kitchens keep their days as they were, to the byte."""
    town = kitchen_town(kitchens=None)
    said = town.ask("r1", "HOT_LUNCH", span("11:00", "12:00"))
    assert only(said, "RequestAdmitted").meal is None
    stop = only(said, "VisitPlanned").stops[0]
    assert "round_id" not in stop.model_dump_json()
    assert "from_kitchen_s" not in stop.model_dump_json()


def test_kitchens_that_contradict_one_another_are_refused() -> None:
    """Two places under one id would send the box to the wrong one."""
    twin = FAR.model_copy(update={"place_id": "k-near"})
    with pytest.raises(ValidationError):
        AreaSettings.model_validate({**SETTINGS.model_dump(), "kitchens": (NEAR, twin)})


def test_a_meal_is_brought_by_one_who_escorts_nobody() -> None:
    """A tariff that mixes them up is sent back at the door, not found out at noon."""
    with pytest.raises(ValidationError):
        item("HOT_LUNCH", HelpKind.MEAL, 1_500, 5, crew=2, meal=RULE)
    escort = Escort(wait_s=60, spread_s=0)
    with pytest.raises(ValidationError):
        item("HOT_LUNCH", HelpKind.MEAL, 1_500, 5, crew=2, meal=RULE, escort=escort)


def test_neighbours_lunches_are_fetched_together_and_each_is_told_when_they_leave() -> None:
    """One way to the kitchen for the whole street; `why` says with how many, and until when the box waits."""
    town = kitchen_town(carers=1)
    first = only(town.ask("r1", "HOT_LUNCH", span("11:00", "12:00")), "VisitPlanned")
    second = only(town.ask("r2", "HOT_LUNCH", span("11:00", "12:00")), "VisitPlanned")
    assert town.desk.visits[first.visit_id].hands[0].round_id == second.stops[0].round_id
    reasons = [reason.code for reason in second.candidates[0].reasons]
    assert "FETCHED_WITH" in reasons
    alone = next(r for r in first.candidates[0].reasons if r.code == "FETCHED_ALONE")
    assert "离开食堂" in sentence(alone, "zh")
    assert "leaving the kitchen at" in sentence(alone, "en")


def test_a_round_shows_its_kitchen_in_the_day_of_who_brings_it() -> None:
    """The time at the kitchen is in the plan: nobody is promised a minute that the loading takes."""
    town = kitchen_town(carers=1)
    planned = only(town.ask("r1", "HOT_LUNCH", span("11:00", "12:00")), "VisitPlanned")
    day = town.desk.board.day(town.desk, "s-c1")
    assert day is not None
    (halt,) = day.halts
    assert halt.kitchen is not None
    assert halt.left_s == halt.start_s - planned.stops[0].from_kitchen_s
    assert halt.travel_s == planned.stops[0].travel_s > NEAR.loading_s
