"""Phones of the simulated town: they act on what they are shown and keep what they could not send."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from producers.simulator.clerks import Clerk
from producers.simulator.doors import Doors
from producers.simulator.habits import calls_of_day, position, presses_of_day, visit_habit
from producers.simulator.phone import Phone, Served
from producers.simulator.tally import Tally

NOON = datetime(2026, 11, 12, 4, 0, tzinfo=UTC)


class ShownDay:
    """The door a phone knows: shows a day, takes presses, can be out of reach."""

    def __init__(self, day: dict[str, Any]) -> None:
        self.day = day
        self.said: list[Mapping[str, Any]] = []
        self.reachable = True

    async def today(self, _: str) -> dict[str, Any] | None:
        """The day shown."""
        return self.day if self.reachable else None

    async def upload(self, _: str, __: str, pressed: Sequence[Mapping[str, Any]]) -> dict[str, bool]:
        """Take presses, as the line would: accepted offers become bound visits, and so on."""
        if not self.reachable:
            return {}
        status = {
            "CaregiverDeparted": "DEPARTED",
            "CaregiverCheckedIn": "STARTED",
            "CaregiverCheckedOut": "FINISHED",
            "VisitObstructed": "OBSTRUCTED",
        }
        for entry in pressed:
            self.said.append(entry)
            for visit in self.day["visits"]:
                if visit["visit_id"] == entry.get("visit_id"):
                    visit["status"] = status[entry["word"]]
                    if entry["word"] == "CaregiverCheckedIn":
                        visit["checked_in_at"] = entry["said_at"]
        return {entry["fact_id"]: True for entry in pressed}


def visit(visit_id: str, start_at: datetime, **changed: Any) -> dict[str, Any]:
    """A visit as `today.json` shows it."""
    return {
        "visit_id": visit_id,
        "case_id": None,
        "status": "BOUND",
        "start_at": start_at.isoformat(),
        "duration_s": 1_800,
        "travel_s": 600,
        "checked_in_at": None,
        "recipient": {"lat": 33.0, "lon": 112.5},
    } | changed


def plain_visit_id(*, offline: bool) -> str:
    """A visit that this caregiver serves without incident, with or without a network on the way."""
    for number in range(2_000):
        habit = visit_habit(1, "c-1", f"v-{number}")
        quiet = not (habit.obstructed or habit.forgets_check_out or habit.never_goes or habit.leaves_late_s)
        if quiet and (habit.offline_s > 0) == offline:
            return f"v-{number}"
    raise AssertionError("no such visit")


def live(phone: Phone, hours: int, minutes: int = 1) -> None:
    """Look at the phone each minute."""

    async def through() -> None:
        for step in range(hours * 60 // minutes):
            await phone.step(NOON + timedelta(minutes=step * minutes))

    asyncio.run(through())


def phone_of(door: ShownDay) -> tuple[Phone, list[Served]]:
    """A phone before that door."""
    served: list[Served] = []
    return Phone(1, "c-1", "a1", door, served), served  # type: ignore[arg-type]


def words(door: ShownDay) -> list[str]:
    """What was said, in order."""
    return [str(entry["word"]) for entry in door.said]


def test_a_bound_visit_is_gone_to_checked_into_and_out_of_in_time() -> None:
    """The town would show no service."""
    door = ShownDay({"visits": [visit(plain_visit_id(offline=False), NOON + timedelta(hours=1))]})
    phone, served = phone_of(door)
    live(phone, 3)
    assert words(door) == ["CaregiverDeparted", "CaregiverCheckedIn", "CaregiverCheckedOut"]
    arrived = datetime.fromisoformat(str(door.said[1]["said_at"]))
    assert abs(arrived - (NOON + timedelta(hours=1))) < timedelta(minutes=10)
    assert [s.came for s in served] == [True]
    assert phone.queue == []


def test_without_a_network_presses_wait_and_keep_their_times() -> None:
    """Evidence of a visit in a cellar would be lost, or carry the time of the upload."""
    door = ShownDay({"visits": [visit(plain_visit_id(offline=True), NOON + timedelta(hours=1))]})
    phone, _ = phone_of(door)
    live(phone, 24)
    assert words(door) == ["CaregiverDeparted", "CaregiverCheckedIn", "CaregiverCheckedOut"]
    out = datetime.fromisoformat(str(door.said[2]["said_at"]))
    assert out < NOON + timedelta(hours=2)


def test_a_visit_taken_back_on_the_way_is_not_served() -> None:
    """A cancelled visit would be paid."""
    door = ShownDay({"visits": [visit(plain_visit_id(offline=False), NOON + timedelta(minutes=9))]})
    phone, _ = phone_of(door)
    asyncio.run(phone.step(NOON))
    assert words(door) == ["CaregiverDeparted"]
    door.day["visits"][0]["status"] = "CANCELLED"
    live(phone, 2)
    assert words(door) == ["CaregiverDeparted"]


def test_an_emergency_goes_before_what_was_planned() -> None:
    """Somebody would lie on the floor while lunch is served."""
    plain = plain_visit_id(offline=False)
    door = ShownDay({"visits": [visit(plain, NOON + timedelta(minutes=9))]})
    phone, _ = phone_of(door)
    asyncio.run(phone.step(NOON))
    door.day["visits"].append(visit("v-case", NOON + timedelta(minutes=12), case_id="case-1"))
    asyncio.run(phone.step(NOON + timedelta(minutes=1)))
    assert phone.outing is not None
    assert phone.outing.visit["visit_id"] == "v-case"


def test_a_phone_started_anew_goes_on_with_the_service_it_shows() -> None:
    """After a restart of the town every visit under way would stay open for ever."""
    begun = visit(plain_visit_id(offline=False), NOON, status="STARTED", checked_in_at=NOON.isoformat())
    door = ShownDay({"visits": [begun]})
    phone, _ = phone_of(door)
    live(phone, 2)
    assert words(door) == ["CaregiverCheckedOut"]


def test_an_offer_is_delivered_once_and_answered_once() -> None:
    """Its fuse would burn from the wrong moment, or two answers would quarrel."""
    offer = {"offer_id": "o-1", "receipt_id": "r-1", "case_id": None}
    door = ShownDay({"visits": [], "offers": [offer]})
    phone, _ = phone_of(door)
    live(phone, 1)
    assert words(door).count("OfferDelivered") == 1
    assert door.said[0]["fact_id"] == "r-1"
    assert len(words(door)) <= 2


def test_what_could_not_be_sent_is_sent_later_under_the_same_id() -> None:
    """The same check-in would count twice, or not at all."""
    door = ShownDay({"visits": [visit(plain_visit_id(offline=False), NOON + timedelta(minutes=9))]})
    phone, _ = phone_of(door)
    asyncio.run(phone.step(NOON - timedelta(minutes=30)))
    door.reachable = False
    asyncio.run(phone.step(NOON))
    kept = [entry["fact_id"] for entry in phone.queue]
    assert len(kept) == 1
    door.reachable = True
    asyncio.run(phone.step(NOON + timedelta(minutes=1)))
    assert [entry["fact_id"] for entry in door.said][:1] == kept
    assert phone.queue == []


def test_only_what_was_acknowledged_is_tallied(tmp_path: Any) -> None:
    """The outside count of a soak would blame the line for what it never took."""
    answers = iter(
        [
            httpx.Response(503, json={"code": "LINE_AWAY"}),
            httpx.Response(200, json={"fact_id": "f-1", "area": "a1", "decided": []}),
            httpx.Response(422, json={"code": "WINDOW_PAST"}),
        ]
    )
    transport = httpx.MockTransport(lambda _: next(answers))
    tally = Tally(tmp_path / "told.jsonl")

    async def speak() -> None:
        doors = Doors("http://line", tally, transport)
        assert await doors.hotline("ServiceRequested", "/requests.json", "a1") is not None
        assert await doors.hotline("ServiceRequested", "/requests.json", "a1") is None
        await doors.close()

    asyncio.run(speak())
    tally.close()
    lines = (tmp_path / "told.jsonl").read_text().splitlines()
    assert len(lines) == 1
    assert '"f-1"' in lines[0]


def test_a_clerk_sees_each_offer_once_and_answers_it_once() -> None:
    """A fuse would burn anew at every look, or the same offer be accepted and declined."""
    said: list[tuple[str, str]] = []

    class Office:
        async def read(self, _: str) -> dict[str, Any]:
            """Three offers wait."""
            return {"offers": [{"offer_id": f"o-{n}", "receipt_id": f"r-{n}"} for n in range(3)]}

        async def clerk(self, _: str, said_word: str, __: str, **told: Any) -> dict[str, Any]:
            """Everything is taken."""
            said.append((said_word, told["offer_id"]))
            return {}

    clerk = Clerk(1, "p3", "a2", None, Office())  # type: ignore[arg-type]

    async def look_often() -> None:
        for minute in range(30):
            await clerk.look(NOON + timedelta(minutes=minute))

    asyncio.run(look_often())
    assert len(said) == len(set(said))
    assert [word for word, _ in said].count("OfferDelivered") == 3
    assert len([word for word, _ in said if word != "OfferDelivered"]) <= 3


def test_calls_and_alarms_of_a_day_are_the_same_for_the_same_seed() -> None:
    """A shown day can be shown again."""
    midnight = datetime(2026, 11, 11, 16, 0, tzinfo=UTC)
    calls = calls_of_day(3, midnight, 500, 80)
    assert calls == calls_of_day(3, midnight, 500, 80)
    assert calls != calls_of_day(4, midnight, 500, 80)
    assert all(call.at < call.closes_at and call.opens_at < call.closes_at for call in calls)
    assert presses_of_day(3, midnight, 100, 12) == presses_of_day(3, midnight, 100, 12)
    assert presses_of_day(3, midnight, 0, 12) == ()


@pytest.mark.parametrize(("evidence", "near"), [("NEAR", True), ("FAR", False)])
def test_a_position_lies_where_its_evidence_says(evidence: str, near: bool) -> None:
    """Verdicts on evidence would be shown on the wrong cases."""
    from geopy.distance import great_circle

    told = position(1, evidence, 33.0, 112.5, "c-1")
    assert told is not None
    away_m = great_circle((33.0, 112.5), (told["lat"], told["lon"])).m
    assert (away_m < 150) == near


def test_a_phone_may_have_no_position() -> None:
    """The line must also be shown what it does then."""
    assert position(1, "MISSING", 33.0, 112.5, "c-1") is None
