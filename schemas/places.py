"""Datums: WGS-84 inside; GCJ-02 (Chinese maps) and BD-09 (Baidu) at the edges.

The GCJ-02 offset is the published approximation over the Krasovsky 1940 ellipsoid; the inverse is by
iteration to under a centimetre.
"""

import math
from enum import StrEnum

from schemas.base import Point


class Datum(StrEnum):
    """What degrees of latitude and longitude are counted from."""

    WGS84 = "WGS84"
    GCJ02 = "GCJ02"
    BD09 = "BD09"


_A = 6_378_245.0
_E2 = 0.006_693_421_622_965_943


def _offset(lat: float, lon: float) -> tuple[float, float]:
    x, y = lon - 105.0, lat - 35.0
    root = math.sqrt(abs(x))
    ripple = (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north += (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    north += (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east += (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    east += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    phi = lat / 180.0 * math.pi
    magic = 1 - _E2 * math.sin(phi) ** 2
    d_lat = north * 180.0 / (_A * (1 - _E2) / (magic * math.sqrt(magic)) * math.pi)
    d_lon = east * 180.0 / (_A / math.sqrt(magic) * math.cos(phi) * math.pi)
    return d_lat, d_lon


def wgs84_to_gcj02(lat: float, lon: float) -> tuple[float, float]:
    """Degrees WGS-84 to degrees GCJ-02 (inside China only)."""
    d_lat, d_lon = _offset(lat, lon)
    return lat + d_lat, lon + d_lon


def gcj02_to_wgs84(lat: float, lon: float) -> tuple[float, float]:
    """Degrees GCJ-02 to degrees WGS-84, by fixed-point iteration."""
    guess_lat, guess_lon = lat, lon
    for _ in range(10):
        d_lat, d_lon = _offset(guess_lat, guess_lon)
        guess_lat, guess_lon = lat - d_lat, lon - d_lon
    return guess_lat, guess_lon


def bd09_to_gcj02(lat: float, lon: float) -> tuple[float, float]:
    """Degrees BD-09 to degrees GCJ-02."""
    x, y = lon - 0.0065, lat - 0.006
    turn = math.pi * 3000.0 / 180.0
    z = math.sqrt(x * x + y * y) - 0.00002 * math.sin(y * turn)
    theta = math.atan2(y, x) - 0.000003 * math.cos(x * turn)
    return z * math.sin(theta), z * math.cos(theta)


def to_wgs84(lat: float, lon: float, datum: Datum) -> tuple[float, float]:
    """Degrees of any datum to degrees WGS-84."""
    if datum is Datum.BD09:
        lat, lon = bd09_to_gcj02(lat, lon)
    return (lat, lon) if datum is Datum.WGS84 else gcj02_to_wgs84(lat, lon)


def point_of(lat: float, lon: float) -> Point:
    """A WGS-84 point from degrees, rounded to the micro-degree (about 0.1 m)."""
    return Point(lat_udeg=round(lat * 1_000_000), lon_udeg=round(lon * 1_000_000))
