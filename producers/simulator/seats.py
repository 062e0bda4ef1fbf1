"""The other seats of the hotline: they make the calls the city owes, some while after they are owed."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from producers.simulator.chance import dice
from producers.simulator.doors import Doors
from producers.simulator.waiting import Clock

LOOK_S = 3.0
SEATS = 6
CALL_TAKES = timedelta(minutes=4)
LEFT_FOR = timedelta(minutes=12)
"""A call is left this long to whoever sits at the console in the demonstration."""
UNANSWERED_SHARE = 0.12


@dataclass
class Seats:
    """All but the one at which a person sits; each makes one call at a time."""

    seed: int
    clock: Clock
    doors: Doors
    busy: list[datetime] = field(default_factory=list)
    called: set[str] = field(default_factory=set)

    async def work(self) -> None:
        """Look at what is owed again and again."""
        while True:
            await self.look(self.clock.now())
            await asyncio.sleep(LOOK_S)

    async def look(self, now: datetime) -> None:
        """Make as many of the owed calls as seats are free, those due first."""
        self.busy = [until for until in self.busy if until > now]
        free = SEATS - len(self.busy)
        shown = await self.doors.read("/console/duties.json") if free else None
        for call in shown["calls"] if shown else ():
            if free and self._is_left(call, now):
                free -= 1
                await self._make(call, now)

    def _is_left(self, call: Mapping[str, Any], now: datetime) -> bool:
        owed_for = now - datetime.fromisoformat(call["opened_at"])
        return call["duty_id"] not in self.called and owed_for >= LEFT_FOR

    async def _make(self, call: Mapping[str, Any], now: datetime) -> None:
        duty_id = call["duty_id"]
        unanswered = dice(self.seed, "call back", duty_id).random() < UNANSWERED_SHARE
        self.busy.append(now + CALL_TAKES)
        outcome = "NO_ANSWER" if unanswered else "TOLD"
        path = f"/duties/{duty_id}/done.json"
        if await self.doors.hotline("CallBackDone", path, str(call["area"]), outcome=outcome) is not None:
            self.called.add(duty_id)
