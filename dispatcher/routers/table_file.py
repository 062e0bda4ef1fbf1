"""A table of ways from a file."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dispatcher.core.records import Place
from dispatcher.routers.answers import MOST_S
from dispatcher.routers.table import HOLE, ROUTED, Estimate, Table, filled


class BadTable(Exception):
    """A file that is no table of ways; says where in it and why."""


@dataclass(frozen=True, eq=False)
class FileTable:
    """Ways between ids: [from, to] seconds, NaN where the file has none."""

    ids: tuple[str, ...]
    seconds: npt.NDArray[np.float64]

    def among(self, ids: Sequence[str], places: Sequence[Place], estimate: Estimate) -> Table:
        """The ways among some ids at these places; estimates where the file has none or lacks the id."""
        row = {name: number for number, name in enumerate(self.ids)}
        at = np.array([row.get(name, -1) for name in ids], dtype=np.int64)
        padded = np.full((len(self.ids) + 1, len(self.ids) + 1), math.nan)
        padded[:-1, :-1] = self.seconds
        found = padded[np.ix_(at, at)]
        marks = np.where(np.isnan(found), HOLE, ROUTED).astype(np.uint8)
        return filled(np.ceil(np.nan_to_num(found)).astype(np.int32), marks, places, estimate)


def read_table(path: Path) -> FileTable:
    """Read `.npz` (arrays `ids` and `seconds`) or `.csv` (ids in the first row and column, seconds within).

    An empty cell or NaN is a hole. Raises BadTable, or OSError when the file cannot be read.
    """
    ids, seconds = _npz(path) if path.suffix == ".npz" else _csv(path)
    if len(set(ids)) < len(ids):
        raise BadTable(f"{path}: an id stands twice")
    if seconds.shape != (len(ids), len(ids)):
        raise BadTable(f"{path}: {len(ids)} ids need as many rows and columns, not {seconds.shape}")
    wrong = np.argwhere(~np.isnan(seconds) & ~((seconds >= 0) & (seconds <= MOST_S)))
    if len(wrong):
        a, b = wrong[0]
        raise BadTable(f"{path}: from {ids[a]} to {ids[b]} cannot take {seconds[a, b]} s")
    return FileTable(tuple(ids), seconds)


def _npz(path: Path) -> tuple[list[str], npt.NDArray[np.float64]]:
    try:
        with np.load(path, allow_pickle=False) as kept:
            return [str(name) for name in kept["ids"]], kept["seconds"].astype(np.float64)
    except (ValueError, KeyError) as error:
        raise BadTable(f"{path}: needs the arrays ids and seconds ({error})") from None


def _csv(path: Path) -> tuple[list[str], npt.NDArray[np.float64]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = [row for row in csv.reader(lines) if row]
    ids = rows[0][1:] if rows else []
    if [row[0] for row in rows[1:]] != ids:
        raise BadTable(f"{path}: the first column must repeat the ids of the first row, in their order")
    seconds = np.full((len(ids), len(ids)), math.nan)
    for a, row in enumerate(rows[1:]):
        if len(row) != len(ids) + 1:
            raise BadTable(f"{path}: line {a + 2} has {len(row) - 1} ways, not {len(ids)}")
        for b, cell in enumerate(row[1:]):
            try:
                seconds[a, b] = float(cell) if cell.strip() else math.nan
            except ValueError:
                raise BadTable(f"{path}: line {a + 2}, from {row[0]} to {ids[b]}: {cell!r}") from None
    return ids, seconds
