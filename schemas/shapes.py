"""Parts that facts and decisions share: roles, items, quotas, what a person's seal hides, plan stops."""

from datetime import date
from typing import Annotated, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from schemas.base import (
    Code,
    FenPaid,
    Ident,
    Instant,
    KeyOrdered,
    Point,
    Reason,
    Seconds,
    Whole,
    Word,
    is_unset,
)
from schemas.codes import EvidenceMethod, Gender, HelpKind, Payer, TravelMode


class RoleNeed(Word):
    """One pair of hands that a visit needs.

    `skills` are all required; `duration_s` is its service time; its start lies `offset_min_s` to
    `offset_max_s` after that of role 0 (0 and 0: together).
    """

    skills: tuple[Code, ...]
    duration_s: Annotated[int, Field(strict=True, gt=0, le=86_400)]
    offset_min_s: Seconds = 0
    offset_max_s: Seconds = 0


class Break(Word):
    """A rest inside a shift: it starts from `earliest_at` to `latest_at` and lasts `duration_s`."""

    earliest_at: Instant
    latest_at: Instant
    duration_s: Seconds


class Certificate(Word):
    """A certificate with the days on which it holds (`valid_until` is the first day it does not)."""

    code: Code
    valid_from: date
    valid_until: date


class Escort(Word):
    """Somebody is taken to a place and, after a wait known only roughly, back: 助行, 助医.

    `wait_s` is the wait where the request names none, `spread_s` by how much it may be shorter or longer. The
    ride takes `ride_mode`, and comes on top of what the item's two roles last.
    """

    wait_s: Seconds
    spread_s: Seconds
    ride_mode: TravelMode = TravelMode.CAR


class MealRule(Word):
    """What an item that is fetched hot asks: 助餐.

    `fresh_s` is the most from leaving the kitchen to the begin at the door; `load` its portions in the box.
    """

    fresh_s: Annotated[int, Field(strict=True, gt=0, le=86_400)]
    load: Annotated[int, Field(strict=True, ge=1, le=1_000)] = 1


class TariffItem(Word):
    """One service item with its price and what it asks.

    `minimum_s` is the least service time that is paid in full; `pay_fen` is what each role earns. With
    `escort` its first role is the way there, its second the way back; one caregiver may have both. With
    `meal` it is fetched from a kitchen, in rounds, where the area has one.
    """

    code: Code
    help: HelpKind
    name_zh: str
    name_en: str
    unit: Annotated[str, Field(pattern="^(VISIT|HOUR|MEAL|DAY)$")]
    price_fen: FenPaid
    pay_fen: FenPaid
    minimum_s: Seconds
    roles: Annotated[tuple[RoleNeed, ...], Field(min_length=1, max_length=3)]
    certificates: tuple[Code, ...] = ()
    escort: Escort | None = Field(default=None, exclude_if=is_unset)
    hard: bool | None = Field(default=None, exclude_if=is_unset)
    """Heavy work, to be shared out evenly."""
    meal: MealRule | None = Field(default=None, exclude_if=is_unset)

    @model_validator(mode="after")
    def _there_and_back(self) -> Self:
        if self.escort is not None and len(self.roles) != 2:
            raise ValueError("an escort has two roles: there, and back")
        return self

    @model_validator(mode="after")
    def _brought_by_one(self) -> Self:
        if self.meal is not None and (len(self.roles) != 1 or self.escort is not None):
            raise ValueError("a meal is brought by one caregiver, who escorts nobody")
        return self


class QuotaClass(Word):
    """A class of a programme and what it grants each calendar month."""

    code: Code
    quota_fen: FenPaid


class RecipientSecret(Word):
    """What the desk must know of a recipient; travels sealed."""

    home: Point
    gender: Gender
    asks_gender: Gender | None = None
    tags: tuple[Code, ...] = ()
    level: Code | None = None
    usual_caregiver_ids: tuple[Ident, ...] = ()
    barred_caregiver_ids: tuple[Ident, ...] = ()
    table_index: Annotated[int, Field(strict=True, ge=0)] | None = None


class TripSecret(Word):
    """Where an escort leads, and how long it is expected to stay there; travels sealed."""

    goal: Point
    wait_s: Seconds | None = None
    table_index: Annotated[int, Field(strict=True, ge=0)] | None = None


class Legs(Word):
    """An escort as it is planned: the rides, and the least and the most wait between them."""

    there_s: Seconds
    back_s: Seconds
    wait_min_s: Seconds
    wait_max_s: Seconds


class Kitchen(Word):
    """Where meals are cooked and fetched hot; a public place, with its row in the area's travel table.

    A round loads for `loading_s`. A meal is cooked for the round that takes it, no earlier than
    `cooked_before_s` before its window opens.
    """

    place_id: Ident
    place: Point
    table_index: Annotated[int, Field(strict=True, ge=0)] | None = None
    loading_s: Seconds
    cooked_before_s: Seconds


class Fetched(Word):
    """A meal as it is planned: the kitchen that cooks it, how long it stays fresh, its portions."""

    kitchen: Kitchen
    fresh_s: Seconds
    load: Annotated[int, Field(strict=True, ge=1, le=1_000)]


class AlarmSecret(Word):
    """Where the person of an alarm is. A desk that asks a neighbour passes on the enrolment's seal."""

    model_config = ConfigDict(extra="ignore")

    home: Point


class CaregiverSecret(Word):
    """What the desk must know of a caregiver; travels sealed."""

    home: Point
    gender: Gender
    skills: tuple[Code, ...]
    certificates: tuple[Certificate, ...] = ()
    travel_mode: TravelMode = TravelMode.E_SCOOTER
    barred_recipient_ids: tuple[Ident, ...] = ()
    week_s: Seconds | None = Field(default=None, exclude_if=is_unset)
    """The most work of a week that the contract allows: care and ways."""


class EntitlementSecret(Word):
    """The class a person was granted; travels sealed, for it tells of their health or means."""

    class_code: Code


class EvidenceSecret(Word):
    """Where a phone was when a button was pressed; travels sealed with the recipient's key."""

    point: Point | None = None
    accuracy_m: Annotated[int, Field(strict=True, ge=0)] | None = None
    mocked: bool = False
    method: EvidenceMethod = EvidenceMethod.NONE


class ReserveWish(Word):
    """How many responders plans should leave near each post, at every full hour.

    They count as near within `reach_s` of travel; `price_s` is held to cost, in seconds of travel, each one
    that is missing.
    """

    posts: Annotated[tuple[Point, ...], Field(min_length=1, max_length=20)]
    reach_s: Seconds
    least: Annotated[int, Field(strict=True, gt=0, le=100)]
    price_s: Seconds


class AreaSettings(Word):
    """How one area is run. Weights are in seconds of travel or per mille; all enter by fact."""

    time_zone: str = "Asia/Shanghai"
    south_west: Point
    north_east: Point
    road_factor_permille: Annotated[int, Field(strict=True, ge=1000, le=3000)] = 1350
    speed_mm_s: Annotated[dict[TravelMode, Annotated[int, Field(strict=True, gt=0)]], KeyOrdered] = Field(
        default={
            TravelMode.FOOT: 1_250,
            TravelMode.BICYCLE: 3_300,
            TravelMode.E_SCOOTER: 5_000,
            TravelMode.CAR: 6_400,
            TravelMode.BUS: 4_000,
        },
        validate_default=True,
    )
    near_start_s: Seconds = 7_200
    """A start nearer than this is offered from the insertion at once."""
    plan_wait_s: Seconds = 600
    """The longest an offer waits for a plan, once it may go out; then the insertion stands."""
    offer_hour: Annotated[int, Field(strict=True, ge=0, le=24)] | None = Field(
        default=None, exclude_if=is_unset
    )
    """The hour of the city's day from which tomorrow's offers go out (17 where unset, while offices still
    answer); who comes stays open until then. With 24 every offer goes out with the next plan."""
    promise_width_s: Seconds = 1_800
    promise_early_s: Seconds = 300
    promise_limit_s: Seconds | None = Field(default=None, exclude_if=is_unset)
    """The widest interval that is told from what was seen of punctuality (an hour where unset); with 0 every
    promise has the fixed width above."""
    deliver_by_s: Seconds = 120
    """An offer not delivered to a phone within this goes to the clerk."""
    overdue_s: Seconds = 900
    """A check-in is overdue this long after the planned start."""
    upload_limit_s: Seconds = 259_200
    """A phone may come back this late (72 h); then a visit without evidence is missed."""
    continuity_s: Seconds = 300
    """What a usual caregiver is worth in travel."""
    late_price_permille: Annotated[int, Field(strict=True, ge=0)] = 1000
    """Price of a second of lateness, where lateness is allowed, in thousandths of a second of travel."""
    position_radius_m: Annotated[int, Field(strict=True, gt=0)] = 200
    accuracy_limit_m: Annotated[int, Field(strict=True, gt=0)] = 100
    plan_horizon_s: Seconds = 172_800
    neighbours: tuple[Ident, ...] = ()
    case_call_back_s: Seconds = 60
    """A call back after an alarm must be answered within this; then the alarm is real."""
    case_deliver_by_s: Seconds = 20
    """An emergency offer not delivered to a phone within this passes on."""
    case_fuse_s: Seconds = 45
    """How long a responder has to answer in an emergency, from delivery."""
    rest_s: Seconds | None = Field(default=None, exclude_if=is_unset)
    """The least rest between a caregiver's working days; where unset the roster alone sees to it."""
    burden_s: Seconds | None = Field(default=None, exclude_if=is_unset)
    """What an evening or a hard visit costs in plans, in seconds of travel, for each that its caregiver had
    above the mean of late."""
    reserve: ReserveWish | None = Field(default=None, exclude_if=is_unset)
    kitchens: Annotated[tuple[Kitchen, ...], Field(min_length=1, max_length=200)] | None = Field(
        default=None, exclude_if=is_unset
    )
    """Where meals are fetched; without them a meal is a visit like others."""
    carries: Annotated[dict[TravelMode, Annotated[int, Field(strict=True, gt=0)]], KeyOrdered] | None = Field(
        default=None, exclude_if=is_unset
    )
    """How many portions a box holds, by how its caregiver travels; no limit where unset."""

    @model_validator(mode="after")
    def _kitchens_by_id(self) -> Self:
        ids = [kitchen.place_id for kitchen in self.kitchens or ()]
        if len(set(ids)) < len(ids):
            raise ValueError("two kitchens have one id")
        return self


class StoppedAll(Word):
    """What stopped every caregiver of the area, in the order of their enrolment there (`schemas.stops`).

    `codes` has a letter for each, `.` for who was chosen; `minutes` a digit of base 64: by how many minutes,
    rounded up, 63 and more alike.
    """

    codes: Annotated[str, StringConstraints(pattern=r"^[A-Za-z.]*$", max_length=50_000)]
    minutes: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]*$", max_length=50_000)]


class PlannedStop(Word):
    """One role of a visit given to a caregiver: when service starts, and the travel that leads there.

    Meals of one `round_id` in one shift are fetched together: the first to be brought is reached by the
    kitchen, which its round leaves `from_kitchen_s` before that start. The loading is in its `travel_s`.
    """

    role: Annotated[int, Field(strict=True, ge=0, le=2)]
    caregiver_id: Ident
    start_at: Instant
    travel_s: Seconds
    round_id: Ident | None = Field(default=None, exclude_if=is_unset)
    from_kitchen_s: Seconds | None = Field(default=None, exclude_if=is_unset)
    """The way from the kitchen straight to this door."""


class ProposedStop(Word):
    """One stop of a proposed plan; a meal names its round, by the id it has in force where it has one."""

    visit_id: Ident
    role: Annotated[int, Field(strict=True, ge=0, le=2)]
    caregiver_id: Ident
    start_at: Instant
    round_id: Ident | None = Field(default=None, exclude_if=is_unset)


class PlanChange(Word):
    """A visit that a proposed plan changes, and why: the weightiest reason first."""

    visit_id: Ident
    reasons: Annotated[tuple[Reason, ...], Field(min_length=1, max_length=3)]


class NotPlanned(Word):
    """A visit nobody serves in a proposed plan, or a caregiver it could not plan with, and why."""

    visit_id: Ident | None = None
    caregiver_id: Ident | None = None
    reason: Reason


class EngineGain(Word):
    """What one engine gave to a plan.

    `routes` it was the first to find; `saved_s` of its price its turn saved, visits left out apart; `served`
    visits its turn found a home for.
    """

    routes: Annotated[int, Field(strict=True, ge=0)]
    saved_s: Whole
    served: Whole


class Share(Word):
    """What one payer pays of a visit."""

    payer: Payer
    programme_id: Ident | None
    amount_fen: FenPaid


class ClaimLine(Word):
    """One billable line: one per visit and tariff item."""

    line_id: Ident
    item: Code
    quantity: Annotated[int, Field(strict=True, ge=0)]
    unit_price_fen: FenPaid
    amount_fen: FenPaid


class CaregiverPay(Word):
    """What a visit pays one caregiver."""

    caregiver_id: Ident
    amount_fen: FenPaid


class Tally(Word):
    """A count under a code."""

    code: Code
    count: Whole
