"""What a page folder is handed (`Kit`), who sits before a page (`Who`), how a page refuses (`Refused`)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import Connection, Engine

from schemas.base import Speaker
from schemas.ports import EventSink, Outlook
from schemas.reasons import SENTENCES, Language

Result = TypeVar("Result")


@dataclass(frozen=True)
class Who:
    """Who says they sit before the page, by the identity switch; `area` None means every area."""

    role: str
    id: str
    name: str
    area: str | None = None
    provider_id: str | None = None

    @property
    def speaker(self) -> Speaker:
        """As the speaker of a fact."""
        return Speaker(role=self.role, id=self.id)


@dataclass(frozen=True)
class Link:
    """How the line stands: whether Kafka and PostgreSQL answer."""

    kafka: bool
    postgres: bool

    @property
    def whole(self) -> bool:
        """Both answer."""
        return self.kafka and self.postgres


class Refused(Exception):
    """A page's refusal: a code of `schemas.reasons`, shown Chinese first then English.

    `place` names the field it is about. `detail` is added to both sentences (a number, never a name).
    """

    def __init__(self, code: str, *, status: int = 422, place: str = "", detail: str = "") -> None:
        super().__init__(code)
        zh, en = SENTENCES[code]
        self.code = code
        self.status = status
        self.place = place
        self.zh = f"{zh}（{detail}）" if detail else zh
        self.en = f"{en} ({detail})" if detail else en


class WhoUnknown(Exception):
    """Nobody has said who they are in this role: the page sends them to the switch."""

    def __init__(self, role: str) -> None:
        super().__init__(role)
        self.role = role


class Kit(Protocol):
    """The frame's gifts to a page folder; `pages.mount(app, kit)` keeps it."""

    @property
    def engine(self) -> Engine:
        """Pooled connections; a page reads with its own SELECT."""
        ...

    @property
    def sink(self) -> EventSink:
        """The door through which a page speaks."""
        ...

    @property
    def outlook(self) -> Outlook:
        """Answers what the desk would decide; says and writes nothing."""
        ...

    def now(self) -> datetime:
        """City time, aware; it never touches the network."""
        ...

    def link(self) -> Link:
        """Whether Kafka and PostgreSQL answer, as of the last second or two."""
        ...

    def who(self, request: Request, role: str) -> Who:
        """Who sits there in `role`. Seats have a default; raises WhoUnknown for CAREGIVER and CLERK."""
        ...

    def lang(self, request: Request) -> Language:
        """`zh` unless English was switched on."""
        ...

    async def read(self, query: Callable[[Connection], Result]) -> Result:
        """Run `query` on a connection in a thread. Raises Refused STORE_AWAY when PostgreSQL is away."""
        ...

    def static(self, folder: Path) -> None:
        """Serve `folder/static` at /static/<folder name>/."""
        ...

    def page(
        self, request: Request, folder: Path, template: str, *, status: int = 200, **context: Any
    ) -> HTMLResponse:
        """Render `folder/templates/<template>`; `look/base.html` and `look/macros.html` are at hand.

        Templates also see t(zh, en), lang, theme, now, link, link_band, path and `shown` (see schemas.shown).
        """
        ...

    def live(self, request: Request, *, areas: Collection[str] | None = None) -> Response:
        """Server-sent events: `changed` when rows were written, `link` with the state of the stores.

        It listens on the channels `journal` (`<area>/<seq>/<fact_id>`) and `derived`
        (`<consumer>/<area>/<seq>`, said by consumers when their rows stand). At most three `changed` a
        second; `areas` None means all. A page's data-live names the address; live.js does the rest.
        """
        ...

    def live_phone(self, caregiver_id: str) -> Response:
        """The same for a phone: `changed` only when something of this caregiver has changed.

        It listens on the channel `phones` (caregiver ids, by comma). A city's phones would all ask at each
        row of their area otherwise.
        """
        ...
