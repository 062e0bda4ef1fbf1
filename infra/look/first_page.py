"""The first page: who are you, and where do you want to go; and the switches of language and ground."""

from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.responses import RedirectResponse, Response

from infra.look.identity import FIRST_PAGES, SEATS, find, houses, keep, own_path, remember
from infra.look.kit import LOOK, FrameKit
from schemas.web import Refused, Who

SWITCHES = {("lang", "zh"), ("lang", "en"), ("theme", "light"), ("theme", "dark")}


class FirstPage:
    """The pages that belong to nobody."""

    def __init__(self, kit: FrameKit) -> None:
        self.kit = kit

    async def first(self, request: Request) -> Response:
        """Who are you, and where do you want to go; without PostgreSQL only the seats are listed."""
        try:
            providers = await self.kit.read(houses)
        except Refused:
            providers = ()
        role, next_path = request.query_params.get("role", ""), request.query_params.get("next", "")
        return self.kit.page(
            request, LOOK, "first.html", providers=providers, role=role, next_path=own_path(next_path, "")
        )

    async def choose(
        self,
        role: Annotated[str, Form()],
        who: Annotated[str, Form()],
        next_path: Annotated[str, Form()] = "",
    ) -> Response:
        """Remember who sits there in `role`, and go to their page."""
        if role not in FIRST_PAGES:
            raise Refused("WHO_UNKNOWN", place="role")
        found = await self._found(role, who)
        if found is None:
            raise Refused("WHO_UNKNOWN", place="who")
        response = RedirectResponse(own_path(next_path, FIRST_PAGES[role]), status_code=303)
        remember(response, found)
        return response

    async def _found(self, role: str, who: str) -> Who | None:
        for seat in SEATS.get(role, ()):
            if seat.id == who:
                return seat
        return await self.kit.read(lambda connection: find(connection, role, who))

    async def switch(
        self,
        name: Annotated[str, Form()],
        value: Annotated[str, Form()],
        next_path: Annotated[str, Form()] = "/",
    ) -> Response:
        """Keep a language or a ground, and go back."""
        if (name, value) not in SWITCHES:
            raise Refused("FORM_WRONG", place=name)
        response = RedirectResponse(own_path(next_path), status_code=303)
        keep(response, name, value)
        return response

    async def live(self, request: Request, area: str = "") -> Response:
        """What wakes the page; of one area, or of all."""
        return self.kit.live(request, areas={area} if area else None)

    async def now(self) -> dict[str, object]:
        """City time and the state of both stores."""
        link = self.kit.link()
        return {"now": self.kit.now().isoformat(), "kafka": link.kafka, "postgres": link.postgres}


def mount(app: FastAPI, kit: FrameKit) -> None:
    """Add `/`, `/who`, `/switch`, `/live` and `/now.json`."""
    pages = FirstPage(kit)
    app.add_api_route("/", pages.first, include_in_schema=False)
    app.add_api_route("/who", pages.first, include_in_schema=False)
    app.add_api_route("/who", pages.choose, methods=["POST"], include_in_schema=False)
    app.add_api_route("/switch", pages.switch, methods=["POST"], include_in_schema=False)
    app.add_api_route("/live", pages.live, include_in_schema=False)
    app.add_api_route("/now.json", pages.now)
