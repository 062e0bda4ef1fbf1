"""Journal rows written by hand, as the desk would: for tests of what follows the journal."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert
from sqlalchemy.dialects.postgresql import insert as insert_or

from schemas.base import Reason, Speaker, StartWindow
from schemas.codes import Channel, Grade, HelpKind, Origin, Payer
from schemas.decisions import (
    AssignmentBound,
    Candidate,
    Decision,
    MoneyReleased,
    MoneyReserved,
    PriceStep,
    PromiseMade,
    RequestAdmitted,
    VisitExceptionRaised,
    VisitPlanned,
    VisitPriced,
    VisitStarted,
    VisitVerified,
)
from schemas.facts import CaregiverCheckedIn, CaregiverCheckedOut, Fact, ServiceRequested
from schemas.ids import new_id
from schemas.rows import GENESIS, Row
from schemas.shapes import CaregiverPay, ClaimLine, Fetched, PlannedStop, Share
from schemas.tables import heads, journal

NOON = datetime(2026, 11, 12, 4, 0, tzinfo=UTC)
OPERATOR = Speaker(role="OPERATOR", id="seat-7")
PROGRAMME = "NANYANG-2021"


@dataclass
class Line:
    """Appends rows to journals of areas, chained and gapless; `rows` keeps them."""

    engine: Engine
    now: datetime = NOON
    rows: list[Row] = field(default_factory=list)
    _tips: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    def said(self, area: str, role: str = "OPERATOR", at: datetime | None = None) -> dict[str, Any]:
        """What every fact tells."""
        by = OPERATOR if role == "OPERATOR" else Speaker(role=role, id="c1")
        return {"fact_id": new_id(), "area": area, "said_at": at or self.now, "by": by}

    def write(self, fact: Fact, *decisions: Decision) -> Row:
        """Append one row."""
        seq, previous = self._tips.get(fact.area, (0, GENESIS))
        row = Row(area=fact.area, seq=seq + 1, now=self.now, decider=1, fact=fact, decisions=decisions)
        tip = (row.seq, row.hashed(previous))
        with self.engine.begin() as connection:
            connection.execute(
                insert(journal).values(
                    area=row.area,
                    seq=row.seq,
                    fact_id=row.fact_id,
                    now=row.now,
                    decider=1,
                    fact_word=fact.word,
                    body=row.body().decode(),
                    hash=tip[1],
                )
            )
            fresh = insert_or(heads).values(area=row.area, seq=tip[0], hash=tip[1])
            connection.execute(
                fresh.on_conflict_do_update(index_elements=["area"], set_={"seq": tip[0], "hash": tip[1]})
            )
        self._tips[fact.area] = tip
        self.rows.append(row)
        return row

    def tip_hash(self, area: str) -> bytes:
        """The hash of the last row of an area."""
        return self._tips[area][1]


@dataclass(frozen=True)
class Wish:
    """One visit told from request to bill."""

    area: str = "a1"
    recipient_id: str = "r1"
    caregiver_ids: tuple[str, ...] = ("c1", "c2")
    provider_id: str = "p1"
    item: str = "BATH_HOME"
    help: HelpKind = HelpKind.BATHING
    start_at: datetime = NOON + timedelta(hours=2)
    minutes: int = 62
    price_fen: int = 18_000
    bureau_fen: int = 9_600
    grade: Grade = Grade.VERIFIED
    findings: tuple[Reason, ...] = ()
    held: bool = False
    late_min: int = 0
    meal: Fetched | None = None


def book(line: Line, wish: Wish) -> str:
    """Request, plan, promise and binding in one row; the visit's id."""
    request_id, visit_id = new_id(), new_id()
    end = wish.start_at + timedelta(minutes=20)
    window = StartWindow(opens_at=wish.start_at - timedelta(minutes=30), closes_at=end)
    told = StartWindow(opens_at=wish.start_at - timedelta(minutes=5), closes_at=end)
    fact = ServiceRequested(
        **line.said(wish.area, at=line.now - timedelta(milliseconds=350)),
        request_id=request_id,
        recipient_id=wish.recipient_id,
        item=wish.item,
        window=window,
        channel=Channel.HOTLINE,
    )
    fetched: dict[str, Any] = {"round_id": "round-1", "from_kitchen_s": 240} if wish.meal else {}
    stops = tuple(
        PlannedStop(role=role, caregiver_id=one, start_at=wish.start_at, travel_s=420, **fetched)
        for role, one in enumerate(wish.caregiver_ids)
    )
    candidate = Candidate(
        caregiver_ids=wish.caregiver_ids,
        start_at=wish.start_at,
        told=told,
        added_travel_s=360,
        cost_s=360,
        copay_fen=wish.price_fen - wish.bureau_fen,
        reasons=(Reason(code="CHEAPEST_DETOUR", numbers={"travel_s": 360}),),
    )
    pay_fen = 4_000
    decisions: list[Decision] = [
        RequestAdmitted(
            request_id=request_id,
            visit_id=visit_id,
            recipient_id=wish.recipient_id,
            item=wish.item,
            help=wish.help,
            tariff_id="t1",
            window=window,
            crew=len(wish.caregiver_ids),
            meal=wish.meal,
        ),
        VisitPlanned(visit_id=visit_id, stops=stops, origin=Origin.INSERTION, candidates=(candidate,)),
        PromiseMade(visit_id=visit_id, told=told, provider_id=wish.provider_id),
    ]
    if wish.bureau_fen:
        decisions.append(MoneyReserved(**_purse(wish, visit_id), amount_fen=wish.bureau_fen))
    decisions += [
        AssignmentBound(
            visit_id=visit_id,
            role=role,
            caregiver_id=one,
            provider_id=wish.provider_id,
            offer_id=None,
            accepted_by="SHIFT",
            origin=Origin.INSERTION,
            start_at=wish.start_at,
            pay_fen=pay_fen,
        )
        for role, one in enumerate(wish.caregiver_ids)
    ]
    line.write(fact, *decisions)
    return visit_id


def _purse(wish: Wish, visit_id: str) -> dict[str, str]:
    return {
        "visit_id": visit_id,
        "recipient_id": wish.recipient_id,
        "programme_id": PROGRAMME,
        "period": wish.start_at.strftime("%Y-%m"),
    }


def serve(line: Line, wish: Wish, visit_id: str) -> Row:
    """Check-in and check-out of every caregiver, the verdict and the bill; the last row."""
    came = wish.start_at + timedelta(minutes=wish.late_min)
    left = came + timedelta(minutes=wish.minutes)
    for role, one in enumerate(wish.caregiver_ids):
        line.now = came + timedelta(seconds=20 + role)
        fact = CaregiverCheckedIn(
            **line.said(wish.area, "CAREGIVER", came), visit_id=visit_id, caregiver_id=one
        )
        started = VisitStarted(visit_id=visit_id, role=role, caregiver_id=one, started_at=came, distance_m=9)
        line.write(fact, started)
    line.now = left + timedelta(seconds=20)
    for one in wish.caregiver_ids[1:]:
        said = line.said(wish.area, "CAREGIVER", left)
        line.write(CaregiverCheckedOut(**said, visit_id=visit_id, caregiver_id=one))
    said = line.said(wish.area, "CAREGIVER", left)
    last = CaregiverCheckedOut(**said, visit_id=visit_id, caregiver_id=wish.caregiver_ids[0])
    return line.write(last, *_verdict(wish, visit_id, came, left))


def _verdict(wish: Wish, visit_id: str, came: datetime, left: datetime) -> list[Decision]:
    decisions: list[Decision] = [
        VisitVerified(
            visit_id=visit_id,
            recipient_id=wish.recipient_id,
            item=wish.item,
            caregiver_ids=wish.caregiver_ids,
            started_at=came,
            finished_at=left,
            billed_s=wish.minutes * 60,
            grade=wish.grade,
            findings=wish.findings or (Reason(code="POSITION_NEAR", numbers={"distance_m": 9}),),
        )
    ]
    if wish.held:
        decisions.append(VisitExceptionRaised(visit_id=visit_id, reasons=wish.findings))
    decisions.append(bill_of(wish, visit_id))
    return decisions


def bill_of(wish: Wish, visit_id: str, bureau_fen: int | None = None) -> VisitPriced:
    """The bill of a wish: what the bureau does not pay, the recipient does."""
    bureau = wish.bureau_fen if bureau_fen is None else bureau_fen
    own = wish.price_fen - bureau
    shares = [Share(payer=Payer.BUREAU, programme_id=PROGRAMME, amount_fen=bureau)] if bureau else []
    steps = [PriceStep(code="PRICE", numbers={"price_fen": wish.price_fen}, left_fen=wish.price_fen)]
    if bureau:
        numbers = {"amount_fen": bureau, "left_quota_fen": 20_400}
        steps.append(
            PriceStep(code="QUOTA_PAYS", numbers=numbers, refs={"programme_id": PROGRAMME}, left_fen=own)
        )
    if own:
        shares.append(Share(payer=Payer.SELF, programme_id=None, amount_fen=own))
        steps.append(PriceStep(code="SELF_PAYS", numbers={"amount_fen": own}, left_fen=0))
    line_item = ClaimLine(
        line_id=f"{visit_id}:1",
        item=wish.item,
        quantity=1,
        unit_price_fen=wish.price_fen,
        amount_fen=wish.price_fen,
    )
    return VisitPriced(
        visit_id=visit_id,
        recipient_id=wish.recipient_id,
        provider_id=wish.provider_id,
        tariff_id="t1",
        period=wish.start_at.strftime("%Y-%m"),
        lines=(line_item,),
        shares=tuple(shares),
        pay=tuple(CaregiverPay(caregiver_id=one, amount_fen=4_000) for one in wish.caregiver_ids),
        steps=tuple(steps),
        total_fen=wish.price_fen,
        held=wish.held,
    )


def release(wish: Wish, visit_id: str) -> MoneyReleased:
    """The hold of a wish given back."""
    return MoneyReleased(**_purse(wish, visit_id), amount_fen=wish.bureau_fen)
