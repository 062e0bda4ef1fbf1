"""Reading what arrives: bad input gets a code, good input survives the trip to the byte."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.base import KeyOrdered, Point, Speaker, StartWindow, Word
from schemas.canonical import canonical_bytes, chain_hash
from schemas.city_time import Segment, city_time, real_time
from schemas.codes import Channel, Gender, TravelMode
from schemas.envelope import MAX_BODY_BYTES, BadFact, read_fact, to_message
from schemas.facts import FACT, Fact, RecipientEnrolled, ServiceRequested, TimePassed
from schemas.ids import decided_id, new_id
from schemas.places import bd09_to_gcj02, gcj02_to_wgs84, wgs84_to_gcj02
from schemas.reasons import SENTENCES
from schemas.rows import GENESIS, Row
from schemas.sealing import SealBroken, open_fact, seal
from schemas.shapes import AreaSettings, RecipientSecret

NOON = datetime(2026, 11, 12, 4, 0, tzinfo=UTC)
KEY = bytes(range(32))


def request(**changes: Any) -> ServiceRequested:
    given = {
        "fact_id": new_id(),
        "area": "a1",
        "said_at": NOON,
        "by": Speaker(role="OPERATOR", id="seat-7"),
        "request_id": new_id(),
        "recipient_id": "r1",
        "item": "BATH_HOME",
        "window": StartWindow(opens_at=NOON, closes_at=NOON + timedelta(hours=1)),
        "channel": Channel.HOTLINE,
    }
    return ServiceRequested(**(given | changes))


def sent(fact: Fact, *, body: bytes | None = None, **headers: bytes) -> tuple[dict[str, bytes], bytes]:
    message = to_message(fact, "/test")
    return dict(message.headers) | headers, message.body if body is None else body


def code_of(headers: dict[str, bytes], body: bytes | None) -> str:
    with pytest.raises(BadFact) as caught:
        read_fact(headers, body)
    return caught.value.code


def altered(fact: Fact, **changes: Any) -> bytes:
    return json.dumps(json.loads(FACT.dump_json(fact)) | changes).encode()


def test_a_fact_comes_back_from_the_wire_as_it_was_said() -> None:
    fact = request()
    assert read_fact(*sent(fact)) == fact


def test_times_are_kept_as_the_same_moment_in_utc_to_the_millisecond() -> None:
    local = datetime(2026, 11, 12, 12, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=8)))
    assert request(said_at=local).said_at == NOON + timedelta(milliseconds=123)


def bad_messages() -> dict[str, tuple[dict[str, bytes], bytes | None]]:
    fact = request()
    headers, _ = sent(fact)
    window = {"opens_at": "2026-11-12T05:00:00Z", "closes_at": "2026-11-12T04:00:00Z"}
    return {
        "BODY_MISSING": (headers, None),
        "BODY_TOO_LARGE": (headers, b"x" * (MAX_BODY_BYTES + 1)),
        "NOT_JSON": (headers, b"\x00\xff poison"),
        "TYPE_UNKNOWN": (headers | {"ce_type": b"org.other.Thing.v1"}, b"{}"),
        "FACT_TOO_NEW": (headers | {"ce_type": b"cn.liuzhu.ServiceRequested.v2"}, b"{}"),
        "FIELD_UNKNOWN": (headers, altered(fact, colour="red")),
        "FIELD_WRONG": (headers, altered(fact, recipient_id="")),
        "WINDOW_REVERSED": (headers, altered(fact, window=window)),
        "HEADER_MISMATCH": (headers | {"ce_id": new_id().encode()}, FACT.dump_json(fact)),
    }


@pytest.mark.parametrize("code", sorted(bad_messages()))
def test_bad_bytes_are_refused_with_a_code_that_has_a_sentence(code: str) -> None:
    assert code_of(*bad_messages()[code]) == code
    assert code in SENTENCES


@pytest.mark.parametrize("version", ["²", "one", "", "-1"])
def test_a_version_that_is_no_number_is_an_unknown_type(version: str) -> None:
    headers, body = sent(request(), ce_type=f"cn.liuzhu.ServiceRequested.v{version}".encode())
    assert code_of(headers, body) == "TYPE_UNKNOWN"


@pytest.mark.parametrize("price", [-1, 1.5, "100", 10**13])
def test_money_that_is_negative_or_not_whole_fen_is_refused(price: Any) -> None:
    body = {
        "fact_id": new_id(),
        "area": "a1",
        "said_at": "2026-11-12T04:00:00Z",
        "by": {"role": "REGISTER", "id": "r"},
        "word": "TariffPublished",
        "tariff_id": "t1",
        "valid_from": "2026-01-01",
        "items": [
            {
                "code": "X",
                "help": "MEAL",
                "name_zh": "餐",
                "name_en": "meal",
                "unit": "MEAL",
                "price_fen": price,
                "pay_fen": 1,
                "minimum_s": 0,
                "roles": [{"skills": ["MEAL"], "duration_s": 60}],
            }
        ],
    }
    headers = {"ce_type": b"cn.liuzhu.TariffPublished.v1", "ce_id": str(body["fact_id"]).encode()}
    assert code_of(headers, json.dumps(body).encode()) == "FEN_NOT_WHOLE"


def test_an_impossible_latitude_is_refused_and_says_it_may_be_swapped() -> None:
    secret = {"lat_udeg": 116_400_000, "lon_udeg": 39_900_000}
    body = altered(
        TimePassed(fact_id=new_id(), area="a1", said_at=NOON, by=Speaker(role="CLOCK", id="c"), partition=0)
    )
    plain = json.loads(body) | {
        "word": "AlarmRaised",
        "case_id": "c1",
        "kind": "BUTTON",
        "place": secret,
    }
    del plain["partition"]
    headers = {"ce_type": b"cn.liuzhu.AlarmRaised.v1", "ce_id": plain["fact_id"].encode()}
    assert code_of(headers, json.dumps(plain).encode()) == "POSITION_IMPOSSIBLE"


def test_the_detail_of_a_refusal_never_repeats_what_was_written() -> None:
    """It goes to a log and a page: a name typed into the wrong field must not follow."""
    headers, body = sent(request(), body=altered(request(), item="罗玉珍"))
    with pytest.raises(BadFact) as caught:
        read_fact(headers, body)
    assert "罗玉珍" not in str(caught.value)


def enrolled(key: bytes = KEY) -> RecipientEnrolled:
    secret = RecipientSecret(home=Point(lat_udeg=32_990_000, lon_udeg=112_530_000), gender=Gender.FEMALE)
    return RecipientEnrolled(
        fact_id=new_id(),
        area="a1",
        said_at=NOON,
        by=Speaker(role="REGISTER", id="import"),
        recipient_id="r1",
        street="s1",
        sealed=seal(secret, "r1", key, b"n" * 12),
    )


def test_what_describes_a_person_opens_with_their_key_and_never_travels_open() -> None:
    fact = enrolled()
    opened = open_fact(fact, KEY)
    assert isinstance(opened, RecipientEnrolled)
    assert opened.opened is not None
    assert opened.opened.home.lat_udeg == 32_990_000
    assert b"32990000" not in FACT.dump_json(opened)
    assert open_fact(fact, None) == fact
    with pytest.raises(SealBroken):
        open_fact(fact, bytes(32))


def test_a_message_that_carries_an_opened_part_is_refused() -> None:
    fact = enrolled()
    secret = {"home": {"lat_udeg": 1, "lon_udeg": 1}, "gender": "FEMALE"}
    headers, body = sent(fact, body=altered(fact, opened=secret))
    assert code_of(headers, body) == "SEAL_MISSING"


def test_a_row_is_the_same_bytes_after_a_trip_and_its_hash_hangs_on_every_byte() -> None:
    row = Row(area="a1", seq=1, now=NOON, decider=1, fact=request())
    body = row.body()
    assert Row.of_body(body) == row
    assert Row.of_body(body).body() == body
    assert row.hashed(GENESIS) == chain_hash(GENESIS, body)
    assert row.hashed(GENESIS) != chain_hash(GENESIS, body.replace(b"BATH_HOME", b"BATH_HOMF"))


def words_below(kind: type[Word]) -> set[type[Word]]:
    return {kind}.union(*(words_below(each) for each in kind.__subclasses__()))


def test_a_mapping_has_one_order_whoever_wrote_it_so_that_snapshots_can_be_compared() -> None:
    """A desk that heard the fact and one that read it from the journal must write the same snapshot."""
    speeds = {TravelMode.E_SCOOTER: 5_000, TravelMode.BICYCLE: 3_300}
    assert list(AreaSettings.model_fields["speed_mm_s"].get_default()) != sorted(TravelMode)
    corners = {"south_west": Point(lat_udeg=0, lon_udeg=0), "north_east": Point(lat_udeg=1, lon_udeg=1)}
    for settings in (AreaSettings(**corners, speed_mm_s=speeds), AreaSettings(**corners)):
        assert list(settings.speed_mm_s) == sorted(settings.speed_mm_s)
    mappings = [
        (kind.__name__, name, told)
        for kind in words_below(Word)
        for name, told in kind.model_fields.items()
        if get_origin(told.annotation) is dict
    ]
    assert len(mappings) >= 5
    assert [(kind, name) for kind, name, told in mappings if KeyOrdered not in told.metadata] == []


plain_leaves = (
    st.none() | st.booleans() | st.integers() | st.text(alphabet='":,[{-+.eE0123456789NaInfity', max_size=12)
)


def nested(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Lists and dictionaries of such leaves."""
    return st.recursive(
        leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner), max_leaves=8
    )


@given(nested(plain_leaves), st.floats(), nested(plain_leaves))
def test_a_fraction_has_no_canonical_form_wherever_it_stands(
    before: Any, fraction: float, after: Any
) -> None:
    """Written one way here and another there, a row would have two hashes. A text may look like one."""
    assert json.loads(canonical_bytes([before, after])) == [before, after]
    for record in (fraction, [before, fraction, after], {"a": before, "b": {"": [fraction]}, "c": after}):
        with pytest.raises(TypeError):
            canonical_bytes(record)


@given(st.integers(0, 50), st.uuids())
def test_decided_ids_are_the_same_at_every_replay(n: int, fact: Any) -> None:
    assert decided_id(str(fact), n) == decided_id(str(fact), n)
    assert decided_id(str(fact), n) != decided_id(str(fact), n + 1)


@given(
    st.lists(st.tuples(st.integers(1, 100_000), st.sampled_from([0, 1000, 60_000])), min_size=1, max_size=6)
)
def test_city_time_never_steps_back_and_real_time_finds_it_again(parts: list[tuple[int, int]]) -> None:
    segments, real, city = [], NOON, NOON
    for length_s, rate in parts:
        segments.append(Segment(real, city, rate))
        city = segments[-1].at(real + timedelta(seconds=length_s))
        real += timedelta(seconds=length_s)
    moments = [
        NOON + timedelta(seconds=s) for s in range(0, sum(n for n, _ in parts), max(1, len(parts) * 997))
    ]
    told = [city_time(segments, moment) for moment in moments]
    assert told == sorted(told)
    for moment in told:
        back = real_time(segments, moment)
        assert back is not None
        assert abs(city_time(segments, back) - moment) <= timedelta(milliseconds=120)


@given(st.floats(20, 45), st.floats(80, 130))
def test_chinese_map_coordinates_come_home_within_a_decimetre(lat: float, lon: float) -> None:
    """An address geocoded on a Chinese map lies up to 700 m off if the datum is forgotten."""
    shifted = wgs84_to_gcj02(lat, lon)
    back = gcj02_to_wgs84(*shifted)
    assert abs(back[0] - lat) < 1e-6
    assert abs(back[1] - lon) < 1e-6


def test_baidu_coordinates_agree_with_a_published_pair() -> None:
    """The worked example that public converters of these datums print."""
    lat, lon = bd09_to_gcj02(39.915, 116.404)
    assert abs(lat - 39.908_657) < 1e-6
    assert abs(lon - 116.397_627) < 1e-6
