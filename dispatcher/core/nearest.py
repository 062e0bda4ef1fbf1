"""The compiled look at where everybody is now: nobody can be at the scene sooner than this says.

Whoever is on the way is taken to be on the straight line, less what that may be off the way that `responders`
counts in micro-degrees; so a few of the soonest, worked out exactly, are the soonest of all.
"""

from __future__ import annotations

import math

import numpy as np

from dispatcher.compiled import compiled, inlined
from dispatcher.core.gaps import FREE, FROM_INDEX, GOAL_INDEX, SLOT, WAY, way_s
from dispatcher.core.travel import RADIUS_M, Floats, Ints, Shorts

REACHED, LEAVES, LEFT, START, END, LATEST, ON, BOXED = range(8)
"""Lines of `Board.goes`, per halt: from when it counts as reached, from when its way is under way, when that
was begun; its earliest start and end, its latest start. A break is never reached: it holds `BREAK` there. Of
a halt that is reached by a kitchen, the loading and the way from there, and when it is left for the door."""
BREAK = -1
NOW, ROAD, INDEX, SCENE = range(4)
"""Places of the numbers: now, road factor, the scene's row in the travel table or -1, whether it is known."""
OFF_M, BEND = 2.0, 0.5
"""A straight line may be off the way in micro-degrees by so many metres, and by so much of its bend."""


@inlined
def _on_the_way(
    gaps: Ints, ends: Floats, goes: Ints, slot: int, at: int, goal: int, now: int
) -> tuple[float, float, float, float, int, bool]:
    """Where the road has brought somebody who goes from gap `at` to halt `goal`, straight on.

    As unit vector, by how many metres that may be off, its row in the travel table, whether it is between.
    """
    way, gone, to, side = gaps[slot, WAY, goal], now - goes[slot, goal, LEFT], goal, 3
    x, y, z, index = ends[slot, 0, at], ends[slot, 1, at], ends[slot, 2, at], gaps[slot, FROM_INDEX, at]
    if goes[slot, goal, BOXED] < now:
        x, y, z = ends[slot, 3, goal], ends[slot, 4, goal], ends[slot, 5, goal]
        index = gaps[slot, GOAL_INDEX, goal]
        way, gone = goes[slot, goal, START] - goes[slot, goal, BOXED], now - goes[slot, goal, BOXED]
        to, side = goal + 1, 0
    gone = min(max(0, gone), way)
    if gone == 0:
        return x, y, z, 0.0, index, False
    part = gone / way
    dx, dy, dz = ends[slot, side, to] - x, ends[slot, side + 1, to] - y, ends[slot, side + 2, to] - z
    off_m = OFF_M + BEND * RADIUS_M * (dx * dx + dy * dy + dz * dz)
    return x + part * dx, y + part * dy, z + part * dz, off_m, -1, True


@compiled
def soonest(
    lines: Ints, speeds: Floats, gaps: Ints, ends: Floats, goes: Ints, table: Shorts, numbers: Ints,
    scene: Floats, out: Ints,
) -> None:  # fmt: skip
    """Per caregiver on shift the earliest second they might be at the scene; others keep what is there."""
    now, road = numbers[NOW], numbers[ROAD]
    for row in range(lines.shape[1]):
        if not lines[1, row] <= now < lines[2, row]:
            continue
        slot = lines[SLOT, row]
        at, free, goal = 0, now, -1
        for halt in range(lines[3, row] - 1):
            if goes[slot, halt, REACHED] == BREAK:
                continue
            if goes[slot, halt, REACHED] <= now:
                at, free = halt + 1, max(now, gaps[slot, FREE, halt + 1])
                continue
            if goes[slot, halt, LEAVES] <= now:
                goal = halt
            break
        x, y, z = ends[slot, 0, at], ends[slot, 1, at], ends[slot, 2, at]
        off_m, index, between = 0.0, gaps[slot, FROM_INDEX, at], False
        if goal >= 0:
            x, y, z, off_m, index, between = _on_the_way(gaps, ends, goes, slot, at, goal, now)
        there = 0
        if numbers[SCENE]:
            dx, dy, dz = x - scene[0], y - scene[1], z - scene[2]
            there = way_s(dx, dy, dz, road, speeds[row], table, index, numbers[INDEX])
            if between:
                there = max(0, there - 1 - math.ceil(off_m * road / speeds[row]))
        out[lines[0, row]] = free + there


def warm_up() -> None:
    """Compile what `soonest` needs, or load what was kept."""
    none = np.zeros(0, np.int64)
    gaps, ends = np.zeros((0, GOAL_INDEX + 1, 0), np.int64), np.zeros((0, 6, 0))
    lines, goes = np.zeros((SLOT + 1, 0), np.int64), np.zeros((0, 0, BOXED + 1), np.int64)
    numbers, table = np.array([0, 1000, -1, 0]), np.zeros((0, 0), np.int32)
    soonest(lines, np.zeros(0), gaps, ends, goes, table, numbers, np.zeros(3), none)
