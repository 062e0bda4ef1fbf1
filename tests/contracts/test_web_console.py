"""The hotline console on a real desk and real records, without the stream in between."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader
from sqlalchemy import create_engine, make_url, select

from infra.outlook import DeskOutlook
from infra.parts.postgres import drop_database
from infra.web import create_app
from producers.console.choices import short_form
from producers.console.window import read_window
from schemas.base import StartWindow
from schemas.facts import Fact
from schemas.ids import new_id
from schemas.ports import Said
from schemas.tables import cases, journal, people, places, refusals, texts, visits
from tests.contracts.console_seat import PAGE, PART, Seat
from tests.line import small_town
from tests.parts import wait_until
from tests.web import served

CONSOLE = Path(__file__).parents[2] / "producers" / "console" / "templates"
LOOK = Path(__file__).parents[2] / "infra" / "look" / "templates"


class UnheardSink:
    """Kafka takes everything, and no row comes back."""

    async def say(self, fact: Fact, *, of_case: bool = False, wait_s: float = 3.0) -> Said:
        """Take it."""
        return Said(fact.fact_id, "KAFKA", None)


def test_a_recipient_is_found_by_name_initials_and_part_of_the_number(seat: Seat) -> None:
    """The card must be on the screen before hello."""
    someone = seat.someone()
    for typed in (someone.name, someone.initials, someone.pinyin, someone.telephone[-5:]):
        assert someone.name in seat.part(f"/console/find?q={typed}"), typed
    assert "没有找到" in seat.part("/console/find?q=zzzzqq")
    assert seat.part("/console/find?q=%25") == seat.part("/console/find?q=%25").replace("<a ", "")


def test_no_telephone_number_stands_in_full_on_the_card(seat: Seat) -> None:
    someone = seat.someone()
    page = seat.browser.get(f"/console/?recipient={someone.person_id}", headers=PAGE).text
    numbers = [someone.telephone, *(contact["telephone"] for contact in someone.card["contacts"])]
    assert someone.name in page
    assert [number for number in numbers if number in page] == []


def test_the_seat_sees_who_can_come_at_what_price_and_says_nothing_yet(seat: Seat) -> None:
    someone = seat.someone(1)
    before = seat.count(journal)
    shown = seat.part("/console/outlook", **seat.draft(someone.person_id))
    assert 'role="option"' in shown
    assert "180.00" in shown
    assert "来给您洗澡" in shown
    assert "mz9 = 明天上午 9 点" in shown
    assert seat.count(journal) == before


def test_a_booking_is_answered_and_pressing_twice_books_once(seat: Seat) -> None:
    someone = seat.someone(2)
    draft = seat.draft(someone.person_id, note="女儿周六回来")
    first = seat.part("/console/requests", **draft)
    again = seat.part("/console/requests", **draft)
    assert "订好了" in first
    assert re.search(r"明天 11 月 13 日 周五 \d+:\d\d–\d+:\d\d", first)
    assert "data-visit" in again
    assert seat.count(visits, visits.c.recipient_id == someone.person_id) == 1
    assert seat.count(texts, texts.c.person_id == someone.person_id) >= 1
    with seat.engine.connect() as connection:
        bodies = connection.execute(select(journal.c.body)).scalars().all()
    assert not any("女儿周六回来" in body or someone.name in body for body in bodies)


def test_the_answer_follows_the_visit_as_it_is_asked_and_bound(seat: Seat) -> None:
    someone = seat.someone(3)
    draft = seat.draft(someone.person_id, "m9-11", "CLEAN_HOME")
    seat.part("/console/requests", **draft)
    shown = seat.part(f"/console/answered/{draft['fact_id']}")
    assert "订好了" in shown
    assert seat.browser.get(f"/console/answered/{new_id()}").status_code == 204


def test_an_escort_is_booked_to_a_hospital_and_its_name_goes_nowhere(seat: Seat) -> None:
    """Where somebody is treated is theirs to tell: the journal holds neither the name nor the position."""
    someone = seat.someone(6)
    with seat.engine.connect() as connection:
        goal = connection.execute(select(places).where(places.c.kind == "HOSPITAL")).first()
    assert goal is not None
    page = seat.browser.get(f"/console/?recipient={someone.person_id}", headers=PAGE).text
    assert goal.name_zh in page
    draft = seat.draft(someone.person_id, "m9-11", "ESCORT_HOSPITAL", goal=goal.place_id, wait="60")
    assert "回程大约" in seat.part("/console/outlook", **draft)
    told = seat.part("/console/requests", **draft)
    assert "订好了" in told
    assert "回程大约" in told
    with seat.engine.connect() as connection:
        mine = connection.execute(
            select(visits).where(visits.c.recipient_id == someone.person_id, visits.c.item == draft["item"])
        ).one()
        words = select(texts.c.body).where(texts.c.text_id == mine.trip["goal_text_id"])
        assert connection.execute(words).scalar() == goal.name_zh
        bodies = connection.execute(select(journal.c.body)).scalars().all()
    assert (mine.trip["wait_min_s"], mine.trip["wait_max_s"]) == (1_800, 5_400)
    assert not any(goal.name_zh in body or str(goal.lat_udeg) in body for body in bodies)


def test_a_lunch_is_booked_and_the_seat_sees_which_kitchen_it_comes_from(seat: Seat) -> None:
    """Who asks whether it is the good kitchen, or the one by the river, must not be rung back."""
    draft = seat.draft(seat.someone(10).person_id, "m11-12", "MEAL_LUNCH")
    shown = seat.part("/console/outlook", **draft)
    told = seat.part("/console/requests", **draft)
    with seat.engine.connect() as connection:
        asked = select(visits.c.meal["kitchen"]["place_id"].astext).where(visits.c.meal.is_not(None))
        kitchens = connection.execute(asked).scalars().all()
        named = select(places.c.name_zh).where(places.c.place_id.in_(kitchens), places.c.kind == "KITCHEN")
        names = connection.execute(named).scalars().all()
    assert "订好了" in told
    assert any(f"从{name}取，离开食堂 60 分钟内送到" in shown for name in names)
    assert any(f"从{name}取，离开食堂 60 分钟内送到" in told for name in names)


def test_an_escort_that_leads_nowhere_is_not_booked(seat: Seat) -> None:
    someone = seat.someone(7)
    told = seat.part("/console/requests", **seat.draft(someone.person_id, "m9-11", "ESCORT_HOSPITAL"))
    assert "没有说明陪同去哪里" in told
    draft = seat.draft(someone.person_id, "m9-11", "ESCORT_HOSPITAL", goal="nowhere")
    refused = seat.browser.post("/console/requests", data=draft, headers=PART)
    assert refused.status_code == 422


def test_where_a_refused_escort_would_have_led_is_not_kept(seat: Seat) -> None:
    """Nobody will go; that somebody is treated there is no longer anybody's business."""
    someone = seat.someone(9)
    with seat.engine.connect() as connection:
        goal = connection.execute(select(places.c.place_id).where(places.c.kind == "HOSPITAL")).scalar()
    body = {
        "recipient_id": someone.person_id,
        "item": "ESCORT_HOSPITAL",
        "opens_at": "2026-11-12T03:00:00+08:00",
        "closes_at": "2026-11-12T03:10:00+08:00",
        "goal": goal,
    }
    told = seat.browser.post("/console/requests.json", json=body).json()
    assert told["decided"] == ["RequestRefused"]
    with seat.engine.connect() as connection:
        mine = select(texts.c.body).where(texts.c.person_id == someone.person_id)
        assert connection.execute(mine).all() == []


def test_a_program_books_an_escort_too(seat: Seat) -> None:
    someone = seat.someone(8)
    body = {
        "recipient_id": someone.person_id,
        "item": "ESCORT_HOSPITAL",
        "opens_at": "2026-11-13T13:00:00+08:00",
        "closes_at": "2026-11-13T15:00:00+08:00",
        "wait_s": 3_600,
    }
    with seat.engine.connect() as connection:
        goal = connection.execute(select(places.c.place_id).where(places.c.kind == "HOSPITAL")).scalar()
    told = seat.browser.post("/console/requests.json", json=body | {"goal": goal}).json()
    assert told["decided"][:2] == ["RequestAdmitted", "VisitPlanned"]
    assert seat.browser.post("/console/requests.json", json=body).json()["reasons"] == ["DESTINATION_MISSING"]


def test_while_no_row_stands_the_seat_says_that_it_is_taken_down(seat: Seat) -> None:
    someone = seat.someone(4)
    draft = seat.draft(someone.person_id)
    seat.line.slow = True
    try:
        told = seat.part("/console/requests", **draft)
    finally:
        seat.line.slow = False
    assert "记下了" in told
    assert "订好了" in seat.part(f"/console/answered/{draft['fact_id']}")


def test_a_line_that_takes_nothing_is_said_with_a_code_and_what_to_do(seat: Seat) -> None:
    someone = seat.someone(5)
    seat.line.closed = True
    try:
        told = seat.browser.post("/console/requests", data=seat.draft(someone.person_id), headers=PART)
    finally:
        seat.line.closed = False
    assert told.status_code == 503
    assert "没有存进去，您填的都还在" in told.text
    assert "LINE_AWAY" in told.text
    assert seat.count(visits, visits.c.recipient_id == someone.person_id) == 0


@pytest.mark.parametrize(
    ("window", "item", "code"),
    [
        ("jz", "BATH_HOME", "WINDOW_PAST"),
        ("m11-9", "BATH_HOME", "WINDOW_REVERSED"),
        ("soon", "BATH_HOME", "WINDOW_UNREAD"),
        ("mz9", "NO_SUCH", "ITEM_UNKNOWN"),
    ],
)
def test_what_cannot_be_booked_is_refused_in_both_languages(
    seat: Seat, window: str, item: str, code: str
) -> None:
    told = seat.browser.post("/console/requests", data=seat.draft(seat.someone().person_id, window, item))
    assert (told.status_code, told.json()["code"]) == (422, code)
    assert told.json()["zh"]
    assert told.json()["en"]


def test_nobody_can_comes_with_the_reason_and_keeps_what_was_filled_in(seat: Seat) -> None:
    """At night nobody is on shift: the seat must say so, and offer a way out when there is one."""
    shown = seat.part("/console/outlook", **seat.draft(seat.someone(6).person_id, "mw10", "BATH_HOME"))
    assert "订不上" in shown
    assert "NOBODY_CAN" in shown
    told = seat.part("/console/requests", **seat.draft(seat.someone(6).person_id, "mw10", "BATH_HOME"))
    assert "没有订上" in told
    assert "您填的都还在" in told


def test_a_booking_is_moved_and_cancelled(seat: Seat) -> None:
    someone = seat.someone(7)
    draft = seat.draft(someone.person_id, "m9-11", "CLEAN_HOME")
    seat.part("/console/requests", **draft)
    assert "改期" in seat.part(f"/console/progress?recipient={someone.person_id}")
    path = f"/console/requests/{draft['request_id']}"
    assert "办好了" in seat.part(f"{path}/moved", area=seat.town.area, window="h9-11")
    with seat.engine.connect() as connection:
        moved = connection.execute(select(visits).where(visits.c.request_id == draft["request_id"])).one()
    assert moved.opens_at.astimezone(seat.town.now.tzinfo).day == seat.town.now.day + 2
    assert "后天 11 月 14 日" in seat.part(f"/console/answered/{draft['fact_id']}")
    assert "办好了" in seat.part(f"{path}/cancelled", area=seat.town.area, reason="NOT_WANTED")
    assert "已取消" in seat.part(f"/console/answered/{draft['fact_id']}")
    again = seat.part(f"{path}/cancelled", area=seat.town.area, reason="NOT_WANTED")
    assert 'role="alert"' in again


def test_an_alarm_from_the_seat_sends_the_nearest_and_the_case_can_be_worked(seat: Seat) -> None:
    someone = seat.someone(8)
    page = seat.browser.get(f"/console/alarm?recipient={someone.person_id}", headers=PAGE).text
    first = re.search(r'data-chosen="([^"]+)"', page)
    assert first is not None, "nobody is ranked"
    ids = {
        name: re.search(f'name="{name}" value="([^"]+)"', page).group(1) for name in ("case_id", "fact_id")
    }  # type: ignore[union-attr]
    form = {**ids, "recipient": someone.person_id, "chosen": first[1], "first": first[1]}
    assert seat.browser.post("/console/alarms", data=form).status_code == 303
    case = f"/console/cases/{ids['case_id']}"
    shown = seat.browser.get(case, headers=PAGE).text
    assert someone.name in shown
    assert "等答复" in shown
    for path, answer in (
        ("notice", {"party": "AMBULANCE", "answer": "CALLED"}),
        ("notice", {"party": "NEIGHBOUR", "answer": "COMING"}),
        ("close", {"proof": "VOICE"}),
    ):
        told = seat.browser.post(f"{case}/{path}", data={"area": seat.town.area, **answer})
        assert told.status_code == 303, path
    with seat.engine.connect() as connection:
        row = connection.execute(select(cases).where(cases.c.case_id == ids["case_id"])).one()
    assert set(row.notices) == {"AMBULANCE", "NEIGHBOUR"}
    assert row.closed_at is not None
    assert "已关单" in seat.browser.get(case, headers=PAGE).text


def test_an_alarm_of_somebody_unknown_is_taken_and_rings_at_the_seat(seat: Seat) -> None:
    """An alarm is never refused, whoever it is for."""
    told = seat.browser.post("/console/alarms.json", json={"area": seat.town.area})
    assert told.status_code == 200
    assert told.json()["seq"] is not None
    assert seat.browser.get(f"/console/cases/{told.json()['case_id']}", headers=PAGE).status_code == 200
    assert "不知道是谁" in seat.browser.get("/console/cases", headers=PAGE).text


def test_programs_book_through_the_door_and_hear_codes(seat: Seat) -> None:
    someone = seat.someone(9)
    opens = seat.town.now + timedelta(days=1)
    body = {
        "recipient_id": someone.person_id,
        "item": "CLEAN_HOME",
        "opens_at": opens.isoformat(),
        "closes_at": (opens + timedelta(hours=1)).isoformat(),
        "fact_id": new_id(),
        "request_id": new_id(),
    }
    told = seat.browser.post("/console/requests.json", json=body).json()
    assert told["decided"][0] == "RequestAdmitted"
    assert told["reasons"] == []
    late = body | {
        "fact_id": new_id(),
        "request_id": new_id(),
        "opens_at": "2026-11-11T09:00:00+08:00",
        "closes_at": "2026-11-11T10:00:00+08:00",
    }
    refused = seat.browser.post("/console/requests.json", json=late).json()
    assert refused["reasons"] == ["WINDOW_PAST"]
    assert seat.count(refusals, refusals.c.fact_id == refused["fact_id"]) == 1


def test_a_recipient_nobody_knows_is_refused_and_with_an_area_is_seen_by_the_supervisor(seat: Seat) -> None:
    opens = seat.town.now + timedelta(days=1)
    body = {
        "recipient_id": new_id(),
        "item": "CLEAN_HOME",
        "opens_at": opens.isoformat(),
        "closes_at": (opens + timedelta(hours=1)).isoformat(),
    }
    told = seat.browser.post("/console/requests.json", json=body)
    assert (told.status_code, told.json()["code"]) == (404, "RECIPIENT_UNKNOWN")
    shown = seat.browser.post("/console/requests.json", json=body | {"area": seat.town.area}).json()
    assert shown["reasons"] == ["RECIPIENT_UNKNOWN"]
    assert seat.count(refusals, refusals.c.fact_id == shown["fact_id"]) == 1
    assert seat.browser.get(f"/console/?recipient={new_id()}", headers=PAGE).status_code == 404


@pytest.mark.parametrize(
    "broken",
    [
        {"opens_at": "2026-11-13T10:00:00"},
        {"opens_at": "2026-11-13T12:00:00+08:00", "closes_at": "2026-11-13T11:00:00+08:00"},
        {"item": "bath at home"},
        {"price_fen": 1},
        {"fact_id": "7"},
    ],
)
def test_a_door_refuses_a_bad_body_with_a_code_and_the_place(seat: Seat, broken: dict[str, Any]) -> None:
    body = {
        "recipient_id": seat.someone().person_id,
        "item": "CLEAN_HOME",
        "opens_at": "2026-11-13T10:00:00+08:00",
        "closes_at": "2026-11-13T11:00:00+08:00",
    }
    before = seat.count(journal)
    told = seat.browser.post("/console/requests.json", json=body | broken)
    assert told.status_code == 422
    assert told.json()["code"] in {"FORM_WRONG", "WINDOW_REVERSED"}
    assert seat.count(journal) == before


def test_with_postgresql_away_the_seat_telephones_and_still_takes_bookings(fresh_database: str) -> None:
    """A database that is down must not leave an old person without an answer."""
    engine = create_engine(fresh_database)
    town = small_town(engine, recipients=10, caregivers=12)
    app = create_app(engine=engine, sink=UnheardSink(), outlook=DeskOutlook(town.line.follower))
    with served(app) as address, httpx.Client(base_url=address, timeout=60) as browser:
        seat = Seat(browser, town, engine)
        someone = seat.someone()
        assert browser.get(f"/console/?recipient={someone.person_id}", headers=PAGE).status_code == 200
        with engine.connect() as connection:
            carer = connection.execute(select(people).where(people.c.kind == "CAREGIVER")).first()
        engine.dispose()
        url = make_url(fresh_database)
        drop_database(url.set(database="postgres").render_as_string(hide_password=False), str(url.database))
        wait_until(
            lambda: browser.get("/now.json").json()["postgres"] is False, within_s=20, what="the away band"
        )
        page = browser.get("/console/", headers=PAGE).text
        assert "数据库没有应答" in page
        assert carer is not None
        assert carer.telephone in page
        told = browser.post("/console/requests", data=seat.draft(someone.person_id), headers=PART)
        assert "记下了" in told.text
        stranger = browser.post("/console/requests", data=seat.draft(new_id()), headers=PART)
        assert stranger.status_code == 503
        assert "STORE_AWAY" in stranger.text
    engine.dispose()


def test_a_way_out_is_a_window_the_seat_could_have_typed(seat: Seat) -> None:
    now = seat.town.now
    opens = (now + timedelta(days=3)).replace(hour=9, minute=5)
    window = StartWindow(opens_at=opens, closes_at=opens + timedelta(minutes=50))
    assert read_window(short_form(window), now) == window


def test_every_template_can_be_read() -> None:
    """A slip in a template shows itself only when the page is needed."""
    loader = ChoiceLoader([FileSystemLoader(CONSOLE), PrefixLoader({"look": FileSystemLoader(LOOK)})])
    pages = Environment(loader=loader, autoescape=True)
    names = [path.name for path in CONSOLE.glob("*.html")]
    assert len(names) > 10
    for name in names:
        pages.get_template(name)
