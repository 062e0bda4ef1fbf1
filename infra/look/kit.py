"""The kit that page folders are handed: stores, city time, who reads in which language, templates, events."""

from collections.abc import AsyncIterator, Callable, Collection
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sse_starlette import EventSourceResponse
from starlette.concurrency import run_in_threadpool
from starlette.staticfiles import StaticFiles

from infra.look.identity import SEATS, keep_language, language_of, theme_of, who_of
from infra.look.live import PHONE_BEAT_S, Pulse
from schemas import shown
from schemas.ports import EventSink, Outlook
from schemas.reasons import Language
from schemas.web import Link, Refused, Who

LOOK = Path(__file__).parent
Result = TypeVar("Result")


class FrameKit:
    """`schemas.web.Kit`, over one pulse."""

    def __init__(self, app: FastAPI, engine: Engine, sink: EventSink, outlook: Outlook, pulse: Pulse) -> None:
        self.engine = engine
        self.sink = sink
        self.outlook = outlook
        self._app = app
        self._pulse = pulse
        self._templates: dict[Path, Environment] = {}

    def now(self) -> datetime:
        """City time."""
        return self._pulse.now()

    def link(self) -> Link:
        """Whether both stores answer."""
        return self._pulse.link()

    def who(self, request: Request, role: str) -> Who:
        """Who sits there in `role`."""
        return who_of(request, role)

    def lang(self, request: Request) -> Language:
        """`zh` or `en`."""
        return language_of(request)

    async def read(self, query: Callable[[Connection], Result]) -> Result:
        """Run `query` on a pooled connection in a thread."""
        return await run_in_threadpool(self._read, query)

    def _read(self, query: Callable[[Connection], Result]) -> Result:
        try:
            with self.engine.connect() as connection:
                return query(connection)
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            raise Refused("STORE_AWAY", status=503) from error

    def static(self, folder: Path) -> None:
        """Serve a page folder's own files, which browsers ask for anew and keep while unchanged."""
        files = StaticFiles(directory=folder / "static")
        self._app.mount(f"/static/{folder.name}", files, name=f"static-{folder.name}")

    def page(
        self, request: Request, folder: Path, template: str, *, status: int = 200, **context: Any
    ) -> HTMLResponse:
        """Render one of `folder`'s templates."""
        body = self._environment(folder).get_template(template).render(self._shared(request) | context)
        response = HTMLResponse(body, status_code=status, headers={"cache-control": "no-store"})
        keep_language(request, response)
        return response

    def _environment(self, folder: Path) -> Environment:
        if folder not in self._templates:
            loader = ChoiceLoader(
                [
                    FileSystemLoader(folder / "templates"),
                    PrefixLoader({"look": FileSystemLoader(LOOK / "templates")}),
                ]
            )
            self._templates[folder] = Environment(
                loader=loader,
                autoescape=True,
                undefined=StrictUndefined,
                trim_blocks=True,
                lstrip_blocks=True,
            )
        return self._templates[folder]

    def _shared(self, request: Request) -> dict[str, Any]:
        language = self.lang(request)
        return {
            "t": (lambda zh, en: zh) if language == "zh" else (lambda zh, en: en),
            "lang": language,
            "theme": theme_of(request),
            "now": self.now(),
            "link": self.link(),
            "rate": self._pulse.rate_permille() / 1000,
            "path": request.url.path,
            "seats": SEATS,
            "shown": shown,
        }

    def live(self, request: Request, *, areas: Collection[str] | None = None) -> Response:
        """Server-sent events until the page is closed."""
        return self._stream(self._pulse.events(areas))

    def live_phone(self, caregiver_id: str) -> Response:
        """Server-sent events when what this caregiver's phone shows has changed."""
        return self._stream(self._pulse.events((caregiver_id,), PHONE_BEAT_S))

    def _stream(self, events: AsyncIterator[dict[str, str]]) -> Response:
        return EventSourceResponse(events, ping=15, headers={"cache-control": "no-store"})
