"""Care plans and rosters: the right days, the same ids each time, nothing for what is over."""

from datetime import UTC, date, datetime, timedelta

import pytest

from producers.care_plans.plans import request_on
from producers.daily import CITY_ZONE
from producers.roster import shift_on
from schemas.base import Speaker
from schemas.facts import CarePlanApproved

THURSDAY = date(2026, 11, 12)
MORNING = datetime(2026, 11, 12, 8, 0, tzinfo=CITY_ZONE)
ROSTER = {"weekdays": [0, 3], "starts": "07:30", "ends": "16:00", "rest": ["13:00", "14:30", 1800]}


def plan(**changed: object) -> CarePlanApproved:
    """A plan for lunch on Mondays and Thursdays in November."""
    told: dict[str, object] = {
        "fact_id": "019b76da-a800-708f-b040-59dbf0d26f0f",
        "area": "a1",
        "said_at": datetime(2026, 11, 1, tzinfo=UTC),
        "by": Speaker(role="REGISTER", id="r"),
        "plan_id": "plan-1",
        "recipient_id": "r-1",
        "item": "MEAL_LUNCH",
        "weekdays": (0, 3),
        "opens": "11:00",
        "closes": "12:30",
        "valid_from": date(2026, 11, 1),
        "valid_until": date(2026, 12, 1),
    }
    return CarePlanApproved.model_validate(told | changed)


def test_a_plan_asks_in_city_time_on_its_weekdays() -> None:
    """Lunch asked for in another time zone comes at night."""
    asked = request_on(plan(), THURSDAY, MORNING, CITY_ZONE)
    assert asked is not None
    assert asked.window.opens_at == datetime(2026, 11, 12, 3, 0, tzinfo=UTC)
    assert asked.window.closes_at == datetime(2026, 11, 12, 4, 30, tzinfo=UTC)
    assert request_on(plan(), THURSDAY + timedelta(days=1), MORNING, CITY_ZONE) is None


def test_a_plan_asks_under_the_same_ids_however_often_it_speaks() -> None:
    """Two lunches would come, and be paid."""
    once = request_on(plan(), THURSDAY, MORNING, CITY_ZONE)
    again = request_on(plan(), THURSDAY, MORNING + timedelta(hours=1), CITY_ZONE)
    other = request_on(plan(), THURSDAY + timedelta(days=4), MORNING, CITY_ZONE)
    assert once is not None
    assert again is not None
    assert other is not None
    assert (once.fact_id, once.request_id) == (again.fact_id, again.request_id)
    assert once.request_id != other.request_id


@pytest.mark.parametrize(
    ("changed", "day"),
    [
        ({"ended": True}, THURSDAY),
        ({"valid_until": THURSDAY}, THURSDAY),
        ({"valid_from": THURSDAY + timedelta(days=1)}, THURSDAY),
        ({"opens": "07:00", "closes": "08:15"}, THURSDAY),
        ({}, THURSDAY - timedelta(days=3)),
    ],
    ids=["ended", "last day is not included", "not begun", "closes too soon", "past"],
)
def test_a_plan_asks_nothing_that_is_over_or_not_begun(changed: dict[str, object], day: date) -> None:
    """People would be sent to somebody who no longer wants or may have it."""
    assert request_on(plan(**changed), day, MORNING, CITY_ZONE) is None


def test_a_roster_gives_shifts_with_their_rest_on_working_days() -> None:
    """A caregiver without a shift is never sent."""
    shift = shift_on("c-1", "a1", ROSTER, THURSDAY, MORNING, CITY_ZONE)
    assert shift is not None
    assert (shift.starts_at, shift.ends_at) == (
        datetime(2026, 11, 11, 23, 30, tzinfo=UTC),
        datetime(2026, 11, 12, 8, 0, tzinfo=UTC),
    )
    assert shift.breaks[0].duration_s == 1_800
    assert shift_on("c-1", "a1", ROSTER, THURSDAY + timedelta(days=1), MORNING, CITY_ZONE) is None


def test_a_shift_published_again_replaces_itself() -> None:
    """The same hours would count twice."""
    first = shift_on("c-1", "a1", ROSTER, THURSDAY, MORNING, CITY_ZONE)
    again = shift_on("c-1", "a1", ROSTER, THURSDAY, MORNING, CITY_ZONE)
    assert first is not None
    assert again is not None
    assert first.shift_id == again.shift_id
    assert first.fact_id != again.fact_id
