"""The simulated town: enters itself into the registers once, then lives by city time until it is stopped."""

import asyncio
import contextlib
import logging
import signal
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from producers.city_clock import CityClock
from producers.daily import CITY_ZONE
from producers.simulator.alarms import Alarms
from producers.simulator.callers import Callers, opinions
from producers.simulator.care import PLANNED_SHARE
from producers.simulator.chance import dice
from producers.simulator.clerks import Clerk
from producers.simulator.doors import Doors
from producers.simulator.habits import calls_of_day, presses_of_day
from producers.simulator.phone import Phone, Served
from producers.simulator.seats import Seats
from producers.simulator.settle import Size, Town, build_town, settle
from producers.simulator.tally import NAME, Tally
from producers.simulator.waiting import until

log = logging.getLogger(__name__)
LOOK_S = 30.0
"""A phone is looked at this often, in real seconds, though the line has not woken it."""
STEPS_APART_S = 0.5
SPREAD_S = 6.0
"""All phones are switched on within this."""
ALARMS_PER_DAY = 10
KNOWN_WITHIN_S = 180.0
"""People begin to call after this at the latest, whether or not the line has read all registers."""


@dataclass
class Life:
    """All that lives in one run."""

    seed: int
    size: Size
    clock: CityClock
    doors: Doors
    town: Town
    served: list[Served] = field(default_factory=list)
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    def begin(self, life: Coroutine[Any, Any, Any]) -> None:
        """Let something live beside the rest; what fails is logged and the town goes on."""
        task = asyncio.create_task(life)
        self.tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("somebody in the town stopped", exc_info=task.exception())


async def carry(life: Life, phone: Phone, number: int) -> None:
    """One caregiver's phone, looked at when it rings, when something is due, and now and then."""
    await asyncio.sleep(SPREAD_S * dice(life.seed, "look", number).random())
    woken = asyncio.Event()
    life.begin(life.doors.wake(phone.caregiver_id, woken))
    looked_at = float("-inf")
    while True:
        look = woken.is_set() or time.monotonic() - looked_at >= LOOK_S
        if look:
            woken.clear()
            looked_at = time.monotonic()
        due = await phone.step(life.clock.now(), look=look)
        rate = max(life.clock.rate(), 0.001)
        due_s = (due - life.clock.now()).total_seconds() / rate
        await asyncio.sleep(STEPS_APART_S)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(woken.wait(), timeout=min(max(due_s - STEPS_APART_S, 0.0), LOOK_S))


async def days(life: Life) -> None:
    """Plan each city day's calls and alarms as it begins; what lies behind us when we start is left out."""
    people = [resident.entry.person for resident in life.town.residents]
    callers = Callers(life.seed, life.clock, life.doors, people)
    life.begin(opinions(callers, life.served))
    alarms = Alarms(life.seed, life.clock, life.doors, [p for p in people if "device" in p.card])
    count = round(life.size.visits_per_day * (1 - PLANNED_SHARE))
    began = life.clock.now()
    midnight = began.astimezone(CITY_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    while True:
        for call in calls_of_day(life.seed, midnight, len(people), count):
            if call.at > began:
                life.begin(callers.call(call))
        for press in presses_of_day(life.seed, midnight, len(alarms.people), ALARMS_PER_DAY):
            if press.at > began:
                life.begin(alarms.press(press))
        midnight += timedelta(days=1)
        await until(life.clock, midnight)


async def _known_everywhere(life: Life, stop: asyncio.Event) -> None:
    """Wait until the last caregiver of each area sees shifts on the phone: the line has heard of all."""
    last = {worker.person.area: worker.person.person_id for worker in life.town.caregivers}
    deadline = time.monotonic() + KNOWN_WITHIN_S
    for caregiver_id in last.values():
        while not stop.is_set() and time.monotonic() < deadline:
            shown = await life.doors.today(caregiver_id)
            if shown is not None and shown["shifts"]:
                break
            await asyncio.sleep(1.0)


async def live(life: Life, stop: asyncio.Event) -> None:
    """Everybody lives until `stop`."""
    while not stop.is_set() and not await life.doors.is_open():
        await asyncio.sleep(0.5)
    await _known_everywhere(life, stop)
    for number, worker in enumerate(life.town.caregivers):
        person = worker.person
        phone = Phone(life.seed, person.person_id, person.area, life.doors, life.served)
        life.begin(carry(life, phone, number))
    for provider in life.town.city.providers:
        place = provider.place
        life.begin(Clerk(life.seed, place.place_id, place.area, life.clock, life.doors).work())
    life.begin(Seats(life.seed, life.clock, life.doors).work())
    life.begin(days(life))
    await stop.wait()
    for task in tuple(life.tasks):
        task.cancel()
    await asyncio.gather(*life.tasks, return_exceptions=True)


def keep_time(clock: CityClock, stop: threading.Event) -> None:
    """Read city time each second, so that nobody who asks for it waits."""
    while not stop.wait(1.0):
        clock.read()


def enter(
    engine: Engine, town: Callable[[datetime], Town], clock: CityClock, stop: threading.Event
) -> Town | None:
    """Enter the town into the registers, waiting for PostgreSQL; None when stopped before that."""
    while not stop.is_set():
        if clock.read():
            try:
                built = town(clock.now())
                for area, facts in settle(engine, built):
                    log.info("area %s entered: %d facts", area, facts)
                return built
            except SQLAlchemyError as error:
                log.warning("the registers are away, waiting: %s", type(error).__name__)
        stop.wait(1.0)
    return None


async def _main(life: Life) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    ticking = threading.Event()
    threading.Thread(target=keep_time, args=(life.clock, ticking), name="town-clock", daemon=True).start()
    try:
        await live(life, stop)
    finally:
        ticking.set()
        await life.doors.close()


def run(*, engine: Engine, base_url: str, seed: int, data_dir: Path, visits_per_day: int = 800) -> None:
    """Live until SIGTERM. Each acknowledged fact is noted in `data_dir`/acknowledged.jsonl."""
    began = time.monotonic()
    size = Size(visits_per_day=visits_per_day)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    clock = CityClock(engine)

    def town(now: datetime) -> Town:
        return build_town(seed, size, now.astimezone(CITY_ZONE).date(), now)

    built = enter(engine, town, clock, stop)
    if built is None:
        return
    log.info("the town stands after %.1f s", time.monotonic() - began)
    tally = Tally(data_dir / NAME)
    try:
        asyncio.run(_main(Life(seed, size, clock, Doors(base_url, tally), built)))
    finally:
        tally.close()
