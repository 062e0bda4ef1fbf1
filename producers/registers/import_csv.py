"""Recipients from a CSV file into the register: all lines or none; the same file again changes nothing."""

import csv
import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from producers.city_clock import CityClock
from producers.enrol import Pen, enrol
from producers.entries import Entry, Person, RecipientEntry
from producers.geocoding import Geocoder, GeocoderAway
from schemas.base import Point
from schemas.codes import Gender
from schemas.places import point_of
from schemas.shapes import RecipientSecret
from schemas.tags import LEVELS, TAGS

NEEDED = ("person_id", "name", "telephone", "gender", "address", "lat", "lon", "street")
GENDERS = {"女": Gender.FEMALE, "男": Gender.MALE, "FEMALE": Gender.FEMALE, "MALE": Gender.MALE}
_SPACE = uuid.UUID("4f1f7a3e-8a50-5e0c-9d6c-12349c5c0000")


class BadLine(Exception):
    """A line that cannot be entered: its number in the file (the heading is 1), the column, what to do."""

    def __init__(self, line: int, column: str, zh: str, en: str) -> None:
        super().__init__(f"第 {line} 行“{column}”：{zh} / line {line}, {column}: {en}")
        self.line = line
        self.column = column


def read_recipients(
    lines: Iterable[str], area: str, geocoder: Geocoder | None = None
) -> Iterator[RecipientEntry]:
    """One entry for each line. Raises BadLine at the first that is wrong, and what the geocoder raises.

    With a geocoder a line may leave `lat` and `lon` empty: its address is looked up.
    """
    reader = csv.DictReader(lines)
    for column in NEEDED:
        if column not in (reader.fieldnames or ()):
            raise BadLine(1, column, "缺这一列；请补上", "the column is missing; add it")
    for number, row in enumerate(reader, start=2):
        cells = {k: (v or "").strip() for k, v in row.items() if k}
        if geocoder is not None and not cells["lat"] and not cells["lon"]:
            cells["lat"], cells["lon"] = _found(cells["address"], number, geocoder)
        yield _recipient(cells, number, area)


def _found(address: str, line: int, geocoder: Geocoder) -> tuple[str, str]:
    """The position of an address in degrees, as a line of the file would hold it."""
    point = geocoder.find(address) if address else None
    if point is None:
        raise BadLine(line, "address", "地图上查不到；请填经纬度", "is not on the map; fill in lat and lon")
    return f"{point.lat_udeg / 1e6:.6f}", f"{point.lon_udeg / 1e6:.6f}"


def _recipient(row: dict[str, str], line: int, area: str) -> RecipientEntry:
    def bad(column: str, zh: str, en: str) -> BadLine:
        return BadLine(line, column, zh, en)

    for column in NEEDED:
        if not row[column]:
            raise bad(column, "是空的；请填写", "is empty; fill it in")
    gender = GENDERS.get(row["gender"].upper())
    if gender is None:
        raise bad("gender", "只能填女或男", "must be FEMALE or MALE (女, 男)")
    home = _home(row, line)
    born_on = _born_on(row, line)
    tags = tuple(row.get("tags", "").replace("，", " ").replace(",", " ").split())
    for tag in tags:
        if tag not in TAGS:
            raise bad("tags", f"没有标签 {tag}", f"there is no tag {tag}")
    level = row.get("level") or None
    if level is not None and level not in LEVELS:
        raise bad("level", f"没有等级 {level}", f"there is no level {level}")
    person = Person(
        person_id=row["person_id"],
        area=area,
        name=row["name"],
        telephone=row["telephone"],
        gender=gender,
        address=row["address"],
        home=home,
        street=row["street"],
        provider_id=row.get("provider_id") or None,
        born_on=born_on,
        card={"tags": list(tags), "level": level, "contacts": []},
    )
    return RecipientEntry(person, RecipientSecret(home=home, gender=gender, tags=tags, level=level))


def _home(row: dict[str, str], line: int) -> Point:
    try:
        lat, lon = float(row["lat"]), float(row["lon"])
        home = point_of(lat, lon)
    except ValueError:
        raise BadLine(line, "lat", "经纬度须是度数", "latitude and longitude must be degrees") from None
    if lat > 54 or lon < 73:
        raise BadLine(
            line, "lat", "经纬度像是填反了；请对调", "latitude and longitude look swapped; exchange them"
        )
    return home


def _born_on(row: dict[str, str], line: int) -> date | None:
    try:
        return date.fromisoformat(row["born_on"]) if row.get("born_on") else None
    except ValueError:
        raise BadLine(line, "born_on", "日期写成 1944-05-03", "write the date as 1944-05-03") from None


def fact_id_of(entry: Entry) -> str:
    """The same id for the same content, so that a file read twice is told once."""
    assert isinstance(entry, RecipientEntry)
    return str(uuid.uuid5(_SPACE, repr((entry.person, entry.secret))))


def import_recipients(engine: Engine, entries: Sequence[RecipientEntry], clock: CityClock) -> int:
    """Enter all in one transaction; returns how many."""
    with engine.begin() as conn:
        enrol(conn, Pen(said_at=clock.now(), make_id=fact_id_of), entries)
    return len(entries)


def run(*, engine: Engine, file: Path, area: str, geocoder: Geocoder | None = None) -> int:
    """Import a file; 0 when it stands, 1 when a line is wrong and nothing was written."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            entries = list(read_recipients(lines, area, geocoder))
    except (BadLine, GeocoderAway, OSError, UnicodeDecodeError) as error:
        print(f"没有导入 / nothing imported: {error}")  # noqa: T201
        return 1
    count = import_recipients(engine, entries, CityClock(engine))
    print(f"已登记 {count} 人 / {count} people enrolled")  # noqa: T201
    return 0
