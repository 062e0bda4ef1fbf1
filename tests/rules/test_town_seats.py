"""The town's seats make the calls the city owes, and leave the fresh ones to whoever tries the console."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from producers.simulator.doors import Doors
from producers.simulator.seats import CALL_TAKES, LEFT_FOR, SEATS, Seats

NOON = datetime(2026, 11, 12, 4, 0, tzinfo=UTC)


class OwedCalls:
    """A line that owes calls; keeps what was said of them."""

    def __init__(self, opened_at: list[datetime], takes: bool = True) -> None:
        self.takes = takes
        self.calls = [
            {"duty_id": f"d{number}", "area": "a1", "opened_at": at.isoformat()}
            for number, at in enumerate(opened_at)
        ]
        self.said: list[tuple[str, str]] = []

    async def read(self, path: str) -> Any:
        assert path == "/console/duties.json"
        return {"calls": self.calls}

    async def hotline(self, word: str, path: str, area: str, **body: Any) -> dict[str, Any] | None:
        assert (word, area) == ("CallBackDone", "a1")
        self.said.append((path, body["outcome"]))
        return {} if self.takes else None


class Still:
    def now(self) -> datetime:
        return NOON

    def rate(self) -> float:
        return 1.0


def look(owed: OwedCalls, *moments: datetime) -> list[str]:
    seats = Seats(1, Still(), cast(Doors, owed))
    for moment in moments:
        asyncio.run(seats.look(moment))
    return [path.split("/")[2] for path, _ in owed.said]


def test_no_more_calls_are_made_at_once_than_there_are_seats_and_none_twice() -> None:
    """A town that answers everything in a second shows nothing of a hotline."""
    owed = OwedCalls([NOON - LEFT_FOR] * (SEATS + 3))
    assert look(owed, NOON, NOON) == [f"d{n}" for n in range(SEATS)]
    owed.said.clear()
    later = NOON + CALL_TAKES
    assert look(owed, NOON, NOON, later, later + CALL_TAKES) == [f"d{n}" for n in range(SEATS + 3)]
    assert {outcome for _, outcome in owed.said} <= {"TOLD", "NO_ANSWER"}


def test_a_fresh_call_is_left_to_the_person_at_the_console() -> None:
    """Else a visitor of the demonstration finds nothing to do."""
    assert look(OwedCalls([NOON - LEFT_FOR + timedelta(seconds=1)]), NOON) == []


def test_a_call_that_could_not_be_noted_is_made_again() -> None:
    """Else the list keeps a call for ever that nobody makes."""
    owed = OwedCalls([NOON - LEFT_FOR], takes=False)
    assert look(owed, NOON, NOON + CALL_TAKES) == ["d0", "d0"]
