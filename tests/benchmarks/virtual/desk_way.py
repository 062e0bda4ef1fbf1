"""Ours: the desk fed by facts alone, and a planner run as a function over what the desk knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dispatcher.core.records import Visit
from dispatcher.core.times import at, to_s, window
from dispatcher.planning.checker import check
from dispatcher.planning.from_desk import incumbent, to_problem, to_stops
from dispatcher.planning.improve_city import ON, improve
from dispatcher.planning.improve_ruin import Stop as Steps
from dispatcher.planning.price import price
from dispatcher.planning.problem import Plan, Problem
from schemas.base import StartWindow
from schemas.codes import AlarmKind, Channel, CloseProof, EvidenceMethod
from schemas.decisions import Decision
from schemas.facts import (
    AlarmRaised,
    AssignmentAccepted,
    CaregiverCheckedIn,
    CaregiverCheckedOut,
    CaregiverDeparted,
    CaseCloseAsked,
    PlanProposed,
    RequestCancelled,
    ServiceRequested,
    ShiftPublished,
    VisitReportedMissed,
)
from schemas.shapes import EvidenceSecret
from tests.benchmarks.virtual.book import Book
from tests.benchmarks.virtual.desk_words import Heard, enter, point, publish_shifts, settings, shift_id
from tests.benchmarks.virtual.field import Stop
from tests.benchmarks.virtual.world import A_DAY_S, DAY0_S, Alarm, Wish, World

SHIFTS_AHEAD = 4
EVENING_S = 20 * 3_600
MOST_TICKS = 100


def planned(problem: Problem, before: Plan, steps: int, seed: int) -> Plan:
    """The planner's engine, by steps and not by the clock: the one place to put another."""
    return improve(problem, before, Steps(steps), seed, ON)


@dataclass
class Rolling:
    """How the planner is run: at most so often, and for so many steps a visit; 0 steps: no planner."""

    every_s: int = 540
    steps_a_visit: int = 40
    counted: dict[str, int] = field(default_factory=dict)

    def count(self, what: str, by: int = 1) -> None:
        """Keep a tally."""
        self.counted[what] = self.counted.get(what, 0) + by


class DeskWay:
    """The desk's instant insertion, with or without rolling planners."""

    def __init__(self, rolling: Rolling | None = None, **area: Any) -> None:
        self.rolling = rolling
        self.area = settings(**area)
        self.heard = Heard()
        self.request_of: dict[str, str] = {}
        self.published = -1
        self.horizon: StartWindow | None = None
        self.planned_s = 0

    def begin(self, world: World, book: Book) -> None:
        """Enter everybody."""
        self.world, self.book = world, book
        enter(self.heard, world, self.area)

    def _hear(self, decisions: tuple[Decision, ...], now_s: int) -> None:
        """Keep the book of what the desk decided, and note that a plan is wanted."""
        for decision in decisions:
            said = _SAID.get(decision.word)
            if said is not None:
                said(self, decision, now_s)

    def _admitted(self, decision: Any, now_s: int) -> None:
        self.request_of[decision.visit_id] = decision.request_id

    def _refused(self, decision: Any, now_s: int) -> None:
        self.book.pages[decision.request_id].refused = True

    def _promised(self, decision: Any, now_s: int) -> None:
        request_id = self.request_of[decision.visit_id]
        if request_id in self.book.pages:
            told = to_s(decision.told.opens_at), to_s(decision.told.closes_at)
            start_s = self.heard.desk.visits[decision.visit_id].start_s
            self.book.promise(request_id, start_s, told, decision.caregiver_ids, now_s)

    def _owed(self, decision: Any, now_s: int) -> None:
        request_id = self.request_of.get(decision.visit_id or "")
        if decision.reason.code == "RUNS_LATE" and request_id in self.book.pages:
            self.book.pages[request_id].called_late = True

    def _wanted(self, decision: Any, now_s: int) -> None:
        self.horizon = decision.horizon

    def _visit(self, request_id: str) -> Visit | None:
        visit_id = self.heard.desk.requests.get(request_id)
        return None if visit_id is None else self.heard.desk.visits.get(visit_id)

    def asked(self, wish: Wish, now_s: int) -> None:
        """A request, answered at once."""
        fact = ServiceRequested(
            **self.heard.base("OPERATOR", "seat", now_s),
            request_id=wish.request_id,
            recipient_id=wish.person_id,
            item=wish.skill,
            window=window(wish.opens_s, wish.closes_s),
            channel=Channel.CARE_PLAN if wish.planned else Channel.HOTLINE,
        )
        self._hear(self.heard.tell(fact, now_s), now_s)

    def cancelled(self, wish: Wish, now_s: int) -> None:
        """No longer wanted."""
        fact = RequestCancelled(**self.heard.base("OPERATOR", "seat", now_s), request_id=wish.request_id)
        self._hear(self.heard.tell(fact, now_s), now_s)

    def sick(self, carer_id: str, day: int, now_s: int) -> None:
        """The shift is taken back."""
        starts_s, ends_s = self.world.shift_s(day)
        fact = ShiftPublished(
            **self.heard.base("REGISTER", "roster", now_s),
            shift_id=shift_id(carer_id, day),
            caregiver_id=carer_id,
            starts_at=at(starts_s),
            ends_at=at(ends_s),
            withdrawn=True,
        )
        self._hear(self.heard.tell(fact, now_s), now_s)

    def alarm(self, alarm: Alarm, now_s: int) -> str | None:
        """A fall: whoever is asked accepts at once."""
        base = self.heard.base("DEVICE", "d1", now_s)
        fact = AlarmRaised(
            **base, case_id=alarm.request_id, kind=AlarmKind.FALL, recipient_id=alarm.person_id
        )
        decisions = self.heard.tell(fact, now_s)
        self._hear(decisions, now_s)
        for decision in decisions:
            if decision.word == "AssignmentOffered" and decision.case_id is not None:
                base = self.heard.base("CAREGIVER", decision.caregiver_id, now_s)
                yes = AssignmentAccepted(**base, offer_id=decision.offer_id)
                self._hear(self.heard.tell(yes, now_s), now_s)
                return decision.caregiver_id
        return None

    def _seen(self, carer_id: str, request_id: str, now_s: int) -> dict[str, Any] | None:
        visit = self._visit(request_id)
        if visit is None:
            return None
        base = self.heard.base("CAREGIVER", carer_id, now_s)
        return {**base, "visit_id": visit.visit_id, "caregiver_id": carer_id}

    def _proof(self, request_id: str) -> EvidenceSecret:
        visit = self._visit(request_id)
        assert visit is not None
        assert visit.place is not None
        return EvidenceSecret(point=point(visit.place), accuracy_m=10, method=EvidenceMethod.POSITION)

    def departed(self, carer_id: str, request_id: str, now_s: int) -> None:
        """On the way."""
        seen = self._seen(carer_id, request_id, now_s)
        if seen is not None:
            self._hear(self.heard.tell(CaregiverDeparted(**seen), now_s), now_s)

    def came(self, carer_id: str, request_id: str, now_s: int) -> None:
        """我到了."""
        seen = self._seen(carer_id, request_id, now_s)
        if seen is not None:
            fact = CaregiverCheckedIn(**seen, opened=self._proof(request_id))
            self._hear(self.heard.tell(fact, now_s), now_s)

    def left(self, carer_id: str, request_id: str, now_s: int) -> None:
        """做完了; of an emergency, the case is closed too."""
        seen = self._seen(carer_id, request_id, now_s)
        if seen is None:
            return
        fact = CaregiverCheckedOut(**seen, opened=self._proof(request_id))
        self._hear(self.heard.tell(fact, now_s), now_s)
        if request_id in self.heard.desk.cases:
            base = self.heard.base("CAREGIVER", carer_id, now_s)
            close = CaseCloseAsked(**base, case_id=request_id, proof=CloseProof.ON_SITE)
            self._hear(self.heard.tell(close, now_s), now_s)

    def passed(self, now_s: int) -> None:
        """Shifts are published ahead, what is due is decided, the planner has its turn."""
        day = (now_s - DAY0_S) // A_DAY_S
        while self.published < day + SHIFTS_AHEAD:
            self.published += 1
            publish_shifts(self.heard, self.world, self.published, now_s)
        for _ in range(MOST_TICKS):
            if not self.heard.due(now_s):
                break
            self._hear(self.heard.tick(now_s), now_s)
        if now_s == DAY0_S + day * A_DAY_S + EVENING_S:
            self._sweep(now_s)
        rolling, horizon = self.rolling, self.horizon
        if rolling is not None and horizon is not None and now_s - self.planned_s >= rolling.every_s:
            self._plan(rolling, horizon, now_s)

    def _sweep(self, now_s: int) -> None:
        """In the evening somebody says of every visit of the day to which nobody came that it was missed."""
        for visit in list(self.heard.desk.visits.values()):
            if visit.closed is None and not visit.started and visit.closes_s < now_s:
                base = self.heard.base("RECIPIENT", visit.recipient_id, now_s)
                missed = VisitReportedMissed(**base, visit_id=visit.visit_id)
                self._hear(self.heard.tell(missed, now_s), now_s)

    def _plan(self, rolling: Rolling, horizon: StartWindow, now_s: int) -> None:
        """One turn of the planner: the desk's day as a problem, improved, checked, proposed."""
        self.horizon, self.planned_s = None, now_s
        problem, keys = to_problem(self.heard.desk, at(now_s), horizon)
        if not problem.visits or not problem.caregivers:
            return
        before = incumbent(self.heard.desk, problem, keys)
        plan = planned(problem, before, rolling.steps_a_visit * len(problem.visits), self.heard.rows)
        rolling.count("plans")
        if check(problem, plan):
            rolling.count("broken")
            return
        fact = PlanProposed(
            **self.heard.base("PLANNER", "pl1", now_s),
            base_seq=self.heard.rows,
            engine="RUIN",
            stops=to_stops(plan, keys),
            price_s=max(0, price(problem, plan).total),
            base_price_s=max(0, price(problem, before).total),
            solve_ms=0,
        )
        decisions = self.heard.tell(fact, now_s)
        rolling.count("saved_s", price(problem, before).total - price(problem, plan).total)
        rolling.count("adopted", sum(1 for d in decisions if d.word == "VisitPlanned"))
        self._hear(decisions, now_s)
        self.horizon = None

    def next_stop(self, carer_id: str, now_s: int) -> Stop | None:
        """The first stop of the day's route that is neither begun nor over."""
        desk, day = self.heard.desk, (now_s - DAY0_S) // A_DAY_S
        for visit_id, role in desk.routes.get(shift_id(carer_id, day), ()):
            visit = desk.visits[visit_id]
            hand = visit.hands[role]
            if visit.closed is None and visit.case_id is None and not (hand.came or hand.left):
                assert visit.place is not None
                return Stop(visit.request_id, visit.place, hand.start_s)
        return None


_SAID: dict[str, Callable[[DeskWay, Any, int], None]] = {
    "RequestAdmitted": DeskWay._admitted,
    "RequestRefused": DeskWay._refused,
    "PromiseMade": DeskWay._promised,
    "CallBackOpened": DeskWay._owed,
    "PlanRequested": DeskWay._wanted,
}
