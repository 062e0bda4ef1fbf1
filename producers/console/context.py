"""What all handlers of the console share: the kit, names, the pane of who can come."""

from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse
from pydantic import ValidationError
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from producers import trips
from producers.console import queries
from producers.console.choices import choice_of, ids_in
from producers.console.pane import Choice, Setting
from producers.console.queries import Person
from producers.trips import Goal
from schemas import sentences as say
from schemas.base import StartWindow
from schemas.decisions import Decision, FactSetAside, RequestRefused, VisitPlanned
from schemas.facts import ServiceRequested
from schemas.ports import OutlookClosed, PurseLeft
from schemas.rows import Row
from schemas.tables import journal
from schemas.web import Kit, Refused, Who

HERE = Path(__file__).parent
REMEMBERED = 300


@dataclass(frozen=True)
class Item:
    """A service item as the seat offers it."""

    code: str
    help: str
    name_zh: str
    name_en: str
    price_fen: int
    crew: int
    duration_s: int
    minimum_s: int
    wait_s: int | None = None


class Memory:
    """What was last known of people and prices, for while PostgreSQL is away; forgets the oldest."""

    def __init__(self) -> None:
        self.persons: OrderedDict[str, Person] = OrderedDict()
        self.items: dict[str, tuple[Item, ...]] = {}

    def keep(self, found: Person) -> None:
        """Remember a card that was opened."""
        self.persons[found.person_id] = found
        self.persons.move_to_end(found.person_id)
        while len(self.persons) > REMEMBERED:
            self.persons.popitem(last=False)


class Console:
    """The seat's common ground."""

    def __init__(self, kit: Kit, memory: Memory) -> None:
        self.kit = kit
        self.memory = memory

    def who(self, request: Request) -> Who:
        """Who sits there: an operator, or the shift lead when one was chosen for this seat."""
        return self.kit.who(request, "OPERATOR")

    def page(self, request: Request, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
        """A page or part of the console."""
        return self.kit.page(request, HERE, template, status=status, who=self.who(request), **context)

    async def person(self, person_id: str) -> Person:
        """The recipient; as last known while PostgreSQL is away. Raises Refused RECIPIENT_UNKNOWN."""
        try:
            found = await self.kit.read(lambda connection: queries.person(connection, person_id))
        except Refused:
            if person_id not in self.memory.persons:
                raise
            return self.memory.persons[person_id]
        if found is None:
            self.memory.persons.pop(person_id, None)
            raise Refused("RECIPIENT_UNKNOWN", status=404, place="recipient_id")
        self.memory.keep(found)
        return found

    async def items(self, area: str) -> tuple[Item, ...]:
        """The price list of an area as it holds now; as last known while PostgreSQL is away."""
        now = self.kit.now()
        try:
            rows = await self.kit.read(lambda connection: queries.items(connection, area, now))
        except Refused:
            if area not in self.memory.items:
                raise
            return self.memory.items[area]
        items = (Item(**{name: row._mapping[name] for name in Item.__dataclass_fields__}) for row in rows)
        self.memory.items[area] = tuple(items)
        return self.memory.items[area]

    async def goals(self, area: str) -> tuple[Goal, ...]:
        """Where an escort of this area may lead."""
        return await self.kit.read(lambda connection: trips.goals(connection, area))

    async def leading(
        self, fact: ServiceRequested, goal_id: str, wait_s: int | None
    ) -> tuple[ServiceRequested, Goal]:
        """A wish with where it leads. Raises Refused DESTINATION_MISSING."""
        found = next((goal for goal in await self.goals(fact.area) if goal.place_id == goal_id), None)
        if found is None:
            raise Refused("DESTINATION_MISSING", place="goal")
        return trips.leading_to(fact, found, wait_s), found

    async def with_goal_kept(self, fact: ServiceRequested, goal: Goal) -> ServiceRequested:
        """The wish to be said, its goal sealed and its words stored. Raises Refused STORE_AWAY."""

        def write() -> ServiceRequested:
            with self.kit.engine.begin() as connection:
                return trips.kept(connection, fact, goal)

        try:
            return await run_in_threadpool(write)
        except SQLAlchemyError:
            raise Refused("STORE_AWAY", status=503) from None

    async def goal_let_go(self, fact: ServiceRequested, decisions: Sequence[Decision]) -> None:
        """Where the desk refused an escort, forget where it would have led; what stays harms nobody."""
        refused = any(isinstance(decision, RequestRefused | FactSetAside) for decision in decisions)
        if fact.goal_text_id is None or not refused:
            return

        def write() -> None:
            with self.kit.engine.begin() as connection:
                trips.let_go(connection, fact)

        with suppress(SQLAlchemyError):
            await run_in_threadpool(write)

    async def purses(self, found: Person) -> tuple[PurseLeft, ...] | None:
        """What this month leaves of their rights; None when the outlook does not answer."""
        try:
            return await self.kit.outlook.purses(found.area, found.person_id)
        except OutlookClosed:
            return None

    async def setting(
        self,
        request: Request,
        found: Person,
        item: Item,
        window: StartWindow,
        decisions: Sequence[Decision],
        also: Sequence[str] = (),
    ) -> Setting:
        """What surrounds these decisions, looked up in one go; `also` are further ids to be named."""
        language = self.kit.lang(request)
        planned = next((decision for decision in decisions if isinstance(decision, VisitPlanned)), None)
        candidates = planned.candidates if planned else ()
        carers = {an_id for candidate in candidates for an_id in candidate.caregiver_ids}
        starts = sorted(candidate.start_at for candidate in candidates)

        def look(connection: Connection) -> Setting:
            ids = ids_in(decisions) | set(also)
            names = queries.names(connection, ids)
            names |= queries.names(
                connection, {name.provider_id for name in names.values() if name.provider_id}
            )
            bars = queries.strips(connection, carers, starts[0], starts[-1]) if starts else ()
            own = {decision.visit_id for decision in decisions if isinstance(decision, VisitPlanned)}
            name = found.name if language == "zh" else found.name_en
            caller = (
                say.address_zh(name, found.gender) if language == "zh" else say.address_en(name, found.gender)
            )
            return Setting(
                language=language,
                now=self.kit.now(),
                caller=caller,
                item=item.code,
                help=item.help,
                crew=item.crew,
                duration_s=item.duration_s,
                window=window,
                there_and_back=item.wait_s is not None,
                names=names,
                came=queries.familiar(connection, found.person_id, item.help),
                bars=tuple(bar for bar in bars if bar.visit_id not in own),
                recipient=name,
            )

        return await self.kit.read(look)

    async def choice(
        self,
        request: Request,
        found: Person,
        item: Item,
        window: StartWindow,
        decisions: Sequence[Decision],
    ) -> Choice:
        """What the decisions say, as the pane shows it."""
        return choice_of(decisions, await self.setting(request, found, item, window, decisions))

    async def row_of(self, fact_id: str) -> Row | None:
        """The journal row of a fact, if it stands."""
        body = await self.kit.read(
            lambda connection: connection.execute(
                journal.select().with_only_columns(journal.c.body).where(journal.c.fact_id == fact_id)
            ).scalar()
        )
        try:
            return Row.of_body(body.encode()) if body is not None else None
        except ValidationError:
            return None
