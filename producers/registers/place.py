"""A public place into the register: a hospital that escorts lead to, a kitchen that meals come from."""

import uuid
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select

from producers.city_clock import CityClock
from producers.enrol import Pen, enrol
from producers.entries import AreaEntry, Entry, PlaceEntry
from schemas.base import Point
from schemas.facts import FACT, AreaOpened
from schemas.places import Datum, point_of, to_wgs84
from schemas.shapes import AreaSettings, Kitchen
from schemas.tables import places, spool

KINDS = ("HOSPITAL", "KITCHEN", "STATION")
_SPACE = uuid.UUID("4f1f7a3e-8a50-5e0c-9d6c-12349c5c0001")


class BadPlace(Exception):
    """A place that cannot be entered, and what to do."""


@dataclass(frozen=True)
class Cooking:
    """How a kitchen works: seconds to load a round, and from how long before its window a meal is cooked.

    `table_index` is its row in the area's travel table, where the area has one.
    """

    loading_s: int = 300
    cooked_before_s: int = 1_800
    table_index: int | None = None


def enter(conn: Connection, pen: Pen, place: PlaceEntry, cooking: Cooking) -> None:
    """Enter a place, a kitchen with its area told anew; one entered again is replaced.

    Raises BadPlace where there is no such area, or the place lies outside it.
    """
    area = _area(conn, place.area)
    at = place.at
    if at is None or not _inside(at, area.settings):
        raise BadPlace(
            f"位置不在片区 {place.area} 内，请核对经纬度与坐标系 / "
            f"not within area {place.area}: see latitude, longitude and datum"
        )
    entries: tuple[Entry, ...] = (place,)
    if place.kind == "KITCHEN":
        kitchen = Kitchen(
            place_id=place.place_id,
            place=at,
            table_index=cooking.table_index,
            loading_s=cooking.loading_s,
            cooked_before_s=cooking.cooked_before_s,
        )
        others = [one for one in area.settings.kitchens or () if one.place_id != place.place_id]
        settings = area.settings.model_copy(update={"kitchens": (*others, kitchen)})
        entries = (place, AreaEntry(area.place, settings))
    enrol(conn, pen, entries)


def _inside(at: Point, settings: AreaSettings) -> bool:
    low, high = settings.south_west, settings.north_east
    is_within = low.lat_udeg <= at.lat_udeg <= high.lat_udeg
    return is_within and low.lon_udeg <= at.lon_udeg <= high.lon_udeg


def _area(conn: Connection, area: str) -> AreaEntry:
    """The area as it was told last, held until the transaction ends."""
    row = conn.execute(
        select(places).where(places.c.place_id == area, places.c.kind == "AREA").with_for_update()
    ).first()
    body = conn.execute(
        select(spool.c.body)
        .where(spool.c.area == area, spool.c.headers["ce_type"].astext.like("%.AreaOpened.%"))
        .order_by(spool.c.spool_id.desc())
        .limit(1)
    ).scalar()
    if row is None or body is None:
        raise BadPlace(f"没有片区 {area}，请先开通 / there is no area {area}: open it first")
    fact = FACT.validate_json(bytes(body))
    assert isinstance(fact, AreaOpened)
    at = None if row.lat_udeg is None else Point(lat_udeg=row.lat_udeg, lon_udeg=row.lon_udeg)
    about = (row.name_zh, row.name_en, at, row.telephone, row.card)
    return AreaEntry(PlaceEntry(area, "AREA", area, *about), fact.settings)


def place_of(
    kind: str, name: str, area: str, at: str, datum: Datum, *, name_en: str | None, telephone: str | None
) -> PlaceEntry:
    """The entry, always under the same id for the same kind, area and name. Raises BadPlace."""
    if kind.upper() not in KINDS:
        raise BadPlace(f"种类须是 {'、'.join(KINDS)} / the kind must be one of {', '.join(KINDS)}")
    try:
        lat, lon = (float(part) for part in at.replace("，", ",").split(","))
        point = point_of(*to_wgs84(lat, lon, datum))
    except ValueError:
        raise BadPlace(f"位置写成 纬度,经度：{at} / write the position as LAT,LON: {at}") from None
    number = uuid.uuid5(_SPACE, f"{area}/{kind.upper()}/{name}").hex[:12]
    place_id = f"{area}-{kind.lower()}-{number}"
    return PlaceEntry(place_id, kind.upper(), area, name, name_en or name, point, telephone)


def run(
    *,
    engine: Engine,
    kind: str,
    name: str,
    area: str,
    at: str,
    datum: Datum,
    name_en: str | None,
    telephone: str | None,
    cooking: Cooking,
) -> int:
    """Enter one place; 0 when it stands, 1 when something is wrong and nothing was written."""
    try:
        place = place_of(kind, name, area, at, datum, name_en=name_en, telephone=telephone)
        with engine.begin() as conn:
            enter(conn, Pen(said_at=CityClock(engine).now()), place, cooking)
    except BadPlace as error:
        print(f"没有登记 / nothing entered: {error}")  # noqa: T201
        return 1
    print(f"已登记 / entered: {place.place_id}")  # noqa: T201
    return 0
