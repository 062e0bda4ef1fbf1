"""The wallboard page: 1920 × 1080, dark, live."""

from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import Response

from consumers.names import names_of
from consumers.wallboard.wall import Wall, wall_of
from schemas.reasons import Language
from schemas.shown import SIX_HELPS
from schemas.web import Kit

FOLDER = Path(__file__).parent

METRICS = (
    (
        "BOOKING_ANSWER",
        "s1",
        ("预订到答复", "Booking answered"),
        ("单", "bookings"),
        ("限 3 秒", "within 3 s"),
    ),
    ("CASE_DISPATCH", "s", ("助急派出", "Emergency sent"), ("起", "cases"), ("限 60 秒", "within 60 s")),
    (
        "CASE_ARRIVAL",
        "min",
        ("助急到门", "Emergency reached"),
        ("起已到", "reached"),
        ("限 18 分", "within 18 min"),
    ),
    (
        "PUNCTUALITY",
        "late",
        ("按时上门", "On time"),
        ("单已到门", "visits begun"),
        ("按说好的时段", "as promised"),
    ),
    ("CALL_BACK", "min", ("回访", "Calls back"), ("通已打", "made"), ("按约定时间", "by when due")),
)
"""Metric, how it is read, its name, what is counted, and the limit it is held to."""
ENOUGH = 100
"""Below this a 99th percentile would be one or two cases: it is not shown."""


class Wallboard:
    """The wall, over a kit."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit

    async def _show(self, request: Request, template: str) -> Response:
        language, now = self.kit.lang(request), self.kit.now()

        def read(connection: object) -> tuple[Wall, str]:
            return wall_of(connection, now, language), _city(connection, language)  # type: ignore[arg-type]

        wall, city = await self.kit.read(read)
        return self.kit.page(
            request,
            FOLDER,
            template,
            wall=wall,
            city=city,
            metrics=METRICS,
            enough=ENOUGH,
            helps=SIX_HELPS,
        )

    async def page(self, request: Request) -> Response:
        """The whole page."""
        return await self._show(request, "wallboard.html")

    async def part(self, request: Request) -> Response:
        """What changes, for the page to take in."""
        return await self._show(request, "wall.html")


def _city(connection: object, language: Language) -> str:
    found = names_of(connection, ["a1"], language)  # type: ignore[arg-type]
    return found.get("a1", "")


def mount(app: FastAPI, kit: Kit) -> None:
    """Put the wall under /wallboard."""
    pages = Wallboard(kit)
    kit.static(FOLDER)
    app.get("/wallboard", include_in_schema=False)(pages.page)
    app.get("/wallboard/")(pages.page)
    app.get("/wallboard/wall")(pages.part)
