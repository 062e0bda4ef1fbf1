"""Public home-care days in the HHCRSP format (Mankowska, Italian, Kummer families): read, price, write.

A day's own cost is (distance + total tardiness + worst tardiness) / 3 in the file's own units, where every
route leaves from and returns to the office, every service may not begin before its patient's window and is
tardy by what it begins after the window's end. Source of the format and of the cost: Ceschia, Di Gaspero,
Schaerf et al. 2024, doi 10.1111/itor.13585, and the repository iolab-uniud/hhcrsp.
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from dispatcher.planning.problem import Plan, PlanCaregiver, PlanVisit, Problem, Role, Weights
from dispatcher.planning.travel import MatrixTravel

UNIT_S = 60
"""Seconds to one unit of the files (their minutes)."""
DAY_S = 7 * 24 * 3600
"""The files set no end to a working day; a plan here never runs longer than this."""
UNSERVED_S = 10_000_000
"""Price of a service left out: more than any day's whole cost, as all of them are required."""
TOLERANCE = 1e-3
"""Units by which written times may differ from exact ones: the files carry three decimals."""


@dataclass(frozen=True)
class Service:
    """One required service: what, and how long in units."""

    service: str
    duration: float


@dataclass(frozen=True)
class Patient:
    """One patient: window, one or two services, and for two how far apart they begin, all in units."""

    patient_id: str
    location: tuple[float, float]
    window: tuple[float, float]
    services: tuple[Service, ...]
    apart: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Carer:
    """One caregiver of the file with the services it can do."""

    caregiver_id: str
    abilities: frozenset[str]


@dataclass(frozen=True, eq=False)
class HhcrspDay:
    """One file. `distances` is square, in units; row 0 is the office, row i+1 the i-th patient."""

    name: str
    patients: tuple[Patient, ...]
    caregivers: tuple[Carer, ...]
    office: tuple[float, float]
    distances: npt.NDArray[np.float64]

    @cached_property
    def place_by_patient(self) -> Mapping[str, int]:
        """Row in `distances` of each patient."""
        return {p.patient_id: i + 1 for i, p in enumerate(self.patients)}


@dataclass(frozen=True)
class DayCost:
    """The instance's own cost, in its own units."""

    distance: float
    total_tardiness: float
    max_tardiness: float

    @property
    def cost(self) -> float:
        """A third of the sum of the three."""
        return (self.distance + self.total_tardiness + self.max_tardiness) / 3


@dataclass(frozen=True)
class DayViolation:
    """One rule of the format that a written solution breaks."""

    code: str
    patient_id: str | None = None
    caregiver_id: str | None = None
    numbers: tuple[tuple[str, float], ...] = ()
    detail: str = ""


class UnreadableDay(ValueError):
    """The file is not a home-care day in the HHCRSP format; the message names the first thing wrong."""


def read_day(path: str | Path) -> HhcrspDay:
    """Read a `.json` or `.json.gz` file.

    Raises UnreadableDay for what is not such a day, and OSError for what cannot be opened.
    """
    path = Path(path)
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return parse_day(json.loads(raw), path.name.removesuffix(".gz").removesuffix(".json"))
    except (gzip.BadGzipFile, EOFError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise UnreadableDay(f"{path.name}: {error}") from error


def parse_day(data: Any, name: str) -> HhcrspDay:
    """A day from parsed JSON. Raises UnreadableDay."""
    try:
        day = HhcrspDay(
            name=name,
            patients=tuple(_patient(p) for p in data["patients"]),
            caregivers=tuple(Carer(str(c["id"]), frozenset(c["abilities"])) for c in data["caregivers"]),
            office=_point(data["central_offices"][0].get("location", (0, 0))),
            distances=np.array(data["distances"], dtype=np.float64),
        )
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise UnreadableDay(f"{name}: {type(error).__name__}: {error}") from error
    _refuse_nonsense(day, data)
    return day


def _refuse_nonsense(day: HhcrspDay, data: Any) -> None:
    """Raise UnreadableDay for what parses but is no such day, or holds rules not kept here."""
    size = len(day.patients) + 1
    if day.distances.shape != (size, size):
        raise UnreadableDay(f"{day.name}: distances have shape {day.distances.shape}, not {(size, size)}")
    if not np.isfinite(day.distances).all() or (day.distances < 0).any():
        raise UnreadableDay(f"{day.name}: a distance is negative or not a number")
    if len(data["central_offices"]) != 1 or any("working_shift" in c for c in data["caregivers"]):
        raise UnreadableDay(f"{day.name}: several offices or working shifts: the extended family is not read")
    if len(day.place_by_patient) != len(day.patients):
        raise UnreadableDay(f"{day.name}: two patients have one id")
    if len({c.caregiver_id for c in day.caregivers}) != len(day.caregivers):
        raise UnreadableDay(f"{day.name}: two caregivers have one id")


def _patient(raw: Any) -> Patient:
    services = tuple(Service(str(s["service"]), float(s["duration"])) for s in raw["required_caregivers"])
    ready, due = (float(v) for v in raw["time_window"])
    numbers = (ready, due, *(s.duration for s in services))
    if not all(math.isfinite(v) and v >= 0 for v in numbers) or due < ready:
        raise ValueError(f"patient {raw['id']}: window or duration makes no sense")
    if len({s.service for s in services}) != len(services) or len(services) not in (1, 2):
        raise ValueError(f"patient {raw['id']}: one service, or two different ones, are understood")
    apart = (0.0, 0.0)
    if len(services) == 2:
        sync = raw["synchronization"]
        if sync["type"] == "sequential":
            apart = (float(sync["distance"][0]), float(sync["distance"][1]))
        elif sync["type"] != "simultaneous":
            raise ValueError(f"patient {raw['id']}: synchronization {sync['type']!r} is not known")
    return Patient(str(raw["id"]), _point(raw.get("location", (0, 0))), (ready, due), services, apart)


def _point(raw: Any) -> tuple[float, float]:
    return float(raw[0]), float(raw[1])


def _up_s(units: float) -> int:
    """Whole seconds, rounded up, forgiving the last bits of a float."""
    return math.ceil(round(units * UNIT_S, 6))


def _down_s(units: float) -> int:
    return math.floor(round(units * UNIT_S, 6))


def to_problem(day: HhcrspDay) -> Problem:
    """The day in whole seconds, travel rounded up; visit and caregiver ids are the file's."""
    scaled = np.ceil(np.round(day.distances * UNIT_S, 6)).astype(np.int32)
    visits = []
    for place, patient in enumerate(day.patients, start=1):
        low_s, high_s = _up_s(patient.apart[0]), _down_s(patient.apart[1])
        roles = tuple(
            Role(n, frozenset({s.service}), _up_s(s.duration), low_s * (n > 0), high_s * (n > 0))
            for n, s in enumerate(patient.services)
        )
        window_s = (_up_s(patient.window[0]), _down_s(patient.window[1]))
        visits.append(PlanVisit(patient.patient_id, place, roles, *window_s, True, UNSERVED_S))
    carers = tuple(PlanCaregiver(c.caregiver_id, c.abilities, 0, DAY_S, 0, 0) for c in day.caregivers)
    return Problem(carers, tuple(visits), MatrixTravel(scaled), Weights(travel=1, late=1, worst_late=1))


def exact_starts(day: HhcrspDay, plan: Plan) -> Mapping[tuple[str, int], float]:
    """Earliest exact start in units of each (patient, service) when the plan's sequences are kept.

    Raises ValueError if the sequences wait for one another in a circle.
    """
    index = day.place_by_patient
    routes = [[(index[s.visit_id] - 1, s.role) for s in route.stops] for route in plan.routes]
    starts = {halt: day.patients[halt[0]].window[0] for route in routes for halt in route}
    for _ in range(len(starts) + 1):
        if not any([_push_route(day, route, starts) for route in routes] + [_push_pairs(day, starts)]):
            return {(day.patients[p].patient_id, s): start for (p, s), start in starts.items()}
    raise ValueError(f"{day.name}: the routes wait for one another in a circle")


def _push_route(day: HhcrspDay, route: list[tuple[int, int]], starts: dict[tuple[int, int], float]) -> bool:
    """Move starts later until each can be reached from the one before; whether any moved."""
    free, place, moved = 0.0, 0, False
    for halt in route:
        patient, service = halt
        arrival = free + float(day.distances[place, patient + 1])
        if arrival > starts[halt]:
            starts[halt], moved = arrival, True
        free = starts[halt] + day.patients[patient].services[service].duration
        place = patient + 1
    return moved


def _push_pairs(day: HhcrspDay, starts: dict[tuple[int, int], float]) -> bool:
    """Move starts later until second services keep their distance to the first; whether any moved."""
    moved = False
    for index, patient in enumerate(day.patients):
        if (index, 0) not in starts or (index, 1) not in starts:
            continue
        first = max(starts[index, 0], starts[index, 1] - patient.apart[1])
        second = max(starts[index, 1], first + patient.apart[0])
        if (first, second) != (starts[index, 0], starts[index, 1]) and (
            first > starts[index, 0] + 1e-9 or second > starts[index, 1] + 1e-9
        ):
            starts[index, 0], starts[index, 1], moved = first, second, True
    return moved


def evaluate(day: HhcrspDay, plan: Plan) -> DayCost:
    """The instance's own cost of the plan's sequences, exact and with every start as early as they allow.

    Services the plan leaves out cost nothing here: `check_day` names them.
    """
    starts = exact_starts(day, plan)
    due = {p.patient_id: p.window[1] for p in day.patients}
    late = [max(0.0, start - due[patient]) for (patient, _), start in starts.items()]
    distance = 0.0
    for route in plan.routes:
        places = [0, *(day.place_by_patient[s.visit_id] for s in route.stops), 0]
        distance += float(day.distances[places[:-1], places[1:]].sum()) if route.stops else 0.0
    return DayCost(distance, sum(late), max(late, default=0.0))


def solution_json(day: HhcrspDay, plan: Plan) -> dict[str, Any]:
    """The plan in the families' solution format, one route for each caregiver of the file, in its order."""
    starts = exact_starts(day, plan)
    stops = {route.caregiver_id: route.stops for route in plan.routes}
    routes = []
    for carer in day.caregivers:
        locations = []
        for stop in stops.get(carer.caregiver_id, ()):
            service = day.patients[day.place_by_patient[stop.visit_id] - 1].services[stop.role]
            start = starts[stop.visit_id, stop.role]
            locations.append(
                {
                    "patient": stop.visit_id,
                    "service": service.service,
                    "arrival_time": round(start, 6),
                    "departure_time": round(start + service.duration, 6),
                }
            )
        routes.append({"caregiver_id": carer.caregiver_id, "locations": locations})
    order = sorted({p for p, _ in starts}, key=lambda p: (min(starts[k] for k in starts if k[0] == p), p))
    return {"global_ordering": order, "routes": routes}
