"""What a desk holds: frozen records. Times are whole seconds since 1970, places micro-degrees WGS-84."""

from dataclasses import dataclass, field
from datetime import date

from schemas.base import Sealed
from schemas.codes import (
    Acceptance,
    AlarmKind,
    AlarmRule,
    EvidenceMethod,
    Gender,
    HelpKind,
    Human,
    TravelMode,
)
from schemas.shapes import Certificate, QuotaClass, TariffItem


@dataclass(frozen=True, slots=True)
class Place:
    """A position, and its row in the area's travel table where it has one."""

    lat_udeg: int
    lon_udeg: int
    table_index: int | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider and how it accepts."""

    provider_id: str
    acceptance: Acceptance
    fuse_s: int
    active: bool


@dataclass(frozen=True, slots=True)
class Caregiver:
    """A caregiver; `home` is None when what described them was forgotten; `week_s` is a week's most work."""

    caregiver_id: str
    provider_id: str
    active: bool
    home: Place | None = None
    gender: Gender | None = None
    skills: tuple[str, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    mode: TravelMode = TravelMode.E_SCOOTER
    barred: tuple[str, ...] = ()
    week_s: int | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """Working time `[starts_s, ends_s)`; breaks are (earliest, latest, duration); `station` None is home."""

    shift_id: str
    caregiver_id: str
    starts_s: int
    ends_s: int
    breaks: tuple[tuple[int, int, int], ...] = ()
    station: Place | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person served; `home` is None when what described them was forgotten.

    `sealed` is their enrolment's seal, to be passed on to a neighbour that is asked for help.
    """

    recipient_id: str
    provider_id: str | None
    active: bool
    home: Place | None = None
    asks_gender: Gender | None = None
    usual: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()
    sealed: Sealed | None = None


@dataclass(frozen=True, slots=True)
class Tariff:
    """A price list from a day on; `items` by code."""

    tariff_id: str
    valid_from: date
    items: dict[str, TariffItem]


@dataclass(frozen=True, slots=True)
class Programme:
    """A subsidy programme."""

    programme_id: str
    payer: str
    valid_from: date
    helps: tuple[HelpKind, ...]
    classes: tuple[QuotaClass, ...]


@dataclass(frozen=True, slots=True)
class Entitlement:
    """A right under a programme on days `[valid_from, valid_until)`; no class when it was forgotten."""

    entitlement_id: str
    recipient_id: str
    programme_id: str
    valid_from: date
    valid_until: date
    class_code: str | None


@dataclass(frozen=True, slots=True)
class Purse:
    """What is held and what is booked of one recipient's quota in one month, in fen."""

    reserved_fen: int = 0
    settled_fen: int = 0


@dataclass(frozen=True, slots=True)
class Hold:
    """What one visit holds of a purse."""

    programme_id: str
    period: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Need:
    """One role: skills, seconds of service, and how long after role 0 it starts."""

    skills: tuple[str, ...]
    duration_s: int
    offset_min_s: int = 0
    offset_max_s: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """A button pressed: when (city time), when it reached us, and where, if anything is known of that."""

    at_s: int
    heard_s: int
    place: Place | None = None
    accuracy_m: int | None = None
    mocked: bool = False
    method: EvidenceMethod = EvidenceMethod.NONE


@dataclass(frozen=True, slots=True)
class Hands:
    """One role of a visit: who has it, from when, how far it got, and its evidence.

    Meals of one `round_id` in one shift are fetched together; `boxed_s` is since when its meal is known to be
    out of the kitchen.
    """

    caregiver_id: str | None = None
    shift_id: str | None = None
    start_s: int = 0
    travel_s: int = 0
    offer_id: str | None = None
    bound: bool = False
    departed_s: int | None = None
    came: Evidence | None = None
    left: Evidence | None = None
    round_id: str | None = None
    boxed_s: int | None = None


@dataclass(frozen=True, slots=True)
class Meal:
    """The kitchen a meal is fetched from, and what its round must keep.

    It is cooked from `cooked_before_s` before its window opens on, and begins at the door within `fresh_s` of
    leaving; `load` are its portions in the box.
    """

    kitchen_id: str
    kitchen: Place
    loading_s: int
    cooked_before_s: int
    fresh_s: int
    load: int


@dataclass(frozen=True, slots=True)
class Trip:
    """Where an escort leads: role 0 takes the person there, role 1 brings them back.

    `goal` is None when it was forgotten.
    """

    goal: Place | None


@dataclass(frozen=True, slots=True)
class Visit:
    """One attendance. `closed` is DONE, CANCELLED, MISSED, OBSTRUCTED or None while it is open.

    `told` is the interval promised, `told_start_s` the start planned when it was, `told_kinds` what kinds of
    promise it was, `told_as_seen` that its width is that of what was seen, `leeway` within what the plan may
    move the start; `waiting` says that its offers wait for a plan; `refused` lists caregivers who declined or
    did not answer, with the code; `late_known` that somebody was told it is late; `ahead` that a care plan
    asked, so that nobody waits at the telephone to hear when; `trip` that its roles are linked legs; `meal`
    that it is fetched from a kitchen.
    """

    visit_id: str
    request_id: str
    recipient_id: str
    item: str
    help: HelpKind
    tariff_id: str
    opens_s: int
    closes_s: int
    late_allowed: bool
    needs: tuple[Need, ...]
    certificates: tuple[str, ...]
    place: Place | None
    hands: tuple[Hands, ...]
    asked_ids: tuple[str, ...] = ()
    provider_id: str | None = None
    gender: Gender | None = None
    told: tuple[int, int] | None = None
    told_provider: str | None = None
    told_names: tuple[str, ...] = ()
    hold: Hold | None = None
    refused: tuple[tuple[str, str], ...] = ()
    waiting: bool = False
    origin: str = "INSERTION"
    case_id: str | None = None
    closed: str | None = None
    cancelled_s: int | None = None
    verified: bool = False
    overdue: tuple[int, ...] = ()
    late_known: bool = False
    told_start_s: int | None = None
    told_kinds: tuple[str, ...] = ()
    told_as_seen: bool = False
    leeway: tuple[int, int] | None = None
    ahead: bool = False
    trip: Trip | None = None
    meal: Meal | None = None

    def begins_at(self, role: int) -> Place | None:
        """Where a role begins."""
        return self.trip.goal if self.trip is not None and role else self.place

    def ends_at(self, role: int) -> Place | None:
        """Where its caregiver is when a role ends."""
        return self.trip.goal if self.trip is not None and not role else self.place

    def due_s(self, role: int) -> int:
        """From when on a role is late: by the window, the way back by the longest wait after it."""
        return self.closes_s + (self.needs[role].offset_max_s if self.trip is not None else 0)

    def waits_until_s(self, role: int) -> int:
        """Until when who has a role is not late: its start, of the way back the end of the longest wait."""
        if self.trip is None or not role:
            return self.hands[role].start_s
        return max(self.hands[role].start_s, self.hands[0].start_s + self.needs[role].offset_max_s)

    @property
    def people(self) -> tuple[str, ...]:
        """Its caregivers, by role, each once."""
        return tuple(dict.fromkeys(h.caregiver_id for h in self.hands if h.caregiver_id is not None))

    @property
    def planned(self) -> bool:
        """Whether every role has somebody."""
        return all(hand.caregiver_id is not None for hand in self.hands)

    @property
    def started(self) -> bool:
        """Whether anybody checked in or out."""
        return any(hand.came or hand.left for hand in self.hands)

    @property
    def bound(self) -> bool:
        """Whether every role is bound."""
        return all(hand.bound for hand in self.hands)

    @property
    def start_s(self) -> int:
        """Planned start of role 0."""
        return self.hands[0].start_s

    @property
    def may_start(self) -> tuple[int, int] | None:
        """Within what the plan may move the start of a visit that was promised; the road needs the rest."""
        if self.leeway is None or self.hands[0].caregiver_id is None:
            return self.told
        return min(self.leeway[0], self.start_s), max(self.leeway[1], self.start_s)


@dataclass(frozen=True, slots=True)
class Offer:
    """A role of a visit asked of somebody. `state` is OPEN, ACCEPTED, DECLINED, LAPSED or WITHDRAWN."""

    offer_id: str
    visit_id: str
    role: int
    caregiver_id: str
    provider_id: str
    to: str
    deliver_by_s: int
    origin: str
    pay_fen: int
    case_id: str | None = None
    delivered: bool = False
    state: str = "OPEN"


@dataclass(frozen=True, slots=True)
class Case:
    """One emergency. `asked` lists caregivers already asked; `state` is OPEN, SENT or CLOSED.

    `told` are the neighbour areas asked, each with the case it opened; `for_area` is the one that asked us.
    """

    case_id: str
    recipient_id: str | None
    device_id: str | None
    kind: AlarmKind
    rule: AlarmRule
    place: Place | None
    opened_s: int
    visit_id: str | None = None
    callback_id: str | None = None
    times: int = 1
    asked: tuple[str, ...] = ()
    told: tuple[tuple[str, str], ...] = ()
    for_area: str | None = None
    state: str = "OPEN"


@dataclass(frozen=True, slots=True)
class CallBack:
    """A call somebody owes."""

    callback_id: str
    recipient_id: str | None
    visit_id: str | None
    owner: Human
    case_id: str | None = None
    open: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """A travel table of whole seconds, little-endian int32, row-major."""

    table_id: str
    size: int
    data: bytes = field(default=b"", repr=False)
