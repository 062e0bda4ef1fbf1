"""The clerks of the providers at their desks: they see what waits, and answer most of it after a while."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from producers.simulator.doors import Doors
from producers.simulator.habits import clerk_habit
from producers.simulator.waiting import Clock

LOOK_S = 3.0
ONLY_SO_MANY = 8
"""A clerk answers no more than this in one look."""


@dataclass
class Clerk:
    """One provider's clerk."""

    seed: int
    provider_id: str
    area: str
    clock: Clock
    doors: Doors
    seen: dict[str, datetime] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)

    async def work(self) -> None:
        """Look at the offers again and again."""
        while True:
            await self.look(self.clock.now())
            await asyncio.sleep(LOOK_S)

    async def look(self, now: datetime) -> None:
        """See what waits; answer what was seen long enough ago."""
        shown = await self.doors.read(f"/provider/{self.provider_id}/offers.json")
        if shown is None:
            return
        unseen = [offer for offer in shown["offers"] if offer["offer_id"] not in self.seen]
        await asyncio.gather(*(self._see(offer, now) for offer in unseen))
        left = ONLY_SO_MANY
        for offer in shown["offers"]:
            offer_id = offer["offer_id"]
            if offer_id in self.seen and offer_id not in self.answered and left:
                left -= await self._answer(offer, now)

    async def _see(self, offer: Mapping[str, Any], now: datetime) -> None:
        """The offer stands on the clerk's screen: it is delivered."""
        if await self._say("OfferDelivered", offer["offer_id"], fact_id=offer["receipt_id"]):
            self.seen[offer["offer_id"]] = now

    async def _answer(self, offer: Mapping[str, Any], now: datetime) -> bool:
        """Answer one offer if its time has come; whether it was answered."""
        offer_id = offer["offer_id"]
        habit = clerk_habit(self.seed, self.provider_id, offer_id)
        if now < self.seen[offer_id] + timedelta(seconds=habit.after_s):
            return False
        self.answered.add(offer_id)
        if habit.answer == "ACCEPT":
            return await self._say("AssignmentAccepted", offer_id)
        if habit.answer == "DECLINE":
            return await self._say("AssignmentDeclined", offer_id, reason=habit.reason)
        return False

    async def _say(self, word: str, offer_id: str, **told: str) -> bool:
        path = f"/provider/{self.provider_id}/answers"
        answer = await self.doors.clerk(path, word, self.area, word=word, offer_id=offer_id, **told)
        return answer is not None
