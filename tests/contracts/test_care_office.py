"""The provider's office: what a clerk sees, what a clerk's buttons say, and what is refused."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from producers.provider.day import Day, lay_out, place
from schemas.base import Reason
from schemas.decisions import FactSetAside
from schemas.facts import (
    AssignmentAccepted,
    AssignmentDeclined,
    CaregiverCheckedOut,
    OfferDelivered,
    ShiftPublished,
    VisitReportedMissed,
)
from schemas.ids import new_id
from schemas.shown import local
from schemas.tables import offers, shifts
from tests.contracts.care_day import NOW
from tests.contracts.care_pages import CarePages, begin_anew, shared_pages
from tests.contracts.care_scene import at

HTML = {"accept": "text/html"}


@pytest.fixture(scope="module")
def pages(postgres_server: str, _migrated_template: str) -> Iterator[CarePages]:
    with shared_pages(postgres_server, _migrated_template) as shared:
        yield shared


@pytest.fixture
def care(pages: CarePages) -> CarePages:
    begin_anew(pages)
    return pages


def page(care: CarePages, path: str, **more: Any) -> str:
    if "lang=" not in path:
        path += f"{'&' if '?' in path else '?'}lang=zh"
    answer = care.http.get(path, headers=HTML, **more)
    assert answer.status_code == 200, answer.text
    return answer.text


def post(care: CarePages, path: str, **fields: Any) -> httpx.Response:
    return care.http.post(path, data=fields, headers={"hx-request": "true"})


def words(html: str) -> str:
    """What a page says, without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", re.sub(r"</t[dh]>", " ", html)))


# --- what is seen


def test_the_clerk_sees_what_waits_with_the_reason_for_the_suggestion(care: CarePages) -> None:
    told = words(page(care, "/provider/offers"))
    assert "2 件等您答复" in told
    assert "建议田月：顺路，多走 4 分钟" in told
    assert "明天 9:20–9:50 到，两人" in told


def test_the_clerk_sees_who_is_late_and_who_forgot(care: CarePages) -> None:
    told = words(page(care, "/provider/offers"))
    assert "马春梅晚了 24 分钟" in told
    assert "邱素云忘了点「做完了」" in told
    assert "没有别的人可派，请人工安排" in told


def test_the_days_figures_add_up(care: CarePages) -> None:
    """Figures that do not add up on screen are not believed."""
    told = words(page(care, "/provider/day"))
    found = re.search(r"(\d+) 单：做完 (\d+)，进行中 (\d+)，要确认 (\d+)，等答复 (\d+)，还没开始 (\d+)", told)
    assert found is not None
    whole, *parts = map(int, found.groups())
    assert whole == sum(parts) == 30


@pytest.mark.parametrize(
    ("path", "zh", "en"),
    [
        ("/provider/", "时间图", "Chart"),
        ("/provider/?view=table", "服务对象", "Recipient"),
        ("/provider/shifts", "11 月 9 日起一周", "Week of Mon 9 Nov"),
        ("/provider/people", "2026-11-10 已到期", "ended 2026-11-10"),
        ("/provider/complaints", "2 星", "2 of 5"),
        ("/provider/statement", "2026 年 10 月对账单", "Statement of 2026-10"),
    ],
)
def test_every_page_speaks_both_languages(care: CarePages, path: str, zh: str, en: str) -> None:
    assert zh in words(page(care, path))
    english = words(page(care, f"{path}{'&' if '?' in path else '?'}lang=en"))
    assert en in english
    assert zh not in english


def test_the_statement_adds_up_by_payer(care: CarePages) -> None:
    told = words(page(care, "/provider/statement?period=2026-10"))
    assert "144.00" in told
    assert "48.00" in told
    assert "差 0.00 元" in told
    assert re.search(r"合计 3 144\.00 48\.00 192\.00 64\.00", told)


def test_another_providers_offers_are_not_shown_and_not_answered(care: CarePages) -> None:
    with care.engine.begin() as conn:
        conn.execute(update(offers).where(offers.c.offer_id == "o50").values(provider_id="p2"))
    assert "冯月娥，" not in words(page(care, "/provider/offers"))
    answer = post(care, "/provider/offers/accept", offer_id="o50", fact_id=new_id())
    assert (answer.status_code, "OFFER_UNKNOWN" in answer.text) == (404, True)
    assert care.sink.said == []


# --- what is said


def test_accepting_binds_the_one_suggested(care: CarePages) -> None:
    fact_id = new_id()
    answer = post(care, "/provider/offers/accept", offer_id="o50", fact_id=fact_id, caregiver_id="c3")
    fact = care.sink.said[0][0]
    assert isinstance(fact, AssignmentAccepted)
    assert (fact.fact_id, fact.offer_id, fact.caregiver_id) == (fact_id, "o50", None)
    assert fact.by.role == "CLERK"
    assert 'data-offer="o50"' not in answer.text


def test_accepting_may_name_another(care: CarePages) -> None:
    post(care, "/provider/offers/accept", offer_id="o50", fact_id=new_id(), caregiver_id="c5")
    fact = care.sink.said[0][0]
    assert isinstance(fact, AssignmentAccepted)
    assert fact.caregiver_id == "c5"


def test_a_crew_is_accepted_with_one_button(care: CarePages) -> None:
    post(
        care,
        "/provider/offers/accept",
        offer_id=["o51", "o52"],
        fact_id=[new_id(), new_id()],
        caregiver_id=["c5", "c2"],
    )
    assert care.sink.words == ["AssignmentAccepted"] * 2


def test_a_crew_of_one_person_twice_is_refused(care: CarePages) -> None:
    answer = post(
        care,
        "/provider/offers/accept",
        offer_id=["o51", "o52"],
        fact_id=[new_id(), new_id()],
        caregiver_id=["c5", "c5"],
    )
    assert "SAME_CAREGIVER_TWICE" in answer.text
    assert care.sink.said == []


def test_an_answer_that_came_too_late_says_so_and_keeps_the_pane(care: CarePages) -> None:
    care.sink.set_aside = FactSetAside(reasons=(Reason(code="OFFER_CLOSED"),))
    answer = post(care, "/provider/offers/accept", offer_id="o50", fact_id=new_id())
    assert answer.status_code == 200
    assert "邀约已经结束" in answer.text
    assert "The offer is over" in answer.text


def test_sending_back_needs_a_reason_of_the_list(care: CarePages) -> None:
    assert (
        post(care, "/provider/offers/decline", offer_id="o50", fact_id=new_id(), reason="BORED").status_code
        == 422
    )
    post(care, "/provider/offers/decline", offer_id="o50", fact_id=new_id(), reason="NOBODY_FREE")
    fact = care.sink.said[0][0]
    assert isinstance(fact, AssignmentDeclined)
    assert fact.reason == "NOBODY_FREE"


def test_only_an_open_offer_is_told_as_shown_and_always_under_the_same_id(care: CarePages) -> None:
    """A fuse that starts twice, or on somebody else's screen, would cheat the provider."""
    for _ in range(2):
        answer = post(care, "/provider/offers/shown", offer_id=["o50", "o52", "o999"])
        assert answer.status_code == 204
    facts = [fact for fact, _ in care.sink.said]
    assert all(isinstance(fact, OfferDelivered) and fact.offer_id == "o52" for fact in facts)
    assert len({fact.fact_id for fact in facts}) == 1


def test_a_forgotten_check_out_is_said_at_the_time_the_clerk_names(care: CarePages) -> None:
    post(care, "/provider/visits/v23/finished", caregiver_id="c8", fact_id=new_id(), ended="09:52")
    fact = care.sink.said[0][0]
    assert isinstance(fact, CaregiverCheckedOut)
    assert (fact.happened_at, fact.sealed) == (at("9:52"), None)


@pytest.mark.parametrize(("ended", "code"), [("08:00", "OUT_BEFORE_IN"), ("10:30", "END_TO_COME")])
def test_a_check_out_before_check_in_or_still_to_come_is_refused(
    care: CarePages, ended: str, code: str
) -> None:
    answer = post(care, "/provider/visits/v23/finished", caregiver_id="c8", fact_id=new_id(), ended=ended)
    assert (answer.status_code, code in answer.text) == (422, True)
    assert care.sink.said == []


def test_a_visit_nobody_went_to_is_reported_missed(care: CarePages) -> None:
    post(care, "/provider/visits/v27/missed", caregiver_id="c9", fact_id=new_id())
    assert isinstance(care.sink.said[0][0], VisitReportedMissed)
    other = post(care, "/provider/visits/v27/missed", caregiver_id="c1", fact_id=new_id())
    assert other.status_code == 404


def test_with_both_stores_away_the_clerk_is_told_that_it_was_not_stored(care: CarePages) -> None:
    care.sink.away = True
    answer = post(care, "/provider/offers/accept", offer_id="o50", fact_id=new_id())
    assert (answer.status_code, "LINE_AWAY" in answer.text) == (503, True)


# --- shifts


FORM = {"caregiver_id": "c10", "on": "2026-11-14", "starts": "08:00", "ends": "17:30", "rest_at": "12:00"}


def test_a_shift_is_published_for_every_day_asked(care: CarePages) -> None:
    post(care, "/provider/shifts", **FORM, days="3")
    facts = [fact for fact, _ in care.sink.said if isinstance(fact, ShiftPublished)]
    assert [local(fact.starts_at).date() for fact in facts] == [date(2026, 11, day) for day in (14, 15, 16)]
    assert facts[0].breaks[0].duration_s == 2400


def test_publishing_again_replaces_the_shift_of_that_day(care: CarePages) -> None:
    """Two shifts on one day would let a caregiver be sent to two places."""
    post(care, "/provider/shifts", **FORM | {"caregiver_id": "c1"})
    fact = care.sink.said[0][0]
    assert isinstance(fact, ShiftPublished)
    assert fact.shift_id == "shift-c1-1"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ends": "07:00"}, "WINDOW_REVERSED"),
        ({"rest_at": "18:00"}, "BREAK_OUTSIDE"),
        ({"caregiver_id": "c99"}, "CAREGIVER_UNKNOWN"),
        ({"starts": "8"}, "FORM_WRONG"),
        ({"starts": "29:00"}, "FORM_WRONG"),
        ({"days": "400"}, "FORM_WRONG"),
        ({"on": "tomorrow"}, "FORM_WRONG"),
    ],
)
def test_a_shift_that_cannot_be_is_refused(care: CarePages, change: dict[str, str], code: str) -> None:
    answer = post(care, "/provider/shifts", **FORM | change)
    assert (answer.status_code, code in answer.text) == (422, True)
    assert care.sink.said == []


def test_a_shift_is_taken_back(care: CarePages) -> None:
    post(care, "/provider/shifts/shift-c1-1/withdraw")
    fact = care.sink.said[0][0]
    assert isinstance(fact, ShiftPublished)
    with care.engine.connect() as conn:
        kept = conn.execute(select(shifts).where(shifts.c.shift_id == "shift-c1-1")).one()
    assert (fact.withdrawn, fact.starts_at) == (True, kept.starts_at)


# --- the office's JSON door


def test_a_providers_own_software_answers_by_json(care: CarePages) -> None:
    listed = care.http.get("/provider/p1/offers.json").json()["offers"]
    assert {offer["offer_id"] for offer in listed} == {"o50", "o51", "o52"}
    said = {"fact_id": new_id(), "word": "AssignmentAccepted", "offer_id": "o50", "caregiver_id": "c4"}
    told = care.http.post("/provider/p1/answers", json=said).json()
    assert (told["fact_id"], told["decided"], told["code"]) == (said["fact_id"], True, None)
    assert care.sink.words == ["AssignmentAccepted"]
    assert care.http.post("/provider/p2/answers", json=said).status_code == 404
    assert care.http.post("/provider/p1/answers", json={"word": "Dance"}).json()["code"] == "FIELD_WRONG"
    assert care.http.get("/provider/p9/offers.json").json()["code"] == "PROVIDER_UNKNOWN"


# --- the layout, without a page


def stop(**told: Any) -> dict[str, Any]:
    base = {
        "visit_id": "v1", "role": 0, "status": "BOUND", "stop_status": "BOUND", "help": "CLEANING",
        "caregiver_id": "c1", "start_at": at("9:00"), "duration_s": 3600, "checked_in_at": None,
        "checked_out_at": None, "overdue": False, "name": "罗玉珍",
    }  # fmt: skip
    return base | told


def laid(*stops: dict[str, Any]) -> Day:
    carer = {"person_id": "c1", "name": "许凤霞", "telephone": "1", "card": {}}
    return lay_out(NOW.date(), NOW, [carer], stops, [])


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"stop_status": "FINISHED"}, "done"),
        ({"stop_status": "STARTED", "checked_in_at": at("10:00")}, "now"),
        ({"stop_status": "STARTED", "checked_in_at": at("9:09")}, "confirm"),
        ({"stop_status": "STARTED", "checked_in_at": at("9:10")}, "now"),
        ({"overdue": True}, "confirm"),
        ({"overdue": True, "stop_status": "FINISHED"}, "done"),
        ({"stop_status": "OFFERED"}, "offered"),
        ({"stop_status": "PLANNED"}, "planned"),
        ({}, "next"),
    ],
)
def test_a_bar_says_what_is_so(told: dict[str, Any], kind: str) -> None:
    assert laid(stop(**told)).lines[0].bars[0].kind == kind


def test_what_was_cancelled_leaves_the_chart_and_the_count() -> None:
    day = laid(stop(status="CANCELLED"), stop(visit_id="v2", status="MISSED"))
    assert (day.lines[0].bars, day.counts["all"]) == ((), 0)


def test_a_bar_outside_the_hours_shown_is_cut_at_the_edge() -> None:
    day = NOW.date()
    assert place(at("6:00"), at("8:00"), day) == (0, 83)
    assert place(at("18:00"), at("21:00"), day)[0] + place(at("18:00"), at("21:00"), day)[1] == 1000
    assert place(at("7:00"), at("19:00"), day) == (0, 1000)
    assert place(at("22:00"), at("22:00") + timedelta(hours=1), day)[0] <= 985
