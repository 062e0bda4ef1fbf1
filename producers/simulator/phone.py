"""One caregiver with a phone: looks, answers offers, goes, checks in and out; sometimes without a network.

It acts on what its own `today.json` shows, and on nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from producers.simulator.doors import Doors
from producers.simulator.habits import OfferHabit, VisitHabit, offer_habit, position, visit_habit
from schemas.ids import new_id

ARRIVES_EARLY = timedelta(minutes=4)
TOO_OLD = timedelta(hours=3)
GIVEN_UP = timedelta(minutes=30)
WITHOUT_TRAVEL_S = 600
WITHOUT_DURATION_S = 1_800
GOING = ("BOUND", "DEPARTED", "STARTED")
BREATH_S = 20
"""A phone does nothing twice within this."""


@dataclass
class Outing:
    """The visit a caregiver is busy with: `phase` is TRAVEL or SERVE, over at `until`."""

    visit: Mapping[str, Any]
    habit: VisitHabit
    phase: str
    until: datetime


@dataclass
class Served:
    """What the town remembers of a visit that is over: its person may say what they thought."""

    visit_id: str
    area: str
    late_s: int
    came: bool


@dataclass
class Phone:
    """The caregiver's state between two looks at the phone."""

    seed: int
    caregiver_id: str
    area: str
    doors: Doors
    served: list[Served]
    shown: Mapping[str, Any] = field(default_factory=dict)
    queue: list[dict[str, Any]] = field(default_factory=list)
    outing: Outing | None = None
    offline_until: datetime | None = None
    seen_offers: dict[str, datetime] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    over: set[str] = field(default_factory=set)

    async def step(self, now: datetime, *, look: bool = True) -> datetime:
        """Do all that is due at city time `now`; returns when something is next due, by what is known.

        Without `look`, nothing has rung since the last look.
        """
        if self.offline_until is not None and now >= self.offline_until:
            self.offline_until, look = None, True
        if look:
            await self._look()
        self._answer_offers(now)
        self._go_on(now)
        await self._upload()
        return self._next(now)

    # --- network

    @property
    def _online(self) -> bool:
        return self.offline_until is None

    async def _look(self) -> None:
        if self._online:
            self.shown = await self.doors.today(self.caregiver_id) or self.shown

    async def _upload(self) -> None:
        if not self._online or not self.queue:
            return
        done = await self.doors.upload(self.caregiver_id, self.area, self.queue[:100])
        self.queue = [entry for entry in self.queue if entry["fact_id"] not in done]

    def _press(self, word: str, at: datetime, fact_id: str | None = None, **told: Any) -> None:
        self.queue.append(
            {
                "word": word,
                "fact_id": fact_id or new_id(),
                "said_at": at.isoformat(timespec="milliseconds"),
                "clock_offset_ms": 0,
                **told,
            }
        )

    # --- offers

    def _answer_offers(self, now: datetime) -> None:
        for offer in self.shown.get("offers", ()):
            offer_id = offer["offer_id"]
            if offer_id in self.answered:
                continue
            if offer_id not in self.seen_offers:
                if not self._online:
                    continue
                self.seen_offers[offer_id] = now
                self._press("OfferDelivered", now, offer["receipt_id"], offer_id=offer_id)
            self._answer(offer, now)

    def _habit(self, offer: Mapping[str, Any]) -> OfferHabit:
        urgent = offer["case_id"] is not None
        return offer_habit(self.seed, self.caregiver_id, offer["offer_id"], urgent=urgent)

    def _answers_at(self, offer: Mapping[str, Any]) -> datetime:
        return self.seen_offers[offer["offer_id"]] + timedelta(seconds=self._habit(offer).after_s)

    def _answer(self, offer: Mapping[str, Any], now: datetime) -> None:
        if now < self._answers_at(offer):
            return
        habit = self._habit(offer)
        self.answered.add(offer["offer_id"])
        if habit.answer == "ACCEPT":
            self._press("AssignmentAccepted", now, offer_id=offer["offer_id"])
        elif habit.answer == "DECLINE":
            self._press("AssignmentDeclined", now, offer_id=offer["offer_id"], reason=habit.reason)

    # --- on the way and at the door

    def _go_on(self, now: datetime) -> None:
        """Depart, arrive and finish as often as is due."""
        self._drop_what_was_taken_back()
        for _ in range(6):
            if self.outing is None:
                self.outing = self._set_out(now)
            if self.outing is None or now < self.outing.until:
                return
            outing = self.outing
            if outing.phase == "TRAVEL":
                self._arrive(outing)
            else:
                self._finish(outing)

    def _drop_what_was_taken_back(self) -> None:
        """A visit that is no longer shown as this caregiver's is not gone to; an emergency goes first."""
        outing = self.outing
        if outing is None or outing.phase == "SERVE" or not self._online:
            return
        shown = {_key(v): v for v in self.shown.get("visits", ())}
        still = shown.get(_key(outing.visit))
        taken_back = still is None or still["status"] in ("CANCELLED", "MISSED", "PLANNED", "OFFERED")
        if taken_back or (outing.visit["case_id"] is None and any(v["case_id"] for v in self._to_do())):
            self.outing = None

    def _to_do(self) -> list[Mapping[str, Any]]:
        mine = [v for v in self.shown.get("visits", ()) if v["status"] in GOING and _key(v) not in self.over]
        return sorted(mine, key=lambda v: (v["case_id"] is None, v["start_at"]))

    def _set_out(self, now: datetime) -> Outing | None:
        """The next visit, once it is time to leave for it."""
        for visit in self._to_do():
            start_at = datetime.fromisoformat(visit["start_at"])
            habit = visit_habit(self.seed, self.caregiver_id, visit["visit_id"])
            if visit["status"] == "STARTED":
                began = datetime.fromisoformat(visit["checked_in_at"] or visit["start_at"])
                return Outing(visit, habit, "SERVE", began + _service(visit, habit))
            if now > start_at + TOO_OLD or habit.never_goes:
                if now > start_at + GIVEN_UP:
                    self._forget(visit, came=False)
                    continue
                return None
            return self._depart(visit, habit, start_at, now)
        return None

    def _depart(
        self, visit: Mapping[str, Any], habit: VisitHabit, start_at: datetime, now: datetime
    ) -> Outing | None:
        urgent = visit["case_id"] is not None
        needed = timedelta(seconds=_travel_s(visit) * habit.travel_permille // 1000)
        leaves_at = _leaves_at(visit, habit)
        if not urgent and now < leaves_at:
            return None
        left_at = now if urgent else max(leaves_at, min(now, start_at))
        if visit["status"] == "BOUND":
            self._press("CaregiverDeparted", left_at, **_about(visit))
        if habit.offline_s and not urgent:
            stay = timedelta(seconds=habit.offline_s)
            self.offline_until = left_at + needed + _service(visit, habit) + stay
        # Meals are taken along when they are cooked: nobody leaves a kitchen before the time.
        early = timedelta(0) if visit.get("fetch") else ARRIVES_EARLY
        at_door = left_at + needed if urgent else max(left_at + needed, start_at - early)
        return Outing(visit, habit, "TRAVEL", at_door)

    def _arrive(self, outing: Outing) -> None:
        visit, habit = outing.visit, outing.habit
        if habit.obstructed and visit["case_id"] is None:
            self._press("VisitObstructed", outing.until, visit_id=visit["visit_id"], reason=habit.obstructed)
            self._forget(visit, came=True)
            return
        self._press("CaregiverCheckedIn", outing.until, **_about(visit), **self._proof(outing))
        began = outing.until
        self.outing = Outing(visit, habit, "SERVE", began + _service(visit, habit))

    def _finish(self, outing: Outing) -> None:
        visit = outing.visit
        if not outing.habit.forgets_check_out:
            self._press("CaregiverCheckedOut", outing.until, **_about(visit), **self._proof(outing))
        began = outing.until - _service(visit, outing.habit)
        self._forget(visit, came=True, late=began - datetime.fromisoformat(visit["start_at"]))

    def _forget(self, visit: Mapping[str, Any], *, came: bool, late: timedelta = timedelta(0)) -> None:
        self.over.add(_key(visit))
        self.outing = None
        self.served.append(Served(visit["visit_id"], self.area, round(late.total_seconds()), came))

    def _proof(self, outing: Outing) -> dict[str, Any]:
        home, trip = outing.visit["recipient"], outing.visit.get("trip")
        away = trip is not None and trip["leg"] == "BACK"  # the town does not know where the hospital is
        if away or home.get("lat") is None or home.get("lon") is None:
            return {"position": None, "method": "NONE"}
        about = (self.caregiver_id, outing.visit["visit_id"], outing.phase)
        told = position(self.seed, outing.habit.evidence, home["lat"], home["lon"], *about)
        return {"position": told, "method": "NONE" if told is None else "POSITION"}

    def _next(self, now: datetime) -> datetime:
        """When the caregiver would look at the phone again of themselves."""
        moments = [now + timedelta(hours=1)]
        if self.outing is not None:
            moments.append(self.outing.until)
        for offer in self.shown.get("offers", ()):
            if offer["offer_id"] in self.seen_offers and offer["offer_id"] not in self.answered:
                moments.append(self._answers_at(offer))
        for visit in self._to_do():
            habit = visit_habit(self.seed, self.caregiver_id, visit["visit_id"])
            given_up_at = datetime.fromisoformat(visit["start_at"]) + GIVEN_UP
            moments.append(given_up_at if habit.never_goes else _leaves_at(visit, habit))
        if self.offline_until is not None:
            moments.append(self.offline_until)
        elif self.queue:
            moments.append(now + timedelta(seconds=BREATH_S))  # the line did not take it
        return max(min(moment for moment in moments if moment > now), now + timedelta(seconds=BREATH_S))


def _travel_s(visit: Mapping[str, Any]) -> int:
    return WITHOUT_TRAVEL_S if visit["travel_s"] is None else int(visit["travel_s"])


def _leaves_at(visit: Mapping[str, Any], habit: VisitHabit) -> datetime:
    """When the caregiver sets out: some minutes early, or as late as they do."""
    early = timedelta(seconds=_travel_s(visit)) + ARRIVES_EARLY / 2
    late = timedelta(seconds=0 if visit["case_id"] is not None else habit.leaves_late_s)
    return datetime.fromisoformat(visit["start_at"]) - early + late


def _about(visit: Mapping[str, Any]) -> dict[str, Any]:
    """What a press is about: the visit, of an escort the leg."""
    role = {"role": visit["role"]} if visit.get("trip") else {}
    return {"visit_id": visit["visit_id"]} | role


def _key(visit: Mapping[str, Any]) -> str:
    """A visit on the phone; each leg of an escort is one."""
    return f"{visit['visit_id']}.{visit['role']}" if visit.get("trip") else str(visit["visit_id"])


def _service(visit: Mapping[str, Any], habit: VisitHabit) -> timedelta:
    duration_s = visit["duration_s"] or WITHOUT_DURATION_S
    return timedelta(seconds=duration_s * habit.service_permille // 1000)
