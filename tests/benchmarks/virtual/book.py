"""What was told to whom, and what came of it: the same book for every way of matching.

The law of a promise is the desk's: what was told holds while the planned start lies in it, and a start
outside it is told anew; names are told once, and another name is told anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.benchmarks.virtual.world import Wish

EARLY_S, WIDTH_S = 300, 1_800
"""A promise begins a little before the planned start and is this wide: as an area is set by default."""
MOMENTS = ("REQUEST", "ASSIGNMENT", "DEPARTURE")


def told_window(wish: Wish, start_s: int) -> tuple[int, int]:
    """What is promised of a planned start."""
    lo_s = max(wish.opens_s, start_s - EARLY_S)
    return lo_s, max(min(lo_s + WIDTH_S, wish.closes_s), start_s)


@dataclass(frozen=True)
class Estimate:
    """What was believed of a start at one moment: the start itself, and the interval told by then."""

    request_id: str
    moment: str
    made_s: int
    start_s: int
    told: tuple[int, int]


@dataclass
class Page:
    """One request in the book."""

    wish: Wish
    told: tuple[int, int] | None = None
    names: tuple[str, ...] = ()
    estimates: dict[str, Estimate] = field(default_factory=dict)
    moved: int = 0
    """How often another time was told."""
    renamed: int = 0
    """How often another caregiver was told."""
    called_late: bool = False
    refused: bool = False
    cancelled: bool = False
    carer_id: str | None = None
    came_s: int | None = None
    left_s: int | None = None


@dataclass
class Book:
    """Pages by request."""

    pages: dict[str, Page] = field(default_factory=dict)

    def open(self, wish: Wish) -> None:
        """A request was said."""
        self.pages[wish.request_id] = Page(wish)

    def plan(self, request_id: str, start_s: int, names: tuple[str, ...], now_s: int) -> None:
        """Somebody is to begin at `start_s`; `names` are those whom the recipient is told, or none yet."""
        page = self.pages[request_id]
        kept = page.told is not None and page.told[0] <= start_s <= page.told[1]
        told = page.told if kept and page.told is not None else told_window(page.wish, start_s)
        self.promise(request_id, start_s, told, names or page.names, now_s)

    def promise(
        self, request_id: str, start_s: int, told: tuple[int, int], names: tuple[str, ...], now_s: int
    ) -> None:
        """This interval and these names are what the recipient is told from now on."""
        page = self.pages[request_id]
        page.moved += page.told is not None and told != page.told
        page.renamed += bool(page.names) and bool(names) and names != page.names
        page.told, page.names = told, names or page.names
        self.note("REQUEST", request_id, start_s, now_s)
        if names:
            self.note("ASSIGNMENT", request_id, start_s, now_s)

    def note(self, moment: str, request_id: str, start_s: int, now_s: int) -> None:
        """Keep the first estimate of each moment; of a departure the last."""
        page = self.pages[request_id]
        if page.told is not None and (moment == "DEPARTURE" or moment not in page.estimates):
            page.estimates[moment] = Estimate(request_id, moment, now_s, start_s, page.told)
