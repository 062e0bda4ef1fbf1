"""What pages may ask of a follower: previews, and what a month leaves of a recipient's rights."""

import asyncio
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from dispatcher.core.desk import Desk, purse_key
from dispatcher.core.funding import right_of
from dispatcher.core.records import Purse
from dispatcher.core.times import city_month, to_s
from dispatcher.follower import Follower, FollowerStopped
from schemas.codes import HelpKind
from schemas.decisions import Decision
from schemas.facts import Fact
from schemas.ports import OutlookClosed, PurseLeft
from schemas.shown import programme_name

TIME_ZONE = "Asia/Shanghai"


class DeskOutlook:
    """`schemas.ports.Outlook` over the follower of this process, off the event loop."""

    def __init__(self, follower: Follower[Desk]) -> None:
        self._follower = follower

    async def preview(self, fact: Fact) -> tuple[Decision, ...]:
        """The decisions the desk would take; nothing is said or written. Raises OutlookClosed."""
        try:
            return await asyncio.to_thread(self._follower.decide, fact)
        except (FollowerStopped, SQLAlchemyError) as error:
            raise OutlookClosed from error

    async def purses(self, area: str, recipient_id: str) -> tuple[PurseLeft, ...]:
        """What this month leaves of the recipient's rights. Raises OutlookClosed."""

        def question(desk: Desk, now: datetime) -> tuple[PurseLeft, ...]:
            return purses_of(desk, recipient_id, now)

        try:
            return await asyncio.to_thread(self._follower.ask, area, question)
        except (FollowerStopped, SQLAlchemyError) as error:
            raise OutlookClosed from error


def purses_of(desk: Desk, recipient_id: str, now: datetime) -> tuple[PurseLeft, ...]:
    """The right that holds now, with its month; a recipient has one at most for each help it covers."""
    zone = desk.settings.time_zone if desk.settings else TIME_ZONE
    period = city_month(to_s(now), zone)
    found: dict[str, PurseLeft] = {}
    for kind in HelpKind:
        right = right_of(desk, recipient_id, kind, to_s(now))
        if isinstance(right, str) or right[1].programme_id in found:
            continue
        entitlement, programme = right
        quota = next((c.quota_fen for c in programme.classes if c.code == entitlement.class_code), 0)
        purse = desk.purses.get(purse_key(recipient_id, programme.programme_id, period), Purse())
        names = (programme_name(programme.programme_id, "zh"), programme_name(programme.programme_id, "en"))
        found[programme.programme_id] = PurseLeft(
            programme.programme_id, *names, period, quota, purse.reserved_fen, purse.settled_fen
        )
    return tuple(found.values())
