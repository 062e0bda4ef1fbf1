"""Judge a written solution of a public home-care day: nothing is taken from the plan it was written from.

Stricter than the judges published with the families: both services of a patient must be there, by two
caregivers, and the distance between their starts is measured between the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dispatcher.planning.hhcrsp import TOLERANCE, DayCost, DayViolation, HhcrspDay, Patient

Found = Iterator[DayViolation]
Done = dict[tuple[str, str], list[tuple[str, float]]]
"""(patient, service) to every (caregiver, start in units) that states it."""


def check_day(day: HhcrspDay, solution: Mapping[str, Any]) -> list[DayViolation]:
    """Every rule of the format that the solution breaks; empty when it keeps them all.

    Codes: UNREADABLE, UNKNOWN_CAREGIVER, ROUTE_TWICE, ROUTE_MISSING, UNKNOWN_PATIENT, UNKNOWN_SERVICE,
    SKILL_MISSING, TOO_EARLY, NO_TIME_TO_TRAVEL, WRONG_DURATION, SERVICE_MISSING, SERVICE_TWICE,
    CREW_NOT_DIFFERENT, CREW_APART.
    """
    done: Done = {}
    try:
        found = [*_names(day, solution)]
        for route in solution["routes"]:
            found += _route(day, route, done)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return [DayViolation("UNREADABLE", detail=f"{type(error).__name__}: {error}")]
    for patient in day.patients:
        found += _services(patient, done)
    return found


def solution_cost(day: HhcrspDay, solution: Mapping[str, Any]) -> DayCost:
    """The instance's own cost at the times the solution states (as a judge made elsewhere works it out)."""
    due = {p.patient_id: p.window[1] for p in day.patients}
    distance, late = 0.0, [0.0]
    for route in solution["routes"]:
        place = 0
        for step in route.get("locations", ()):
            after = day.place_by_patient[step["patient"]]
            distance += float(day.distances[place, after])
            late.append(max(0.0, float(step["arrival_time"]) - due[step["patient"]]))
            place = after
        distance += float(day.distances[place, 0]) if place else 0.0
    return DayCost(distance, sum(late), max(late))


def _names(day: HhcrspDay, solution: Mapping[str, Any]) -> Found:
    """One route for each caregiver of the file, no more and no fewer."""
    named = [str(route["caregiver_id"]) for route in solution["routes"]]
    known = {c.caregiver_id for c in day.caregivers}
    for caregiver_id in sorted(set(named) - known):
        yield DayViolation("UNKNOWN_CAREGIVER", caregiver_id=caregiver_id)
    for caregiver_id in sorted(known - set(named)):
        yield DayViolation("ROUTE_MISSING", caregiver_id=caregiver_id)
    for caregiver_id in sorted(set(named)):
        if named.count(caregiver_id) > 1:
            yield DayViolation("ROUTE_TWICE", caregiver_id=caregiver_id)


def _route(day: HhcrspDay, route: Mapping[str, Any], done: Done) -> Found:
    """One caregiver's steps in order; notes what was done in `done`."""
    caregiver_id = str(route["caregiver_id"])
    abilities = {c.caregiver_id: c.abilities for c in day.caregivers}.get(caregiver_id, frozenset())
    free, place = 0.0, 0
    for step in route.get("locations", ()):
        patient_id, service_id = str(step["patient"]), str(step["service"])
        start, end = float(step["arrival_time"]), float(step["departure_time"])
        if patient_id not in day.place_by_patient:
            yield DayViolation("UNKNOWN_PATIENT", patient_id, caregiver_id)
            continue
        patient = day.patients[day.place_by_patient[patient_id] - 1]
        durations = {s.service: s.duration for s in patient.services}
        if service_id not in durations:
            yield DayViolation("UNKNOWN_SERVICE", patient_id, caregiver_id)
            continue
        if service_id not in abilities:
            yield DayViolation("SKILL_MISSING", patient_id, caregiver_id)
        way = float(day.distances[place, day.place_by_patient[patient_id]])
        yield from _times(patient, caregiver_id, (start, end), durations[service_id], free + way)
        done.setdefault((patient_id, service_id), []).append((caregiver_id, start))
        free, place = end, day.place_by_patient[patient_id]


def _times(
    patient: Patient, caregiver_id: str, stated: tuple[float, float], duration: float, reached: float
) -> Found:
    """The stated start and end against window, travel and duration."""
    start, end = stated
    if not start >= patient.window[0] - TOLERANCE:
        numbers = (("start", start), ("ready", patient.window[0]))
        yield DayViolation("TOO_EARLY", patient.patient_id, caregiver_id, numbers)
    if not start >= reached - TOLERANCE:
        numbers = (("start", start), ("reached", reached))
        yield DayViolation("NO_TIME_TO_TRAVEL", patient.patient_id, caregiver_id, numbers)
    if not abs(end - start - duration) <= TOLERANCE:
        numbers = (("stated", end - start), ("duration", duration))
        yield DayViolation("WRONG_DURATION", patient.patient_id, caregiver_id, numbers)


def _services(patient: Patient, done: Done) -> Found:
    """Every service of a patient once, by caregivers of its own, the two at the distance asked."""
    stated = [done.get((patient.patient_id, s.service), []) for s in patient.services]
    for service in stated:
        if len(service) != 1:
            code = "SERVICE_TWICE" if service else "SERVICE_MISSING"
            yield DayViolation(code, patient.patient_id, numbers=(("times", len(service)),))
    if len(stated) < 2 or any(len(service) != 1 for service in stated):
        return
    (first_by, first), (second_by, second) = stated[0][0], stated[1][0]
    if first_by == second_by:
        yield DayViolation("CREW_NOT_DIFFERENT", patient.patient_id, first_by)
    low, high = patient.apart
    if not low - TOLERANCE <= second - first <= high + TOLERANCE:
        numbers = (("apart", second - first), ("min", low), ("max", high))
        yield DayViolation("CREW_APART", patient.patient_id, second_by, numbers)
