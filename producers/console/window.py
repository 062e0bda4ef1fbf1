"""The short form of a start window, as typed while the caller speaks: `mz9` is 明早 9 点, `jx` 今天下午.

Day: j 今天, m 明天, h 后天, or MMDD. Part: z 早, s 上午, zw 中午, x 下午, w 晚上. Then the hour, or hour and
minutes (`9`, `930`), or from-to (`9-11`). `n` is from now on, for an hour. Chinese too: 明早9点, 今天下午.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from schemas.base import StartWindow
from schemas.reasons import Language
from schemas.sentences import day_en, day_zh, part_of_day
from schemas.shown import ZONE, local

CHINESE = (
    ("今天", "j"),
    ("明天", "m"),
    ("后天", "h"),
    ("今", "j"),
    ("明", "m"),
    ("后", "h"),
    ("早上", "z"),
    ("上午", "s"),
    ("中午", "zw"),
    ("下午", "x"),
    ("晚上", "w"),
    ("早", "z"),
    ("晚", "w"),
    ("现在", "n"),
    ("点半", "30"),
    ("点", ""),
    ("到", "-"),
    ("至", "-"),
    ("：", ""),
    (":", ""),
)
DAYS = {"j": 0, "m": 1, "h": 2}
PARTS = {"z": ((7, 0), (9, 0)), "s": ((8, 0), (12, 0)), "zw": ((11, 0), (13, 0)), "x": ((13, 0), (17, 0))}
PARTS["w"] = ((18, 0), (20, 0))
FORM = re.compile(r"(?P<day>[jmh]|\d{4}(?=[zsxw]))?(?P<part>zw|[zsxw])?(?P<hours>\d{1,4}(-\d{1,4})?)?")
AFTER_NOON = {"x", "w"}
HOUR = timedelta(hours=1)
STEP_S = 300


@dataclass(frozen=True)
class Unclear:
    """Why a typed window cannot be read: a code of `schemas.reasons`."""

    code: str


def read_window(typed: str, now: datetime) -> StartWindow | Unclear:
    """The window that `typed` means at city time `now`; today's part that is over is left out."""
    text = typed.strip().lower().replace(" ", "").replace("–", "-")
    for chinese, short in CHINESE:
        text = text.replace(chinese, short)
    if text == "n":
        opens = _next_step(now)
        return StartWindow(opens_at=opens, closes_at=opens + HOUR)
    form = FORM.fullmatch(text)
    if not text or form is None or not (form["part"] or form["hours"]):
        return Unclear("WINDOW_UNREAD")
    day = _day(form["day"], now)
    times = _times(form["part"], form["hours"])
    if day is None or times is None:
        return Unclear("WINDOW_UNREAD")
    opens, closes = (datetime.combine(day, moment, tzinfo=ZONE) for moment in times)
    if closes < opens:
        return Unclear("WINDOW_REVERSED")
    if closes <= now:
        return Unclear("WINDOW_PAST")
    return StartWindow(opens_at=max(opens, _next_step(now)) if opens < now else opens, closes_at=closes)


def meaning(window: StartWindow, now: datetime, language: Language) -> str:
    """The beginning of a window as it is said: `明天上午 9 点`, `tomorrow 9 am`."""
    there = local(window.opens_at)
    if language == "zh":
        exact = f"{there.hour % 12 or 12} 点" + (f" {there.minute:02d}" if there.minute else "")
        return f"{day_zh(there, now)}{part_of_day(there.hour)} {exact}"
    exact = f"{there.hour % 12 or 12}" + (f":{there.minute:02d}" if there.minute else "")
    return f"{day_en(there, now)} {exact} {'am' if there.hour < 12 else 'pm'}"


def _next_step(now: datetime) -> datetime:
    there = local(now)
    past = (there.minute * 60 + there.second) % STEP_S or (STEP_S if there.microsecond else 0)
    return (there + timedelta(seconds=STEP_S - past if past else 0)).replace(second=0, microsecond=0)


def _day(said: str | None, now: datetime) -> date | None:
    today = local(now).date()
    if said is None:
        return today
    if said in DAYS:
        return today + timedelta(days=DAYS[said])
    try:
        found = date(today.year, int(said[:2]), int(said[2:]))
        return found if found >= today else found.replace(year=today.year + 1)
    except ValueError:
        return None


def _times(part: str | None, hours: str | None) -> tuple[time, time] | None:
    if hours is None:
        opens, closes = PARTS[part or "s"]
        return time(*opens), time(*closes)
    start, _, end = hours.partition("-")
    opens_at = _moment(start, part)
    if opens_at is None:
        return None
    if end:
        closes_at = _moment(end, part)
        return None if closes_at is None else (opens_at, closes_at)
    later = datetime.combine(date.min, opens_at) + HOUR
    return opens_at, later.time() if later.date() == date.min else time(23, 59)


def _moment(digits: str, part: str | None) -> time | None:
    hour, minute = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    if part in AFTER_NOON and hour < 12:
        hour += 12
    if part == "zw" and hour < 10:
        hour += 12
    return time(hour, minute) if hour < 24 and minute < 60 else None
