"""Buttons pressed in need or by mistake, and the seats that call back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from producers.entries import Person
from producers.simulator.chance import dice, uuid7_at
from producers.simulator.doors import Doors
from producers.simulator.habits import Press
from producers.simulator.waiting import Clock, until

HELP_TAKES = timedelta(minutes=75)
PARTIES = (("FAMILY", 0.8), ("AMBULANCE", 0.35), ("STATION", 0.6), ("NEIGHBOUR", 0.3))


@dataclass(frozen=True)
class Alarms:
    """The devices of the town, and its own seats, which answer a share of what is raised."""

    seed: int
    clock: Clock
    doors: Doors
    people: Sequence[Person]
    """Recipients with a device."""

    async def press(self, press: Press) -> None:
        """One alarm from the press to the end of its case, as far as people and not caregivers act in it."""
        await until(self.clock, press.at)
        person = self.people[press.device]
        device = person.card["device"]
        rng = dice(self.seed, "press", press.at, press.number)
        told = await self.doors.press(
            device["device_id"], person.area, uuid7_at(press.at, rng), device["battery_percent"]
        )
        if told is None:
            return
        if press.again_s:
            again_at = press.at + timedelta(seconds=press.again_s)
            await until(self.clock, again_at)
            await self.doors.press(
                device["device_id"], person.area, uuid7_at(again_at, rng), device["battery_percent"]
            )
        if press.seat_answers:
            await self._answer(press, str(told["case_id"]), person.area)

    async def _answer(self, press: Press, case_id: str, area: str) -> None:
        """The seat calls back, tells the others, and closes once a voice was heard or somebody was there."""
        await until(self.clock, press.at + timedelta(seconds=press.answers_s))
        path = f"/cases/{case_id}"
        await self.doors.hotline("CaseAnswered", f"{path}/answered.json", area, outcome=press.truth)
        if press.truth == "FALSE":
            await self.doors.hotline("CaseCloseAsked", f"{path}/closed.json", area, proof="VOICE")
            return
        rng = dice(self.seed, "parties", case_id)
        for party, chance in PARTIES:
            if rng.random() < chance:
                notice = {"party": party, "answer": rng.choice(("ON_THE_WAY", "ON_THE_WAY", "INFORMED"))}
                await self.doors.hotline("CaseNoticeAnswered", f"{path}/notice.json", area, **notice)
        await until(self.clock, press.at + HELP_TAKES)
        await self.doors.hotline("CaseCloseAsked", f"{path}/closed.json", area, proof="ON_SITE")
