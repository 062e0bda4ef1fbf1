"""`liuzhu verify`: is the journal whole, do its rules still decide the same, does what was derived agree?"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, cast, select
from sqlalchemy.dialects.postgresql import JSONB

from dispatcher.opening import Opener
from dispatcher.rules import Rules
from dispatcher.shelf import StoredRow, WordUnknown, stored_rows
from schemas.canonical import canonical_bytes, chain_hash
from schemas.decisions import DECISION, Decision, PersonErased
from schemas.rows import GENESIS, Row
from schemas.tables import applied, heads, journal, positions, relay_cursors, snapshots


@dataclass(frozen=True)
class Flaw:
    """One thing that is wrong: code, where (area/row or what else), and what was found."""

    code: str
    place: str
    found: str = ""


@dataclass
class Verified:
    """What was looked at. `first_bad` is the first row that is wrong; `flaws` everything found."""

    areas: int = 0
    rows: int = 0
    decided_again: int = 0
    of_other_versions: int = 0
    before_forgetting: int = 0
    snapshots: int = 0
    positions: int = 0
    flaws: list[Flaw] = field(default_factory=list)

    @property
    def first_bad(self) -> Flaw | None:
        """The first flaw, None when all is well."""
        return self.flaws[0] if self.flaws else None


class Auditor:
    """Reads one consistent state of the database while the line runs on."""

    def __init__(self, connection: Connection, rules: Rules[Any]) -> None:
        self._connection = connection
        self._rules = rules
        self.verified = Verified()

    def everything(self) -> Verified:
        """Journal, heads, positions, snapshots and cursors."""
        known = select(heads.c.area, heads.c.seq, heads.c.hash).order_by(heads.c.area)
        last = {row.area: (row.seq, bytes(row.hash)) for row in self._connection.execute(known)}
        for area in self._connection.execute(select(journal.c.area).distinct()).scalars():
            if area not in last:
                self._flaw("HEAD_MISSING", area)
                last[area] = (-1, GENESIS)
        for area, head in sorted(last.items()):
            self.verified.areas += 1
            self._area(area, *head)
        self._positions()
        self._followers({area: head[0] for area, head in last.items()})
        return self.verified

    # --- one area -----------------------------------------------------------------------------------------

    def _area(self, area: str, head_seq: int, head_hash: bytes) -> None:
        """Numbers, chain, canonical bytes, folding and deciding again, row by row to the first fault."""
        erased_at = self._last_erasure(area)
        saved = self._snapshots_of(area)
        desk, seq, previous = self._rules.empty(area), 0, GENESIS
        for page in stored_rows(self._connection, area, 0):
            try:
                rows = [stored.read(area) for stored in page]
            except WordUnknown as unknown:
                self._flaw("WORD_UNKNOWN", f"{area}/{unknown.seq}")
                return
            opener = Opener.of(self._connection, [row.fact for row in rows])
            for stored, row in zip(page, rows, strict=True):
                flaw = _flaw_of_row(area, stored, row, seq, previous)
                if flaw is not None:
                    self.verified.flaws.append(flaw)
                    return
                opened = row.model_copy(update={"fact": opener.open_to_fold(row.fact)})
                if not self._decide_again(desk, opened, erased_at):
                    return
                try:
                    desk = self._rules.evolve(desk, opened)
                except Exception as error:
                    self._flaw("FOLD_FAILED", f"{area}/{stored.seq}", type(error).__name__)
                    return
                seq, previous = stored.seq, stored.hash
                self.verified.rows += 1
                if seq in saved and seq >= erased_at and saved[seq] != (previous, self._rules.dump(desk)):
                    self._flaw("SNAPSHOT_DIFFERS", f"{area}/{seq}")
        if (seq, previous) != (head_seq, head_hash):
            self._flaw("HEAD_DIFFERS", f"{area}/{seq}", f"the head says row {head_seq}")

    def _decide_again(self, desk: Any, row: Row, erased_at: int) -> bool:
        """Whether the running rules decide the same, to the byte, where that can be asked."""
        if row.decider != self._rules.decider:
            self.verified.of_other_versions += 1
            return True
        if row.seq <= erased_at:
            self.verified.before_forgetting += 1
            return True
        place = f"{row.area}/{row.seq}"
        try:
            decided = self._rules.decide(desk, row.fact, row.now)
        except Exception as error:
            self._flaw("DECIDE_FAILED", place, type(error).__name__)
            return False
        if _decision_bytes(decided) != _decision_bytes(row.decisions):
            self._flaw("DECIDED_OTHERWISE", place, row.fact.word)
            return False
        self.verified.decided_again += 1
        return True

    def _last_erasure(self, area: str) -> int:
        """The last row in which somebody was forgotten: what led up to it can no longer be read in full."""
        rows = self._connection.execute(
            select(journal.c.seq, journal.c.body)
            .where(journal.c.area == area, journal.c.fact_word == "PersonForgotten")
            .order_by(journal.c.seq.desc())
        )
        for seq, body in rows:
            if any(isinstance(d, PersonErased) for d in Row.of_body(body.encode()).decisions):
                return int(seq)
        return 0

    def _snapshots_of(self, area: str) -> dict[int, tuple[bytes, bytes]]:
        found = self._connection.execute(
            select(snapshots.c.seq, snapshots.c.hash, snapshots.c.state).where(
                snapshots.c.area == area, snapshots.c.fold_version == self._rules.fold_version
            )
        )
        saved = {row.seq: (bytes(row.hash), bytes(row.state)) for row in found}
        self.verified.snapshots += len(saved)
        return saved

    # --- beside the journal -------------------------------------------------------------------------------

    def _positions(self) -> None:
        """A position is the number of messages of a partition that were decided."""
        for row in self._connection.execute(select(positions)):
            self.verified.positions += 1
            if row.next_offset < 0:
                self._flaw("POSITION_NEGATIVE", f"{row.topic}/{row.partition}", str(row.next_offset))

    def _followers(self, last: dict[str, int]) -> None:
        """Whoever follows the journal must not be ahead of it."""
        for consumer, area, seq in self._connection.execute(
            select(applied.c.consumer, applied.c.area, applied.c.seq)
        ):
            if seq > last.get(area, 0):
                self._flaw("CONSUMER_AHEAD", f"{consumer} {area}/{seq}", f"the head says {last.get(area, 0)}")
        cursors = select(relay_cursors.c.stream, relay_cursors.c.seq).where(
            relay_cursors.c.stream.like("area:%")
        )
        for stream, seq in self._connection.execute(cursors):
            area = stream.removeprefix("area:")
            if seq > last.get(area, 0):
                self._flaw("RELAY_AHEAD", f"{area}/{seq}", f"the head says {last.get(area, 0)}")

    def _flaw(self, code: str, place: str, found: str = "") -> None:
        self.verified.flaws.append(Flaw(code, place, found))


def _flaw_of_row(area: str, stored: StoredRow, row: Row, seq: int, previous: bytes) -> Flaw | None:
    place = f"{area}/{stored.seq}"
    if stored.seq != seq + 1:
        return Flaw("ROW_MISSING", f"{area}/{seq + 1}", f"row {stored.seq} follows row {seq}")
    if chain_hash(previous, stored.body) != stored.hash:
        return Flaw("CHAIN_BROKEN", place)
    if row.body() != stored.body:
        return Flaw("NOT_CANONICAL", place)
    if (row.area, row.seq) != (area, stored.seq):
        return Flaw("COLUMNS_DIFFER", place)
    return None


def _decision_bytes(decisions: tuple[Decision, ...]) -> bytes:
    return canonical_bytes([DECISION.dump_python(decision, mode="json") for decision in decisions])


def column_flaws(connection: Connection) -> Iterator[Flaw]:
    """Rows whose columns are no copies of their body."""
    body = cast(journal.c.body, JSONB)
    differs = (body["fact_id"].astext != journal.c.fact_id) | (
        body["fact"]["word"].astext != journal.c.fact_word
    )
    for area, seq in connection.execute(select(journal.c.area, journal.c.seq).where(differs).limit(10)):
        yield Flaw("COLUMNS_DIFFER", f"{area}/{seq}")


def verify(engine: Engine, rules: Rules[Any]) -> Verified:
    """Look at everything in one consistent state of the database; nothing is changed."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        verified = Auditor(connection, rules).everything()
        verified.flaws += column_flaws(connection)
    return verified


def ledger_flaws(engine: Engine) -> list[Flaw]:
    """What the ledger's own check finds: balances, claims and purses against the journal."""
    from consumers.ledger.check import check

    return [Flaw(fault.code, fault.about, f"{fault.amount_fen} fen") for fault in check(engine)]


def told(verified: Verified) -> str:
    """The result for a person at a terminal, Chinese and English."""
    lines = [
        f"片区 {verified.areas} · 日志 {verified.rows} 行 · 重新决定 {verified.decided_again} 行 · "
        f"其他版本 {verified.of_other_versions} 行 · 遗忘之前 {verified.before_forgetting} 行",
        f"areas {verified.areas} · rows {verified.rows} · decided again {verified.decided_again} · "
        f"of other versions {verified.of_other_versions} · before a forgetting {verified.before_forgetting}",
    ]
    first = verified.first_bad
    if first is None:
        return "\n".join([*lines, "核对无误 / all is well"])
    lines.append(f"首个错误 / first fault: {first.code} {first.place} {first.found}".rstrip())
    lines += [f"  {flaw.code} {flaw.place} {flaw.found}".rstrip() for flaw in verified.flaws[1:20]]
    lines.append(
        f"共 {len(verified.flaws)} 处错误。请勿改动日志，保留数据库备份，并请维护人员查看。 / "
        f"{len(verified.flaws)} faults. Leave the journal alone, keep a copy of the database, call for help."
    )
    return "\n".join(lines)


def run(*, engine: Engine, bootstrap_servers: str, topic_prefix: str) -> int:
    """Verify and print; exit code 0 when all is well, 1 otherwise."""
    from dispatcher.core_rules import core_rules
    from infra.verify_derived import derived_flaws
    from infra.verify_positions import position_flaws

    verified = verify(engine, core_rules())
    verified.flaws += ledger_flaws(engine)
    verified.flaws += derived_flaws(engine)
    beside_kafka = position_flaws(engine, bootstrap_servers, topic_prefix)
    verified.flaws += beside_kafka or ()
    if beside_kafka is None:
        print("Kafka 没有应答，处理位置未核对 / no Kafka answers: positions were not compared")
    print(told(verified), file=sys.stdout if not verified.flaws else sys.stderr)
    return 1 if verified.flaws else 0
