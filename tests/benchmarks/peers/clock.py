"""The clock of a peer's budget: the wall's, or that of the processor on a machine shared with other work.

Solvers that look at a clock of their own (VROOM, OR-Tools, Timefold) always have the wall's.
"""

from __future__ import annotations

import time
from collections.abc import Callable

CLOCKS: dict[str, Callable[[], float]] = {"wall": time.monotonic, "cpu": time.process_time}
FOLLOWS = ("ours", "PyVRP")
"""Peers that can be given a clock."""

now_s: Callable[[], float] = time.monotonic
"""Seconds by the clock that was chosen for this process."""


def choose(name: str) -> None:
    """Let budgets in this process count by this clock of `CLOCKS`."""
    global now_s
    now_s = CLOCKS[name]
