"""Call buttons: whatever a device sends, the alarm is raised."""

from datetime import UTC, datetime
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from producers.devices.door import NOWHERE, Device, alarm_of, read_body
from schemas.base import Point
from schemas.codes import AlarmKind
from schemas.envelope import read_fact, to_message
from schemas.facts import AlarmRaised
from schemas.sealing import open_fact

NOW = datetime(2026, 11, 12, 3, 0, tzinfo=UTC)
KEY = bytes(range(32))
DEVICE = Device("dev-1", "a1", "r-1", AlarmKind.FALL, Point(lat_udeg=33_000_000, lon_udeg=112_500_000), KEY)


@given(st.binary(max_size=300), st.text(max_size=80))
def test_any_bytes_from_any_device_raise_an_alarm_the_desk_can_read(body: bytes, device_id: str) -> None:
    """A garbled message would otherwise leave somebody lying on the floor."""
    fact = alarm_of(device_id, None, read_body(body), NOW)
    message = to_message(fact, "/devices")
    assert read_fact(dict(message.headers), message.body) == fact
    assert fact.area == NOWHERE


@given(
    st.dictionaries(
        st.sampled_from(["press_id", "kind", "battery_percent", "lat", "lon", "area"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=70) | st.just([1]),
    )
)
def test_a_known_device_is_placed_whatever_else_it_says(told: dict[str, object]) -> None:
    """Help must go to the right home even when the device talks nonsense beside the alarm."""
    fact = alarm_of("dev-1", DEVICE, told, NOW)
    assert (fact.area, fact.recipient_id) == ("a1", "r-1")
    assert fact.place is None
    opened = open_fact(fact, KEY)
    assert isinstance(opened, AlarmRaised)
    assert opened.opened is not None
    message = to_message(fact, "/devices")
    assert read_fact(dict(message.headers), message.body) == fact


def test_where_a_known_person_is_travels_sealed() -> None:
    """A home position beside a person's id in the journal could never be forgotten."""
    fact = alarm_of("dev-1", DEVICE, {}, NOW)
    assert b"33000000" not in to_message(fact, "/devices").body
    opened = open_fact(fact, KEY)
    assert isinstance(opened, AlarmRaised)
    assert opened.opened is not None
    assert opened.opened.home == DEVICE.home
    away = open_fact(alarm_of("dev-1", DEVICE, {"lat": 34.5, "lon": 112.0}, NOW), KEY)
    assert isinstance(away, AlarmRaised)
    assert away.opened is not None
    assert away.opened.home.lat_udeg == 34_500_000


def test_the_same_press_sent_again_is_the_same_fact() -> None:
    """One fall would become two cases."""
    told = {"press_id": str(uuid4())}
    assert alarm_of("dev-1", DEVICE, told, NOW).fact_id == alarm_of("dev-1", DEVICE, told, NOW).fact_id
    assert alarm_of("dev-1", DEVICE, {}, NOW).fact_id != alarm_of("dev-1", DEVICE, {}, NOW).fact_id


def test_what_the_device_is_decides_the_kind_unless_it_says_otherwise() -> None:
    """A fall detector's alarm goes at once; taken for a button it would wait for a call back."""
    assert alarm_of("dev-1", DEVICE, {}, NOW).kind is AlarmKind.FALL
    assert alarm_of("dev-1", DEVICE, {"kind": "SMOKE"}, NOW).kind is AlarmKind.SMOKE
    assert alarm_of("x", None, {"kind": "NOISE"}, NOW).kind is AlarmKind.BUTTON
