"""What the pane of who can come is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from producers.console.queries import Bar, Name
from schemas.base import Reason, StartWindow
from schemas.reasons import Language, sentence


@dataclass(frozen=True)
class Piece:
    """A bar of a strip: where it stands, in percent of the strip."""

    left: float
    width: float
    help: str
    text: str
    state: str


@dataclass(frozen=True)
class Strip:
    """One caregiver's morning around the visit."""

    name: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Line:
    """One candidate: the caregivers, when they come, what it costs the recipient, why."""

    rank: int
    caregiver_ids: tuple[str, ...]
    names: str
    provider: str
    told: StartWindow
    start_at: datetime
    copay_fen: int
    reasons: tuple[tuple[str, str], ...]
    brief: str
    late: bool
    sentence: str
    strips: tuple[Strip, ...] = ()
    hours: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class WayOut:
    """Something to give up so that somebody can come; `typed` is the new window in short form, if any."""

    kind: str
    text: str
    typed: str = ""
    item: str = ""


@dataclass(frozen=True)
class Voice:
    """In which language, and what the ids are called."""

    language: Language
    names: Mapping[str, Name]

    def called(self, an_id: str) -> str:
        """The name of an id, in the page's language."""
        return self.names[an_id].of(self.language) if an_id in self.names else an_id[:8]

    def told(self, reason: Reason) -> str:
        """A reason as a sentence."""
        shown = {an_id: name.of(self.language) for an_id, name in self.names.items()}
        return sentence(reason, self.language, shown)

    def t(self, zh: str, en: str) -> str:
        """The one of the page's language."""
        return zh if self.language == "zh" else en

    def joined(self, ids: Sequence[str]) -> str:
        """Several names as written."""
        return ("、" if self.language == "zh" else ", ").join(self.called(an_id) for an_id in ids)


@dataclass(frozen=True)
class Setting(Voice):
    """What surrounds the decisions of a booking: who calls, for what."""

    now: datetime
    caller: str
    item: str
    help: str
    crew: int
    duration_s: int
    window: StartWindow
    came: Sequence[frozenset[str]] = ()
    bars: Sequence[Bar] = ()
    recipient: str = ""
    there_and_back: bool = False


@dataclass(frozen=True)
class WhyNot:
    """Why not others: those worth naming, and the rest by count."""

    named: tuple[tuple[str, str], ...] = ()
    rest: str = ""
    rest_count: int = 0


@dataclass(frozen=True)
class Choice:
    """All that the pane shows of a preview or a row."""

    lines: tuple[Line, ...] = ()
    why_not: WhyNot = WhyNot()
    all_not: tuple[tuple[str, str], ...] = ()
    ways: tuple[WayOut, ...] = ()
    refused: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    reserved: tuple[tuple[str, int], ...] = ()
    copay_fen: int | None = None
    sentence: str = ""
    visit_id: str | None = None
    told: StartWindow | None = None
    bound: bool = False
    provider: str = ""
    names: str = ""
    asked: int = 0
    back: str = ""
    fetched: str = ""
