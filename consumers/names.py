"""Names and places looked up for pages, by id; nothing here is kept."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, select

from schemas.base import Reason
from schemas.reasons import Language, sentence
from schemas.tables import people, places

FORGOTTEN = {"zh": "（已删除）", "en": "(erased)"}


def names_of(connection: Connection, ids: Iterable[str | None], language: Language) -> dict[str, str]:
    """Names of people and places among `ids`. Who asked to be forgotten has none."""
    wanted = sorted({one for one in ids if one})
    if not wanted:
        return {}
    persons = select(people.c.person_id, people.c.name, people.c.forgotten_at)
    found = {
        person_id: FORGOTTEN[language] if forgotten_at else name
        for person_id, name, forgotten_at in connection.execute(persons.where(people.c.person_id.in_(wanted)))
    }
    column = places.c.name_zh if language == "zh" else places.c.name_en
    spots = select(places.c.place_id, column).where(places.c.place_id.in_(wanted))
    return {row[0]: row[1] for row in connection.execute(spots)} | found


def reason_of(stored: Mapping[str, Any]) -> Reason:
    """A reason as it stands in a JSON column."""
    return Reason.model_validate(dict(stored))


def ids_in(stored: Iterable[Mapping[str, Any]]) -> set[str]:
    """The ids that stored reasons speak of."""
    return {one for reason in stored for one in reason.get("refs", {}).values()}


def sentences(
    stored: Iterable[Mapping[str, Any]], language: Language, names: Mapping[str, str] | None = None
) -> list[str]:
    """Stored reasons as sentences."""
    return [sentence(reason_of(one), language, names) for one in stored]
