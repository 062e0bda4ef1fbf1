"""What the checker says of a broken rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Violation:
    """One broken rule: its code, whom it concerns, and the numbers a person needs to see it."""

    code: str
    visit_id: str | None = None
    caregiver_id: str | None = None
    numbers: tuple[tuple[str, int], ...] = ()


Found = Iterator[Violation]
