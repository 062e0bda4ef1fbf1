"""A seeded day of a desk: thousands of facts, with repeats, re-orderings, a clock that steps back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from schemas.base import Point, StartWindow
from schemas.codes import (
    Acceptance,
    AlarmKind,
    CallBackOutcome,
    CloseProof,
    Gender,
    Obstruction,
)
from schemas.decisions import Decision
from schemas.facts import (
    AlarmRaised,
    Asks,
    AssignmentAccepted,
    AssignmentDeclined,
    CallBackDone,
    CaregiverDeparted,
    CaseAnswered,
    CaseCloseAsked,
    CaseNoticeAnswered,
    Fact,
    FeedbackGiven,
    OfferDelivered,
    PersonForgotten,
    PlanProposed,
    RequestCancelled,
    RequestMoved,
    ResponderChosen,
    VisitObstructed,
    VisitReportedMissed,
)
from schemas.shapes import Break, ProposedStop, TripSecret
from tests.rules.core.kitchen_town import FAR, NEAR, with_kitchens
from tests.rules.core.small_town import Town, clock, point

ITEMS = ("BATH_HOME", "BATH_BED", "MEAL_LUNCH", "CLEAN_HOME", "BLOOD_PRESSURE", "ESCORT_HOSPITAL", "NO_SUCH")


@dataclass
class Day:
    """A town living through a day; `step` says one random thing."""

    seed: int
    carers: int = 12
    recipients: int = 30
    kitchens: bool = False
    dice: Random = field(init=False)
    town: Town = field(init=False)
    said: list[Fact] = field(default_factory=list)
    said_decisions: list[tuple[Fact, tuple[Decision, ...]]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    case_ids: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Enrol everybody."""
        self.dice, self.town = Random(self.seed), Town()
        self.town.open()
        if self.kitchens:
            with_kitchens(self.town, kitchens=(NEAR, FAR), carries={"E_SCOOTER": 3})
        for number, acceptance in enumerate(Acceptance):
            self.town.provider(f"p{number + 1}", acceptance, fuse_s=600)
        for number in range(self.carers):
            self._enrol_carer(number)
        for number in range(self.recipients):
            self.town.recipient(
                f"r{number + 1}",
                home=self._somewhere(),
                class_code=self.dice.choice([None, "DISABLED", "SEMI_DISABLED"]),
                provider_id=self.dice.choice([None, None, "p1", "p2"]),
                asks_gender=self.dice.choice([None, None, None, Gender.MALE]),
                usual_caregiver_ids=(f"c{self.dice.randint(1, self.carers)}",),
                barred_caregiver_ids=(f"c{self.dice.randint(1, self.carers)}",),
            )
        self.town.now = clock("07:30")

    def _enrol_carer(self, number: int) -> None:
        name = f"c{number + 1}"
        rest = Break(earliest_at=clock("11:30"), latest_at=clock("13:00"), duration_s=1_800)
        self.town.caregiver(
            name,
            provider_id=f"p{number % 3 + 1}",
            home=self._somewhere(),
            shift=None,
            gender=self.dice.choice([Gender.FEMALE, Gender.FEMALE, Gender.MALE]),
        )
        breaks = (rest,) if self.dice.random() < 0.5 else ()
        self.town.shift(f"s-{name}", name, "07:00", self.dice.choice(["15:00", "18:00"]), breaks=breaks)

    def _somewhere(self) -> Point:
        return point(self.dice.randint(-40_000, 40_000), self.dice.randint(-40_000, 40_000))

    def step(self) -> None:
        """One thing happens, a little later than the last (or, now and then, a little earlier)."""
        shift_s = self.dice.choice([1, 5, 20, 60, 120, -3]) if self.dice.random() < 0.9 else 600
        self.town.now = max(clock("07:00"), self.town.now + timedelta(seconds=shift_s))
        if self.dice.random() < 0.3:
            self.town.tick(self.town.now, self.dice.choice(["clock:intake", "clock:alarms"]))
            return
        fact = self._fact()
        if fact is None:
            return
        if self.dice.random() < 0.05:
            fact = fact.model_copy(update={"fact_id": self.town.new_id()})
        self._tell(fact)
        if self.dice.random() < 0.05 and self.said:
            old = self.dice.choice(self.said)
            self._tell(old.model_copy(update={"fact_id": self.town.new_id()}))

    def _tell(self, fact: Fact) -> None:
        self.said.append(fact)
        self.said_decisions.append((fact, self.town.tell(fact)))

    def _fact(self) -> Fact | None:
        makers = (
            [self._request] * 6
            + [self._answer] * 9
            + [self._at_door] * 14
            + [self._change] * 2
            + [self._emergency] * 2
            + [self._plan] * 2
            + [self._other]
        )
        return self.dice.choice(makers)()

    def _request(self) -> Fact | None:
        from schemas.facts import ServiceRequested

        request_id = self.town.new_id()
        self.requests.append(request_id)
        opens = self.town.now + timedelta(minutes=self.dice.choice([-60, 0, 5, 30, 120, 240]))
        closes = opens + timedelta(minutes=self.dice.choice([0, 30, 60, 120, 180]))
        asks = Asks()
        if self.dice.random() < 0.2:
            asks = Asks(caregiver_ids=(f"c{self.dice.randint(1, self.carers + 1)}",))
        item = self.dice.choice(ITEMS)
        if self.kitchens and self.dice.random() < 0.5:
            item = "HOT_LUNCH"
        leads = item == "ESCORT_HOSPITAL" and self.dice.random() < 0.9
        return ServiceRequested(
            **self.town.base(),
            request_id=request_id,
            recipient_id=f"r{self.dice.randint(1, self.recipients + 1)}",
            item=item,
            opened=TripSecret(goal=self._somewhere()) if leads else None,
            window=StartWindow(opens_at=opens, closes_at=closes),
            channel="HOTLINE",
            asks=asks,
            late_allowed=self.dice.random() < 0.1,
        )

    def _answer(self) -> Fact | None:
        offers = [o for o in self.town.desk.offers.values() if o.state == "OPEN" or self.dice.random() < 0.05]
        if not offers:
            return None
        offer = self.dice.choice(offers)
        roll = self.dice.random()
        base = self.town.base("CAREGIVER", offer.caregiver_id)
        if roll < 0.35:
            return OfferDelivered(**base, offer_id=offer.offer_id)
        if roll < 0.8:
            other = f"c{self.dice.randint(1, self.carers)}" if self.dice.random() < 0.15 else None
            return AssignmentAccepted(**base, offer_id=offer.offer_id, caregiver_id=other)
        return AssignmentDeclined(**base, offer_id=offer.offer_id, reason="BUSY")

    def _at_door(self) -> Fact | None:
        from schemas.facts import CaregiverCheckedIn, CaregiverCheckedOut
        from schemas.shapes import EvidenceSecret

        open_visits = [v for v in self.town.desk.visits.values() if v.closed is None and v.planned]
        if not open_visits:
            return None
        visit = min(
            self.dice.sample(open_visits, min(3, len(open_visits))), key=lambda v: (v.start_s, v.visit_id)
        )
        role = self.dice.randrange(len(visit.hands))
        hand = visit.hands[role]
        carer = hand.caregiver_id or "c1"
        late = timedelta(minutes=self.dice.choice([0, 0, 0, 5, 90]))
        base: dict[str, Any] = {**self.town.base("CAREGIVER", carer), "said_at": self.town.now - late}
        base |= {"visit_id": visit.visit_id, "caregiver_id": carer}
        leg = {"role": role} if self.dice.random() < 0.5 else {}
        place = visit.begins_at(role)
        seen = EvidenceSecret(mocked=self.dice.random() < 0.1)
        if place is not None and self.dice.random() < 0.8:
            near = Point(lat_udeg=place.lat_udeg + 100, lon_udeg=place.lon_udeg)
            seen = EvidenceSecret(point=near, accuracy_m=self.dice.choice([10, 300]))
        roll = self.dice.random()
        if roll < 0.15:
            return CaregiverDeparted(**base, **leg)
        if roll < 0.55:
            return CaregiverCheckedIn(**base, **leg, opened=seen)
        if roll < 0.92:
            return CaregiverCheckedOut(**base, **leg, opened=seen)
        if roll < 0.96:
            return VisitObstructed(**base, reason=self.dice.choice(list(Obstruction)))
        return VisitReportedMissed(**self.town.base("RECIPIENT"), visit_id=visit.visit_id)

    def _change(self) -> Fact | None:
        if not self.requests:
            return None
        request_id = self.dice.choice(self.requests)
        if self.dice.random() < 0.5:
            return RequestCancelled(**self.town.base(), request_id=request_id)
        opens = self.town.now + timedelta(minutes=self.dice.choice([-10, 60, 200]))
        window = StartWindow(opens_at=opens, closes_at=opens + timedelta(hours=1))
        return RequestMoved(**self.town.base(), request_id=request_id, window=window)

    def _emergency(self) -> Fact | None:
        base = self.town.base("DEVICE", "d1")
        if not self.case_ids or self.dice.random() < 0.3:
            case_id = self.town.new_id()
            self.case_ids.append(case_id)
            person = self.dice.choice([f"r{self.dice.randint(1, self.recipients + 2)}", None])
            place = self._somewhere() if self.dice.random() < 0.3 else None
            return AlarmRaised(
                **base,
                case_id=case_id,
                kind=self.dice.choice(list(AlarmKind)),
                recipient_id=person,
                place=place,
                device_id=f"d{self.dice.randint(1, 9)}",
            )
        case_id = self.dice.choice(self.case_ids)
        roll = self.dice.random()
        if roll < 0.4:
            return CaseAnswered(**base, case_id=case_id, outcome=self.dice.choice(list(CallBackOutcome)))
        if roll < 0.6:
            return CaseCloseAsked(**base, case_id=case_id, proof=CloseProof.VOICE)
        if roll < 0.8:
            return ResponderChosen(
                **base, case_id=case_id, caregiver_id=f"c{self.dice.randint(1, self.carers)}"
            )
        return CaseNoticeAnswered(**base, case_id=case_id, party="FAMILY", answer="COMING")

    def _plan(self) -> Fact | None:
        """A plan that keeps most, moves some stops to others, and is partly nonsense."""
        stops = []
        for visit in self.town.desk.visits.values():
            if visit.closed is not None or not visit.planned:
                continue
            for role, hand in enumerate(visit.hands):
                carer = hand.caregiver_id or "c1"
                start = clock("00:00") + timedelta(seconds=hand.start_s - int(clock("00:00").timestamp()))
                if self.dice.random() < 0.3:
                    carer = f"c{self.dice.randint(1, self.carers)}"
                if self.dice.random() < 0.2:
                    start += timedelta(minutes=self.dice.choice([-10, 5, 15, 600]))
                stop = ProposedStop(visit_id=visit.visit_id, role=role, caregiver_id=carer, start_at=start)
                if visit.meal is not None:
                    stop = stop.model_copy(update={"round_id": self._round_of(hand.round_id)})
                stops.append(stop)
        self.dice.shuffle(stops)
        return PlanProposed(
            **self.town.base("PLANNER", "pl1"),
            base_seq=len(self.town.rows),
            engine="ORTOOLS",
            stops=tuple(stops[: self.dice.choice([2, 10, 999])]),
            price_s=100,
            base_price_s=200,
            solve_ms=10,
        )

    def _round_of(self, round_id: str | None) -> str | None:
        """The round it has, or another's, or one of its own."""
        rounds = [hand.round_id for v in self.town.desk.visits.values() for hand in v.hands if hand.round_id]
        roll = self.dice.random()
        return round_id if roll < 0.6 else self.dice.choice(rounds) if roll < 0.9 and rounds else None

    def _other(self) -> Fact | None:
        roll = self.dice.random()
        calls = [c for c in self.town.desk.callbacks.values() if c.open]
        if roll < 0.5 and calls:
            return CallBackDone(**self.town.base(), callback_id=self.dice.choice(calls).callback_id)
        if roll < 0.7 and self.town.desk.visits:
            visit_id = self.dice.choice(list(self.town.desk.visits))
            return FeedbackGiven(**self.town.base(), visit_id=visit_id, stars=self.dice.randint(1, 5))
        if roll < 0.75:
            person = self.dice.choice([f"r{self.dice.randint(1, self.recipients)}", f"c{self.carers}"])
            return PersonForgotten(**self.town.base("SUPERVISOR"), person_id=person)
        return self._shift_change()

    def _shift_change(self) -> Fact | None:
        from schemas.facts import ShiftPublished

        carer = f"c{self.dice.randint(1, self.carers)}"
        return ShiftPublished(
            **self.town.base("REGISTER"),
            shift_id=f"s-{carer}",
            caregiver_id=carer,
            starts_at=clock("07:00"),
            ends_at=clock(self.dice.choice(["13:00", "17:00", "18:00"])),
            withdrawn=self.dice.random() < 0.2,
        )


def run(seed: int, steps: int, **size: Any) -> Day:
    """A day of `steps` things."""
    day = Day(seed, **size)
    for _ in range(steps):
        day.step()
    return day


__all__ = ["Day", "datetime", "run"]
