"""The seat's lists: calls it owes, the board of today, what rings, and the numbers for a dark hour."""

import time
from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.responses import Response

from producers.console import queries_cases, queries_lists, said
from producers.console.context import Console, Memory
from producers.console.queries_lists import Number
from producers.console.said import Seat
from schemas.base import Reason
from schemas.reasons import sentence
from schemas.web import Kit, Refused

KEEP_S = 60.0
STATUSES = ("ADMITTED", "OFFERED", "BOUND", "STARTED", "FINISHED", "MISSED", "CANCELLED")


class Lists(Console):
    """Handlers of the lists; keeps the last known numbers for when PostgreSQL is away."""

    def __init__(self, kit: Kit, memory: Memory) -> None:
        super().__init__(kit, memory)
        self.numbers: tuple[Number, ...] = ()
        self._numbers_at = -KEEP_S

    async def duties(self, request: Request) -> Response:
        """回访待办."""
        language = self.kit.lang(request)
        rows = await self.kit.read(queries_lists.owed)
        reasons = {row.duty_id: sentence(Reason.model_validate(row.reason), language) for row in rows}
        letters = await self.kit.read(queries_lists.undecided)
        why = sentence(Reason(code="DECIDE_FAILED"), language)
        owed, _ = await self.kit.read(queries_lists.counts)
        owed -= len(letters)
        return self.page(
            request, "duties.html", rows=rows, owed=owed, reasons=reasons, letters=letters, why=why
        )

    async def called(
        self,
        request: Request,
        duty_id: str,
        area: Annotated[str, Form()],
        outcome: Annotated[str, Form(pattern="^[A-Z_]{1,48}$")] = "TOLD",
    ) -> Response:
        """An owed call was made."""
        seat = Seat.of(self.who(request), area, self.kit.now())
        told = await self.kit.sink.say(said.called_back(seat, duty_id, outcome))
        return self.page(request, "told.html", told=told, decisions=(), refused=(), window=None)

    async def board(self, request: Request, area: str = "", status: str = "") -> Response:
        """派单看板."""
        if status and status not in STATUSES:
            raise Refused("FORM_WRONG", place="status")
        now = self.kit.now()
        shown = await self.kit.read(
            lambda connection: queries_lists.board(connection, now, area or None, status or None)
        )
        areas = await self.kit.read(queries_lists.areas)
        return self.page(
            request, "board.html", board=shown, areas=areas, area=area, chosen=status, statuses=STATUSES
        )

    async def ringing(self, request: Request, case: str = "") -> Response:
        """What rings, and the counts of the tabs; asked for whenever something changed."""
        cases = await self.kit.read(queries_cases.open_cases)
        owed, urgent = await self.kit.read(queries_lists.counts)
        now = self.kit.now()
        within = await self.kit.read(lambda connection: queries_lists.answered_in_time(connection, now))
        return self.page(
            request, "ringing.html", cases=cases, case_id=case, owed=owed, urgent=urgent, within=within
        )

    async def cases(self, request: Request) -> Response:
        """紧急呼叫: every open case."""
        return self.page(request, "cases.html", cases=await self.kit.read(queries_cases.open_cases))

    async def keep_numbers(self) -> tuple[Number, ...]:
        """The telephone list: anew once a minute, the last known while PostgreSQL is away."""
        clock = time.monotonic()
        if clock - self._numbers_at >= KEEP_S or not self.numbers:
            try:
                self.numbers = await self.kit.read(queries_lists.telephone_list)
                self._numbers_at = clock
            except Refused:
                return self.numbers
        return self.numbers

    async def telephone(self, request: Request) -> Response:
        """The last known caregivers with their numbers."""
        return self.page(request, "telephone.html", numbers=await self.keep_numbers())


def mount(app: FastAPI, lists: Lists) -> None:
    """Add the lists' addresses."""
    app.add_api_route("/console/duties", lists.duties, include_in_schema=False)
    app.add_api_route(
        "/console/duties/{duty_id}/done", lists.called, methods=["POST"], include_in_schema=False
    )
    app.add_api_route("/console/board", lists.board, include_in_schema=False)
    app.add_api_route("/console/ringing", lists.ringing, include_in_schema=False)
    app.add_api_route("/console/cases", lists.cases, include_in_schema=False)
    app.add_api_route("/console/telephone", lists.telephone, include_in_schema=False)
