"""Registers change, people leave, some ask to be forgotten: no visit is left without anybody."""

from __future__ import annotations

from dispatcher.core.desk import dump
from schemas.codes import Acceptance
from schemas.facts import PersonForgotten, ProviderEnrolled, ShiftPublished
from tests.rules.core.small_town import Town, clock, only, small_town, span, words


def booked(carers: int = 2) -> tuple[Town, str, str]:
    """A bath bound to somebody: town, visit, caregiver."""
    town = small_town(carers, 1)
    bound = only(town.ask("r1", "BATH_BED", span("08:40", "08:59")), "AssignmentBound")
    return town, bound.visit_id, bound.caregiver_id


def withdraw_shift(town: Town, carer: str) -> tuple[object, ...]:
    return town.tell(
        ShiftPublished(
            **town.base("REGISTER"),
            shift_id=f"s-{carer}",
            caregiver_id=carer,
            starts_at=clock("08:00"),
            ends_at=clock("18:00"),
            withdrawn=True,
        )
    )


def test_a_withdrawn_shift_hands_its_visits_to_others() -> None:
    town, visit_id, carer = booked(2)
    withdraw_shift(town, carer)
    assert town.desk.visits[visit_id].hands[0].caregiver_id not in (None, carer)


def test_a_withdrawn_shift_of_the_only_caregiver_hands_them_to_a_human() -> None:
    town, visit_id, carer = booked(1)
    said = withdraw_shift(town, carer)
    assert "HelpEscalated" in [d.word for d in said]  # type: ignore[attr-defined]
    assert town.desk.visits[visit_id].hands[0].caregiver_id is None


def test_a_caregiver_who_stops_is_replaced() -> None:
    town, visit_id, carer = booked(2)
    said = town.caregiver(carer, shift=None, active=False)
    assert only(said, "AssignmentWithdrawn").reason.code == "CAREGIVER_GONE"
    assert town.desk.visits[visit_id].hands[0].caregiver_id != carer


def test_a_provider_that_stops_is_replaced_and_the_recipient_is_told() -> None:
    town, visit_id, _ = booked(2)
    town.provider("p2")
    town.caregiver("c9", "p2")
    said = town.tell(
        ProviderEnrolled(**town.base("REGISTER"), provider_id="p1", acceptance=Acceptance.SHIFT, active=False)
    )
    assert town.desk.visits[visit_id].hands[0].caregiver_id == "c9"
    assert any(d.word == "PromiseMade" and d.changed for d in said)
    assert "CallBackOpened" in words(said)


def test_a_forgotten_recipient_leaves_no_trace_of_where_they_live() -> None:
    """What describes a person goes; visits served, ids and money stay for the books."""
    town, visit_id, _ = booked(2)
    home = town.desk.recipients["r1"].home
    assert home is not None
    said = town.tell(PersonForgotten(**town.base("SUPERVISOR"), person_id="r1"))
    assert words(said) == ["AssignmentWithdrawn", "MoneyReleased", "VisitCancelled", "PersonErased"]
    assert str(home.lat_udeg).encode() not in dump(town.desk)
    assert b"DISABLED" not in dump(town.desk).replace(b'"code":"DISABLED"', b"").replace(
        b"SEMI_DISABLED", b""
    )
    assert town.desk.visits[visit_id].closed == "CANCELLED"
    refused = town.ask("r1", "BATH_BED", span("10:00", "11:00"))
    assert refused[0].reasons[0].code == "RECIPIENT_FORGOTTEN"  # type: ignore[union-attr]


def test_a_forgotten_caregiver_is_replaced() -> None:
    town, visit_id, carer = booked(2)
    said = town.tell(PersonForgotten(**town.base("SUPERVISOR"), person_id=carer))
    assert words(said)[0] == "PersonErased"
    assert town.desk.visits[visit_id].hands[0].caregiver_id not in (None, carer)
    assert town.desk.caregivers[carer].home is None


def test_somebody_unknown_is_forgotten_too_so_that_the_key_may_go() -> None:
    town = small_town(1, 1)
    assert words(town.tell(PersonForgotten(**town.base(), person_id="x9"))) == ["PersonErased"]
