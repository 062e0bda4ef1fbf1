"""What planners are asked for, the newest of each area, and when the one at hand should stop."""

import asyncio
import time
from dataclasses import dataclass, replace

from schemas.base import StartWindow
from schemas.decisions import PlanRequested
from schemas.rows import Row


@dataclass(frozen=True)
class Asked:
    """The newest request of an area: the row that asked, and how far to plan.

    `limit_s` is set where tomorrow is planned before its offers go out: nothing newer cuts that short.
    """

    area: str
    seq: int
    horizon: StartWindow
    limit_s: float | None = None


class Newest:
    """Of all requests only the newest of each area counts. Filled and emptied on the event loop."""

    def __init__(self) -> None:
        self._asked: dict[str, Asked] = {}
        self.any = asyncio.Event()

    def add(self, asked: Asked) -> None:
        """Note a request; an older one of the area falls away, unless it plans the day ahead."""
        before = self._asked.get(asked.area, asked)
        newest = max(before, asked, key=lambda one: one.seq)
        ahead = next((one for one in (asked, before) if one.limit_s is not None), newest)
        self._asked[asked.area] = replace(ahead, seq=newest.seq)
        self.any.set()

    async def take(self) -> Asked:
        """The request of the area that has waited longest, as soon as there is one."""
        while not self._asked:
            self.any.clear()
            await self.any.wait()
        return self._asked.pop(next(iter(self._asked)))


def requests_in(body: bytes | None) -> list[Asked]:
    """The request in a row's message, if there is one. Raises pydantic.ValidationError for a newer word."""
    if body is None or b'"word":"PlanRequested"' not in body:
        return []
    row = Row.of_body(body)
    asked = [d.horizon for d in row.decisions if isinstance(d, PlanRequested)]
    return [Asked(row.area, row.seq, asked[-1])] if asked else []


class Work:
    """The area that is being planned, and whether that should stop with the best so far.

    It stops for the end of the worker, for a person's wish, and for a newer request of the area once it has
    had its least time: a busy area would never get a plan otherwise. Used by several threads.
    """

    def __init__(self) -> None:
        self._least_s = 0.0
        self._area, self._seq = "", 0
        self._began_s = 0.0
        self._is_wished = self._is_newer = self._is_ending = False

    def begin(self, area: str, seq: int, least_s: float) -> None:
        """A solve of this area over this row begins; nothing newer ends it before `least_s`."""
        self._area, self._seq, self._began_s, self._least_s = area, seq, time.monotonic(), least_s
        self._is_wished = self._is_newer = False

    def note(self, asked: Asked) -> None:
        """There is a request: a newer one, if its row came after the one that is planned over."""
        self._is_newer = self._is_newer or (asked.area == self._area and asked.seq > self._seq)

    def wish(self, area: str) -> None:
        """A person wants what was found so far."""
        self._is_wished = self._is_wished or area == self._area

    def end(self) -> None:
        """The worker ends."""
        self._is_ending = True

    def stopped(self) -> bool:
        """Whether to stop now."""
        had = time.monotonic() - self._began_s >= self._least_s
        return self._is_ending or self._is_wished or (self._is_newer and had)
