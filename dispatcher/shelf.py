"""Desks folded from the journal: the one way in which anybody comes to know the state of an area."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic

from pydantic import ValidationError
from sqlalchemy import Connection, select

from dispatcher.opening import Opener
from dispatcher.rules import D, Rules
from dispatcher.snapshots import latest_snapshot
from schemas.canonical import chain_hash
from schemas.rows import GENESIS, Row
from schemas.tables import journal

PAGE_ROWS = 500


class ChainBroken(Exception):
    """A journal row is missing or does not follow from the one before: nothing may be decided on it."""

    def __init__(self, area: str, seq: int, what: str) -> None:
        super().__init__(f"area {area}, row {seq}: {what}")
        self.area, self.seq, self.what = area, seq, what


class WordUnknown(Exception):
    """A journal row holds a word that this version does not know: it must be brought up to date."""

    def __init__(self, area: str, seq: int) -> None:
        super().__init__(f"area {area}, row {seq}: unknown word; this process is older than the journal")
        self.area, self.seq = area, seq


@dataclass(frozen=True)
class StoredRow:
    """A row as it lies in the journal."""

    seq: int
    body: bytes
    hash: bytes

    def read(self, area: str) -> Row:
        """The row's words. Raises WordUnknown."""
        try:
            return Row.of_body(self.body)
        except (ValidationError, KeyError, ValueError):
            raise WordUnknown(area, self.seq) from None


@dataclass
class Held(Generic[D]):
    """A desk as folded up to row `seq`, whose hash is `hash`; `snapshot_seq` is the last snapshot's row."""

    desk: D
    seq: int
    hash: bytes
    snapshot_seq: int


def stored_rows(connection: Connection, area: str, after: int) -> Iterator[list[StoredRow]]:
    """Pages of an area's rows after `after`, in order."""
    while True:
        found = connection.execute(
            select(journal.c.seq, journal.c.body, journal.c.hash)
            .where(journal.c.area == area, journal.c.seq > after)
            .order_by(journal.c.seq)
            .limit(PAGE_ROWS)
        )
        page = [StoredRow(row.seq, row.body.encode(), bytes(row.hash)) for row in found]
        if page:
            yield page
        if len(page) < PAGE_ROWS:
            return
        after = page[-1].seq


class Shelf(Generic[D]):
    """Desks of several areas, each folded as far as it was asked for. Not for several threads at once."""

    def __init__(self, rules: Rules[D]) -> None:
        self._rules = rules
        self._held: dict[str, Held[D]] = {}
        self.stuck: dict[tuple[str, str], str] = {}
        """Why an area's clock could not be decided when it last failed; whoever commits a batch writes it."""

    def __getitem__(self, area: str) -> Held[D]:
        """The desk of an area that was caught up before."""
        return self._held[area]

    def __contains__(self, area: str) -> bool:
        return area in self._held

    @property
    def areas(self) -> tuple[str, ...]:
        """The areas held."""
        return tuple(self._held)

    def drop(self, area: str) -> None:
        """Forget a desk; it is folded anew when next asked for."""
        self._held.pop(area, None)

    def catch_up(self, connection: Connection, area: str) -> Held[D]:
        """The desk with every committed row folded. Raises ChainBroken, WordUnknown.

        What fails between two rows leaves the desk as it was after the first of them.
        """
        held = self._held.get(area) or self._start(connection, area)
        self._held[area] = held
        for page in stored_rows(connection, area, held.seq):
            self._fold_page(connection, area, held, page)
        return held

    def fold(self, held: Held[D], row: Row, row_hash: bytes) -> None:
        """Fold one row that follows, its fact opened. A desk that fails here may be half changed: dropped."""
        try:
            held.desk = self._rules.evolve(held.desk, row)
        except BaseException:
            self.drop(row.area)
            raise
        held.seq, held.hash = row.seq, row_hash

    def _start(self, connection: Connection, area: str) -> Held[D]:
        snapshot = latest_snapshot(connection, area, self._rules.fold_version)
        if snapshot is None:
            return Held(self._rules.empty(area), 0, GENESIS, 0)
        return Held(self._rules.load(snapshot.state), snapshot.seq, snapshot.hash, snapshot.seq)

    def _fold_page(self, connection: Connection, area: str, held: Held[D], page: list[StoredRow]) -> None:
        rows = [stored.read(area) for stored in page]
        opener = Opener.of(connection, [row.fact for row in rows])
        for stored, row in zip(page, rows, strict=True):
            if stored.seq != held.seq + 1:
                raise ChainBroken(area, stored.seq, f"follows row {held.seq}")
            if chain_hash(held.hash, stored.body) != stored.hash:
                raise ChainBroken(area, stored.seq, "its hash is not that of its body")
            opened = row.model_copy(update={"fact": opener.open_to_fold(row.fact)})
            self.fold(held, opened, stored.hash)
