"""The short form of a window: what an operator types while the caller still speaks."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.console.window import Unclear, read_window
from schemas.base import StartWindow
from schemas.shown import ZONE

NOW = datetime(2026, 11, 12, 9, 42, 18, tzinfo=ZONE)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("typed", "opens", "closes"),
    [
        ("mz9", at(13, 9), at(13, 10)),
        ("MZ9", at(13, 9), at(13, 10)),
        ("明早9点", at(13, 9), at(13, 10)),
        ("明天上午9点半", at(13, 9, 30), at(13, 10, 30)),
        ("jx", at(12, 13), at(12, 17)),
        ("今天下午", at(12, 13), at(12, 17)),
        ("jx3", at(12, 15), at(12, 16)),
        ("j14", at(12, 14), at(12, 15)),
        ("hs", at(14, 8), at(14, 12)),
        ("hw7", at(14, 19), at(14, 20)),
        ("mzw", at(13, 11), at(13, 13)),
        ("mzw1", at(13, 13), at(13, 14)),
        ("m930", at(13, 9, 30), at(13, 10, 30)),
        ("m9-11", at(13, 9), at(13, 11)),
        ("mx2-430", at(13, 14), at(13, 16, 30)),
        ("1128s10", at(28, 10), at(28, 11)),
        ("x", at(12, 13), at(12, 17)),
        ("js", at(12, 9, 45), at(12, 12)),
        ("n", at(12, 9, 45), at(12, 10, 45)),
        ("m23", at(13, 23), at(13, 23, 59)),
    ],
)
def test_a_window_is_read_as_it_is_meant(typed: str, opens: datetime, closes: datetime) -> None:
    assert read_window(typed, NOW) == StartWindow(opens_at=opens, closes_at=closes)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "WINDOW_UNREAD"),
        ("m", "WINDOW_UNREAD"),
        ("q9", "WINDOW_UNREAD"),
        ("m25", "WINDOW_UNREAD"),
        ("m975", "WINDOW_UNREAD"),
        ("1332s10", "WINDOW_UNREAD"),
        ("m11-9", "WINDOW_REVERSED"),
        ("jz", "WINDOW_PAST"),
        ("j8", "WINDOW_PAST"),
    ],
)
def test_what_cannot_be_meant_is_said_with_a_code(typed: str, code: str) -> None:
    assert read_window(typed, NOW) == Unclear(code)


def test_a_day_that_is_over_this_year_is_meant_for_the_next() -> None:
    window = read_window("0105s9", NOW)
    assert isinstance(window, StartWindow)
    assert window.opens_at == datetime(2027, 1, 5, 9, tzinfo=ZONE)


@given(
    st.text(alphabet="jmhzsxwn0123456789-今明后早上下午晚点半 ", max_size=10), st.integers(0, 366 * 86_400)
)
def test_nothing_that_is_typed_breaks_the_page_or_books_the_past(typed: str, later_s: int) -> None:
    now = NOW + timedelta(seconds=later_s)
    window = read_window(typed, now)
    if isinstance(window, StartWindow):
        assert now <= window.opens_at <= window.closes_at or window.closes_at > now
        assert window.opens_at >= now - timedelta(milliseconds=1)
