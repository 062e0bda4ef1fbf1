"""People who telephone: they ask for help, change their minds, and say what they thought of it."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from producers.entries import Person
from producers.simulator.chance import dice
from producers.simulator.doors import Doors
from producers.simulator.habits import Call, stars
from producers.simulator.phone import Served
from producers.simulator.waiting import Clock, until

log = logging.getLogger(__name__)
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Callers:
    """The recipients of the town at their telephones."""

    seed: int
    clock: Clock
    doors: Doors
    people: Sequence[Person]

    async def call(self, call: Call) -> None:
        """One call and what comes of it: perhaps a later time instead, a move, a cancellation."""
        await until(self.clock, call.at)
        person = self.people[call.person]
        told = await self._ask(person, call, timedelta(0))
        if told is not None and "RequestRefused" in told.get("decided", ()) and call.takes_later:
            told = await self._ask(person, call, A_DAY)
        if told is None or "RequestAdmitted" not in told.get("decided", ()):
            return
        if call.second_thought == "KEEP":
            return
        await until(self.clock, call.at + timedelta(seconds=call.thinks_s))
        path = f"/requests/{told['request_id']}"
        if call.second_thought == "CANCEL":
            await self.doors.hotline("RequestCancelled", f"{path}/cancelled.json", person.area)
            return
        shift = timedelta(hours=dice(self.seed, "move", call.at, call.number).choice((1, 2, 24)))
        moved = {
            "opens_at": (call.opens_at + shift).isoformat(),
            "closes_at": (call.closes_at + shift).isoformat(),
        }
        await self.doors.hotline("RequestMoved", f"{path}/moved.json", person.area, **moved)

    async def _ask(self, person: Person, call: Call, later: timedelta) -> dict[str, Any] | None:
        return await self.doors.hotline(
            "ServiceRequested",
            "/requests.json",
            person.area,
            recipient_id=person.person_id,
            item=call.item,
            opens_at=(call.opens_at + later).isoformat(),
            closes_at=(call.closes_at + later).isoformat(),
        )

    async def opine(self, served: Served) -> None:
        """A while after a visit: what its person thought, or the word that nobody came."""
        rng = dice(self.seed, "opine", served.visit_id)
        await until(self.clock, self.clock.now() + timedelta(seconds=rng.randint(600, 5_400)))
        path = f"/visits/{served.visit_id}"
        if not served.came:
            await self.doors.hotline("VisitReportedMissed", f"{path}/missed.json", served.area)
            return
        opinion = stars(self.seed, served.visit_id, served.late_s)
        if opinion is not None:
            count, complaints = opinion
            told = {"stars": count, "complaints": list(complaints)}
            await self.doors.hotline("FeedbackGiven", f"{path}/feedback.json", served.area, **told)


async def opinions(callers: Callers, served: list[Served]) -> None:
    """Let people speak about what the phones have finished, for ever."""
    waiting: set[asyncio.Task[None]] = set()
    while True:
        while served:
            told = asyncio.create_task(callers.opine(served.pop()))
            waiting.add(told)
            told.add_done_callback(waiting.discard)
        await asyncio.sleep(0.5)
