"""A provider's Friday in rows: caregivers, visits, offers, duties, bills; and a door that keeps facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, insert, update

from schemas.decisions import FactSetAside
from schemas.facts import Fact
from schemas.ports import Said, SinkClosed
from schemas.rows import Row
from schemas.shown import ZONE
from schemas.tables import (
    city_time,
    claims,
    duties,
    entries,
    offers,
    people,
    person_keys,
    places,
    shifts,
    stops,
    tariff_items,
    visits,
)
from tests.contracts.care_day import (
    AREA,
    CAREGIVERS,
    DAY,
    HOUSE_NUMBERS,
    ITEMS,
    KEY,
    MEN,
    NOW,
    PROVIDER,
    RECIPIENTS,
)


@dataclass
class KeptFacts:
    """An EventSink that keeps what is said; `answer` makes the decisions of its row, `away` refuses all."""

    said: list[tuple[Fact, bool]] = field(default_factory=list)
    away: bool = False
    set_aside: FactSetAside | None = None
    waits: list[float] = field(default_factory=list)

    async def say(self, fact: Fact, *, of_case: bool = False, wait_s: float = 3.0) -> Said:
        """Keep it."""
        if self.away:
            raise SinkClosed("away")
        self.said.append((fact, of_case))
        self.waits.append(wait_s)
        decisions = (self.set_aside,) if self.set_aside else ()
        row = Row(area=fact.area, seq=len(self.said), now=NOW, decider=1, fact=fact, decisions=decisions)
        return Said(fact.fact_id, "KAFKA", row)

    async def preview(self, fact: Fact) -> tuple[()]:
        """Nothing is foreseen here."""
        return ()

    async def purses(self, area: str, recipient_id: str) -> tuple[()]:
        """Nobody's rights are known here."""
        return ()

    @property
    def words(self) -> list[str]:
        """The words said, in sequence."""
        return [fact.word for fact, _ in self.said]


def at(clock: str, days: int = 0) -> datetime:
    """`9:05` of the scene's day, or `days` later."""
    hour, minute = clock.split(":")
    return NOW.replace(hour=int(hour), minute=int(minute)) + timedelta(days=days)


def recipient_id(name: str) -> str:
    """The id of a recipient of the scene."""
    return f"r{RECIPIENTS.index(name) + 1}"


def fill(engine: Engine, *, frozen: bool = True) -> None:
    """Write the scene and how city time runs: `frozen` stops it at 10:24 of the day."""
    with engine.begin() as conn:
        real = datetime(2026, 1, 1, tzinfo=ZONE) if frozen else datetime.now(ZONE)
        rate = 0 if frozen else 1000
        conn.execute(insert(city_time).values(real_from=real, city_from=NOW, rate_permille=rate))
        write_scene(conn)


def write_scene(conn: Connection) -> None:
    """Everybody and everything of the day."""
    _places(conn)
    _people(conn)
    _tariff(conn)
    for number, (name, item, start, status, crew) in enumerate(DAY, 1):
        add_visit(conn, f"v{number}", name, item, at(start), status, crew.split())
    _tomorrow(conn)
    _waiting(conn)
    _last_month(conn)


def _places(conn: Connection) -> None:
    card = {"acceptance": "CLERK", "clerk": {"clerk_id": "clerk-p1", "name": "陆敏"}}
    conn.execute(
        insert(places).values(
            place_id=PROVIDER,
            kind="PROVIDER",
            area=AREA,
            name_zh="安和居家养老服务中心",
            name_en="Anhe Home Care",
            telephone="037755512349",
            card=card,
        )
    )


def _people(conn: Connection) -> None:
    for number, (person_id, name) in enumerate(CAREGIVERS.items()):
        soon, gone = date(2026, 12, 1 + number), date(2026, 11, 10)
        until = gone if person_id == "c10" else soon if person_id in {"c2", "c6"} else date(2027, 8, 1)
        card: dict[str, Any] = {
            "skills": ["CLEANING", "BATHING"],
            "certificates": [
                {"code": "HEALTH_CERT", "valid_from": "2025-11-10", "valid_until": until.isoformat()}
            ],
        }
        _person(conn, person_id, "CAREGIVER", name, number, card)
        if person_id != "c10":
            _shifts_of(conn, person_id, number)
    for number, name in enumerate(RECIPIENTS):
        card = {"tags": ["LIVES_ALONE"], "level": "MODERATE"}
        if name == "罗玉珍":
            card |= {
                "access": "单元门 0731#，无电梯",
                "health": "先量血压，高于 160/100 就不洗，改擦浴",
                "note": "女儿周六回来，想先洗；浴室地滑",
                "tags": ["LIVES_ALONE", "HARD_OF_HEARING"],
            }
        _person(conn, f"r{number + 1}", "RECIPIENT", name, number, card)
        conn.execute(insert(person_keys).values(person_id=f"r{number + 1}", key=KEY))


def _person(
    conn: Connection, person_id: str, kind: str, name: str, number: int, card: Mapping[str, Any]
) -> None:
    conn.execute(
        insert(people).values(
            person_id=person_id,
            kind=kind,
            area=AREA,
            street="s1",
            provider_id=PROVIDER,
            name=name,
            initials="x",
            pinyin=f"x{number:02d}",
            telephone=f"138007310{number:02d}",
            gender="MALE" if name in MEN else "FEMALE",
            born_on=date(1944 - number % 15, 3, 2),
            address=HOUSE_NUMBERS[number % len(HOUSE_NUMBERS)],
            lat_udeg=33_000_000 + number * 1000,
            lon_udeg=112_500_000,
            card=dict(card),
        )
    )


def _shifts_of(conn: Connection, caregiver_id: str, number: int) -> None:
    for days in range(5):
        noon = "12:30" if number == 6 else "12:00"
        rest = {
            "earliest_at": at(noon, days).isoformat(),
            "latest_at": at(noon, days).isoformat(),
            "duration_s": 2400,
        }
        conn.execute(
            insert(shifts).values(
                shift_id=f"shift-{caregiver_id}-{days}",
                area=AREA,
                caregiver_id=caregiver_id,
                starts_at=at("7:30", days),
                ends_at=at("18:00", days),
                breaks=[rest],
            )
        )


def _tariff(conn: Connection) -> None:
    for code, (kind, zh, en, price, pay, minimum, crew, duration) in ITEMS.items():
        conn.execute(
            insert(tariff_items).values(
                area=AREA,
                tariff_id="t1",
                code=code,
                valid_from=date(2026, 1, 1),
                help=kind,
                name_zh=zh,
                name_en=en,
                unit="VISIT",
                price_fen=price,
                pay_fen=pay,
                minimum_s=minimum,
                crew=crew,
                duration_s=duration,
            )
        )


def add_visit(
    conn: Connection, visit_id: str, name: str, item: str, start: datetime, status: str, crew: list[str]
) -> None:
    """One visit and its stops; a finished one was billed to bureau and recipient."""
    kind, _, _, price, pay, _, _, duration = ITEMS[item]
    of_visit = {"DEPARTED": "BOUND", "OBSTRUCTED": "BOUND"}.get(status, status)
    finished = start + timedelta(seconds=duration) if status == "FINISHED" else None
    begun = start if status in {"STARTED", "FINISHED"} else None
    bureau = price * 3 // 4
    bill = {
        "shares": [
            {"payer": "BUREAU", "programme_id": "NANYANG-2021", "amount_fen": bureau},
            {"payer": "SELF", "programme_id": None, "amount_fen": price - bureau},
        ],
        "pay": [{"caregiver_id": each, "amount_fen": pay} for each in crew],
        "total_fen": price,
    }
    conn.execute(
        insert(visits).values(
            visit_id=visit_id,
            area=AREA,
            recipient_id=recipient_id(name),
            item=item,
            help=kind,
            provider_id=PROVIDER,
            status=of_visit,
            opens_at=start - timedelta(minutes=10),
            closes_at=start + timedelta(minutes=20),
            told_from=start - timedelta(minutes=5),
            told_until=start + timedelta(minutes=15),
            started_at=begun,
            finished_at=finished,
            grade="VERIFIED" if finished else None,
            held=False if finished else None,
            total_fen=price if finished else None,
            bill=bill if finished else None,
            requested_at=NOW - timedelta(days=1),
            seq=1,
        )
    )
    for role, caregiver_id in enumerate(crew):
        conn.execute(
            insert(stops).values(
                visit_id=visit_id,
                role=role,
                area=AREA,
                caregiver_id=caregiver_id,
                status=status,
                start_at=start,
                duration_s=duration,
                travel_s=360,
                pay_fen=pay,
                checked_in_at=begun,
                checked_out_at=finished,
                departed_at=start - timedelta(minutes=8) if begun or status == "DEPARTED" else None,
            )
        )


def _tomorrow(conn: Connection) -> None:
    add_visit(conn, "v40", "罗玉珍", "BATH_HOME", at("9:05", 1), "BOUND", ["c1", "c2"])
    add_visit(conn, "v41", "邓秋生", "CLEAN_HOME", at("14:00", 1), "BOUND", ["c1"])


def add_offer(
    conn: Connection, offer_id: str, visit_id: str, caregiver_id: str, *, to: str, **more: Any
) -> None:
    """An open offer of a visit; `more` replaces columns (status, lapses_at, case_id …)."""
    values = {
        "offer_id": offer_id,
        "area": AREA,
        "visit_id": visit_id,
        "role": 0,
        "caregiver_id": caregiver_id,
        "provider_id": PROVIDER,
        "sent_to": to,
        "origin": "INSERTION",
        "status": "OPEN",
        "start_at": at("14:00"),
        "pay_fen": 3200,
        "offered_at": NOW - timedelta(minutes=1),
        "deliver_by": NOW + timedelta(minutes=1),
    }
    conn.execute(insert(offers).values(values | more))


def _waiting(conn: Connection) -> None:
    """Three offers for the clerk, a late check-in, a forgotten check-out, an escalation, a complaint."""
    lit = {"status": "DELIVERED"}
    add_visit(conn, "v50", "冯月娥", "CLEAN_HOME", at("14:00"), "OFFERED", ["c3"])
    add_offer(conn, "o50", "v50", "c3", to="CLERK", **lit, lapses_at=NOW + timedelta(minutes=8, seconds=12))
    choice = {
        "reasons": [{"code": "CHEAPEST_DETOUR", "numbers": {"travel_s": 240}, "refs": {}}],
        "candidates": [
            {
                "caregiver_ids": [each],
                "start_at": at("14:00").isoformat(),
                "added_travel_s": 240 + 60 * index,
                "reasons": [
                    {"code": "CHEAPEST_DETOUR", "numbers": {"travel_s": 240 + 60 * index}, "refs": {}}
                ],
            }
            for index, each in enumerate(("c3", "c5", "c4"))
        ],
    }
    conn.execute(update(visits).where(visits.c.visit_id == "v50").values(choice=choice))
    add_visit(conn, "v51", "单玉兰", "BATH_HOME", at("9:30", 1), "OFFERED", ["c5", "c2"])
    add_offer(
        conn,
        "o51",
        "v51",
        "c5",
        to="CLERK",
        start_at=at("9:30", 1),
        **lit,
        lapses_at=NOW + timedelta(minutes=21),
    )
    add_offer(conn, "o52", "v51", "c2", to="CLERK", role=1, start_at=at("9:30", 1))
    late = (stops.c.visit_id == "v27", {"overdue": True})
    conn.execute(update(stops).where(late[0]).values(late[1]))
    conn.execute(
        insert(duties).values(
            duty_id="d1",
            kind="ESCALATION",
            area=AREA,
            owner="CLERK",
            provider_id=PROVIDER,
            recipient_id=recipient_id("曲长海"),
            visit_id=None,
            reason={"code": "NOBODY_LEFT", "numbers": {}, "refs": {}},
            opened_at=NOW - timedelta(minutes=30),
        )
    )
    conn.execute(update(visits).where(visits.c.visit_id == "v2").values(stars=2))


def _last_month(conn: Connection) -> None:
    for number, name in enumerate(("罗玉珍", "邓秋生", "沈国华"), 60):
        visit_id = f"v{number}"
        add_visit(conn, visit_id, name, "CLEAN_HOME", at("9:00", -20 - number % 3), "FINISHED", ["c1"])
        conn.execute(
            insert(entries).values(
                entry_id=f"a1/{number}/0",
                area=AREA,
                seq=number,
                n=0,
                kind="SETTLE",
                period="2026-10",
                visit_id=visit_id,
                at=at("10:00", -20),
            )
        )
        conn.execute(
            insert(claims).values(
                line_id=f"line-{number}",
                visit_id=visit_id,
                item="CLEAN_HOME",
                area=AREA,
                provider_id=PROVIDER,
                recipient_id=recipient_id(name),
                period="2026-10",
                amount_fen=6400,
                held=number == 62,
                entry_id=f"a1/{number}/0",
            )
        )
