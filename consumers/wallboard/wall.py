"""The wall put together from what was read: everything the template shows, in words and pixels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from consumers.names import names_of
from consumers.wallboard import queries
from consumers.wallboard.drawing import (
    Frame,
    HourChart,
    beside,
    covered,
    frame_of,
    hour_chart,
    labels_of,
    path_of,
)
from consumers.wallboard.queries import Times
from schemas.reasons import Language
from schemas.shown import SIX_HELPS, age, clock, local, minutes


@dataclass(frozen=True)
class Dot:
    """One caregiver on the map; `help` is empty while free."""

    x: float
    y: float
    help: str


@dataclass(frozen=True)
class CaseMark:
    """One emergency on the map."""

    x: float
    y: float
    where: str
    state: str
    from_xy: tuple[float, float] | None
    label_xy: tuple[float, float]


@dataclass(frozen=True)
class Late:
    """One line of the overdue list."""

    help: str
    late_min: int
    who: str
    state: str
    provider: str


@dataclass(frozen=True)
class Wall:
    """All that is shown."""

    shapes: tuple[tuple[str, str, str, tuple[float, float]], ...]
    dots: tuple[Dot, ...]
    marks: tuple[CaseMark, ...]
    free: int
    under_way: Mapping[str, int]
    at_work: int
    on_roster: int
    covered: int
    homes: int
    times: Mapping[str, Times]
    open_cases: int
    charts: Mapping[str, HourChart]
    has_before: bool
    late: tuple[Late, ...]
    late_total: int

    @property
    def serving(self) -> int:
        """Visits being served."""
        return sum(self.under_way.values())


def wall_of(connection: Connection, now: datetime, language: Language) -> Wall:
    """Read the city as it is at `now`."""
    shapes = queries.outlines(connection)
    rings = [(row, row["card"].get("outline") or []) for row in shapes]
    frame = frame_of((point[0], point[1]) for _, ring in rings for point in ring)
    carers, on_roster = queries.on_shift(connection, now)
    last = queries.last_stops(connection, now)
    spots = {row["caregiver_id"]: _spot(row, last) for row in carers}
    for caregiver_id, stop in last.items():  # who still serves after their shift is at work too
        if stop["status"] == "STARTED" and caregiver_id not in spots:
            spots[caregiver_id] = (stop["lat_udeg"], stop["lon_udeg"], True)
    dots = _dots(frame, spots, last)
    cases = queries.open_cases(connection)
    late, late_total = queries.overdue(connection, now)
    ids = {row["street"] for row in (*cases, *late)} | {row["provider_id"] for row in late}
    names = names_of(connection, ids, language)
    today = local(now).date()
    hours = queries.by_hour(connection, today)
    before = queries.by_hour(connection, today - timedelta(days=7))
    homes = queries.homes(connection)
    places = [spot[:2] for spot in spots.values() if spot is not None]
    return Wall(
        tuple(_shape(frame, row, ring, language) for row, ring in rings if ring),
        dots,
        _marks(frame, cases, spots, names, now, language),
        sum(not dot.help for dot in dots),
        queries.under_way(connection, now),
        len(carers),
        on_roster,
        covered(homes, places),
        len(homes),
        queries.times(connection, now),
        len(cases),
        {help_: hour_chart(hours.get(help_, {}), before.get(help_, {})) for help_ in SIX_HELPS},
        bool(before),
        tuple(_late(row, names, now, language) for row in late),
        late_total,
    )


def _shape(
    frame: Frame, row: Mapping[str, Any], ring: Any, language: Language
) -> tuple[str, str, str, tuple[float, float]]:
    name = row["name_zh"] if language == "zh" else row["name_en"]
    middle = frame.at(row["lat_udeg"], row["lon_udeg"]) if row["lat_udeg"] is not None else (0.0, 0.0)
    return row["kind"], name, path_of(frame, ring), middle


def _spot(row: Mapping[str, Any], last: Mapping[str, Any]) -> tuple[int, int, bool] | None:
    """Where a caregiver was last seen today; before the first stop, their provider's house."""
    stop = last.get(row["caregiver_id"])
    if stop is not None:
        return stop["lat_udeg"], stop["lon_udeg"], True
    return None if row["lat_udeg"] is None else (row["lat_udeg"], row["lon_udeg"], False)


def _dots(
    frame: Frame, spots: Mapping[str, tuple[int, int, bool] | None], last: Mapping[str, Any]
) -> tuple[Dot, ...]:
    found = []
    for caregiver_id, spot in spots.items():
        if spot is None:
            continue
        x, y = frame.at(spot[0], spot[1])
        shift_x, shift_y = beside(caregiver_id, 3.0 if spot[2] else 16.0)
        stop = last.get(caregiver_id)
        serving = stop["help"] if stop is not None and stop["status"] == "STARTED" else ""
        found.append(Dot(round(x + shift_x, 1), round(y + shift_y, 1), serving))
    return tuple(found)


def _person(row: Mapping[str, Any], names: Mapping[str, str], now: datetime, language: Language) -> str:
    where = names.get(row["street"] or "", "地点不明" if language == "zh" else "place unknown")
    if row["born_on"] is None:
        return where
    years = age(row["born_on"], now)
    return f"{where}，{years} 岁" if language == "zh" else f"{where}, aged {years}"


def _marks(
    frame: Frame,
    cases: Sequence[Mapping[str, Any]],
    spots: Mapping[str, tuple[int, int, bool] | None],
    names: Mapping[str, str],
    now: datetime,
    language: Language,
) -> tuple[CaseMark, ...]:
    """Emergencies whose place is known, with where help comes from while it is on the way."""
    known = [row for row in cases if row["lat_udeg"] is not None]
    points = [frame.at(row["lat_udeg"], row["lon_udeg"]) for row in known]
    found = []
    for row, (x, y), label in zip(known, points, labels_of(points), strict=True):
        spot = spots.get(row["caregiver_id"] or "") if row["arrived_at"] is None else None
        start = frame.at(spot[0], spot[1]) if spot else None
        who = _person(row, names, now, language)
        found.append(CaseMark(x, y, who, _case_state(row, now, language), start, label))
    return tuple(found)


def _case_state(row: Mapping[str, Any], now: datetime, language: Language) -> str:
    if row["arrived_at"] is not None:
        return "已到门，在处理" if language == "zh" else "there, helping"
    if row["dispatched_at"] is None:
        return "正在找人" if language == "zh" else "finding someone"
    left = minutes(max(int((row["arrive_at"] - now).total_seconds()), 0)) if row["arrive_at"] else 0
    if left:
        return f"路上，还有 {left} 分钟" if language == "zh" else f"on the way, {left} min"
    return "路上，该到了" if language == "zh" else "on the way, due now"


STATES = {
    "PLANNED": ("还没派人", "nobody sent yet"),
    "OFFERED": ("等人答复", "waiting for an answer"),
    "BOUND": ("还没出发", "not set out"),
    "DEPARTED": ("在路上", "on the way"),
}


def _late(row: Mapping[str, Any], names: Mapping[str, str], now: datetime, language: Language) -> Late:
    zh, en = STATES[row["status"]]
    planned = clock(row["start_at"])
    state = f"{zh}，原定 {planned}" if language == "zh" else f"{en}, {planned}"
    provider = names.get(row["provider_id"] or "", row["provider_id"] or "")
    late_min = minutes(max(int((now - row["start_at"]).total_seconds()), 0))
    return Late(row["help"], late_min, _person(row, names, now, language), state, provider)
