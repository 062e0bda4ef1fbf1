"""Instants as whole seconds since 1970 (UTC), and the city's calendar."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from schemas.base import StartWindow

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_FAR_S = 253_000_000_000


def to_s(moment: datetime) -> int:
    """Whole seconds since 1970 of an aware moment, rounded down."""
    return (moment - _EPOCH) // _SECOND


def at(seconds: int) -> datetime:
    """The aware moment (UTC) `seconds` after 1970; moments beyond the year 9987 are that year's."""
    return _EPOCH + timedelta(seconds=min(seconds, _FAR_S))


def window(lo_s: int, hi_s: int) -> StartWindow:
    """A start window from seconds since 1970."""
    return StartWindow(opens_at=at(lo_s), closes_at=at(hi_s))


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def city_day(seconds: int, time_zone: str) -> date:
    """The calendar day in the city."""
    return _day_of_quarter(seconds // 900, time_zone)


@lru_cache(maxsize=4_096)
def _day_of_quarter(quarter: int, time_zone: str) -> date:
    """The day of a quarter of an hour: clocks differ from UTC, and change, by whole quarters since 1972."""
    return at(quarter * 900).astimezone(_zone(time_zone)).date()


def city_hour(seconds: int, time_zone: str) -> int:
    """The hour of the day in the city, 0 to 23."""
    return at(seconds).astimezone(_zone(time_zone)).hour


def day_before_at(seconds: int, hour: int, time_zone: str) -> int:
    """The hour in the city on the calendar day before."""
    here = at(seconds).astimezone(_zone(time_zone))
    return to_s(here.replace(hour=hour, minute=0, second=0, microsecond=0) - timedelta(days=1))


def city_month(seconds: int, time_zone: str) -> str:
    """The calendar month in the city, `YYYY-MM`."""
    return city_day(seconds, time_zone).isoformat()[:7]


def city_week(seconds: int, time_zone: str) -> tuple[int, int]:
    """The city's week, Monday to Monday, that holds a moment: its first second, and the first after it."""
    day = city_day(seconds, time_zone)
    monday = datetime.combine(day - timedelta(days=day.weekday()), time(), _zone(time_zone))
    return to_s(monday), to_s(monday + timedelta(days=7))
