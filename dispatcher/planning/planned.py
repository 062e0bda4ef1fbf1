"""What a planner says of its work: how far it is, and the plan with what each engine gave to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dispatcher.planning.plannable import Fault
from dispatcher.planning.price import Price
from dispatcher.planning.problem import Plan


@dataclass(frozen=True)
class Progress:
    """How far a solve is: time since it began, who works, the best price so far, how many nobody serves."""

    spent_ms: int
    engine: str
    price_s: int
    unserved: int


@dataclass(frozen=True)
class Gain:
    """What one engine gave to a plan."""

    routes: int = 0
    """Routes with a stop in the plan that it was the first to find."""
    saved_s: int = 0
    """Price seconds its turn saved, but for visits left out; below zero where serving more cost more."""
    served: int = 0
    """Visits its turn found a home for, less those it left out."""


@dataclass(frozen=True)
class Planned:
    """A plan that keeps every rule, which engines stand behind it, and its price.

    Engines, joined by "+" in the order of their turns: "CITY" and "RUIN" (annealed, over routes or over one
    order), "ORTOOLS" (its routing took the plan over with all its constraints, or its choice made it from
    routes of several), "IN_FORCE" alone (nothing better than the plan in force was found).
    """

    plan: Plan
    engine: str
    price: Price
    gains: Mapping[str, Gain] = field(default_factory=dict)
    """By engine; "CHOICE" is the choice among the routes met, "IN_FORCE" has only routes."""
    bound_s: int | None = None
    """No plan of the day costs less; None where that was not asked."""
    faults: tuple[Fault, ...] = ()
    """What could not be planned as it was asked; its visits are among the unserved."""

    @property
    def routes_by_engine(self) -> Mapping[str, int]:
        """How many routes with a stop each engine was first to find, "IN_FORCE" among them."""
        return {name: gain.routes for name, gain in self.gains.items() if gain.routes}
