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
    barred: frozenset[str] = frozenset()
    """Caregiver ids that may never take it: do-not-send pairs, both ways."""
    place: int | None = None
    """Where it begins; None: at the visit's place."""
    leaves_at: int | None = None
    """Where its caregiver is when it ends; None: where it began. The way there is in its duration."""


@dataclass(frozen=True)
class Meal:
    """A meal to be fetched from a kitchen, in rounds: each is of one kitchen and one leaving."""

    kitchen: int
    """Row in `Travel`."""
    cooked_s: int
    """The earliest it may leave the kitchen."""
    fresh_s: int
    """Most seconds from leaving the kitchen to the begin at the door."""


@dataclass(frozen=True)
class PlanVisit:
    """One attendance to plan. Each role begins within [ready_s, due_s], by a caregiver of its own.

    An escort to a hospital and back is two roles: the second begins at the hospital, its offsets bound the
    roughly known wait, and `same_carer` lets one caregiver do both.
    """

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
    same_carer: bool = False
    """True: one caregiver may take several of the roles, in order of role."""
    meal: Meal | None = None
    """What must be fetched first, if anything."""
    late_price: int | None = None
    """Price of a second late; None: `Weights.late`."""
    burdens: frozenset[str] = frozenset()
    """What should be shared out evenly, by name (HARD, EVENING): see `PlanCaregiver.burden_price_s`."""
    interruptible: bool = False
    """True: its caregivers may be called away to an emergency."""

    def begins_at(self, role: int) -> int:
        """The place where a role begins."""
        own = self.roles[role].place
        return self.place if own is None else own

    def ends_at(self, role: int) -> int:
        """The place where a role's caregiver is when it ends."""
        leaves_at = self.roles[role].leaves_at
        return self.begins_at(role) if leaves_at is None else leaves_at


@dataclass(frozen=True)
class FrozenStop:
    """A stop that may no longer move: on the road to it, or there already."""

    visit_id: str
    role: int
    start_s: int
    left_kitchen_s: int | None = None


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
    """The most load at a time: of all stops together, of meals one round after the other. None: no limit."""
    loading_s: int = 0
    """At the kitchen, before each round; a break may interrupt it as it may travel."""
    mode: str | None = None
    """Whose ways in `Problem.travel_by_mode` are this caregiver's; None: `Problem.travel`."""
    start_paid: bool = True
    """False: the way from `start_place` to the first stop is made before the shift, in own time."""
    end_paid: bool = True
    """False: the way home is made after the shift, in own time."""
    rested_from_s: int | None = None
    """No stop and no paid way before this: the rest since the last shift must be over."""
    work_left_s: int | None = None
    """The most seconds of work left of the week: care, loading and ways, not waits, breaks or own time."""
    valid_until_s: Mapping[str, int] = field(default_factory=dict)
    """For skills whose certificate ends: care that needs it must be over by then."""
    hour_price_s: int = 0
    """Price of each hour of care given to this caregiver, for who has had more hours than others."""
    burden_price_s: Mapping[str, int] = field(default_factory=dict)
    """Price of each stop with the burden, for who has had more of it than others."""

    @property
    def first_s(self) -> int:
        """From when this caregiver can move."""
        known = (self.shift_start_s, self.available_from_s, self.rested_from_s)
        return max(t for t in known if t is not None)

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


@dataclass(frozen=True)
class ReserveCheck:
    """A wish that at one second enough caregivers could go to an emergency near one place.

    Counted are those on shift with the skills, not in care or in care that may be interrupted, for whom the
    way to `place` from the last place they were at is at most `reach_s`.
    """

    at_s: int
    place: int
    reach_s: int
    least: int
    price_s: int
    """For each one missing."""
    skills: frozenset[str] = frozenset({"EMERGENCY"})


@dataclass(frozen=True, eq=False)
class Problem:
    """A day to plan."""

    caregivers: tuple[PlanCaregiver, ...]
    visits: tuple[PlanVisit, ...]
    travel: Travel
    weights: Weights = field(default_factory=Weights)
    travel_by_mode: Mapping[str, Travel] = field(default_factory=dict)
    """Ways of those who do not go as `travel` says, between the same places."""
    reserve: tuple[ReserveCheck, ...] = ()

    @cached_property
    def visit_by_id(self) -> Mapping[str, PlanVisit]:
        """Visits by id."""
        return {v.visit_id: v for v in self.visits}

    @cached_property
    def caregiver_by_id(self) -> Mapping[str, PlanCaregiver]:
        """Caregivers by id."""
        return {c.caregiver_id: c for c in self.caregivers}

    def may_take(self, caregiver: PlanCaregiver, role: Role) -> bool:
        """Whether the caregiver is allowed, not barred, and has the skills of the role for at least a while.

        When certificates end is another matter: see `skilled_until_s`.
        """
        if role.allowed is not None and caregiver.caregiver_id not in role.allowed:
            return False
        if not role.skills <= caregiver.skills or caregiver.caregiver_id in role.barred:
            return False
        until_s = self.skilled_until_s(caregiver, role)
        return until_s is None or caregiver.first_s + role.duration_s <= until_s

    def skilled_until_s(self, caregiver: PlanCaregiver, role: Role) -> int | None:
        """By when the care must be over for the caregiver's certificates to hold; None: they do not end."""
        return min((s for name, s in caregiver.valid_until_s.items() if name in role.skills), default=None)

    def may_take_whenever(self, caregiver: PlanCaregiver, visit: PlanVisit, role: Role) -> bool:
        """Whether the caregiver may take the role at whatever second a plan could have it begin."""
        until_s = self.skilled_until_s(caregiver, role)
        if until_s is None or not self.may_take(caregiver, role):
            return self.may_take(caregiver, role)
        over_s = caregiver.shift_end_s + caregiver.overtime_s
        if not visit.soft_due:
            due_s = visit.due_s if role.due_s is None else role.due_s
            over_s = min(over_s, due_s + role.duration_s)
        return over_s <= until_s

    def ways(self, caregiver: PlanCaregiver) -> Travel:
        """Travel by the caregiver's mode; its pace is still to be told."""
        return self.travel if caregiver.mode is None else self.travel_by_mode[caregiver.mode]

    def way_s(self, caregiver: PlanCaregiver, a: int, b: int) -> int:
        """Seconds from place `a` to place `b` by the caregiver's mode and pace."""
        return self.ways(caregiver).travel_s(a, b, caregiver.pace_permille)

    def free_place(self, caregiver: PlanCaregiver) -> int:
        """Where the caregiver is at `free_from_s`."""
        if not caregiver.frozen:
            return caregiver.first_place
        last = caregiver.frozen[-1]
        return self.visit_by_id[last.visit_id].ends_at(last.role)

    def first_way_in_own_time(self, caregiver: PlanCaregiver) -> bool:
        """Whether the way to the first stop takes no time of the shift: unpaid, and still to be made."""
        waiting = not caregiver.frozen and caregiver.available_from_s is None
        return not caregiver.start_paid and waiting

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
    """One role of one visit, with the second its care begins.

    A meal says when it left the kitchen; those of a route that left one kitchen together are a round, which
    ends when the next one is fetched. Other stops may come between.
    """

    visit_id: str
    role: int
    start_s: int
    left_kitchen_s: int | None = None


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
