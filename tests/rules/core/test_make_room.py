"""Room for a request that fits nowhere: one visit gives way, and nobody's promise is broken for it."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codes import Acceptance
from schemas.facts import RequestMoved
from tests.rules.core import laws
from tests.rules.core.small_town import Town, clock, only, point, small_town, span, words

NINE = span("09:00", "09:10")


def narrow(acceptance: Acceptance = Acceptance.SHIFT) -> tuple[Town, str]:
    """A bath that stands with the only caregiver who also cleans; another could bathe."""
    town = Town()
    town.open()
    town.provider("p1", acceptance)
    town.caregiver("both", home=point(5_000, 5_000), skills=("BATHING", "CLEANING"))
    town.caregiver("bathes", home=point(9_000, 9_000), skills=("BATHING",))
    town.recipient("r1")
    town.recipient("r2")
    town.now = clock("07:30")
    planned = only(town.ask("r1", "BATH_BED", NINE), "VisitPlanned")
    assert planned.stops[0].caregiver_id == "both"
    return town, planned.visit_id


def codes(decision: Any) -> list[str]:
    return [reason.code for reason in decision.reasons]


def test_a_visit_gives_way_to_a_request_that_nobody_else_can_take() -> None:
    """Somebody would be refused although two caregivers could serve both."""
    town, bath = narrow()
    told = town.desk.visits[bath].told
    said = town.ask("r2", "CLEAN_HOME", NINE)
    new, moved = (d for d in said if d.word == "VisitPlanned")
    assert (new.stops[0].caregiver_id, codes(new)[0]) == ("both", "ROOM_FOUND")
    assert (moved.visit_id, moved.stops[0].caregiver_id) == (bath, "bathes")
    assert codes(moved) == ["ROOM_MADE"]
    assert town.desk.visits[bath].told == told
    laws.all_of(town, said)


def test_who_was_told_another_name_is_rung_up() -> None:
    """A stranger at the door whom nobody announced."""
    town, bath = narrow()
    assert town.desk.visits[bath].told_names == ("both",)
    said = town.ask("r2", "CLEAN_HOME", NINE)
    (again,) = (d for d in said if d.word == "PromiseMade" and d.visit_id == bath)
    assert (again.caregiver_ids, again.changed) == (("bathes",), True)
    assert only(said, "CallBackOpened").visit_id == bath


def test_who_said_yes_in_person_is_not_moved() -> None:
    """Their day would change under their hands."""
    town, _ = narrow(Acceptance.CAREGIVER)
    assert words(town.ask("r2", "CLEAN_HOME", NINE)) == ["RequestRefused"]


def test_what_was_promised_to_one_is_not_broken_for_another() -> None:
    """With the colleague away the bath has nowhere to go: the request is refused, the bath stands."""
    town, bath = narrow()
    town.shift("s-bathes", "bathes", "08:00", "18:00", withdrawn=True)
    assert words(town.ask("r2", "CLEAN_HOME", NINE)) == ["RequestRefused"]
    assert town.desk.visits[bath].hands[0].caregiver_id == "both"


def test_a_visit_gives_way_to_one_whose_caregiver_fell_sick() -> None:
    """The sick caregiver's visit would go to a human although a colleague could take it."""
    town, bath = narrow()
    town.caregiver("cleans", home=point(30_000, 30_000), skills=("CLEANING",))
    cleaning = only(town.ask("r2", "CLEAN_HOME", NINE), "RequestAdmitted").visit_id
    assert town.desk.visits[cleaning].hands[0].caregiver_id == "cleans"
    said = town.shift("s-cleans", "cleans", "08:00", "18:00", withdrawn=True)
    assert town.desk.visits[cleaning].hands[0].caregiver_id == "both"
    assert town.desk.visits[bath].hands[0].caregiver_id == "bathes"
    laws.all_of(town, said)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_no_request_costs_anybody_what_they_were_told(seed: int) -> None:
    """Whatever is asked in a full town, promises stand and nobody loses their caregiver to another."""
    town, dice = small_town(3, 12, seed=seed % 7 + 1), Random(seed)
    for _ in range(40):
        before = dict(town.desk.visits)
        day = dice.randint(0, 1)
        opens = clock("08:00", day) + timedelta(minutes=dice.randint(0, 480))
        window = NINE.model_copy(update={"opens_at": opens, "closes_at": opens + timedelta(minutes=40)})
        if day:
            for carer in ("c1", "c2", "c3"):
                town.shift(f"t-{carer}", carer, "08:00", "18:00", days=1)
        said = town.ask(f"r{dice.randint(1, 12)}", dice.choice(["BATH_BED", "CLEAN_HOME"]), window)
        laws.all_of(town, said)
        for visit_id, was in before.items():
            now = town.desk.visits[visit_id]
            assert now.told == was.told
            assert now.planned == was.planned


def test_a_crew_makes_nobody_give_way() -> None:
    """Two moved for one is not looked for: the caller hears at once that nobody can come."""
    town, _ = narrow()
    assert words(town.ask("r2", "BATH_HOME", NINE)) == ["RequestRefused"]


def test_another_time_is_found_though_somebody_must_give_way() -> None:
    """Who asks for another time would keep the one that does not suit."""
    town, bath = narrow()
    cleaning = only(town.ask("r2", "CLEAN_HOME", span("13:00", "13:30")), "RequestAdmitted")
    base = town.base()
    said = town.tell(RequestMoved(**base, request_id=cleaning.request_id, window=NINE))
    assert town.desk.visits[cleaning.visit_id].hands[0].caregiver_id == "both"
    assert town.desk.visits[bath].hands[0].caregiver_id == "bathes"
    laws.all_of(town, said)
