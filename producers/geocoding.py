"""Where an address is, by any service that geopy knows: in WGS-84, whatever the service counts from.

Whoever sets a service sends addresses to it: none is set by default.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from geopy.exc import GeopyError
from geopy.extra.rate_limiter import RateLimiter
from geopy.geocoders import get_geocoder_for_service

from schemas.base import Point
from schemas.places import Datum, point_of, to_wgs84

PAUSE_S = 1.0
"""Between two questions: what the public services ask for."""


class GeocoderAway(Exception):
    """The service did not answer, or refused; says how. No address stands in it."""


class Geocoder(Protocol):
    """Finds addresses."""

    def find(self, address: str) -> Point | None:
        """Its position, or None where the service knows none. Raises GeocoderAway."""


class GeopyGeocoder:
    """A geocoder of geopy with the datum of its answers."""

    def __init__(self, geocoder: Any, datum: Datum, pause_s: float = PAUSE_S) -> None:
        # no retries here: the limiter would write the address into the log with each
        self._geocode = RateLimiter(
            geocoder.geocode, min_delay_seconds=pause_s, max_retries=0, swallow_exceptions=False
        )
        self._datum = datum

    def find(self, address: str) -> Point | None:
        """Its position, or None where the service knows none. Raises GeocoderAway."""
        try:
            found = self._geocode(address)
        except GeopyError as error:
            raise GeocoderAway(
                f"{type(error).__name__}（地址查询服务无应答 / the geocoder is away）"
            ) from None
        if found is None:
            return None
        return point_of(*to_wgs84(found.latitude, found.longitude, self._datum))


def geocoder_of(service: str, options: Mapping[str, str], datum: Datum) -> Geocoder:
    """geopy's class for the service, made with these options. Raises GeopyError or TypeError, as geopy."""
    return GeopyGeocoder(get_geocoder_for_service(service)(**options), datum)
