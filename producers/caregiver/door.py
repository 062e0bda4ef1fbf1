"""The door a phone speaks through: a list of presses in, one result for each out."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from producers.caregiver import queries
from producers.caregiver.pressed import NotPressed, Pressed, fact_of, read_pressed
from producers.caregiver.queries import About
from schemas.city_time import Segment, city_time
from schemas.decisions import FactSetAside
from schemas.ports import EventSink, SinkClosed
from schemas.reasons import SENTENCES, sentence
from schemas.rows import Row
from schemas.web import Kit

ENTRIES_MAX = 200
BODY_MAX_BYTES = 262_144
WAIT_S = 3.0
UPLOAD_LIMIT = timedelta(hours=72)


@dataclass(frozen=True)
class Result:
    """What became of one press; `again` asks the phone to keep it and send it later."""

    fact_id: str | None
    taken: bool = False
    decided: bool = False
    again: bool = False
    code: str | None = None
    zh: str | None = None
    en: str | None = None


def refused(fact_id: str | None, code: str, *, again: bool = False, place: str = "") -> Result:
    """A press that was not taken, with its sentences."""
    zh, en = SENTENCES[code]
    if place:
        zh, en = f"{zh}（{place}）", f"{en} ({place})"
    return Result(fact_id, again=again, code=code, zh=zh, en=en)


def decided(fact_id: str, row: Row | None) -> Result:
    """A press that was kept; with the desk's reason where it changed nothing."""
    if row is None:
        return Result(fact_id, taken=True)
    for decision in row.decisions:
        if isinstance(decision, FactSetAside) and decision.reasons:
            first = decision.reasons[0]
            zh, en = sentence(first, "zh"), sentence(first, "en")
            return Result(fact_id, taken=True, decided=True, code=first.code, zh=zh, en=en)
    return Result(fact_id, taken=True, decided=True)


@dataclass(frozen=True)
class _Read:
    """One entry after reading: what was pressed, or the result that already stands."""

    pressed: Pressed | None
    result: Result | None


def _read(entry: Any) -> _Read:
    try:
        return _Read(read_pressed(entry), None)
    except NotPressed as error:
        given = entry.get("fact_id") if isinstance(entry, dict) else None
        fact_id = given if isinstance(given, str) else None
        return _Read(None, refused(fact_id, error.code, place=error.place))


@dataclass(frozen=True)
class _Known:
    by_visit: dict[str, About]
    by_offer: dict[str, About]
    rows: dict[str, Row]

    def about(self, pressed: Pressed) -> About | None:
        """What is known of the visit or offer that was pressed."""
        offer_id = getattr(pressed, "offer_id", None)
        if offer_id is not None:
            return self.by_offer.get(offer_id)
        return self.by_visit.get(getattr(pressed, "visit_id", ""))


def _known(conn: Connection, presses: Sequence[Pressed]) -> _Known:
    visit_ids = {str(getattr(press, "visit_id", "")) for press in presses} - {""}
    offer_ids = {str(getattr(press, "offer_id", "")) for press in presses} - {""}
    by_visit, by_offer = queries.abouts(conn, visit_ids, offer_ids)
    return _Known(by_visit, by_offer, queries.rows_of(conn, (press.fact_id for press in presses)))


async def take(kit: Kit, caregiver_id: str, entries: Iterable[Any]) -> list[Result]:
    """Say every press of a phone, oldest first; one result for each, in the same sequence.

    What the desk has already decided is answered from its row. After the first that could not be kept
    nothing more is said, so that a check-out never overtakes its check-in on the way.
    """
    read = [_read(entry) for entry in entries]
    presses = [each.pressed for each in read if each.pressed is not None]
    known = await kit.read(lambda conn: _known(conn, presses))
    deadline = time.monotonic() + WAIT_S
    results: list[Result] = []
    away = False
    for each in read:
        if each.pressed is None:
            results.append(each.result or refused(None, "FIELD_WRONG"))
            continue
        if away:
            results.append(refused(each.pressed.fact_id, "LINE_AWAY", again=True))
            continue
        result = await _say(kit.sink, each.pressed, known, caregiver_id, deadline, kit.now())
        away = result.code == "LINE_AWAY"
        results.append(result)
    return results


async def _say(
    sink: EventSink, pressed: Pressed, known: _Known, caregiver_id: str, deadline: float, now: datetime
) -> Result:
    row = known.rows.get(pressed.fact_id)
    if row is not None:
        if row.fact.by.id != caregiver_id:
            return refused(pressed.fact_id, "FACT_ID_REUSED")
        return decided(pressed.fact_id, row)
    about = known.about(pressed)
    if about is None:
        code = "OFFER_UNKNOWN" if hasattr(pressed, "offer_id") else "VISIT_UNKNOWN"
        # The visit may only not be known here yet; a phone that comes back within 72 h is waited for.
        return refused(pressed.fact_id, code, again=now - pressed.said_at < UPLOAD_LIMIT)
    fact = fact_of(pressed, about, caregiver_id)
    try:
        said = await sink.say(
            fact, of_case=about.case_id is not None, wait_s=max(0.05, deadline - time.monotonic())
        )
    except SinkClosed:
        return refused(pressed.fact_id, "LINE_AWAY", again=True)
    return decided(pressed.fact_id, said.row)


def offsets_ms(
    segments: Sequence[Segment], real_now: datetime, sent_at: datetime, said_at: Iterable[datetime]
) -> list[int]:
    """For each press, city time at that moment minus the phone's clock, in milliseconds.

    `sent_at` is the phone's clock at `real_now`: the press was `sent_at - said_at` of real time ago.
    """
    return [
        round((city_time(segments, real_now - (sent_at - moment)) - moment).total_seconds() * 1000)
        for moment in said_at
    ]


def as_json(result: Result) -> dict[str, Any]:
    """A result as the phone reads it."""
    return asdict(result)
