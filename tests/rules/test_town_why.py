"""`liuzhu why`: the decision as a person reads it, in both languages, with names."""

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.core.stops import NUMBER, Stops
from infra.why import told, visits_beside
from schemas.base import Reason, Speaker, StartWindow
from schemas.codes import Channel, HelpKind, Origin
from schemas.decisions import Candidate, NotOffered, RequestAdmitted, VisitPlanned
from schemas.facts import ServiceRequested
from schemas.ids import new_id
from schemas.rows import Row
from schemas.shapes import PlannedStop, StoppedAll, Tally
from schemas.stops import LETTERS, unpacked

NOW = datetime(2026, 11, 12, 1, 0, tzinfo=UTC)
WINDOW = StartWindow(opens_at=NOW + timedelta(hours=1), closes_at=NOW + timedelta(hours=2))
NAMES = {"c-1": "许凤霞", "c-2": "段小芹", "r-1": "罗玉珍"}


def planned(origin: Origin, engine: str | None) -> Row:
    """A row in which a request became a planned visit."""
    fact = ServiceRequested(
        fact_id=new_id(),
        area="a1",
        said_at=NOW,
        by=Speaker(role="OPERATOR", id="seat-7"),
        request_id="q-1",
        recipient_id="r-1",
        item="BATH_BED",
        window=WINDOW,
        channel=Channel.HOTLINE,
    )
    admitted = RequestAdmitted(
        request_id="q-1",
        visit_id="v-1",
        recipient_id="r-1",
        item="BATH_BED",
        help=HelpKind.BATHING,
        tariff_id="t",
        window=WINDOW,
        crew=1,
    )
    choice = VisitPlanned(
        visit_id="v-1",
        stops=(PlannedStop(role=0, caregiver_id="c-1", start_at=WINDOW.opens_at, travel_s=360),),
        origin=origin,
        engine=engine,
        candidates=(
            Candidate(
                caregiver_ids=("c-1",),
                start_at=WINDOW.opens_at,
                told=WINDOW,
                added_travel_s=360,
                cost_s=60,
                copay_fen=1_200,
                reasons=(Reason(code="KNOWN_CAREGIVER"),),
            ),
        ),
        not_offered=(
            NotOffered(caregiver_id="c-2", reason=Reason(code="CERTIFICATE_EXPIRED", numbers={"days": 2})),
        ),
        tallies=(Tally(code="NO_SHIFT", count=38),),
        reasons=(Reason(code="PLAN_BETTER", numbers={"saved_s": 540}),) if engine else (),
        stopped=StoppedAll(codes=".eM", minutes="007"),
    )
    return Row(area="a1", seq=7, now=NOW, decider=1, fact=fact, decisions=(admitted, choice))


def test_a_choice_by_insertion_is_told_with_names_and_reasons_in_both_languages() -> None:
    """Why somebody was sent, or not, could not be answered on the telephone."""
    lines = "\n".join(told([planned(Origin.INSERTION, None)], "v-1", NAMES))
    for words in (
        "许凤霞",
        "常去的熟人",
        "the usual caregiver",
        "段小芹",
        "证件 2 天前到期",
        "最省路的插入",
        "12.00",
    ):
        assert words in lines
    assert "a1/7" in lines


def test_a_choice_by_the_plan_names_the_engine_and_what_it_saved() -> None:
    """An operator must see that the day's plan, and not chance, changed a visit."""
    lines = "\n".join(told([planned(Origin.PLAN, "RUIN_ORTOOLS")], "q-1", NAMES))
    for words in ("全天排班", "the day's plan", "RUIN_ORTOOLS", "9 分钟", "9 min"):
        assert words in lines


def test_the_visit_that_room_was_made_for_is_looked_up_by_name() -> None:
    """Losing this, whoever asks why somebody was moved reads a number instead of whom it was done for."""
    row = planned(Origin.PLAN, "CITY_ORTOOLS")
    makes_room = Reason(code="MAKES_ROOM", refs={"visit_id": "v-9"})
    decisions = tuple(
        one.model_copy(update={"reasons": (makes_room,)}) if isinstance(one, VisitPlanned) else one
        for one in row.decisions
    )
    row = row.model_copy(update={"decisions": decisions})
    assert visits_beside([row]) == {"v-9"}
    assert "给另一单让出时间：罗玉珍" in "\n".join(told([row], "q-1", {**NAMES, "v-9": "罗玉珍"}))


def test_rows_about_another_visit_are_left_out() -> None:
    """Somebody else's visit would be explained."""
    assert list(told([planned(Origin.INSERTION, None)], "v-2", NAMES)) == []


def test_everyone_of_the_area_is_named_with_what_stopped_them_when_asked() -> None:
    """A caregiver who asks why they were passed over must get the true answer, however many there are."""
    enrolled = {"a1": {"c-1": 2, "c-2": 3, "c-3": 4, "c-9": 8}}
    lines = "\n".join(told([planned(Origin.INSERTION, None)], "v-1", NAMES, enrolled))
    assert ": c-3 7 min" in lines
    assert "c-9" not in lines


def test_a_row_whose_caregivers_cannot_be_matched_says_so_and_what_to_do() -> None:
    """Silence would read as: nobody else was stopped."""
    short = {"a1": {"c-1": 2}}
    lines = "\n".join(told([planned(Origin.INSERTION, None)], "v-1", NAMES, short))
    assert "7 min" not in lines
    assert "3 人，登记了 1 人" in lines
    assert "liuzhu verify" in lines


@given(st.lists(st.tuples(st.sampled_from(sorted(LETTERS)), st.integers(-5, 9_000)), max_size=60))
def test_what_stopped_everyone_comes_back_from_two_characters_each(told_of: list[tuple[str, int]]) -> None:
    """Rows are read for years: a code that came back as another would accuse the wrong rule."""
    ids = [f"c{number}" for number in range(len(told_of))]
    codes = np.array([NUMBER[code] for code, _ in told_of] + [-1], np.int64)
    by_s = np.array([by for _, by in told_of] + [77], np.int64)
    names = [*ids, "chosen"]
    stops = Stops(names, {name: number for number, name in enumerate(names)}, codes, by_s)
    packed = stops.packed()
    back = dict(unpacked(packed.codes, packed.minutes, names))
    assert back == {
        name: (code, min(63, -(-max(by, 0) // 60))) for name, (code, by) in zip(ids, told_of, strict=True)
    }
    assert sum(tally.count for tally in stops.tallies()) == len(ids) == len(stops)
