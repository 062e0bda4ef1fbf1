"""The notices consumer: `liuzhu consume notices`. It goes after the records, whose tables say who is who."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from sqlalchemy import Connection, Table, func, select, update
from sqlalchemy.dialects.postgresql import insert

from consumers.follow import Consumer, follow
from consumers.notices.ports import OUTBOX, Carried, Port
from consumers.notices.told import Notice, Parties, notices_of, subjects_of
from schemas.decisions import CaseNoticeRecorded
from schemas.facts import OfferDelivered
from schemas.rows import Row
from schemas.tables import cases, notices, offers, visits


def parties_of(connection: Connection, row: Row) -> Parties:
    """To whom what `row` speaks of belongs."""
    visit_ids, offer_ids, case_ids = subjects_of(row)
    of_offers = _read(connection, offers, "offer_id", offer_ids)
    visit_ids |= {offer["visit_id"] for offer in of_offers.values()}
    of_visits = _read(connection, visits, "visit_id", visit_ids)
    of_cases = _read(connection, cases, "case_id", case_ids)
    persons = {one["recipient_id"] for one in of_cases.values()}
    named = notices.c.refs["case_id"].astext
    to_family = (notices.c.to_role == "FAMILY", notices.c.to_id.in_(persons), named.in_(case_ids))
    told = connection.execute(select(named).where(*to_family).distinct()).scalars() if persons else ()
    return Parties(
        {
            key: (one["recipient_id"], one["provider_id"], one["told_from"] or one["opens_at"])
            for key, one in of_visits.items()
        },
        {
            key: (one["visit_id"], one["caregiver_id"], one["provider_id"], one["start_at"])
            for key, one in of_offers.items()
        },
        {key: (one["recipient_id"], one["rule"]) for key, one in of_cases.items()},
        frozenset(told),
    )


def _read(connection: Connection, table: Table, key: str, ids: set[str]) -> dict[str, Any]:
    if not ids:
        return {}
    found = connection.execute(select(table).where(table.c[key].in_(ids))).mappings()
    return {one[key]: one for one in found}


def apply(connection: Connection, row: Row, ports: Mapping[str, Port] = OUTBOX) -> None:
    """Write a row's notices, hand those for outside to their port, and note what was delivered."""
    if not row.decisions and not isinstance(row.fact, OfferDelivered):
        return
    parties = parties_of(connection, row)
    for n, notice in enumerate(notices_of(row, parties)):
        _tell(connection, row, f"{row.area}/{row.seq}/{n}", notice, ports)
    _note_delivered(connection, row, parties)


def _tell(
    connection: Connection, row: Row, notice_id: str, notice: Notice, ports: Mapping[str, Port]
) -> None:
    fresh = insert(notices).values(
        notice_id=notice_id,
        area=row.area,
        to_role=notice.to_role,
        to_id=notice.to_id,
        code=notice.code,
        numbers=notice.numbers,
        refs=notice.refs,
        channel=notice.channel,
        created_at=row.now,
        sent_at=row.now,
    )
    connection.execute(fresh.on_conflict_do_nothing())
    if notice.channel in ports:
        ports[notice.channel].take(connection, Carried(notice_id, notice, row.now))


def _note_delivered(connection: Connection, row: Row, parties: Parties) -> None:
    """An offer reached its phone; a party of a case answered."""
    if isinstance(row.fact, OfferDelivered) and row.fact.offer_id in parties.offers:
        caregiver_id = parties.offers[row.fact.offer_id][1]
        _deliver(connection, row, "CAREGIVER", caregiver_id, "offer_id", row.fact.offer_id)
    for decision in row.decisions:
        if isinstance(decision, CaseNoticeRecorded):
            recipient_id = parties.cases.get(decision.case_id, (None, ""))[0] or ""
            _deliver(connection, row, decision.party, recipient_id, "case_id", decision.case_id)


def _deliver(connection: Connection, row: Row, role: str, to_id: str, key: str, value: str) -> None:
    delivered = func.coalesce(notices.c.delivered_at, row.now)
    those = (notices.c.to_role == role, notices.c.to_id == to_id, notices.c.refs[key].astext == value)
    connection.execute(update(notices).where(*those).values(delivered_at=delivered))


CONSUMER = Consumer("notices", partial(apply, ports=OUTBOX), after="records")

run = partial(follow, consumer=CONSUMER)
"""Follow the line until stopped: `consumers.follow.follow` for this consumer."""
