"""What cannot be: each a coded refusal with a sentence in both languages, and nothing else changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dispatcher.core.desk import dump
from schemas.base import Point
from schemas.facts import (
    Asks,
    AssignmentAccepted,
    CallBackDone,
    CaregiverCheckedIn,
    CaseAnswered,
    EntitlementGranted,
    FeedbackGiven,
    OfferDelivered,
    RequestCancelled,
    RequestMoved,
    ShiftPublished,
    TravelTablePublished,
    VisitReportedMissed,
)
from schemas.reasons import SENTENCES
from tests.rules.core.small_town import (
    CENTRE,
    Town,
    clock,
    point,
    sealed,
    small_town,
    span,
    words,
)

GOOD: dict[str, Any] = {"recipient_id": "r1", "code": "BATH_BED", "window": span("09:00", "10:00")}
REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("RECIPIENT_UNKNOWN", {"recipient_id": "nobody"}),
    ("ITEM_UNKNOWN", {"code": "NO_SUCH"}),
    ("WINDOW_PAST", {"window": span("05:00", "06:00")}),
    ("WINDOW_TOO_FAR", {"window": span("09:00", "10:00", days=60)}),
    ("TARIFF_MISSING", {"window": span("09:00", "10:00", days=-90)}),
    ("PROVIDER_UNKNOWN", {"asks": Asks(provider_id="nobody")}),
    ("CAREGIVER_UNKNOWN", {"asks": Asks(caregiver_ids=("nobody",))}),
    ("NOBODY_CAN", {"window": span("23:00", "23:30")}),
]


def codes(decisions: tuple[Any, ...]) -> set[str]:
    """Codes of everything that was refused."""
    return {reason.code for d in decisions for reason in d.reasons}


def unchanged(town: Town, before: bytes, decisions: tuple[Any, ...]) -> None:
    """The desk is as it was, and each code speaks both languages."""
    assert dump(town.desk) == before
    for code in codes(decisions):
        assert all(SENTENCES[code]), code


@pytest.mark.parametrize(("code", "change"), REQUESTS, ids=[code for code, _ in REQUESTS])
def test_a_request_that_cannot_be_is_refused_with_its_reason(code: str, change: dict[str, Any]) -> None:
    town = small_town(2, 2)
    before = dump(town.desk)
    asked = {**GOOD, **change}
    said = town.ask(asked.pop("recipient_id"), asked.pop("code"), asked.pop("window"), **asked)
    assert words(said) == ["RequestRefused"]
    assert code in codes(said)
    unchanged(town, before, said)


def test_a_request_before_the_area_opens_is_refused() -> None:
    said = Town().ask("r1", "BATH_BED", span("09:00", "10:00"))
    assert codes(said) == {"AREA_NOT_OPEN"}


def test_the_same_request_twice_is_one_visit_whatever_the_second_says() -> None:
    town = small_town(2, 2)
    town.ask("r1", "BATH_BED", span("09:00", "10:00"), request_id="q1")
    before = dump(town.desk)
    for code in ("BATH_BED", "MEAL_LUNCH"):
        said = town.ask("r1", code, span("09:00", "10:00"), request_id="q1")
        assert words(said) == ["FactSetAside"]
        assert codes(said) == {"REQUEST_REPEATED"}
        unchanged(town, before, said)


def _bad_facts(town: Town) -> list[tuple[str, Any]]:
    base = town.base
    window = span("09:00", "10:00")
    return [
        ("REQUEST_UNKNOWN", RequestMoved(**base(), request_id="no", window=window)),
        ("REQUEST_UNKNOWN", RequestCancelled(**base(), request_id="no")),
        ("OFFER_UNKNOWN", OfferDelivered(**base(), offer_id="no")),
        ("OFFER_UNKNOWN", AssignmentAccepted(**base(), offer_id="no")),
        ("VISIT_UNKNOWN", CaregiverCheckedIn(**base(), visit_id="no", caregiver_id="c1")),
        ("VISIT_UNKNOWN", VisitReportedMissed(**base(), visit_id="no")),
        ("VISIT_UNKNOWN", FeedbackGiven(**base(), visit_id="no", stars=3)),
        ("CASE_UNKNOWN", CaseAnswered(**base(), case_id="no", outcome="REAL")),
        ("CALLBACK_UNKNOWN", CallBackDone(**base(), callback_id="no")),
        (
            "CAREGIVER_UNKNOWN",
            ShiftPublished(
                **base(), shift_id="s", caregiver_id="no", starts_at=town.now, ends_at=clock("12:00")
            ),
        ),
        (
            "SHIFT_OVERLAPS",
            ShiftPublished(
                **base(), shift_id="s", caregiver_id="c1", starts_at=clock("09:00"), ends_at=clock("12:00")
            ),
        ),
        (
            "PROGRAMME_UNKNOWN",
            EntitlementGranted(
                **base(),
                entitlement_id="e",
                recipient_id="r1",
                programme_id="no",
                valid_from=clock("00:00").date(),
                valid_until=clock("00:00").date() + timedelta(days=9),
                sealed=sealed("r1"),
            ),
        ),
        ("TABLE_MISSING", TravelTablePublished(**base(), table_id="t", sha256="0" * 64, size=3)),
    ]


@pytest.mark.parametrize("number", range(13))
def test_a_fact_about_nothing_known_is_set_aside(number: int) -> None:
    town = small_town(1, 1)
    code, fact = _bad_facts(town)[number]
    before = dump(town.desk)
    said = town.tell(fact)
    assert words(said) == ["FactSetAside"]
    assert codes(said) == {code}
    unchanged(town, before, said)


@pytest.mark.parametrize(
    ("code", "home"),
    [
        ("POSITION_SWAPPED", Point(lat_udeg=CENTRE[0], lon_udeg=CENTRE[1])),
        ("POSITION_OUTSIDE", point(900_000, 0)),
    ],
)
def test_a_home_outside_the_area_is_refused(code: str, home: Point) -> None:
    """The latitude here is beyond the range of a swapped longitude only in name: 112 is no latitude."""
    town = small_town(1, 1)
    if code == "POSITION_SWAPPED":
        settings = town.desk.settings
        assert settings is not None
        low, high = (
            Point(lat_udeg=20_000_000, lon_udeg=60_000_000),
            Point(lat_udeg=25_000_000, lon_udeg=70_000_000),
        )
        town.open(settings.model_copy(update={"south_west": low, "north_east": high}))
        home = Point(lat_udeg=65_000_000, lon_udeg=22_000_000)
    before = dump(town.desk)
    said = town.recipient("r9", home=home)
    assert codes(said) == {code}
    unchanged(town, before, said)


def test_a_fact_for_another_area_is_set_aside() -> None:
    town = small_town(1, 1)
    town.area = "a2"
    said = town.ask("r1", "BATH_BED", span("09:00", "10:00"))
    assert codes(said) == {"AREA_UNKNOWN"}


def test_nobody_can_come_says_why_and_what_could_be_given_up() -> None:
    town = small_town(2, 2)
    said = town.ask("r1", "BATH_BED", span("19:00", "19:30"), asks=Asks(provider_id="p1"))
    refusal: Any = said[0]
    assert {tally.code: tally.count for tally in refusal.not_offered} == {"NO_SHIFT": 2}
    assert [r.kind for r in refusal.relaxations][:1] == ["EARLIER"]
    earlier = refusal.relaxations[0]
    assert earlier.window.opens_at < clock("18:00")
    retry = town.ask("r1", "BATH_BED", earlier.window)
    assert words(retry)[0] == "RequestAdmitted"
