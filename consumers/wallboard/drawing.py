"""Places as points of a drawing, and hours as bars: pure."""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from schemas.codes import TravelMode
from schemas.shapes import AreaSettings

MAP_WIDTH, MAP_HEIGHT, MARGIN = 1072, 560, 14
HOURS = range(6, 20)
CHART_WIDTH, CHART_HEIGHT = 156, 134
M_PER_UDEG = 0.111_195
MINUTES_15_S = 900


@dataclass(frozen=True)
class Frame:
    """Maps micro-degrees onto the drawing, north up, one scale both ways."""

    west: int
    north: int
    per_lon: float
    per_lat: float
    left: float
    top: float

    def at(self, lat_udeg: int, lon_udeg: int) -> tuple[float, float]:
        """x and y in pixels."""
        x = self.left + (lon_udeg - self.west) * self.per_lon
        y = self.top + (self.north - lat_udeg) * self.per_lat
        return round(x, 1), round(y, 1)


def frame_of(points: Iterable[tuple[int, int]]) -> Frame:
    """The frame that holds all points; a small one around nothing."""
    found = list(points) or [(0, 0)]
    lats, lons = [lat for lat, _ in found], [lon for _, lon in found]
    south, north, west, east = min(lats), max(lats), min(lons), max(lons)
    shrink = math.cos(math.radians((south + north) / 2 / 1e6))
    room_x, room_y = MAP_WIDTH - 2 * MARGIN, MAP_HEIGHT - 2 * MARGIN
    scale = min(room_x / max((east - west) * shrink, 1), room_y / max(north - south, 1))
    left = MARGIN + (room_x - (east - west) * shrink * scale) / 2
    top = MARGIN + (room_y - (north - south) * scale) / 2
    return Frame(west, north, scale * shrink, scale, left, top)


def path_of(frame: Frame, ring: Sequence[Sequence[int]]) -> str:
    """An outline of `[lat, lon]` pairs in micro-degrees as an SVG path."""
    points = [frame.at(point[0], point[1]) for point in ring]
    return "M" + "L".join(f"{x},{y}" for x, y in points) + "Z" if points else ""


def beside(key: str, reach: float = 13.0) -> tuple[float, float]:
    """A small shift, always the same for a key, so that people of one house do not hide one another."""
    told = hashlib.sha256(key.encode()).digest()
    turn, far = told[0] / 256 * math.tau, math.sqrt((told[1] + 1) / 256) * reach
    return round(math.cos(turn) * far, 1), round(math.sin(turn) * far, 1)


LABEL_WIDTH, LABEL_HEIGHT, LABEL_GAP = 240, 64, 28


def labels_of(marks: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Where the labels of marks go: beside them, inside the drawing, none over another."""
    placed: list[tuple[float, float]] = []
    for x, y in marks:
        right = x + LABEL_GAP + LABEL_WIDTH <= MAP_WIDTH
        left, top = (x + LABEL_GAP if right else x - LABEL_GAP - LABEL_WIDTH), y - LABEL_HEIGHT / 2
        top = next(
            (
                top + step
                for step in sorted(range(-160, 161, 4), key=lambda step: (abs(step), step))
                if all(
                    abs(left - a) >= LABEL_WIDTH or abs(top + step - b) >= LABEL_HEIGHT + 6 for a, b in placed
                )
            ),
            top,
        )
        placed.append((round(left, 1), round(top, 1)))
    return placed


@dataclass(frozen=True)
class HourBar:
    """One hour: a bar of today."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class HourChart:
    """Today's bars and the line of the same weekday a week before; dots where the line would mislead."""

    total: int
    bars: tuple[HourBar, ...]
    line: str
    dots: tuple[tuple[float, float], ...]


def hour_chart(today: Mapping[int, int], before: Mapping[int, int]) -> HourChart:
    """Counts per hour of one help."""
    top = max([*today.values(), *before.values(), 1])
    slot = CHART_WIDTH / len(HOURS)
    room = CHART_HEIGHT - 6

    def high(count: int) -> float:
        return round(CHART_HEIGHT - count / top * room, 1)

    bars = tuple(
        HourBar(
            round(n * slot + 1, 1), high(today[hour]), round(slot - 2, 1), round(today[hour] / top * room, 1)
        )
        for n, hour in enumerate(HOURS)
        if today.get(hour)
    )
    points = [(round((n + 0.5) * slot, 1), high(before.get(hour, 0))) for n, hour in enumerate(HOURS)]
    few = sum(before.values()) < 20
    dots = tuple(point for point, hour in zip(points, HOURS, strict=True) if few and before.get(hour))
    line = "" if few else " ".join(f"{x},{y}" for x, y in points)
    return HourChart(sum(today.values()), bars, line, dots)


def reach_15_min_m() -> float:
    """How far a scooter gets in 15 minutes, as the crow flies, by the default settings of an area."""
    settings = AreaSettings.model_fields
    speed_mm_s = settings["speed_mm_s"].default[TravelMode.E_SCOOTER]
    return float(MINUTES_15_S * speed_mm_s / 1000 * 1000 / settings["road_factor_permille"].default)


def covered(homes: Sequence[tuple[int, int]], people: Sequence[tuple[float, float]]) -> int:
    """How many homes somebody can reach within 15 minutes; both in micro-degrees (lat, lon)."""
    if not homes or not people:
        return 0
    home, carer = np.asarray(homes, dtype=float), np.asarray(people, dtype=float)
    shrink = math.cos(math.radians(float(home[:, 0].mean()) / 1e6))
    north = (home[:, None, 0] - carer[None, :, 0]) * M_PER_UDEG
    east = (home[:, None, 1] - carer[None, :, 1]) * M_PER_UDEG * shrink
    return int((north**2 + east**2 <= reach_15_min_m() ** 2).any(axis=1).sum())
