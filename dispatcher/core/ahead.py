"""How long a visit may wait for a better plan before anybody is asked to do it.

What a caller is told at once is the time; who comes stays open until the evening before, so that all that is
asked for a day is planned together and nobody hears two names.
"""

from __future__ import annotations

from dispatcher.core.desk import Desk
from dispatcher.core.records import Visit
from dispatcher.core.times import day_before_at
from schemas.shapes import AreaSettings

OFFER_HOUR = 17
"""Tomorrow's offers go out from then on, where the area has set no hour of its own: offices still answer."""
NO_EVENING = 24
"""The hour of an area that has no evening: its offers go out with the next plan."""


def hour_of(settings: AreaSettings) -> int | None:
    """The hour of the city's day from which tomorrow's offers go out; None where no evening is waited for."""
    if settings.offer_hour == NO_EVENING:
        return None
    return OFFER_HOUR if settings.offer_hour is None else settings.offer_hour


def offers_from_s(desk: Desk, visit: Visit) -> int:
    """When the offers of a visit as planned go out, from whatever plan then stands: the evening before."""
    settings = desk.settings
    hour = None if settings is None else hour_of(settings)
    if settings is None or hour is None:
        return 0
    return day_before_at(visit.start_s, hour, settings.time_zone)


def is_due(desk: Desk, visit: Visit, now_s: int) -> bool:
    """Whether a visit that waits for a plan may be offered by one."""
    return visit.waiting and now_s >= offers_from_s(desk, visit)
