"""The alarm screen when what it shows cannot be known."""

import pytest

from schemas.decisions import Decision
from schemas.facts import Fact
from schemas.ports import OutlookClosed, PurseLeft
from tests.contracts.console_seat import PAGE, console_seat


class ClosedOutlook:
    """Nothing can be foreseen."""

    async def preview(self, fact: Fact) -> tuple[Decision, ...]:
        """Not now."""
        raise OutlookClosed

    async def purses(self, area: str, recipient_id: str) -> tuple[PurseLeft, ...]:
        """Not now."""
        raise OutlookClosed


@pytest.mark.parametrize(("language", "said"), [("zh", "现在看不到谁能去"), ("en", "cannot be seen now")])
def test_an_outlook_that_is_closed_is_not_told_as_nobody_can_come(
    fresh_database: str, language: str, said: str
) -> None:
    """An operator who reads that nobody can be sent sends nobody, while three responders sit near."""
    with console_seat(fresh_database, ClosedOutlook()) as seat:
        path = f"/console/alarm?recipient={seat.someone().person_id}&lang={language}"
        page = seat.browser.get(path, headers=PAGE)
        assert page.status_code == 200
        assert said in page.text
        assert "没有能派的人" not in page.text
        assert "Nobody can be sent" not in page.text
