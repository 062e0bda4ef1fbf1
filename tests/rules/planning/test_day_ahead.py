"""Tomorrow planned once more before its offers go out: when, and how far."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.day_ahead import day_ahead

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    """A moment of the city, as the line tells it."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "hour", "day"),
    [
        ("2026-03-02 16:44:59", 17, None),
        ("2026-03-02 16:45:00", 17, "2026-03-03"),
        ("2026-03-02 16:59:59", 17, "2026-03-03"),
        ("2026-03-02 17:00:00", 17, None),
        ("2026-03-02 06:00:00", 17, None),
        ("2026-03-01 23:50:00", 0, "2026-03-03"),
        ("2026-02-28 16:50:00", 17, "2026-03-01"),
    ],
)
def test_tomorrow_is_planned_in_time_for_its_offers_and_not_before(
    now: str, hour: int, day: str | None
) -> None:
    """Too late, and the offers name whoever stood there; too early, and the last calls are not in it."""
    found = day_ahead(at(now), hour, "Asia/Shanghai", ahead_s=600, budget_s=300)
    assert (None if found is None else found.day.isoformat()) == day


def test_the_plan_goes_to_the_end_of_the_day_whose_offers_go_out() -> None:
    """Cut off at noon, the afternoon would be offered as people rang."""
    found = day_ahead(at("2026-03-02 16:50"), 17, "Asia/Shanghai", ahead_s=600, budget_s=300)
    assert found is not None
    assert (found.horizon.opens_at, found.horizon.closes_at) == (
        at("2026-03-02 16:50"),
        at("2026-03-04 00:00"),
    )


@given(
    st.integers(0, 14 * 86_400),
    st.integers(0, 23),
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/St_Johns"]),
    st.integers(0, 21_600),
    st.integers(1, 7_200),
)
def test_a_round_that_is_begun_in_time_lands_so_long_before_the_offers(
    after_s: int, hour: int, zone: str, ahead_s: int, budget_s: int
) -> None:
    """Whatever the city's hour and clock (these days one of them turns it), the plan stands before it."""
    now = datetime(2026, 3, 22, tzinfo=UTC) + timedelta(seconds=after_s)
    found = day_ahead(now, hour, zone, ahead_s=ahead_s, budget_s=budget_s)
    lead = timedelta(seconds=ahead_s + budget_s)
    eves = [(now + timedelta(days=n)).astimezone(ZoneInfo(zone)).date() for n in (-1, 0, 1)]
    offers = [datetime.combine(eve, datetime.min.time().replace(hour=hour), ZoneInfo(zone)) for eve in eves]
    soon = [moment for moment in offers if now < moment <= now + lead]
    assert (found is not None) == bool(soon)
    if found is not None:
        assert found.day == soon[0].date() + timedelta(days=1)
        assert found.horizon.opens_at == now < found.horizon.closes_at
