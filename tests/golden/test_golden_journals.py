"""Journals of every release fold with today's `evolve`, byte for byte as they were written."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatcher.core.desk import dump, empty_desk, load
from dispatcher.core.evolve import evolve
from schemas.rows import GENESIS, Row

HERE = Path(__file__).parent
JOURNALS = sorted(HERE.glob("journal-v*.jsonl"))
LAST = {
    "journal-v1.jsonl": "b8e00301e74ef748fde8f807ba781f83da2fd21a4b65e18fb3fa0aaaa64afe09",
    "journal-v2.jsonl": "bec2e7d7cbfd49ea7ab18bd5c585d254e0f8f1fa70a14af991ae6a5845a8a23b",
}
"""The last hash of each journal's chain."""


def test_there_is_a_journal_for_every_hash() -> None:
    assert [journal.name for journal in JOURNALS] == sorted(LAST)


@pytest.mark.parametrize("journal", JOURNALS, ids=lambda path: path.name)
def test_a_journal_of_a_former_release_still_folds(journal: Path) -> None:
    """Nobody's visits or money are lost by an upgrade; every body reads back to the same bytes."""
    desk, chain = empty_desk("a1"), GENESIS
    billed = 0
    for line in journal.read_bytes().splitlines():
        row = Row.of_body(line)
        assert row.body() == line, row.seq
        chain = row.hashed(chain)
        desk = evolve(desk, row)
        billed += sum(d.total_fen for d in row.decisions if d.word == "VisitPriced")
    assert chain.hex() == LAST[journal.name]
    assert dump(load(dump(desk))) == dump(desk)
    assert any(visit.closed == "DONE" for visit in desk.visits.values())
    settled = sum(purse.settled_fen for purse in desk.purses.values())
    assert 0 < settled <= billed
