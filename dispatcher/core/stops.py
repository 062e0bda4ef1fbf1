"""What stopped everyone who was not chosen, as numbers by caregiver; named only where a person may ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from dispatcher.core.desk import Desk
from dispatcher.core.eligible import CODES
from dispatcher.core.rooms import MISSES, TIMED, Stopped
from dispatcher.core.travel import Ints
from schemas.shapes import StoppedAll, Tally
from schemas.stops import CHOSEN, DIGITS, LETTERS, MOST_MINUTES

ALL_CODES = (*CODES, *MISSES[1:], "NO_SHIFT", "COSTS_MORE", "NO_PARTNER")
NUMBER = {code: number for number, code in enumerate(ALL_CODES)}
NAMED_AT_MOST = 24
_NEAR = np.array([code in TIMED or code == "COSTS_MORE" for code in ALL_CODES])
_DULL = np.array([code in {"SKILL_MISSING", "NO_SHIFT", "NOT_ACTIVE"} for code in ALL_CODES])
_TIMED = np.array([code in TIMED for code in ALL_CODES])
_LETTERS = np.array([ord(LETTERS.get(code, CHOSEN)) for code in ALL_CODES] + [ord(CHOSEN)], np.uint8)
_DIGITS = np.frombuffer(DIGITS.encode(), np.uint8)


class Stops(Mapping[str, Stopped]):
    """By caregiver, in the order of enrolment; those among the choices are left out."""

    def __init__(self, ids: Sequence[str], numbers: Mapping[str, int], codes: Ints, by_s: Ints) -> None:
        self._ids, self._numbers = ids, numbers
        self._codes, self._by_s = codes, by_s

    @classmethod
    def of(cls, desk: Desk, stopped: Mapping[str, Stopped]) -> Stops:
        """From what was found one by one."""
        ids, numbers = desk.board.carer_ids(desk), desk.board.numbers(desk)
        codes, by_s = np.full(len(ids), -1, np.int64), np.zeros(len(ids), np.int64)
        for caregiver_id, stop in stopped.items():
            number = numbers[caregiver_id]
            codes[number], by_s[number] = NUMBER[stop.code], stop.by_s
        return cls(ids, numbers, codes, by_s)

    def __getitem__(self, caregiver_id: str) -> Stopped:
        """What stopped this one."""
        number = self._numbers[caregiver_id]
        if self._codes[number] < 0:
            raise KeyError(caregiver_id)
        return Stopped(ALL_CODES[self._codes[number]], int(self._by_s[number]))

    def __iter__(self) -> Iterator[str]:
        """Their ids."""
        return (self._ids[number] for number in np.flatnonzero(self._codes >= 0).tolist())

    def __len__(self) -> int:
        """How many they are."""
        return int((self._codes >= 0).sum())

    def nearest_miss(self) -> tuple[str, Stopped] | None:
        """Who failed by the least time."""
        timed = np.flatnonzero((self._codes >= 0) & _TIMED[self._codes] & (self._by_s > 0))
        if not len(timed):
            return None
        least = self._by_s[timed].min()
        caregiver_id = min(self._ids[number] for number in timed[self._by_s[timed] == least].tolist())
        return caregiver_id, self[caregiver_id]

    def without(self, caregiver_ids: set[str]) -> Stops:
        """The same but for these."""
        codes = self._codes.copy()
        codes[[self._numbers[each] for each in caregiver_ids]] = -1
        return Stops(self._ids, self._numbers, codes, self._by_s)

    def told(self) -> tuple[str, ...]:
        """Whom to name: who came nearest, then who is stopped by a rule of this visit, then the others."""
        held = np.flatnonzero(self._codes >= 0)
        codes = self._codes[held]
        turn = np.where(_NEAR[codes], 0, np.where(_DULL[codes], 2, 1))
        order = np.lexsort((held, np.where(_NEAR[codes], self._by_s[held], 0), turn))
        return tuple(self._ids[number] for number in held[order[:NAMED_AT_MOST]].tolist())

    def tallies(self) -> tuple[Tally, ...]:
        """How many were stopped by each code."""
        counts = np.bincount(self._codes[self._codes >= 0], minlength=len(ALL_CODES)).tolist()
        counted = sorted((code, count) for code, count in zip(ALL_CODES, counts, strict=True) if count)
        return tuple(Tally(code=code, count=count) for code, count in counted)

    def packed(self) -> StoppedAll:
        """Everyone, in two characters each."""
        minutes = np.minimum(MOST_MINUTES, -(-np.maximum(self._by_s, 0) // 60))
        minutes[self._codes < 0] = 0
        letters, digits = _LETTERS[self._codes], _DIGITS[minutes]
        return StoppedAll(codes=letters.tobytes().decode(), minutes=digits.tobytes().decode())
