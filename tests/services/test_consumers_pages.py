"""The pages of what is remembered, over real rows: what they show, and what bad input gets."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, create_engine, insert, select, update

from consumers.catalogue import CONSUMERS, catch_up
from infra.web import create_app
from schemas.base import Reason
from schemas.codes import AlarmKind, AlarmRule, Human, Origin
from schemas.decisions import (
    CallBackOpened,
    CaseDispatched,
    CaseNoticeRecorded,
    CaseOpened,
    Decision,
    FactSetAside,
    HelpEscalated,
    VisitPlanned,
)
from schemas.facts import AlarmRaised, CaseNoticeAnswered, Fact, PlanProposed, RequestCancelled
from schemas.ids import new_id
from schemas.ports import Said, SinkClosed
from schemas.shapes import EngineGain, NotPlanned, PlanChange, PlannedStop, ProposedStop
from schemas.tables import city_time, dead_letters, notices, people, places, proposals
from tests.services.consumers_rows import NOON, Line, Wish, book, serve
from tests.web import served


class KeptSink:
    """Keeps what was said; closed, it takes nothing."""

    def __init__(self) -> None:
        self.said: list[Fact] = []
        self.closed = False

    async def say(self, fact: Fact, *, of_case: bool = False, wait_s: float = 3.0) -> Said:
        """Take a fact."""
        if self.closed:
            raise SinkClosed
        self.said.append(fact)
        return Said(fact.fact_id, "KAFKA", None)


class BlankOutlook:
    """These pages ask nothing."""

    async def preview(self, fact: Fact) -> tuple[Decision, ...]:
        """Decide nothing."""
        return ()


@pytest.fixture
def engine(fresh_database: str) -> Iterator[Engine]:
    made = create_engine(fresh_database)
    _enter_people(made)
    yield made
    made.dispose()


@pytest.fixture
def line(engine: Engine) -> Line:
    return Line(engine)


@pytest.fixture
def sink() -> KeptSink:
    return KeptSink()


@pytest.fixture
def pages(engine: Engine, line: Line, sink: KeptSink) -> Iterator[httpx.Client]:
    _live(line)
    for name in CONSUMERS:
        catch_up(engine, name)
    app = create_app(engine=engine, sink=sink, outlook=BlankOutlook())
    with served(app) as address, httpx.Client(base_url=address, timeout=30) as browser:
        yield browser


def _enter_people(engine: Engine) -> None:
    whom = (("r1", "RECIPIENT", "罗玉珍"), ("c1", "CAREGIVER", "许凤霞"), ("c2", "CAREGIVER", "段小芹"))
    persons = [
        {
            "person_id": one,
            "kind": kind,
            "area": "a1",
            "street": "s1",
            "provider_id": "p1",
            "name": name,
            "initials": "x",
            "pinyin": "x",
            "telephone": "13812342716",
            "gender": "FEMALE",
            "born_on": datetime(1944, 5, 1, tzinfo=UTC).date(),
            "address": "石榴巷 14 号",
            "lat_udeg": 33_000_000 + n * 2_000,
            "lon_udeg": 112_500_000,
        }
        for n, (one, kind, name) in enumerate(whom)
    ]
    ring = [[32_990_000, 112_490_000], [33_010_000, 112_490_000], [33_010_000, 112_510_000]]
    spots = (("a1", "AREA", "苍浦区"), ("s1", "STREET", "柳堤街道"), ("p1", "PROVIDER", "安和居家"))
    with engine.begin() as connection:
        connection.execute(insert(people), persons)
        for place_id, kind, name in spots:
            connection.execute(
                insert(places).values(
                    place_id=place_id,
                    kind=kind,
                    area="a1",
                    name_zh=name,
                    name_en=f"{name} en",
                    lat_udeg=33_000_000,
                    lon_udeg=112_500_000,
                    card={"outline": ring},
                )
            )
        connection.execute(
            insert(city_time).values(
                real_from=datetime.now(UTC), city_from=NOON + timedelta(hours=6), rate_permille=1000
            )
        )


def _live(line: Line) -> None:
    """A paid bath, a held one, an emergency under way, a refusal, a duty past due."""
    good = Wish()
    serve(line, good, book(line, good))
    short = Reason(code="SERVICE_SHORT", numbers={"short_s": 480})
    bad = Wish(held=True, findings=(short,), start_at=NOON + timedelta(hours=4), bureau_fen=0)
    serve(line, bad, book(line, bad))
    case_id, visit_id = new_id(), new_id()
    alarm = AlarmRaised(**line.said("a1"), case_id=case_id, kind=AlarmKind.FALL, recipient_id="r1")
    at_once = Reason(code="ALARM_AT_ONCE")
    opened = CaseOpened(
        case_id=case_id, recipient_id="r1", kind=AlarmKind.FALL, rule=AlarmRule.AT_ONCE, reason=at_once
    )
    soon = line.now + timedelta(minutes=9)
    sent = CaseDispatched(case_id=case_id, visit_id=visit_id, caregiver_id="c1", arrive_at=soon, ranked=())
    line.write(alarm, opened, sent)
    line.write(
        CaseNoticeAnswered(**line.said("a1"), case_id=case_id, party="FAMILY", answer="COMING"),
        CaseNoticeRecorded(case_id=case_id, party="FAMILY", answer="COMING"),
    )
    stray = RequestCancelled(**line.said("a1"), request_id="nothing")
    _propose(line)
    due = NOON - timedelta(hours=1)
    line.write(stray, FactSetAside(reasons=(Reason(code="REQUEST_UNKNOWN"),)))
    line.write(
        RequestCancelled(**line.said("a1"), request_id="other"),
        CallBackOpened(
            callback_id=new_id(),
            recipient_id="r1",
            visit_id=None,
            owner=Human.OPERATOR,
            reason=Reason(code="PROMISE_CHANGED"),
            due_at=due,
        ),
        HelpEscalated(
            escalation_id=new_id(), to=Human.CLERK, provider_id="p1", reason=Reason(code="NOBODY_LEFT")
        ),
    )


def _propose(line: Line) -> None:
    """A booked visit that a plan gives to another, and one that the plan leaves out."""
    moved, lost = (book(line, Wish(start_at=NOON + timedelta(hours=hours))) for hours in (5, 6))
    start_at = NOON + timedelta(hours=5)
    why = Reason(code="SAVES_TRAVEL", numbers={"saved_s": 1_260})
    late = Reason(code="ARRIVES_LATE", numbers={"late_s": 540})
    fact = PlanProposed(
        **line.said("a1", "PLANNER"),
        base_seq=1,
        engine="RUIN_ORTOOLS",
        stops=tuple(
            ProposedStop(visit_id=moved, role=role, caregiver_id=carer, start_at=start_at)
            for role, carer in enumerate(("c2", "c1"))
        ),
        price_s=12_000,
        base_price_s=13_260,
        solve_ms=3_200,
        bound_s=11_400,
        gains={
            "IN_FORCE": EngineGain(routes=11, saved_s=0, served=0),
            "ORTOOLS": EngineGain(routes=2, saved_s=180, served=0),
            "CITY": EngineGain(routes=7, saved_s=1_080, served=1),
        },
        changes=(PlanChange(visit_id=moved, reasons=(why,)),),
        left_out=1,
        not_planned=(NotPlanned(visit_id=lost, caregiver_id="c2", reason=late),),
    )
    stops = tuple(
        PlannedStop(role=role, caregiver_id=carer, start_at=start_at, travel_s=300)
        for role, carer in enumerate(("c2", "c1"))
    )
    better = Reason(code="PLAN_BETTER", numbers={"saved_s": 1_260})
    line.write(
        fact,
        VisitPlanned(
            visit_id=moved, stops=stops, origin=Origin.PLAN, engine="RUIN_ORTOOLS", reasons=(better, why)
        ),
    )


def _letter(engine: Engine, body: bytes, code: str = "FIELD_UNKNOWN") -> int:
    with engine.begin() as connection:
        fresh = insert(dead_letters).values(
            topic="intake",
            topic_id="t",
            partition=3,
            offset=7,
            headers={},
            body=body,
            code=code,
            detail="amount_fen: extra_forbidden",
            created_at=NOON,
        )
        return int(connection.execute(fresh.returning(dead_letters.c.letter_id)).scalar_one())


ADDRESSES = (
    "/finance/?period=2026-11",
    "/finance/?period=2026-11&by=street",
    "/finance/?period=2026-11&by=help",
    "/finance/?period=1999-01",
    "/finance/visits?period=2026-11",
    "/finance/visits?period=2026-11&only=held&page=abc",
    "/finance/visits.csv?period=2026-11&provider=p1",
    "/finance/exceptions?period=2026-11",
    "/finance/exceptions?period=2026-11&visit=nothing",
    "/wallboard/",
    "/wallboard/wall",
    "/notices/",
    "/notices/?channel=VOICE&role=FAMILY",
    "/notices/?channel=x&role=y&page=-3",
    "/supervisor/",
)


def test_every_page_answers_in_both_languages(pages: httpx.Client) -> None:
    """A page that fails on an odd address leaves its user with nothing."""
    for address in ADDRESSES:
        for lang in ("zh", "en"):
            with_lang = f"{address}{'&' if '?' in address else '?'}lang={lang}"
            told = pages.get(with_lang, headers={"accept": "text/html"})
            assert told.status_code == 200, (with_lang, told.text[:500])


def test_the_month_holds_what_waits_apart_and_agrees_with_the_ledger(pages: httpx.Client) -> None:
    """Owed is clear plus waiting; anything else is a wrong transfer."""
    told = pages.get("/finance/?period=2026-11").text
    assert "360.00" in told
    assert "待处理 1 单" in told
    assert "差 0.00" in told


def test_what_waits_shows_why_and_what_to_do(pages: httpx.Client) -> None:
    told = pages.get("/finance/exceptions?period=2026-11").text
    assert "少做 8 分钟" in told
    assert "实际时长" in told
    assert "暂存" in told


def test_the_outbox_says_who_would_be_told_what_in_words(pages: httpx.Client, engine: Engine) -> None:
    """Until a line is connected, this is the proof of what people would hear."""
    told = pages.get("/notices/?channel=VOICE").text
    assert "罗玉珍按了紧急呼叫" in told
    assert "已收到" in told
    texts = pages.get("/notices/?channel=SMS").text
    assert "138****2716" in texts
    assert "13812342716" not in texts
    with engine.connect() as connection:
        stored = connection.execute(select(notices)).mappings().all()
    assert not any("罗玉珍" in str(dict(row)) for row in stored)


def test_who_asked_to_be_forgotten_has_no_name_on_any_page(pages: httpx.Client, engine: Engine) -> None:
    with engine.begin() as connection:
        gone = update(people).where(people.c.person_id == "r1")
        connection.execute(gone.values(forgotten_at=NOON))
    for path in ("/finance/visits?period=2026-11", "/notices/", "/finance/visits.csv?period=2026-11"):
        told = pages.get(path).text
        assert "罗玉珍" not in told
        assert "（已删除）" in told


def test_the_supervisor_sees_what_was_refused_and_what_is_owed_and_late(pages: httpx.Client) -> None:
    told = pages.get("/supervisor/").text
    assert "没有这个请求" in told
    assert "回电话" in told
    assert "没有别的人可派" in told
    assert 'class="mark"' in told


def test_the_supervisor_sees_what_each_engine_gave_and_whom_the_plan_leaves_out(
    pages: httpx.Client, engine: Engine
) -> None:
    """Whether an engine earns its keep is seen on one's own data, and nobody left out stays unseen."""
    zh, en = (pages.get(f"/supervisor/?lang={language}").text for language in ("zh", "en"))
    for told, words in (
        (zh, ("拆了重排", "OR-Tools 路线", "赶不到，晚 9 分钟", "罗玉珍", "段小芹", "5.0")),
        (en, ("ruin and recreate", "OR-Tools routing", "would arrive 9 min late", "at most", "5.0")),
    ):
        pane = told[told.index('id="plans"') : told.index('id="refused"')]
        assert all(word in pane for word in words)
        assert [pane.index(name) for name in (">11<", ">7<", ">2<")] == sorted(
            pane.index(name) for name in (">11<", ">7<", ">2<")
        )
    with engine.connect() as connection:
        (row,) = connection.execute(select(proposals)).all()
    assert (row.changes, row.adopted, row.left_out) == (1, 1, 1)


def test_a_dead_letter_is_mended_said_anew_under_a_new_id_and_marked(
    pages: httpx.Client, engine: Engine, sink: KeptSink
) -> None:
    """A typo in a feed must not cost a recipient their cancellation."""
    fact = RequestCancelled(**Line(engine).said("a1"), request_id="q1")
    letter_id = _letter(engine, fact.model_dump_json().replace("}", ',"amount_fen":1.5}', 1).encode())
    page = pages.get(f"/supervisor/letters/{letter_id}")
    assert "有不认识的字段" in page.text
    origin = {"origin": str(pages.base_url).rstrip("/")}
    done = pages.post(
        f"/supervisor/letters/{letter_id}", data={"body": fact.model_dump_json()}, headers=origin
    )
    assert done.status_code == 303, done.text[:600]
    assert [said.word for said in sink.said] == ["RequestCancelled"]
    assert sink.said[0].fact_id != fact.fact_id
    with engine.connect() as connection:
        assert connection.execute(select(dead_letters.c.mended_at)).scalar_one() is not None


@pytest.mark.parametrize(
    ("typed", "code"), [("{", "NOT_JSON"), ("[1]", "FIELD_WRONG"), ('{"word": "Nothing"}', "TYPE_UNKNOWN")]
)
def test_what_is_mended_badly_is_refused_and_kept_on_the_page(
    pages: httpx.Client, engine: Engine, sink: KeptSink, typed: str, code: str
) -> None:
    """What somebody typed is never thrown away."""
    letter_id = _letter(engine, b"\x00\xff", "TYPE_UNKNOWN")
    assert pages.get(f"/supervisor/letters/{letter_id}").status_code == 200
    told = _post(pages, letter_id, typed)
    assert told.status_code == 422
    assert code in told.text
    assert typed.split('"')[0] in told.text
    assert sink.said == []


def test_a_mended_letter_waits_while_both_stores_are_away(
    pages: httpx.Client, engine: Engine, sink: KeptSink
) -> None:
    letter_id = _letter(engine, b"{}")
    sink.closed = True
    fact = RequestCancelled(**Line(engine).said("a1"), request_id="q1")
    told = _post(pages, letter_id, fact.model_dump_json())
    assert told.status_code == 503
    assert "STORE_AWAY" in told.text
    assert pages.get("/supervisor/letters/999999", headers={"accept": "text/html"}).status_code == 404


def _post(pages: httpx.Client, letter_id: int, typed: str) -> Any:
    origin = {"origin": str(pages.base_url).rstrip("/"), "accept": "text/html"}
    return pages.post(f"/supervisor/letters/{letter_id}", data={"body": typed}, headers=origin)
