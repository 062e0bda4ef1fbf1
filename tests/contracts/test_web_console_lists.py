"""The seat's lists, as pages and for other software."""

import pytest
from sqlalchemy import func, insert, update

from schemas.ids import new_id
from schemas.tables import dead_letters, duties
from tests.contracts.console_seat import PAGE, Seat


@pytest.mark.parametrize("name", ["", "duties", "board", "cases", "telephone"])
def test_every_list_reads_in_both_languages(seat: Seat, name: str) -> None:
    for language in ("zh", "en"):
        told = seat.browser.get(f"/console/{name}?lang={language}", headers=PAGE)
        assert told.status_code == 200, (name, language)
        assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in told.text


def test_a_fact_that_no_rule_could_decide_becomes_a_card_for_the_seats(seat: Seat) -> None:
    """A request that broke the rules is otherwise known to nobody who could still help the caller."""
    headers = {"ce_type": "cn.liuzhu.ServiceRequested.v1"}
    place = {"topic": "intake", "topic_id": new_id(), "partition": 0, "offset": 7}
    letter = {"area": "a1", "headers": headers, "body": b"{}", "code": "DECIDE_FAILED", "detail": "KeyError"}
    with seat.engine.begin() as connection:
        connection.execute(insert(dead_letters), place | letter)
    page = seat.browser.get("/console/duties?lang=zh", headers=PAGE).text
    assert "没能处理的" in page
    assert "ServiceRequested" in page
    with seat.engine.begin() as connection:
        connection.execute(update(dead_letters).values(mended_at=func.now()))
    assert "没能处理的" not in seat.browser.get("/console/duties", headers=PAGE).text


def test_the_owed_calls_are_told_to_other_software_and_one_that_was_made_is_owed_no_more(seat: Seat) -> None:
    """A hotline's own telephone software must find whom to ring, and not ring twice."""
    duty = {"duty_id": new_id(), "kind": "CALL_BACK", "area": "a1", "owner": "OPERATOR"}
    why = {"code": "PROMISE_CHANGED", "numbers": {}, "refs": {}}
    with seat.engine.begin() as connection:
        connection.execute(insert(duties).values(**duty, reason=why, opened_at=func.now()))
    told = seat.browser.get("/console/duties.json").json()
    assert [call["duty_id"] for call in told["calls"]] == [duty["duty_id"]]
    assert told["calls"][0]["area"] == "a1"
    with seat.engine.begin() as connection:
        connection.execute(update(duties).values(closed_at=func.now(), outcome="TOLD"))
    assert seat.browser.get("/console/duties.json").json()["calls"] == []
