"""Which entries a row leads to: pure functions of decisions and of what is held for their visits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from schemas.decisions import MoneyReleased, MoneyReserved, VisitPriced
from schemas.rows import Row
from schemas.shapes import ClaimLine

HoldKey = tuple[str, str]
"""A visit and a programme."""


@dataclass(frozen=True)
class Posting:
    """One line of an entry: debit positive, credit negative."""

    account: str
    amount_fen: int


@dataclass(frozen=True)
class Entry:
    """One ledger record; its postings sum to zero. `reverses` names the entry it undoes."""

    entry_id: str
    area: str
    seq: int
    n: int
    kind: str
    period: str
    visit_id: str
    at: datetime
    postings: tuple[Posting, ...]
    bill: VisitPriced | None = None
    reverses: str | None = None

    def __post_init__(self) -> None:
        if sum(posting.amount_fen for posting in self.postings):
            raise Unbalanced(self.entry_id)

    @property
    def lines(self) -> tuple[ClaimLine, ...]:
        """The claim lines that this entry books."""
        return self.bill.lines if self.bill else ()


class Unbalanced(Exception):
    """An entry does not sum to zero, or a bill's lines and shares do not add up: the desk is broken."""


def entry_id(area: str, seq: int, n: int) -> str:
    """The id of the `n`-th entry of a row."""
    return f"{area}/{seq}/{n}"


def visits_of(row: Row) -> set[str]:
    """The visits whose money `row` moves."""
    return {
        decision.visit_id
        for decision in row.decisions
        if isinstance(decision, MoneyReserved | MoneyReleased | VisitPriced)
    }


def entries_of(row: Row, held: Mapping[HoldKey, int]) -> tuple[Entry, ...]:
    """The entries of `row`. `held` tells, per visit and programme, what is held before it, in fen."""
    return tuple(_entries(row, dict(held)))


def _entries(row: Row, held: dict[HoldKey, int]) -> Iterator[Entry]:
    n = 0
    for decision in row.decisions:
        match decision:
            case MoneyReserved() | MoneyReleased():
                kind, postings, period = *_hold(decision, held), decision.period
                bill = None
            case VisitPriced():
                kind, postings, period, bill = "SETTLE", _settle(decision, held), decision.period, decision
            case _:
                continue
        yield Entry(
            entry_id(row.area, row.seq, n),
            row.area,
            row.seq,
            n,
            kind,
            period,
            decision.visit_id,
            row.now,
            postings,
            bill,
        )
        n += 1


def _quota(name: str, recipient_id: str, programme_id: str) -> str:
    return f"{name}:{recipient_id}/{programme_id}"  # an id holds no slash


def _hold(
    decision: MoneyReserved | MoneyReleased, held: dict[HoldKey, int]
) -> tuple[str, tuple[Posting, ...]]:
    """Into the hold when reserved, out of it when released."""
    is_reserve = isinstance(decision, MoneyReserved)
    amount = decision.amount_fen if is_reserve else -decision.amount_fen
    key = (decision.visit_id, decision.programme_id)
    held[key] = held.get(key, 0) + amount
    who = (decision.recipient_id, decision.programme_id)
    postings = (Posting(_quota("held", *who), amount), Posting(_quota("purse", *who), -amount))
    return "RESERVE" if is_reserve else "RELEASE", postings


def _settle(bill: VisitPriced, held: dict[HoldKey, int]) -> tuple[Posting, ...]:
    """Payers owe their shares to the provider, or to suspense while held; what was held is spent."""
    if sum(line.amount_fen for line in bill.lines) != bill.total_fen:
        raise Unbalanced(f"{bill.visit_id}: lines")
    postings = [
        Posting(f"payer:{share.payer}:{share.programme_id or '-'}", share.amount_fen) for share in bill.shares
    ]
    owed_to = "suspense" if bill.held else "provider"
    postings.append(Posting(f"{owed_to}:{bill.provider_id}", -bill.total_fen))
    for share in bill.shares:
        if share.programme_id is None:
            continue
        key = (bill.visit_id, share.programme_id)
        drawn = min(held.get(key, 0), share.amount_fen)
        held[key] = held.get(key, 0) - drawn
        who = (bill.recipient_id, share.programme_id)
        postings += [
            Posting(_quota("held", *who), -drawn),
            Posting(_quota("spent", *who), share.amount_fen),
            Posting(_quota("purse", *who), drawn - share.amount_fen),
        ]
    return tuple(postings)


def reversal(entry: Entry, *, seq: int, n: int, period: str, at: datetime) -> Entry:
    """The entry that undoes `entry`, booked by row `seq` in an open `period`."""
    return Entry(
        entry_id(entry.area, seq, n),
        entry.area,
        seq,
        n,
        "REVERSE",
        period,
        entry.visit_id,
        at,
        tuple(Posting(posting.account, -posting.amount_fen) for posting in entry.postings),
        reverses=entry.entry_id,
    )


def purse_change(entry: Entry) -> dict[tuple[str, str], tuple[int, int]]:
    """What an entry changes in purses: (recipient, programme) -> (reserved, settled) in fen."""
    changes: dict[tuple[str, str], tuple[int, int]] = {}
    for posting in entry.postings:
        name, _, rest = posting.account.partition(":")
        if name not in ("held", "spent"):
            continue
        recipient_id, _, programme_id = rest.partition("/")
        reserved, settled = changes.get((recipient_id, programme_id), (0, 0))
        if name == "held":
            reserved += posting.amount_fen
        else:
            settled += posting.amount_fen
        changes[recipient_id, programme_id] = (reserved, settled)
    return changes
