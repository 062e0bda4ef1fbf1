"""One replay on its line: enter, book, wait for the plan, serve as planned, and see what became of it."""

import secrets
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from kafka import KafkaProducer
from sqlalchemy import select

from consumers.ledger.check import check as check_ledger
from dispatcher.core_rules import core_rules
from dispatcher.planning.hhcrsp import HhcrspDay, evaluate, solution_json
from dispatcher.planning.hhcrsp_check import check_day
from dispatcher.planning.problem import Plan, PlannedStop, Route
from infra.replay_facts import Book, entries, requests, table_bytes
from infra.replay_line import Line
from infra.replay_report import OK, Outcome
from infra.trouble import Trouble
from infra.verify import verify
from producers.enrol import Pen, enrol
from schemas.base import Speaker
from schemas.codes import EvidenceMethod
from schemas.decisions import FactSetAside, RequestAdmitted, RequestRefused, VisitPlanned, VisitPriced
from schemas.facts import CaregiverCheckedIn, CaregiverCheckedOut, Fact, PlanProposed, TravelTablePublished
from schemas.ids import new_id
from schemas.rows import Row
from schemas.sealing import NONCE_BYTES, seal
from schemas.shapes import EvidenceSecret
from schemas.tables import blobs, people, person_keys

PLAN_WITHIN_S = 420.0


@dataclass(frozen=True)
class Press:
    """One button a caregiver of the day will press: at which second of it, and what is then said."""

    at_s: int
    word: type[CaregiverCheckedIn] | type[CaregiverCheckedOut]
    visit_id: str
    caregiver_id: str
    recipient_id: str


class Run:
    """One replay on its line."""

    def __init__(self, line: Line, book: Book) -> None:
        self._line = line
        self._book = book
        self._patient_of = {request: patient for patient, request in book.request_ids.items()}
        self._visits: dict[str, str] = {}
        """Patient by visit id."""

    # --- entering and booking

    def book_everything(self) -> None:
        """Enter the registers, then ask for every patient's services; refuse to go on past a refusal."""
        entered = entries(self._book, self._book.eve, new_id)
        table = table_bytes(self._book)
        published = next(entry for entry in entered if isinstance(entry, TravelTablePublished))
        with self._line.engine.begin() as conn:
            conn.execute(blobs.insert().values(sha256=published.sha256, body=table))
            facts = enrol(conn, Pen(said_at=self._book.eve), entered)
        asked = requests(self._book, self._book.eve, new_id)
        self._wait_for_rows(len(facts), "登记", "the registers")
        with_producer = self._line.producer()
        try:
            self._line.say(asked, with_producer)
        finally:
            with_producer.close()
        self._wait_for_rows(len(facts) + len(asked), "预订", "the bookings")
        self._learn_visits()

    def _wait_for_rows(self, count: int, zh: str, en: str) -> None:
        known = [
            "AreaOpened",
            "TariffPublished",
            "TravelTablePublished",
            "ProviderEnrolled",
            "CaregiverEnrolled",
            "ShiftPublished",
            "RecipientEnrolled",
            "ServiceRequested",
        ]
        self._line.wait(lambda: self._line.count(self._book.area, known) >= count, 120, zh, en)

    def _learn_visits(self) -> None:
        for row in self._line.rows(self._book.area):
            for decision in row.decisions:
                if isinstance(decision, RequestAdmitted):
                    self._visits[decision.visit_id] = self._patient_of[decision.request_id]
                elif isinstance(decision, RequestRefused | FactSetAside):
                    codes = ", ".join(reason.code for reason in decision.reasons)
                    raise Trouble(
                        "DAY_REFUSED",
                        f"派单台拒绝了 {row.fact.word}：{codes}。",
                        f"the desk refused {row.fact.word}: {codes}.",
                    )

    # --- planning

    def wait_for_plan(self) -> None:
        """Until a plan made after the last booking stands; then the planner is stopped."""
        self._line.wait(self._is_planned, PLAN_WITHIN_S, "排班", "a plan")
        self._line.planner.stop()

    def _is_planned(self) -> bool:
        if self._line.count(self._book.area, ["PlanProposed"]) == 0:
            return False
        rows = self._line.rows(self._book.area)
        booked = max(row.seq for row in rows if row.fact.word == "ServiceRequested")
        return any(isinstance(row.fact, PlanProposed) and row.fact.base_seq >= booked for row in rows)

    def plan_in_force(self) -> Plan:
        """What the journal says that is to be done, in the file's own names."""
        carer_of = {ours: theirs for theirs, ours in self._book.caregiver_ids.items()}
        stops: dict[str, list[PlannedStop]] = {c.caregiver_id: [] for c in self._book.day.caregivers}
        for visit_id, choice in self._choices(self._line.rows(self._book.area)).items():
            for stop in choice.stops:
                start_s = round((stop.start_at - self._book.midnight).total_seconds())
                stops[carer_of[stop.caregiver_id]].append(
                    PlannedStop(self._visits[visit_id], stop.role, start_s)
                )
        return Plan(
            tuple(
                Route(carer, tuple(sorted(mine, key=lambda s: (s.start_s, s.visit_id, s.role))))
                for carer, mine in stops.items()
            )
        )

    def _choices(self, rows: Sequence[Row]) -> Mapping[str, VisitPlanned]:
        """The choice in force of each visit."""
        found: dict[str, VisitPlanned] = {}
        for row in rows:
            for decision in row.decisions:
                if isinstance(decision, VisitPlanned):
                    found[decision.visit_id] = decision
        return found

    # --- serving

    def serve(self, plan: Plan, serve_s: float) -> None:
        """Live the day in about `serve_s` real seconds, everybody as planned; wait until all is settled."""
        presses = sorted(self._presses(plan), key=lambda p: (p.at_s, p.word.__name__ == "CaregiverCheckedIn"))
        rate = max(presses[-1].at_s / serve_s, 1.0)
        with self._line.engine.connect() as conn:
            keys = {row.person_id: bytes(row.key) for row in conn.execute(select(person_keys))}
            homes = {
                row.person_id: (row.lat_udeg, row.lon_udeg)
                for row in conn.execute(select(people.c.person_id, people.c.lat_udeg, people.c.lon_udeg))
            }
        self._line.set_clock(self._book.midnight, rate)
        began = datetime.now(UTC)
        producer = self._line.producer()
        try:
            for press in presses:
                due_s = press.at_s / rate - (datetime.now(UTC) - began).total_seconds()
                time.sleep(max(due_s, 0))
                self._say(producer, press, keys, homes)
        finally:
            producer.close()
        visits = len(self._visits)
        self._line.wait(lambda: len(self._priced()) >= visits, 60, "结清", "all visits priced")
        for consumer in ("records", "ledger"):
            self._line.wait(
                lambda name=consumer: self._line.has_followed(self._book.area, name),  # type: ignore[misc]
                60,
                f"消费者 {consumer}",
                f"consumer {consumer}",
            )

    def _presses(self, plan: Plan) -> Iterator[Press]:
        visit_of = {patient: visit for visit, patient in self._visits.items()}
        for route in plan.routes:
            caregiver_id = self._book.caregiver_ids[route.caregiver_id]
            for stop in route.stops:
                role = self._book.problem.visit_by_id[stop.visit_id].roles[stop.role]
                recipient_id = self._book.recipient_ids[stop.visit_id]
                about = (visit_of[stop.visit_id], caregiver_id, recipient_id)
                yield Press(stop.start_s, CaregiverCheckedIn, *about)
                yield Press(stop.start_s + role.duration_s, CaregiverCheckedOut, *about)

    def _say(
        self,
        producer: KafkaProducer,
        press: Press,
        keys: Mapping[str, bytes],
        homes: Mapping[str, tuple[int, int]],
    ) -> None:
        lat_udeg, lon_udeg = homes[press.recipient_id]
        secret = EvidenceSecret.model_validate(
            {
                "point": {"lat_udeg": lat_udeg, "lon_udeg": lon_udeg},
                "accuracy_m": 10,
                "method": EvidenceMethod.POSITION,
            }
        )
        nonce = secrets.token_bytes(NONCE_BYTES)
        fact: Fact = press.word(
            fact_id=new_id(),
            area=self._book.area,
            said_at=self._book.at(press.at_s),
            by=Speaker(role="CAREGIVER", id=press.caregiver_id),
            visit_id=press.visit_id,
            caregiver_id=press.caregiver_id,
            sealed=seal(secret, press.recipient_id, keys[press.recipient_id], nonce),
        )
        self._line.say([fact], producer)

    def _priced(self) -> dict[str, VisitPriced]:
        priced: dict[str, VisitPriced] = {}
        for row in self._line.rows(self._book.area):
            for decision in row.decisions:
                if isinstance(decision, VisitPriced):
                    priced[decision.visit_id] = decision
        return priced

    # --- telling

    def outcome(self, plan: Plan, best: float | None, plan_s: float, began: float) -> Outcome:
        """What became of the day."""
        day, rows = self._book.day, self._line.rows(self._book.area)
        choices, priced = self._choices(rows), self._priced()
        origins = Counter(c.engine or c.origin.value for c in choices.values())
        served = [self._visits[visit] for visit in priced]
        needed = {p.patient_id: len(p.services) for p in day.patients}
        return Outcome(
            name=day.name,
            patients=len(day.patients),
            caregivers=len(day.caregivers),
            services=sum(needed.values()),
            served=sum(needed[patient] for patient in served),
            priced_fen=sum(bill.total_fen for bill in priced.values()),
            cost=evaluate(day, plan),
            best_known=best,
            engines=dict(origins),
            violations=[
                f"{v.code} {v.patient_id or v.caregiver_id}" for v in check_day(day, solution_json(day, plan))
            ],
            ledger_faults=[f"{f.code} {f.about} {f.amount_fen}" for f in check_ledger(self._line.engine)],
            rows=len(rows),
            verify=self._verify(),
            plan_s=plan_s,
            whole_s=time.monotonic() - began,
        )

    def _verify(self) -> str:
        """The journal's own check, in a few words."""
        verified = verify(self._line.engine, core_rules())
        if verified.first_bad is not None:
            return f"{verified.first_bad.code} {verified.first_bad.place}"
        return f"{OK} ({verified.decided_again}/{verified.rows})"


def _violations(day: HhcrspDay, plan: Plan) -> list[str]:
    broken = check_day(day, solution_json(day, plan))
    return [f"{v.code} {v.patient_id or v.caregiver_id}" for v in broken]
