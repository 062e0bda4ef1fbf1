"""A table of ways from a file: read whole, holes estimated and marked, and what is wrong in it named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dispatcher.core.records import Place
from dispatcher.routers.table import HOLE, Estimate
from dispatcher.routers.table_file import BadTable, read_table

ESTIMATE = Estimate(5_000)
PLACES = {
    "home": Place(32_990_000, 112_530_000),
    "market": Place(33_000_000, 112_540_000),
    "new": Place(33_010_000, 112_550_000),
}
CSV = "id,home,market\nhome,0,61.2\nmarket,,0\n"


def test_both_kinds_of_file_tell_the_same_and_a_hole_is_estimated(tmp_path: Path) -> None:
    """A city's own table has holes where its roads were dug up."""
    (tmp_path / "ways.csv").write_text(CSV, encoding="utf-8-sig")
    np.savez(
        tmp_path / "ways.npz", ids=np.array(["home", "market"]), seconds=np.array([[0, 61.2], [np.nan, 0]])
    )
    for name in ("ways.csv", "ways.npz"):
        ids = ["market", "home", "new"]
        table = read_table(tmp_path / name).among(ids, [PLACES[i] for i in ids], ESTIMATE)
        assert table.seconds[1, 0] == 62
        assert table.marks.tolist() == [[0, HOLE, HOLE], [0, 0, HOLE], [HOLE, HOLE, 0]]
        guessed = ESTIMATE.among([PLACES[i] for i in ids])
        assert table.seconds[0, 1] == guessed[0, 1] > 0
        assert np.array_equal(table.seconds[2], guessed[2])
        assert not table.seconds.diagonal().any()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,home,home\nhome,0,1\nhome,1,0\n", "twice"),
        ("id,home,market\nhome,0,1\n", "first column"),
        ("id,home,market\nmarket,0,1\nhome,1,0\n", "first column"),
        ("id,home,market\nhome,0\nmarket,1,0\n", "line 2 has 1 ways"),
        ("id,home,market\nhome,0,soon\nmarket,1,0\n", "from home to market: 'soon'"),
        ("id,home,market\nhome,0,-1\nmarket,1,0\n", "from home to market cannot take -1.0"),
        ("id,home,market\nhome,0,99999999\nmarket,1,0\n", "cannot take"),
        ("id,home,market\nhome,0,inf\nmarket,1,0\n", "cannot take inf"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(tmp_path: Path, text: str, said: str) -> None:
    """Milliseconds taken for seconds would leave everyone at home."""
    (tmp_path / "ways.csv").write_text(text)
    with pytest.raises(BadTable, match=said):
        read_table(tmp_path / "ways.csv")


def test_an_archive_of_something_else_is_refused(tmp_path: Path) -> None:
    """A file of the right ending may hold anything."""
    np.savez(tmp_path / "a.npz", other=np.zeros(2))
    np.savez(tmp_path / "b.npz", ids=np.array(["a"]), seconds=np.zeros((2, 2)))
    np.savez(tmp_path / "c.npz", ids=np.array(["a"]), seconds=np.array(["soon"]))
    for name in "abc":
        with pytest.raises(BadTable):
            read_table(tmp_path / f"{name}.npz")


def test_an_empty_table_estimates_everything(tmp_path: Path) -> None:
    """A table for another district is no reason not to plan."""
    (tmp_path / "ways.csv").write_text("id\n")
    table = read_table(tmp_path / "ways.csv").among(
        ["home", "new"], [PLACES["home"], PLACES["new"]], ESTIMATE
    )
    assert table.estimated == 2
