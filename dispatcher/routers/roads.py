"""Ways by a road router, in bulk: in chunks, what is known unasked, within a time, else estimated."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import httpx
import numpy as np

from dispatcher.core.records import Place
from dispatcher.routers.answers import Cells, RouterAway, RouterRefused
from dispatcher.routers.breaker import Breaker
from dispatcher.routers.known import NO_WAY, UNKNOWN, Known
from dispatcher.routers.table import AWAY, HOLE, REFUSED, ROUTED, Estimate, Marks, Seconds, Table, filled

log = logging.getLogger(__name__)

AT_ONCE = 4
"""Questions under way at a time: a router has few cores."""
TIMEOUT_S = 2.0


class Router(Protocol):
    """A road router: OSRM, Valhalla, or what else can fill a block of a table."""

    @property
    def side(self) -> int:
        """The most places from, and places to, of one block."""

    async def block(
        self, http: httpx.AsyncClient, mode: str, sources: Sequence[Place], targets: Sequence[Place]
    ) -> Cells:
        """Seconds, NaN where it knows no way. Raises RouterAway or RouterRefused."""


@dataclass(frozen=True, eq=False)
class _Asked:
    """One question's table while it is filled."""

    places: Sequence[Place]
    mode: str
    seconds: Seconds
    marks: Marks
    turn: asyncio.Semaphore


class Roads:
    """One router with what it told before. Safe to use from one thread at a time."""

    def __init__(
        self,
        router: Router,
        *,
        clock: Callable[[], float],
        timeout_s: float = TIMEOUT_S,
        breaker: Breaker | None = None,
        known: Known | None = None,
    ) -> None:
        self._router = router
        self._clock = clock
        self._timeout_s = timeout_s
        self._breaker = breaker or Breaker()
        self._known = known or Known()
        self._tls = httpx.create_ssl_context()  # slow to make: once, not at every question

    def among(self, places: Sequence[Place], mode: str, estimate: Estimate, limit_s: float) -> Table:
        """All ways among the places by this mode, within about `limit_s` seconds; blocks. Never raises for
        what a router does: what it did not tell is estimated, and marked.
        """
        return asyncio.run(self.ask(places, mode, estimate, limit_s))

    async def ask(self, places: Sequence[Place], mode: str, estimate: Estimate, limit_s: float) -> Table:
        """The same on an event loop."""
        known = self._known.among(places, mode)
        marks = np.select([known == UNKNOWN, known == NO_WAY], [AWAY, HOLE], ROUTED).astype(np.uint8)
        np.fill_diagonal(marks, ROUTED)
        asked = _Asked(places, mode, known, marks, asyncio.Semaphore(AT_ONCE))
        async with httpx.AsyncClient(timeout=self._timeout_s, verify=self._tls) as http:
            tasks = [asyncio.create_task(self._fill(http, asked, *block)) for block in self._blocks(marks)]
            if tasks:
                _, late = await asyncio.wait(tasks, timeout=limit_s)
                for task in late:
                    task.cancel()
                for ended in await asyncio.gather(*tasks, return_exceptions=True):
                    if isinstance(ended, Exception):
                        raise ended
        self._known.keep(places, mode, asked.seconds)
        return filled(asked.seconds, asked.marks, places, estimate)

    def _blocks(self, marks: Marks) -> Iterator[tuple[range, range]]:
        """Rows and columns of each block in which a way is not known."""
        count, side = len(marks), self._router.side
        starts = range(0, count, side)
        for a in starts:
            for b in starts:
                rows, columns = range(a, min(a + side, count)), range(b, min(b + side, count))
                if (marks[a : rows.stop, b : columns.stop] == AWAY).any():
                    yield rows, columns

    async def _fill(self, http: httpx.AsyncClient, asked: _Asked, rows: range, columns: range) -> None:
        """Ask for one block and write it in; what goes wrong stays marked."""
        cells = np.ix_(rows, columns)
        async with asked.turn:
            if not self._breaker.lets(self._clock()):
                return
            try:
                sources, targets = ([asked.places[k] for k in some] for some in (rows, columns))
                found = await self._router.block(http, asked.mode, sources, targets)
            except RouterAway as error:
                self._breaker.failed(self._clock())
                log.warning("the road router is away: %s", error)
                return
            except RouterRefused as error:
                self._breaker.worked()
                asked.marks[cells] = REFUSED
                log.warning("the road router refused: %s", error)
                return
            except asyncio.CancelledError:
                self._breaker.gave_up()
                raise
            self._breaker.worked()
        holes = np.isnan(found)
        asked.seconds[cells] = np.where(holes, NO_WAY, np.ceil(np.nan_to_num(found))).astype(np.int32)
        asked.marks[cells] = np.where(holes, HOLE, ROUTED)
