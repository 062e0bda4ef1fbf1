"""What is being decided from one fact: a fork of the desk that already holds what was decided so far.

Each decision said is folded into the fork by the very code that folds rows, so that the next rule sees
it, and a replay of the row ends in the same state.
"""

from __future__ import annotations

from dispatcher.core.desk import Desk
from dispatcher.core.evolve_decisions import apply_decision
from dispatcher.core.evolve_facts import apply_fact
from schemas.base import Reason
from schemas.decisions import Decision
from schemas.facts import Fact
from schemas.ids import decided_id


class Draft:
    """`desk` is a fork: read it freely; it changes only by `say` and `take`."""

    def __init__(self, desk: Desk, fact: Fact, now_s: int) -> None:
        self.desk = desk.fork()
        self.fact = fact
        self.now_s = now_s
        self.decisions: list[Decision] = []
        self.ids = 0

    def take(self) -> None:
        """Fold the fact itself."""
        apply_fact(self.desk, self.fact, self.now_s)

    def say(self, decision: Decision) -> None:
        """Decide this."""
        self.decisions.append(decision)
        apply_decision(self.desk, decision, self.fact, self.now_s)

    def new_id(self) -> str:
        """The next id that derives from the fact."""
        self.ids += 1
        return decided_id(self.fact.fact_id, self.ids)

    def branch(self) -> Draft:
        """A draft over this one, to try something; `absorb` keeps it."""
        other = Draft.__new__(Draft)
        other.desk, other.fact, other.now_s = self.desk.fork(), self.fact, self.now_s
        other.decisions, other.ids = list(self.decisions), self.ids
        return other

    def absorb(self, branch: Draft) -> None:
        """Go on from what was tried."""
        self.desk, self.decisions, self.ids = branch.desk, branch.decisions, branch.ids


def why(code: str, /, *, refs: dict[str, str] | None = None, **numbers: int) -> Reason:
    """A reason from its code, whole numbers and ids."""
    return Reason(code=code, numbers=numbers, refs=refs or {})
