"""The hotline console: the seat's page and its search; mounts all of the console's addresses."""

from fastapi import FastAPI, Request
from fastapi.responses import Response

from producers.console import booking, doors, emergency, lists, queries
from producers.console.context import HERE, Console, Item, Memory
from producers.console.lists import Lists
from producers.console.queries import Name, Person, Seen
from schemas.ids import new_id
from schemas.ports import PurseLeft
from schemas.shown import SIX_HELPS
from schemas.web import Kit, Refused

BESIDE = ("CARE", "VISITING", "COMFORT", "HOUSEHOLD")


class SeatPage(Console):
    """The page of a call."""

    def __init__(self, kit: Kit, memory: Memory, numbers: Lists) -> None:
        super().__init__(kit, memory)
        self.numbers = numbers

    async def seat(self, request: Request, recipient: str = "") -> Response:
        """The page: of a recipient, or before one was found. With PostgreSQL away, the telephone list."""
        known = await self.numbers.keep_numbers()
        if not self.kit.link().postgres:
            return self.page(request, "away.html", numbers=known)
        if not recipient:
            return self.page(
                request, "seat.html", person=None, seen=(), recent=(), items=(), names={}, purses=None
            )
        found = await self.person(recipient)
        return await self._of(request, found)

    async def _of(self, request: Request, found: Person) -> Response:
        seen, recent, names = await self._visits(found)
        items: tuple[Item, ...] = await self.items(found.area)
        purses: tuple[PurseLeft, ...] | None = await self.purses(found)
        return self.page(
            request,
            "seat.html",
            person=found,
            seen=seen,
            recent=recent,
            items=items,
            goals=await self.goals(found.area) if any(item.wait_s is not None for item in items) else (),
            names=names,
            purses=purses,
            six=SIX_HELPS,
            beside=BESIDE,
            fact_id=new_id(),
            request_id=new_id(),
        )

    async def _visits(self, found: Person) -> tuple[tuple[Seen, ...], tuple[Seen, ...], dict[str, Name]]:
        now = self.kit.now()
        seen = await self.kit.read(lambda connection: queries.visits_of(connection, found.person_id, now))
        recent = await self.kit.read(lambda connection: queries.recent_of(connection, found.person_id, now))
        ids = {
            an_id
            for visit in (*seen, *recent)
            for an_id in (*visit.caregiver_ids, visit.provider_id)
            if an_id
        }
        ids |= {found.provider_id} if found.provider_id else set()
        return seen, recent, await self.kit.read(lambda connection: queries.names(connection, ids))

    async def today(self, request: Request, recipient: str) -> Response:
        """The recipient's visits that stand, as the card lists them; asked for when something changed."""
        found = await self.person(recipient)
        seen, _, names = await self._visits(found)
        return self.page(request, "today.html", person=found, seen=seen, names=names)

    async def find(self, request: Request, q: str = "") -> Response:
        """People by name, pinyin initials or number."""
        if len(q) > 40:
            raise Refused("FORM_WRONG", place="q")
        found = await self.kit.read(lambda connection: queries.find(connection, q))
        return self.page(request, "found.html", found=found, typed=q.strip())


def mount(app: FastAPI, kit: Kit) -> None:
    """Add the console to the pages."""
    kit.static(HERE)
    memory = Memory()
    numbers = Lists(kit, memory)
    seat = SeatPage(kit, memory, numbers)
    app.add_api_route("/console/", seat.seat, include_in_schema=False)
    app.add_api_route("/console/find", seat.find, include_in_schema=False)
    app.add_api_route("/console/today", seat.today, include_in_schema=False)
    booking.mount(app, booking.Booking(kit, memory), booking.Changes(kit, memory))
    emergency.mount(app, emergency.Emergency(kit, memory))
    lists.mount(app, numbers)
    doors.mount(app, doors.Doors(kit, memory))
