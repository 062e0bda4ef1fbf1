"""What stopped each caregiver of an area, in two characters: a letter for the rule, a digit for how much.

A row names the nearest of them in full; everyone else would cost a hundred bytes each, in every plan.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

CHOSEN = "."
LETTERS = {
    "NOT_ACTIVE": "a",
    "POSITION_UNKNOWN": "p",
    "SKILL_MISSING": "s",
    "CERTIFICATE_MISSING": "c",
    "CERTIFICATE_EXPIRED": "e",
    "OTHER_PROVIDER": "o",
    "GENDER_ASKED": "g",
    "BARRED": "b",
    "DECLINED_BEFORE": "d",
    "LAPSED_BEFORE": "l",
    "BUSY_WITH_CASE": "h",
    "WEEK_FULL": "w",
    "BOX_SMALL": "x",
    "ARRIVES_LATE": "L",
    "BREAK_DUE": "B",
    "SHIFT_ENDS": "E",
    "BREAKS_PROMISE": "P",
    "STALE": "C",
    "NO_SHIFT": "n",
    "COSTS_MORE": "M",
    "NO_PARTNER": "N",
}
"""A letter, once given, keeps its meaning for ever: old rows are read by it."""
MOST_MINUTES = 63
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
_CODES = {letter: code for code, letter in LETTERS.items()}


class Standing(NamedTuple):
    """What stopped one caregiver: the code, and by how many minutes, rounded up; 63 and more alike."""

    code: str
    minutes: int


def unpacked(codes: str, minutes: str, caregiver_ids: Sequence[str]) -> Iterator[tuple[str, Standing]]:
    """Everyone who was not chosen with what stopped them; ids in the order of enrolment in the area."""
    for caregiver_id, letter, digit in zip(caregiver_ids, codes, minutes, strict=True):
        if letter != CHOSEN:
            yield caregiver_id, Standing(_CODES[letter], DIGITS.index(digit))
