"""Public days of vehicles with time windows as problems: VRPTW, and VRPTW with prizes.

Files: Solomon's and Gehring-Homberger's `.txt`, VRPLIB's `.vrp` with prizes, and `.sol` solutions of both.
All is scaled by ten, distances being cut to one decimal first, as in the DIMACS challenge of 2021/22: a price
of these problems divided by ten is the listed distance (VRPTW) or equal to the listed cost (with prizes).
"""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dispatcher.planning.problem import Plan, PlanCaregiver, PlannedStop, PlanVisit, Problem, Role, Route
from dispatcher.planning.travel import MatrixTravel, Seconds

DATA = Path(os.environ.get("LIUZHU_DATA") or Path(__file__).parents[4] / "shared" / "data")
UNIT_S = 10
"""Seconds to one unit of the files: a second is a tenth of theirs."""
REQUIRED_S = 1_000_000
"""Price of leaving out a visit that is not optional: more than the longest way there and back."""
CAN_ALL = frozenset[str]()


@dataclass(frozen=True)
class Stand:
    """One line of a file: position, load, window, service and prize in its units; the first is home."""

    x: int
    y: int
    load: int
    ready: int
    due: int
    service: int
    prize: int | None = None


def read_vrptw(path: Path) -> Problem:
    """A `.txt` of Solomon or Gehring-Homberger; visit `3` is customer 3. Raises ValueError if it is none."""
    rows = [line.split() for line in path.read_text().splitlines()]
    numbers = [[int(cell) for cell in row] for row in rows if row and all(c.isdigit() for c in row)]
    if len(numbers) < 2 or len(numbers[0]) != 2 or any(len(row) != 7 for row in numbers[1:]):
        raise ValueError(f"{path.name} is not in the format of Solomon's files")
    vehicles, capacity = numbers[0]
    return _problem([Stand(*row[1:]) for row in numbers[1:]], vehicles, capacity)


def read_prizes(path: Path) -> Problem:
    """A `.vrp` of VRPTW with prizes; visit `3` is its node 4, as solutions count. Raises ValueError."""
    fields: dict[str, str] = {}
    sections: dict[str, list[list[str]]] = {}
    rows: list[list[str]] = []
    for line in path.read_text().splitlines():
        if line.strip().endswith("SECTION"):
            rows = sections.setdefault(line.strip(), [])
        elif ":" in line:
            name, _, value = line.partition(":")
            fields[name.strip()] = value.strip()
        elif line.strip() and line.strip() != "EOF":
            rows.append(line.split())
    try:
        stands = list(_stands(sections, int(fields["SERVICE_TIME"])))
        return _problem(stands, int(fields["VEHICLES"]), int(fields["CAPACITY"]))
    except (KeyError, IndexError, ValueError) as error:
        raise ValueError(f"{path.name} is no day with prizes: {error!r}") from error


def _stands(sections: Mapping[str, list[list[str]]], service: int) -> Iterator[Stand]:
    """The nodes of a `.vrp` in order."""
    names = ("NODE_COORD_SECTION", "DEMAND_SECTION", "TIME_WINDOW_SECTION", "PRIZE_SECTION")
    for at, load, window, prize in zip(*(sections[name] for name in names), strict=True):
        x, y, carried, ready, due = (int(cell) for cell in (*at[1:3], load[1], *window[1:3]))
        yield Stand(x, y, carried, ready, due, service, int(prize[1]))


def _problem(stands: list[Stand], vehicles: int, capacity: int) -> Problem:
    home = stands[0]
    visits = tuple(
        PlanVisit(
            str(number),
            number,
            (Role(0, CAN_ALL, stand.service * UNIT_S),),
            stand.ready * UNIT_S,
            stand.due * UNIT_S,
            unserved_price_s=REQUIRED_S if stand.prize is None else stand.prize * UNIT_S,
            load=stand.load,
        )
        for number, stand in enumerate(stands)
        if number
    )
    shift = (home.ready * UNIT_S, home.due * UNIT_S)
    carers = (PlanCaregiver(f"c{n}", CAN_ALL, *shift, 0, 0, capacity=capacity) for n in range(vehicles))
    return Problem(tuple(carers), visits, MatrixTravel(_cut([(s.x, s.y) for s in stands])))


def _cut(points: list[tuple[int, int]]) -> Seconds:
    """Distances in tenths, cut."""
    at = np.array(points, dtype=np.int64)
    squared = ((at[:, None] - at[None, :]) ** 2).sum(axis=2) * UNIT_S**2
    return np.array([[math.isqrt(way) for way in row] for row in squared.tolist()], dtype=np.int32)


def read_solution(path: Path, problem: Problem) -> tuple[Plan, float]:
    """The routes of a `.sol`, each stop as early as may be, and the cost stated in it."""
    routes: list[Route] = []
    cost = math.nan
    for line in path.read_text().splitlines():
        if line.startswith("Route"):
            names = line.partition(":")[2].split()
            carer = problem.caregivers[len(routes)]
            routes.append(Route(carer.caregiver_id, tuple(_starts(problem, carer, names))))
        elif line.startswith("Cost"):
            cost = float(line.removeprefix("Cost").strip(" :"))
    done = {stop.visit_id for route in routes for stop in route.stops}
    left = tuple((v.visit_id, "NO_ROOM") for v in problem.visits if v.visit_id not in done)
    return Plan(tuple(routes), left), cost


def _starts(problem: Problem, carer: PlanCaregiver, names: Iterable[str]) -> Iterable[PlannedStop]:
    free_s, place = carer.first_s, carer.first_place
    for name in names:
        visit = problem.visit_by_id[name]
        start_s = max(visit.ready_s, free_s + problem.travel.travel_s(place, visit.place))
        yield PlannedStop(name, 0, start_s)
        free_s, place = start_s + visit.roles[0].duration_s, visit.place


def best_known() -> dict[str, float]:
    """Best known distances of VRPTW days by name in capitals; costs of days with prizes by `PC` and name."""
    known = {}
    with (DATA / "vrptw" / "best_known.csv").open() as rows:
        known = {
            row["instance"].upper(): float(row["best_distance_dimacs_rounding"])
            for row in csv.DictReader(rows)
        }
    for path in sorted((DATA / "pcvrptw").glob("*.sol")):
        stated = [line for line in path.read_text().splitlines() if line.startswith("Cost")]
        known[f"PC{path.stem}"] = float(stated[0].removeprefix("Cost").strip(" :"))
    return known
