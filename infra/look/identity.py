"""Who you are, in which language, on which ground: switches kept in cookies until accounts exist."""

from dataclasses import dataclass
from urllib.parse import quote, unquote

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import Connection, select

from schemas.reasons import Language
from schemas.tables import people, places
from schemas.web import Who, WhoUnknown

SEATS: dict[str, tuple[Who, ...]] = {
    "OPERATOR": (
        Who("OPERATOR", "seat-7", "苗春"),
        Who("OPERATOR", "seat-2", "孔令怡"),
        Who("OPERATOR", "seat-3", "纪晓兰"),
        Who("OPERATOR", "seat-4", "车志强"),
    ),
    "SHIFT_LEAD": (Who("SHIFT_LEAD", "lead-1", "辛桂芳"),),
    "FINANCE": (Who("FINANCE", "finance-1", "闻静"), Who("FINANCE", "finance-2", "裴国栋")),
    "SUPERVISOR": (Who("SUPERVISOR", "supervisor-1", "路建平"),),
}
"""Invented people on the seats of the demonstration; the first of each role sits there by default."""

FIRST_PAGES = {
    "OPERATOR": "/console/",
    "SHIFT_LEAD": "/console/duties",
    "CAREGIVER": "/caregiver/",
    "CLERK": "/provider/",
    "FINANCE": "/finance/",
    "SUPERVISOR": "/supervisor/",
}
YEAR_S = 31_536_000


def who_of(request: Request, role: str) -> Who:
    """Who sits there in `role` by the cookie `who_<ROLE>`: `id|name|area|provider`, each percent-quoted."""
    said = request.cookies.get(f"who_{role}")
    seats = SEATS.get(role, ())
    if not said:
        if not seats:
            raise WhoUnknown(role)
        return seats[0]
    parts = [unquote(part) for part in said.split("|")] + ["", "", ""]
    for seat in seats:
        if seat.id == parts[0]:
            return seat
    return Who(role, parts[0], parts[1] or parts[0], parts[2] or None, parts[3] or None)


def remember(response: Response, who: Who) -> None:
    """Keep `who` for its role; one browser may be an operator in one tab and a caregiver in another."""
    parts = (who.id, who.name, who.area or "", who.provider_id or "")
    keep(response, f"who_{who.role}", "|".join(quote(part, safe="") for part in parts))


def keep(response: Response, name: str, value: str) -> None:
    """A cookie for this site alone."""
    response.set_cookie(name, value, max_age=YEAR_S, httponly=True, samesite="strict", path="/")


def language_of(request: Request) -> Language:
    """`en` by cookie or `?lang=en`; else Chinese."""
    said = request.query_params.get("lang") or request.cookies.get("lang")
    return "en" if said == "en" else "zh"


def keep_language(request: Request, response: Response) -> None:
    """Keep the language that an address asks for: parts of a page are asked for without it."""
    said = request.query_params.get("lang")
    if said in ("zh", "en"):
        keep(response, "lang", said)


def theme_of(request: Request) -> str:
    """`dark` by cookie or `?theme=dark`; else light."""
    said = request.query_params.get("theme") or request.cookies.get("theme")
    return "dark" if said == "dark" else "light"


def own_path(path: str, fallback: str = "/") -> str:
    """`path` when it leads to one of our pages, else `fallback`: a switch never leads elsewhere."""
    is_own = path.startswith("/") and not path.startswith("//") and "\\" not in path and ":" not in path
    return path if is_own and path.isprintable() else fallback


@dataclass(frozen=True)
class House:
    """A provider with the caregivers one can be."""

    provider_id: str
    name_zh: str
    name_en: str
    area: str
    caregivers: tuple[Who, ...]


def houses(connection: Connection) -> tuple[House, ...]:
    """All providers with their caregivers, by name."""
    wanted = (people.c.person_id, people.c.name, people.c.area, people.c.provider_id)
    carers = connection.execute(
        select(*wanted)
        .where(people.c.kind == "CAREGIVER", people.c.forgotten_at.is_(None))
        .order_by(people.c.pinyin)
    ).all()
    by_provider: dict[str, list[Who]] = {}
    for row in carers:
        who = Who("CAREGIVER", row.person_id, row.name, row.area, row.provider_id)
        by_provider.setdefault(row.provider_id or "", []).append(who)
    found = connection.execute(
        select(places).where(places.c.kind == "PROVIDER").order_by(places.c.place_id)
    ).all()
    return tuple(
        House(row.place_id, row.name_zh, row.name_en, row.area, tuple(by_provider.get(row.place_id, ())))
        for row in found
    )


def find(connection: Connection, role: str, who_id: str) -> Who | None:
    """The person or clerk of that id, None when there is none."""
    for seat in SEATS.get(role, ()):
        if seat.id == who_id:
            return seat
    if role == "CAREGIVER":
        row = connection.execute(
            select(people).where(people.c.person_id == who_id, people.c.kind == "CAREGIVER")
        ).first()
        return Who(role, row.person_id, row.name, row.area, row.provider_id) if row else None
    if role == "CLERK":
        row = connection.execute(
            select(places).where(places.c.place_id == who_id, places.c.kind == "PROVIDER")
        ).first()
        return Who(role, f"clerk-{row.place_id}", row.name_zh, row.area, row.place_id) if row else None
    return None
