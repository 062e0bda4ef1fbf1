"""Chance that depends on the seed and on what it is asked about only, not on the order of asking."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from random import Random
from typing import TypeVar
from uuid import UUID

T = TypeVar("T")


def dice(seed: int, *about: object) -> Random:
    """A source of chance for one question, the same in every run with this seed."""
    told = "/".join(map(str, (seed, *about))).encode()
    return Random(int.from_bytes(blake2b(told, digest_size=16).digest(), "big"))


def uuid7_at(moment: datetime, rng: Random) -> str:
    """A UUIDv7 of `moment` whose random bits come from `rng` (RFC 9562, 5.7)."""
    number = int(moment.timestamp() * 1000) << 80 | rng.getrandbits(80)
    number = number & ~(0xF << 76) | 0x7 << 76
    number = number & ~(0x3 << 62) | 0x2 << 62
    return str(UUID(int=number))


def dealt(number: int, weighted: Sequence[tuple[T, float]], step: float) -> T:
    """The value of the `number`-th in a row: however many there are, each value has its share of them.

    `step` is an irrational share of the round, another one for each question.
    """
    mark = number * step % 1.0 * sum(weight for _, weight in weighted)
    for value, weight in weighted:
        mark -= weight
        if mark < 0:
            return value
    return weighted[-1][0]


def pick(rng: Random, weighted: Sequence[tuple[T, float]]) -> T:
    """One of the values, by weight."""
    values = [value for value, _ in weighted]
    return rng.choices(values, [weight for _, weight in weighted])[0]
