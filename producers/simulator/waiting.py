"""Waiting by city time."""

import asyncio
from datetime import datetime, timedelta
from typing import Protocol

LONGEST_S = 2.0


class Clock(Protocol):
    """What tells city time."""

    def now(self) -> datetime:
        """City time at this moment."""
        ...

    def rate(self) -> float:
        """Seconds of city time in a second."""
        ...


async def until(clock: Clock, moment: datetime) -> None:
    """Return once city time has reached `moment`. City time may stand still, or change its rate."""
    while (left := moment - clock.now()) > timedelta(0):
        rate = clock.rate()
        real_s = left.total_seconds() / rate if rate > 0 else LONGEST_S
        await asyncio.sleep(min(max(real_s, 0.01), LONGEST_S))
