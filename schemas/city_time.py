"""City time: a stored list of segments, each from when and at which rate it runs (1 in production)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Segment:
    """From `real_from` on, city time is `city_from` plus `rate_permille`/1000 of the real time since.

    Rate 1000 in production, larger in a demonstration, 0 while it is stopped.
    """

    real_from: datetime
    city_from: datetime
    rate_permille: int

    def at(self, real: datetime) -> datetime:
        """City time at the real moment `real`, to the millisecond."""
        real_ms = (real - self.real_from) // timedelta(milliseconds=1)
        return self.city_from + timedelta(milliseconds=real_ms * self.rate_permille // 1000)


def city_time(segments: Sequence[Segment], real: datetime) -> datetime:
    """City time at `real`; without any segment it is real time. Segments are in order of `real_from`."""
    current = None
    for segment in segments:
        if segment.real_from > real:
            break
        current = segment
    if current is None:
        current = segments[0] if segments else None
    return real if current is None else current.at(real)


def real_time(segments: Sequence[Segment], city: datetime) -> datetime | None:
    """The first real moment at which city time reaches `city`; None where the clock stands still before."""
    if not segments:
        return city
    for index, segment in enumerate(segments):
        ends = segments[index + 1].real_from if index + 1 < len(segments) else None
        if segment.rate_permille == 0:
            if city <= segment.city_from:
                return segment.real_from
            continue
        need_ms = (city - segment.city_from) // timedelta(milliseconds=1) * 1000 / segment.rate_permille
        real = segment.real_from + timedelta(milliseconds=max(need_ms, 0))
        if ends is None or real < ends:
            return real
    return None
