"""Entries of the ledger: whatever the desk decides, every entry sums to zero and undoing leaves nothing."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.ledger.entries import Entry, Posting, Unbalanced, entries_of, purse_change, reversal
from schemas.base import Speaker
from schemas.codes import Payer
from schemas.decisions import Decision, MoneyReleased, MoneyReserved, VisitPriced
from schemas.facts import RequestCancelled
from schemas.rows import Row
from schemas.shapes import ClaimLine, Share

NOW = datetime(2026, 11, 12, 4, tzinfo=UTC)
FACT = RequestCancelled(
    fact_id="01909f00-0000-7000-8000-000000000001",
    area="a1",
    said_at=NOW,
    by=Speaker(role="OPERATOR", id="seat-7"),
    request_id="q1",
)
PURSE: dict[str, Any] = {"recipient_id": "r1", "programme_id": "P", "period": "2026-11"}
FEN = st.integers(min_value=0, max_value=10_000_000)


def bill(
    visit_id: str, bureau: int, own: int, *, held: bool = False, total: int | None = None
) -> VisitPriced:
    whole = bureau + own if total is None else total
    shares = (
        Share(payer=Payer.BUREAU, programme_id="P", amount_fen=bureau),
        Share(payer=Payer.SELF, programme_id=None, amount_fen=own),
    )
    line = ClaimLine(line_id=f"{visit_id}:1", item="BATH", quantity=1, unit_price_fen=whole, amount_fen=whole)
    return VisitPriced(
        visit_id=visit_id,
        recipient_id="r1",
        provider_id="p1",
        tariff_id="t1",
        period="2026-11",
        lines=(line,),
        shares=shares,
        pay=(),
        steps=(),
        total_fen=whole,
        held=held,
    )


@st.composite
def decisions(draw: st.DrawFn) -> tuple[Decision, ...]:
    found: list[Decision] = []
    for n in range(draw(st.integers(0, 6))):
        visit_id = f"v{draw(st.integers(0, 2))}"
        kind = draw(st.sampled_from(("hold", "free", "bill")))
        if kind == "bill":
            found.append(bill(f"{visit_id}-{n}", draw(FEN), draw(FEN), held=draw(st.booleans())))
        else:
            word = MoneyReserved if kind == "hold" else MoneyReleased
            found.append(word(visit_id=visit_id, amount_fen=draw(FEN), **PURSE))
    return tuple(found)


def row_of(*found: Decision) -> Row:
    return Row(area="a1", seq=7, now=NOW, decider=1, fact=FACT, decisions=found)


def balance(entries: tuple[Entry, ...], prefix: str) -> int:
    return sum(
        posting.amount_fen
        for entry in entries
        for posting in entry.postings
        if posting.account.startswith(prefix)
    )


@given(decisions(), st.dictionaries(st.tuples(st.sampled_from(("v0", "v1", "v2")), st.just("P")), FEN))
def test_every_entry_sums_to_zero_and_ids_are_unique(
    found: tuple[Decision, ...], held: dict[tuple[str, str], int]
) -> None:
    """Money neither appears nor vanishes."""
    entries = entries_of(row_of(*found), held)
    assert all(sum(posting.amount_fen for posting in entry.postings) == 0 for entry in entries)
    assert len({entry.entry_id for entry in entries}) == len(entries) == len(found)


@given(decisions())
def test_a_reversal_undoes_an_entry_to_the_last_posting(found: tuple[Decision, ...]) -> None:
    """Undo is a reversal; nothing is ever deleted."""
    for entry in entries_of(row_of(*found), {}):
        undone = reversal(entry, seq=9, n=0, period="2026-12", at=NOW)
        both = (entry, undone)
        for posting in entry.postings:
            assert balance(both, posting.account) == 0
        assert undone.reverses == entry.entry_id
        assert undone.kind == "REVERSE"


@given(FEN, FEN, FEN)
def test_a_bill_draws_from_what_is_held_and_never_more(hold: int, bureau: int, own: int) -> None:
    """A hold used beyond its amount would eat another visit's quota."""
    entries = entries_of(row_of(bill("v1", bureau, own)), {("v1", "P"): hold})
    assert -balance(entries, "held:") == min(hold, bureau)
    assert balance(entries, "spent:") == bureau
    assert balance(entries, "payer:") == bureau + own == -balance(entries, "provider:")
    reserved, settled = purse_change(entries[0])["r1", "P"]
    assert (reserved, settled) == (-min(hold, bureau), bureau)


def test_hold_release_and_bill_in_one_row_follow_one_another() -> None:
    """What one decision frees, the next cannot spend."""
    first = MoneyReserved(visit_id="v1", amount_fen=900, **PURSE)
    second = MoneyReleased(visit_id="v1", amount_fen=400, **PURSE)
    entries = entries_of(row_of(first, second, bill("v1", 500, 100)), {})
    assert [entry.kind for entry in entries] == ["RESERVE", "RELEASE", "SETTLE"]
    assert balance(entries, "held:") == 0
    assert balance(entries, "purse:") == -500


def test_a_held_bill_waits_in_suspense() -> None:
    """What a person has not looked at is not owed yet."""
    entries = entries_of(row_of(bill("v1", 0, 800, held=True)), {})
    assert balance(entries, "suspense:p1") == -800
    assert balance(entries, "provider:") == 0


def test_a_bill_whose_lines_or_shares_do_not_add_up_is_refused() -> None:
    """A desk that cannot add must not be paid from."""
    uneven = bill("v1", 100, 100).model_copy(update={"shares": ()})
    with pytest.raises(Unbalanced):
        entries_of(row_of(uneven), {})
    short = bill("v1", 100, 100).model_copy(update={"total_fen": 150})
    with pytest.raises(Unbalanced):
        entries_of(row_of(short), {})
    with pytest.raises(Unbalanced):
        Entry("x", "a1", 1, 0, "SETTLE", "2026-11", "v1", NOW, (Posting("payer:SELF:-", 1),))
