"""The caregiver's door: what a phone is told, and what becomes of what was pressed."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from producers.caregiver.door import offsets_ms
from producers.caregiver.pressed import evidence_of, sealed_for
from producers.caregiver.queries import About
from schemas.base import Reason
from schemas.city_time import Segment, city_time
from schemas.decisions import FactSetAside
from schemas.facts import CaregiverCheckedIn, CaregiverDeparted, OfferDelivered
from schemas.ids import new_id
from schemas.reasons import SENTENCES
from schemas.rows import Row
from schemas.sealing import unseal
from schemas.shapes import EvidenceSecret
from schemas.tables import journal, offers, person_keys, places, stops, texts, visits
from tests.contracts.care_day import AREA, KEY, NOW
from tests.contracts.care_pages import CarePages, begin_anew, shared_pages
from tests.contracts.care_scene import add_offer, add_visit, recipient_id

HERE = {"lat": 33.0, "lon": 112.5, "accuracy_m": 18, "mocked": False}


@pytest.fixture(scope="module")
def pages(postgres_server: str, _migrated_template: str) -> Iterator[CarePages]:
    with shared_pages(postgres_server, _migrated_template) as shared:
        yield shared


@pytest.fixture
def care(pages: CarePages) -> CarePages:
    begin_anew(pages)
    return pages


def pressed(word: str, **told: Any) -> dict[str, Any]:
    return {"word": word, "fact_id": new_id(), "said_at": NOW.isoformat(), "clock_offset_ms": 0, **told}


def send(care: CarePages, *entries: Any) -> list[dict[str, Any]]:
    answer = care.http.post("/caregiver/c1/facts", json=list(entries))
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def test_a_phone_is_told_its_day_with_door_and_pay(care: CarePages) -> None:
    day = care.http.get("/caregiver/c1/today.json").json()
    bath = next(visit for visit in day["visits"] if visit["visit_id"] == "v40")
    assert (bath["item_zh"], bath["pay_fen"], bath["crew"]) == ("上门助浴", 4600, 2)
    assert bath["recipient"]["door"] == "单元门 0731#，无电梯"
    assert bath["partners"][0]["name"] == "段小芹"
    assert [line["state"] for line in day["income"]][:2] == ["PAID", "PAID"]
    assert day["shifts"][0]["starts_at"] == "2026-11-13T07:30:00.000+08:00"


def test_what_is_only_offered_tells_neither_telephone_nor_door(care: CarePages) -> None:
    """A visit that may go to somebody else must not spread a home's door code."""
    with care.engine.begin() as conn:
        add_offer(conn, "o1", "v50", "c1", to="CAREGIVER")
    offer = care.http.get("/caregiver/c1/today.json").json()["offers"][0]
    assert offer["visit"]["recipient"]["name"] == "冯月娥"
    assert not {"telephone", "door", "care"} & set(offer["visit"]["recipient"])


def add_escort(care: CarePages) -> None:
    """One person taken to hospital and back by c1, with the words of where."""
    legs = {"there_s": 900, "back_s": 900, "wait_min_s": 1_800, "wait_max_s": 5_400}
    with care.engine.begin() as conn:
        add_visit(conn, "v90", "罗玉珍", "ESCORT_CLINIC", NOW, "BOUND", ["c1", "c1"])
        conn.execute(
            update(visits).where(visits.c.visit_id == "v90").values(trip=legs | {"goal_text_id": "x1"})
        )
        conn.execute(insert(texts).values(text_id="x1", person_id="r1", body="区医院", said_at=NOW))
        for number, area in enumerate(("a2", AREA)):  # two of that name: that of the area is meant
            about = {"place_id": f"h{number}", "kind": "HOSPITAL", "area": area, "name_zh": "区医院"}
            name_en = "District hospital" if area == AREA else "Another hospital"
            conn.execute(insert(places).values(about | {"name_en": name_en, "card": {}}))


def test_a_phone_is_told_where_to_take_the_person_and_back(care: CarePages) -> None:
    add_escort(care)
    day = care.http.get("/caregiver/c1/today.json").json()
    legs = [visit for visit in day["visits"] if visit["visit_id"] == "v90"]
    there, back = sorted(legs, key=lambda visit: visit["role"])
    assert there["trip"] == {"leg": "THERE", "goal": "区医院", "goal_en": "District hospital"}
    assert back["trip"] == {"leg": "BACK", "goal": "区医院", "goal_en": "District hospital"}
    assert (there["crew"], there["partners"], back["told_from"]) == (1, [], None)


def add_round(care: CarePages, *, first: str = "BOUND") -> None:
    """Three lunches that c1 fetches together, the first an hour from now, ten minutes from the kitchen."""
    meal = {"kitchen": {"place_id": "k1"}, "fresh_s": 3_600, "load": 2}
    with care.engine.begin() as conn:
        about = {"place_id": "k1", "kind": "KITCHEN", "area": AREA, "card": {}, "telephone": "037761234567"}
        names = {"name_zh": "槐荫助老食堂", "name_en": "Huaiyin kitchen", "lat_udeg": 33_001_000}
        conn.execute(insert(places).values(about | names | {"lon_udeg": 112_501_000}))
        for number, name in enumerate(("罗玉珍", "邓秋生", "沈国华")):
            visit_id, start = f"v9{number}", NOW + timedelta(minutes=60 + 10 * number)
            add_visit(conn, visit_id, name, "MEAL_LUNCH", start, "BOUND" if number else first, ["c1"])
            conn.execute(update(visits).where(visits.c.visit_id == visit_id).values(meal=meal))
            fetched = {"round_id": "round-1", "from_kitchen_s": 600 + number}
            conn.execute(update(stops).where(stops.c.visit_id == visit_id).values(fetched))


def fetches_on(care: CarePages) -> dict[str, Any]:
    """What each visit on the phone says of a kitchen."""
    day = care.http.get("/caregiver/c1/today.json").json()
    return {visit["visit_id"]: visit["fetch"] for visit in day["visits"] if "fetch" in visit}


def test_a_phone_is_told_the_kitchen_before_a_rounds_first_door(care: CarePages) -> None:
    """Who drives to the first door with an empty box serves nobody in time."""
    add_round(care)
    assert fetches_on(care) == {
        "v90": {
            "kitchen_zh": "槐荫助老食堂",
            "kitchen_en": "Huaiyin kitchen",
            "telephone": "037761234567",
            "lat": 33.001,
            "lon": 112.501,
            "portions": 6,
            "leave_at": "2026-11-13T11:14:00.000+08:00",
        }
    }


def test_a_round_whose_first_door_fell_away_begins_with_the_next(care: CarePages) -> None:
    """The others still wait for their lunch, and nobody has fetched it yet."""
    add_round(care)
    with care.engine.begin() as conn:
        conn.execute(update(visits).where(visits.c.visit_id == "v90").values(status="CANCELLED"))
    found = fetches_on(care)
    assert list(found) == ["v91"]
    assert (found["v91"]["portions"], found["v91"]["leave_at"]) == (4, "2026-11-13T11:23:59.000+08:00")


def test_a_round_that_was_fetched_is_not_fetched_again(care: CarePages) -> None:
    """Sent back to the kitchen with a full box, she would be late at every door behind."""
    add_round(care, first="DEPARTED")
    with care.engine.begin() as conn:
        conn.execute(update(visits).where(visits.c.visit_id == "v90").values(status="CANCELLED"))
    assert list(fetches_on(care)) == ["v90"]


def test_a_press_of_a_leg_says_which(care: CarePages) -> None:
    """Else the way home would be over when the way there is."""
    add_escort(care)
    send(care, pressed("CaregiverCheckedIn", visit_id="v90", role=1, position=HERE, method="POSITION"))
    send(care, pressed("CaregiverCheckedIn", visit_id="v3", position=HERE, method="POSITION"))
    leg, other = (fact for fact, _ in care.sink.said)
    assert isinstance(leg, CaregiverCheckedIn)
    assert leg.role == 1
    assert "role" not in other.model_dump()


def test_a_plan_that_was_not_offered_yet_is_not_shown(care: CarePages) -> None:
    with care.engine.begin() as conn:
        conn.execute(update(stops).where(stops.c.visit_id == "v3").values(status="PLANNED"))
    day = care.http.get("/caregiver/c1/today.json").json()
    assert "v3" not in {visit["visit_id"] for visit in day["visits"]}


def test_an_unchanged_day_costs_a_phone_nothing(care: CarePages) -> None:
    first = care.http.get("/caregiver/c1/today.json")
    again = {"if-none-match": first.headers["etag"]}
    assert care.http.get("/caregiver/c1/today.json", headers=again).status_code == 304
    with care.engine.begin() as conn:
        conn.execute(update(visits).where(visits.c.visit_id == "v3").values(seq=9))
    assert care.http.get("/caregiver/c1/today.json", headers=again).status_code == 200


def test_a_check_in_travels_sealed_for_its_recipient(care: CarePages) -> None:
    entry = pressed("CaregiverCheckedIn", visit_id="v3", position=HERE, method="POSITION")
    (result,) = send(care, entry)
    assert (result["taken"], result["decided"], result["code"]) == (True, True, None)
    fact, of_case = care.sink.said[0]
    assert isinstance(fact, CaregiverCheckedIn)
    assert not of_case
    assert fact.sealed is not None
    opened = unseal(fact.sealed, EvidenceSecret, KEY)
    assert opened.point is not None
    assert (opened.point.lat_udeg, opened.accuracy_m) == (33_000_000, 18)
    assert "33000000" not in fact.model_dump_json()


def test_the_same_press_gives_the_same_fact_however_often_it_is_sent(care: CarePages) -> None:
    """A phone that lost the answer sends again; other bytes under the same id would be a bad fact."""
    entry = pressed("CaregiverCheckedIn", visit_id="v3", position=HERE, method="POSITION")
    send(care, entry)
    send(care, entry)
    first, second = (fact for fact, _ in care.sink.said)
    assert first == second


def test_two_contents_never_share_a_nonce() -> None:
    about = About("v", "a1", None, "r1", KEY)
    one = sealed_for(evidence_of(HERE, "POSITION"), about, "f1")
    other = sealed_for(evidence_of(HERE | {"lat": 33.1}, "POSITION"), about, "f1")
    assert one is not None
    assert other is not None
    assert one.nonce != other.nonce


@pytest.mark.parametrize(
    ("position", "method", "how", "has_point"),
    [
        (None, None, "NONE", False),
        (None, "POSITION", "NONE", False),
        ("here", "LANDLINE", "LANDLINE", False),
        ({"lat": 112.5, "lon": 333.0}, "POSITION", "POSITION", False),
        ({"lat": "x", "lon": None, "accuracy_m": "?"}, "POSITION", "POSITION", False),
        ({"lat": float("nan"), "lon": 1.0}, "POSITION", "POSITION", False),
        (HERE | {"mocked": True}, "POSITION", "POSITION", True),
        (HERE | {"accuracy_m": 4000.4}, "NO_SUCH_WAY", "POSITION", True),
    ],
)
def test_nothing_about_a_position_blocks_a_button(
    position: Any, method: Any, how: str, has_point: bool
) -> None:
    evidence = evidence_of(position, method)
    assert evidence.method == how
    assert (evidence.point is not None) is has_point


def test_a_check_in_at_a_forgotten_persons_door_still_counts(care: CarePages) -> None:
    with care.engine.begin() as conn:
        conn.execute(delete(person_keys).where(person_keys.c.person_id == recipient_id("邓秋生")))
    (result,) = send(care, pressed("CaregiverCheckedIn", visit_id="v3", position=HERE))
    assert result["taken"]
    fact = care.sink.said[0][0]
    assert isinstance(fact, CaregiverCheckedIn)
    assert fact.sealed is None


def test_an_offer_is_told_as_delivered_once(care: CarePages) -> None:
    with care.engine.begin() as conn:
        add_offer(conn, "o1", "v50", "c1", to="CAREGIVER")
    offer = care.http.get("/caregiver/c1/today.json").json()["offers"][0]
    for _ in range(2):
        send(care, pressed("OfferDelivered", offer_id="o1") | {"fact_id": offer["receipt_id"]})
    facts = [fact for fact, _ in care.sink.said]
    assert all(isinstance(fact, OfferDelivered) for fact in facts)
    assert len({fact.fact_id for fact in facts}) == 1


def test_a_press_of_an_emergency_travels_with_the_alarms(care: CarePages) -> None:
    with care.engine.begin() as conn:
        conn.execute(update(visits).where(visits.c.visit_id == "v3").values(case_id="case1"))
        add_offer(conn, "o1", "v3", "c1", to="CAREGIVER", case_id="case1")
    send(care, pressed("AssignmentAccepted", offer_id="o1"), pressed("CaregiverDeparted", visit_id="v3"))
    assert [of_case for _, of_case in care.sink.said] == [True, True]


def test_one_bad_entry_holds_up_no_other(care: CarePages) -> None:
    bad = [
        pressed("CaregiverDeparted", visit_id="v3", extra=1),
        pressed("Dance", visit_id="v3"),
        pressed("AssignmentDeclined", offer_id="o50", reason="BORED"),
        {"word": "CaregiverDeparted"},
        7,
    ]
    results = send(care, *bad, pressed("CaregiverDeparted", visit_id="v3"))
    codes = [result["code"] for result in results]
    assert codes == ["FIELD_UNKNOWN", "TYPE_UNKNOWN", "FIELD_WRONG", "FIELD_WRONG", "FIELD_WRONG", None]
    assert not any(result["taken"] or result["again"] for result in results[:-1])
    assert all(result["zh"] and result["en"] for result in results[:-1])
    assert care.sink.words == ["CaregiverDeparted"]


def test_what_the_line_cannot_take_stays_on_the_phone(care: CarePages) -> None:
    care.sink.away = True
    results = send(care, *(pressed("CaregiverDeparted", visit_id="v3") for _ in range(2)))
    assert [(result["taken"], result["again"], result["code"]) for result in results] == [
        (False, True, "LINE_AWAY")
    ] * 2


def test_an_unknown_visit_is_waited_for_as_long_as_a_phone_may_be_away(care: CarePages) -> None:
    old = (NOW - timedelta(hours=73)).isoformat()
    fresh, late = send(
        care,
        pressed("CaregiverDeparted", visit_id="v999"),
        pressed("CaregiverDeparted", visit_id="v999") | {"said_at": old},
    )
    assert (fresh["again"], late["again"]) == (True, False)
    assert fresh["code"] == late["code"] == "VISIT_UNKNOWN"


def test_a_press_set_aside_is_kept_and_says_why(care: CarePages) -> None:
    care.sink.set_aside = FactSetAside(reasons=(Reason(code="OFFER_CLOSED"),))
    (result,) = send(care, pressed("AssignmentAccepted", offer_id="o50"))
    assert result["taken"]
    assert (result["code"], result["zh"]) == ("OFFER_CLOSED", SENTENCES["OFFER_CLOSED"][0])


def test_what_was_decided_long_ago_is_answered_from_its_row(care: CarePages) -> None:
    """A phone that comes back must not wait for a row that was written yesterday."""
    entry = pressed("CaregiverDeparted", visit_id="v3")
    fact = CaregiverDeparted.model_validate(
        entry | {"area": "a1", "by": {"role": "CAREGIVER", "id": "c1"}, "caregiver_id": "c1"}
    )
    row = Row(area="a1", seq=1, now=NOW, decider=1, fact=fact)
    with care.engine.begin() as conn:
        body = row.body().decode()
        conn.execute(
            insert(journal).values(
                area="a1", seq=1, fact_id=fact.fact_id, now=NOW, decider=1, fact_word=fact.word,
                body=body, hash=row.hashed(bytes(32)),
            )
        )  # fmt: skip
    (result,) = send(care, entry)
    assert (result["taken"], result["decided"]) == (True, True)
    assert care.sink.said == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "NOT_JSON"),
        (b"{}", 400, "FIELD_WRONG"),
        (b"[]", 400, "FIELD_WRONG"),
        (json.dumps([1] * 201).encode(), 400, "FIELD_WRONG"),
        (b"[" + b" " * 262_200 + b"]", 413, "BODY_TOO_LARGE"),
    ],
)
def test_a_body_that_is_no_list_is_refused_with_its_code(
    care: CarePages, body: bytes, status: int, code: str
) -> None:
    answer = care.http.post("/caregiver/c1/facts", content=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_an_unknown_caregiver_is_told_so(care: CarePages) -> None:
    for answer in (
        care.http.get("/caregiver/nobody/today.json"),
        care.http.post("/caregiver/nobody/facts", json=[pressed("CaregiverDeparted", visit_id="v3")]),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "CAREGIVER_UNKNOWN")


def test_a_press_keeps_its_moment_where_city_time_runs_faster() -> None:
    """At 30x an hour without a network is a city day; the offset must not lose it."""
    begun = datetime(2026, 11, 13, 0, 0, tzinfo=UTC)
    segments = [Segment(begun, begun, 30_000)]
    real_now, skew = begun + timedelta(minutes=60), timedelta(minutes=7)
    pressed_real = begun + timedelta(minutes=10)
    (offset,) = offsets_ms(segments, real_now, real_now + skew, [pressed_real + skew])
    happened = pressed_real + skew + timedelta(milliseconds=offset)
    assert happened == city_time(segments, pressed_real) == begun + timedelta(minutes=300)


def test_the_clock_door_measures_the_offset_of_each_press(care: CarePages) -> None:
    sent = datetime(2027, 1, 1, tzinfo=UTC)
    said = [sent - timedelta(hours=2), sent]
    asked = {"sent_at": sent.isoformat(), "said_at": [moment.isoformat() for moment in said]}
    told = care.http.post("/caregiver/c1/clock", json=asked).json()
    happened = [
        moment + timedelta(milliseconds=ms) for moment, ms in zip(said, told["offsets_ms"], strict=True)
    ]
    assert all(abs(moment - NOW) < timedelta(seconds=1) for moment in happened)
    assert told["rate_permille"] == 0
    assert care.http.post("/caregiver/c1/clock", json={"sent_at": "noon"}).json()["code"] == "FIELD_WRONG"


PHONE = Path(__file__).parents[2] / "producers" / "caregiver" / "static"


def test_the_phone_keeps_every_script_it_needs_without_a_network() -> None:
    """A module that the service worker forgets leaves a white page in the first cellar."""
    named = re.search(r"const PARTS = \[(.*?)\]", (PHONE / "sw.js").read_text(), re.S)
    assert named is not None
    kept = set(re.findall(r'"(\w+)"', named.group(1)))
    assert kept == {path.stem for path in PHONE.glob("*.js")} - {"sw"}


def test_the_phone_says_everything_in_both_languages() -> None:
    text = (PHONE / "words.js").read_text()
    zh, en = (
        set(re.findall(r"(?:^|[,{]\s*)(\w+): [\"\[{]", part, re.M))
        for part in text.split("const MONTHS")[0].split("  en: {")
    )
    assert zh - {"zh"} == en
    assert len(en) > 80


def test_offers_for_the_clerk_do_not_reach_the_phone(care: CarePages) -> None:
    assert care.http.get("/caregiver/c3/today.json").json()["offers"] == []
    with care.engine.begin() as conn:
        conn.execute(update(offers).where(offers.c.offer_id == "o50").values(sent_to="CAREGIVER"))
    assert len(care.http.get("/caregiver/c3/today.json").json()["offers"]) == 1
