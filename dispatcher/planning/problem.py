"""The day to plan, and a plan of it: plain frozen records that every engine, the price and the checker read.

All times are whole seconds from the day's `origin` (which the caller knows; nothing here does).
All prices are whole "price seconds": one second of travel costs `Weights.travel`, usually 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from dispatcher.planning.travel import Travel


@dataclass(frozen=True)
class Role:
    """One pair of hands a visit needs. Role 0 leads; the others start at an offset to its start.

    A crew lifting together has offsets [0, 0]; a second service an hour or two later [3600, 7200].
    """

    role: int
    skills: frozenset[str]
    """All of these are needed."""
    duration_s: int
    offset_min_s: int = 0
    offset_max_s: int = 0
    due_s: int | None = None
    """Latest start of this role, where it differs from the visit's `due_s`."""
    allowed: frozenset[str] | None = None
    """Caregiver ids that may take it (eligibility is decided by the desk); None: all who have the skills."""
    holder: str | None = None
    """Caregiver who holds it in the plan in force; giving it to another costs `Weights.change_s`."""


@dataclass(frozen=True)
class PlanVisit:
    """One attendance to plan. Each role begins within [ready_s, due_s], by a caregiver of its own."""

    visit_id: str
    place: int
    """Row in `Travel`."""
    roles: tuple[Role, ...]
    ready_s: int
    due_s: int
    soft_due: bool = False
    """True: any role may begin after its due time, at `Weights.late` a second."""
    unserved_price_s: int = 1_000_000
    """Price of leaving it out. Very dear for a visit that was promised."""
    told: tuple[int, int] | None = None
    """A promise given to the recipient: role 0 begins within [lo, hi], both included, always."""
    usual: Mapping[str, int] = field(default_factory=dict)
    """Price (or, below zero, bonus) in seconds of giving a role to this caregiver: continuity."""
    load: int = 0
    """What each role's caregiver must have room for, in the unit of `PlanCaregiver.capacity`."""


@dataclass(frozen=True)
class FrozenStop:
    """A stop that may no longer move: on the road to it, or there already."""

    visit_id: str
    role: int
    start_s: int


@dataclass(frozen=True)
class PlanCaregiver:
    """One caregiver's day: from shift start to shift end, home (or to nowhere) included.

    Breaks are (earliest begin, latest begin, duration): each is taken between two stops, before the
    first or after the last, and interrupts travel if need be. A break whose latest begin comes before the
    caregiver is available, or before the last frozen stop ends, is over: see `Problem.breaks_left`.
    """

    caregiver_id: str
    skills: frozenset[str]
    shift_start_s: int
    shift_end_s: int
    start_place: int
    end_place: int | None = None
    """None: the day ends at the last stop, wherever that is."""
    breaks: tuple[tuple[int, int, int], ...] = ()
    frozen: tuple[FrozenStop, ...] = ()
    """Leading stops, in order. They are taken as given; what follows them must keep every rule."""
    available_from_s: int | None = None
    """From when, where the shift's start is no longer true (it is noon, say)."""
    available_place: int | None = None
    overtime_s: int = 0
    """How far past the shift's end the day may run, at `Weights.overtime` a second."""
    pace_permille: int = 1000
    """Travel time against the matrix: 1000 as it says, 1500 half as slow again."""
    stop_price_s: int = 0
    """Price of each stop given to this caregiver: how the desk evens out the month."""
    capacity: int | None = None
    """The most load of all stops together; None: no limit."""

    @property
    def first_s(self) -> int:
        """From when this caregiver can move."""
        if self.available_from_s is None:
            return self.shift_start_s
        return max(self.shift_start_s, self.available_from_s)

    @property
    def first_place(self) -> int:
        """Where this caregiver is at `first_s`."""
        return self.start_place if self.available_place is None else self.available_place


@dataclass(frozen=True)
class Weights:
    """What a second costs, in price seconds, and what a change costs."""

    travel: int = 1
    late: int = 1
    """Per second any role begins after its due time."""
    worst_late: int = 0
    """Per second of the one latest beginning of the day."""
    overtime: int = 2
    change_s: int = 0
    """For each role that goes to another caregiver than its holder."""


@dataclass(frozen=True, eq=False)
class Problem:
    """A day to plan."""

    caregivers: tuple[PlanCaregiver, ...]
    visits: tuple[PlanVisit, ...]
    travel: Travel
    weights: Weights = field(default_factory=Weights)

    @cached_property
    def visit_by_id(self) -> Mapping[str, PlanVisit]:
        """Visits by id."""
        return {v.visit_id: v for v in self.visits}

    @cached_property
    def caregiver_by_id(self) -> Mapping[str, PlanCaregiver]:
        """Caregivers by id."""
        return {c.caregiver_id: c for c in self.caregivers}

    def may_take(self, caregiver: PlanCaregiver, role: Role) -> bool:
        """Whether the caregiver has the skills of the role and is among those allowed."""
        if role.allowed is not None and caregiver.caregiver_id not in role.allowed:
            return False
        return role.skills <= caregiver.skills

    def free_from_s(self, caregiver: PlanCaregiver) -> int:
        """From when new stops may be given: available, and done with the frozen stops."""
        if not caregiver.frozen:
            return caregiver.first_s
        last = caregiver.frozen[-1]
        return last.start_s + self.visit_by_id[last.visit_id].roles[last.role].duration_s

    def breaks_left(self, caregiver: PlanCaregiver) -> tuple[tuple[int, int, int], ...]:
        """The breaks still to be taken after the frozen stops, by earliest begin."""
        free_s = self.free_from_s(caregiver)
        return tuple(sorted(b for b in caregiver.breaks if b[1] >= free_s))


@dataclass(frozen=True)
class PlannedStop:
    """One role of one visit, with the second its care begins."""

    visit_id: str
    role: int
    start_s: int


@dataclass(frozen=True)
class Route:
    """One caregiver's stops in order, frozen ones included."""

    caregiver_id: str
    stops: tuple[PlannedStop, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Who does what when, and which visits no one does: (visit id, reason code).

    Reason codes: NO_CAREGIVER (no set of caregivers may take it), NO_ROOM (none found where it fits).
    """

    routes: tuple[Route, ...]
    unserved: tuple[tuple[str, str], ...] = ()
