"""What the shell is handed of the core: the pure functions of a desk and the versions of their rules."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from schemas.decisions import Decision
from schemas.facts import Fact
from schemas.rows import Row

D = TypeVar("D")


@dataclass(frozen=True)
class Rules(Generic[D]):
    """`decide` only reads the desk; `evolve` may change it in place and returns it.

    `decider` is the version of the rules that decide, `fold_version` that of the shape `dump` writes.
    """

    decide: Callable[[D, Fact, datetime], tuple[Decision, ...]]
    evolve: Callable[[D, Row], D]
    empty: Callable[[str], D]
    dump: Callable[[D], bytes]
    load: Callable[[bytes], D]
    decider: int
    fold_version: int
