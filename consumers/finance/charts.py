"""Bars of a month, as plain numbers for an inline SVG."""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from consumers.finance.queries import Period

WIDTH, HEIGHT, LEFT, BOTTOM = 552, 190, 36, 24


@dataclass(frozen=True)
class Bar:
    """One day: where it stands, how high, and whether it is a working day."""

    day: int
    x: float
    y: float
    width: float
    height: float
    count: int
    is_weekend: bool


@dataclass(frozen=True)
class DayChart:
    """Visits per day with two or three round lines to read them by."""

    bars: tuple[Bar, ...]
    lines: tuple[tuple[float, int], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    base: int = HEIGHT - BOTTOM


def round_step(top: int) -> int:
    """A step of 1, 2, 3 or 5 times a power of ten that reaches `top` in two or three steps."""
    power = 1
    while True:
        for head in (1, 2, 3, 5):
            if head * power * 3 >= max(top, 1):
                return head * power
        power *= 10


def day_chart(period: Period, counts: Mapping[date, int]) -> DayChart:
    """Bars of all days of the month."""
    length = calendar.monthrange(period.year, period.month)[1]
    top = max([*counts.values(), 1])
    step = round_step(top)
    base, room = HEIGHT - BOTTOM, HEIGHT - BOTTOM - 10
    scale = room / max(top, step)
    slot = (WIDTH - LEFT) / length
    bars = []
    for number in range(1, length + 1):
        on = date(period.year, period.month, number)
        count = counts.get(on, 0)
        high = round(count * scale, 1)
        x = round(LEFT + (number - 1) * slot + slot * 0.14, 1)
        bars.append(Bar(number, x, base - high, round(slot * 0.72, 1), high, count, on.weekday() >= 5))
    marks = range(0, max(top, step) + 1, step)
    return DayChart(tuple(bars), tuple((round(base - mark * scale, 1), mark) for mark in marks))
