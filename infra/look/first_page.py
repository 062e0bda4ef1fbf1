"""The first page: who are you, and where do you want to go; and the switches of language and ground."""

from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.responses import RedirectResponse, Response

from infra.look.identity import FIRST_PAGES, SEATS, find, houses, keep, own_path, remember
from infra.look.kit import LOOK, FrameKit
from schemas.web import Refused

HERE = LOOK


def mount(app: FastAPI, kit: FrameKit) -> None:
    """Add `/`, `/who`, `/switch`, `/live` and `/now.json`."""

    async def first(request: Request) -> Response:
        try:
            providers = await kit.read(houses)
        except Refused:
            providers = ()
        return kit.page(
            request,
            HERE,
            "first.html",
            providers=providers,
            first_pages=FIRST_PAGES,
            role=request.query_params.get("role", ""),
            next_path=own_path(request.query_params.get("next", ""), ""),
        )

    app.get("/", include_in_schema=False)(first)
    app.get("/who", include_in_schema=False)(first)

    @app.post("/who", include_in_schema=False)
    async def choose(
        role: Annotated[str, Form()], who: Annotated[str, Form()], next_path: Annotated[str, Form()] = ""
    ) -> Response:
        if role not in FIRST_PAGES:
            raise Refused("WHO_UNKNOWN", place="role")
        found = next((seat for seat in SEATS.get(role, ()) if seat.id == who), None)
        if found is None:
            found = await kit.read(lambda connection: find(connection, role, who))
        if found is None:
            raise Refused("WHO_UNKNOWN", place="who")
        response = RedirectResponse(own_path(next_path, FIRST_PAGES[role]), status_code=303)
        remember(response, found)
        return response

    @app.post("/switch", include_in_schema=False)
    async def switch(
        name: Annotated[str, Form()], value: Annotated[str, Form()], next_path: Annotated[str, Form()] = "/"
    ) -> Response:
        if (name, value) not in {("lang", "zh"), ("lang", "en"), ("theme", "light"), ("theme", "dark")}:
            raise Refused("FORM_WRONG", place=name)
        response = RedirectResponse(own_path(next_path), status_code=303)
        keep(response, name, value)
        return response

    @app.get("/live", include_in_schema=False)
    async def live(request: Request, area: str = "") -> Response:
        return kit.live(request, areas={area} if area else None)

    @app.get("/now.json")
    async def now() -> dict[str, object]:
        link = kit.link()
        return {"now": kit.now().isoformat(), "kafka": link.kafka, "postgres": link.postgres}
