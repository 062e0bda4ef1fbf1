"""A month added up, and held against the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from consumers.finance import queries
from consumers.finance.queries import PAYERS, Period
from consumers.names import names_of
from schemas.reasons import Language
from schemas.shown import help_name


@dataclass(frozen=True)
class Line:
    """One line of the month: counts, shares by payer and what is owed, in fen."""

    key: str
    name: str
    billed: int
    held: int
    missed: int
    held_fen: int
    total_fen: int
    shares: tuple[int, ...]

    @property
    def verified(self) -> int:
        """Bills that wait for nobody."""
        return self.billed - self.held

    @property
    def visits(self) -> int:
        """All visits of the line: billed and missed."""
        return self.billed + self.missed

    @property
    def adds_up(self) -> bool:
        """Whether the shares make the total."""
        return sum(self.shares) == self.total_fen


@dataclass(frozen=True)
class Month:
    """A month: its lines, their sum, and what the ledger says apart from them."""

    period: Period
    lines: tuple[Line, ...]
    total: Line
    ledger_fen: int
    ledger_count: int

    @property
    def verified_fen(self) -> int:
        """Owed without the bills that wait."""
        return self.total.total_fen - self.total.held_fen

    @property
    def difference_fen(self) -> int:
        """Records less ledger; anything but nought is looked into before anything is paid."""
        return self.total.total_fen - self.ledger_fen


def _line(row: Mapping[str, Any], name: str) -> Line:
    counts = {key: int(row[key]) for key in ("billed", "held", "missed", "held_fen", "total_fen")}
    return Line(row["key"], name, **counts, shares=tuple(int(row[payer]) for payer in PAYERS))


def total_of(lines: Sequence[Line]) -> Line:
    """The sum line."""
    return Line(
        "",
        "",
        billed=sum(line.billed for line in lines),
        held=sum(line.held for line in lines),
        missed=sum(line.missed for line in lines),
        held_fen=sum(line.held_fen for line in lines),
        total_fen=sum(line.total_fen for line in lines),
        shares=tuple(sum(line.shares[n] for line in lines) for n in range(len(PAYERS))),
    )


def month_of(connection: Connection, period: Period, by: str, language: Language) -> Month:
    """The month by `provider`, `street` or `help`."""
    rows = queries.sums(connection, period, by)
    names = names_of(connection, (row["key"] for row in rows), language)
    unknown = "没有登记" if language == "zh" else "not registered"
    lines = tuple(
        _line(
            row,
            help_name(row["key"], language)
            if by == "help"
            else names.get(row["key"], unknown if row["key"] == "-" else row["key"]),
        )
        for row in rows
    )
    ledger_fen, ledger_count = queries.ledger_total(connection, period)
    return Month(period, lines, total_of(lines), ledger_fen, ledger_count)
