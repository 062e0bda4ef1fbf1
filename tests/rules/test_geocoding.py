"""Addresses become positions in WGS-84 by whatever service is set; one that is away is said so."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from geopy.exc import ConfigurationError, GeocoderNotFound, GeocoderTimedOut
from geopy.geocoders import get_geocoder_for_service

from producers.geocoding import GeocoderAway, GeopyGeocoder, geocoder_of
from producers.registers.import_csv import BadLine, read_recipients
from schemas.base import Point
from schemas.places import Datum, bd09_to_gcj02, gcj02_to_wgs84, point_of, to_wgs84, wgs84_to_gcj02
from tests.rules.test_town_import import HEAD, LINE

TIANANMEN = (39.908722, 116.397499)


@dataclass(frozen=True)
class Found:
    """What geopy tells of a place."""

    latitude: float
    longitude: float


class Service:
    """A geopy geocoder that knows one address."""

    def __init__(self, told: Found | Exception | None) -> None:
        self.told = told
        self.asked: list[str] = []

    def geocode(self, address: str) -> Found | None:
        self.asked.append(address)
        if isinstance(self.told, Exception):
            raise self.told
        return self.told


def test_a_map_services_own_degrees_are_turned_into_ours() -> None:
    """Taken as they are, degrees of Chinese maps put a door five hundred metres off."""
    gcj = wgs84_to_gcj02(*TIANANMEN)
    found = GeopyGeocoder(Service(Found(*gcj)), Datum.GCJ02, pause_s=0).find("somewhere")
    assert found is not None
    assert abs(found.lat_udeg - 39_908_722) <= 1
    assert abs(found.lon_udeg - 116_397_499) <= 1
    assert abs(point_of(*gcj).lon_udeg - 116_397_499) > 5_000


def test_each_datum_is_undone_by_its_own_way() -> None:
    """A city that changes its map service must not move all its recipients."""
    there = (39.916, 116.404)
    assert to_wgs84(*there, Datum.WGS84) == there
    assert to_wgs84(*there, Datum.GCJ02) == gcj02_to_wgs84(*there)
    assert to_wgs84(*there, Datum.BD09) == gcj02_to_wgs84(*bd09_to_gcj02(*there))


def test_an_address_nobody_knows_is_none_and_an_outage_says_so_without_the_address() -> None:
    """Where somebody lives must not end up in a log."""
    assert GeopyGeocoder(Service(None), Datum.WGS84, pause_s=0).find("nowhere") is None
    away = Service(GeocoderTimedOut("石榴巷 14 号 took too long"))
    with pytest.raises(GeocoderAway, match="GeocoderTimedOut") as said:
        GeopyGeocoder(away, Datum.WGS84, pause_s=0).find("石榴巷 14 号")
    assert "石榴巷" not in str(said.value)
    assert len(away.asked) == 1


@pytest.mark.parametrize("service", ["nominatim", "baiduv3", "photon", "arcgis"])
def test_any_service_of_geopy_can_be_set_by_its_name(service: str) -> None:
    """A city uses the map it has a contract with."""
    needs = {"nominatim": {"user_agent": "liuzhu"}, "baiduv3": {"api_key": "key", "security_key": "other"}}
    made = geocoder_of(service, needs.get(service, {}), Datum.BD09)
    assert isinstance(made, GeopyGeocoder)
    assert get_geocoder_for_service(service)


def test_a_service_geopy_does_not_know_or_cannot_make_is_refused() -> None:
    """A misspelt name must not wait for the first address to be noticed."""
    with pytest.raises(GeocoderNotFound):
        geocoder_of("atlantis", {}, Datum.WGS84)
    with pytest.raises(ConfigurationError):
        geocoder_of("nominatim", {}, Datum.WGS84)
    with pytest.raises(TypeError):
        geocoder_of("photon", {"colour": "red"}, Datum.WGS84)


WITHOUT = LINE.replace("32.99,112.53", ",")


def test_a_line_without_a_position_is_looked_up_only_where_a_service_is_set() -> None:
    """Three thousand addresses would be typed in as degrees by hand."""
    service = Service(Found(32.9, 112.5))
    (entry,) = read_recipients([HEAD, WITHOUT], "a1", GeopyGeocoder(service, Datum.WGS84, pause_s=0))
    assert entry.secret.home == Point(lat_udeg=32_900_000, lon_udeg=112_500_000)
    assert service.asked == ["石榴巷 14 号"]
    with pytest.raises(BadLine) as refused:
        list(read_recipients([HEAD, WITHOUT], "a1"))
    assert refused.value.column == "lat"
    (kept,) = read_recipients([HEAD, LINE], "a1", GeopyGeocoder(service, Datum.WGS84, pause_s=0))
    assert kept.secret.home.lat_udeg == 32_990_000
    assert len(service.asked) == 1


def test_a_line_whose_address_is_not_on_the_map_is_named() -> None:
    """A recipient at nowhere is found by nobody."""
    with pytest.raises(BadLine) as refused:
        list(read_recipients([HEAD, WITHOUT], "a1", GeopyGeocoder(Service(None), Datum.WGS84, pause_s=0)))
    assert (refused.value.line, refused.value.column) == (2, "address")
