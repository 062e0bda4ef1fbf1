"""The cheapest walk of one caregiver under prices for roles, compiled: relaxed, so never too dear.

A walk may come back to a visit, but not at once after leaving it for one other (that is, not as a, b, a).
Walks are kept by the role done last and by the slot of time in which it begins; of those in one slot the
least price and the earliest begin are carried on together.
"""

from __future__ import annotations

from typing import NamedTuple

from dispatcher.compiled import compiled
from dispatcher.planning.ruin_arrays import Given, Ints
from dispatcher.planning.ruin_decode import way_s

SCALE = 1024
"""Of all prices here, so that duals are whole numbers and sums exact."""
DEAR = 1 << 60
"""Dearer than any walk."""


class Stops(NamedTuple):
    """The roles to place, k of them."""

    visit: Ints
    role: Ints
    low: Ints
    high: Ints
    """Within which it begins."""
    due: Ints
    worth: Ints
    """Dual price of doing it, scaled."""
    late: Ints
    """Price of a second of lateness, the share of the day's worst included, scaled."""


class Walks(NamedTuple):
    """Room for the walks: [k, slots, 2], the cheapest and the cheapest that came from another visit.

    The last slot is no time: it holds the cheapest of all slots gone on from so far.
    """

    price: Ints
    source: Ints
    """Visit before, -1 for the day's begin."""
    code: Ints
    """Where the walk came from: (stop * slots + slot) * 2 + rank, -1 for the day's begin."""
    late: Ints
    """Lateness of the last stop as priced."""
    begin: Ints
    """[k, slots] the earliest begin."""
    ends: Ints
    """[k, 2] the cheapest walk that ends with the stop: its price with the way home, its code."""


@compiled
def clear(w: Walks) -> None:
    """Forget all walks."""
    for j in range(w.begin.shape[0]):
        w.ends[j, 0] = DEAR
        for b in range(w.begin.shape[1]):
            w.begin[j, b] = DEAR
            for rank in range(2):
                w.price[j, b, rank] = DEAR
                w.source[j, b, rank] = -2


@compiled
def write(w: Walks, j: int, b: int, rank: int, price: int, source: int, code: int, late: int) -> None:
    """Set one walk."""
    w.price[j, b, rank] = price
    w.source[j, b, rank] = source
    w.code[j, b, rank] = code
    w.late[j, b, rank] = late


@compiled
def put(w: Walks, j: int, b: int, price: int, source: int, code: int, late: int) -> None:
    """Keep a walk if it is the cheapest of its slot, or the cheapest from another visit than that."""
    if price < w.price[j, b, 0]:
        if w.source[j, b, 0] != source:
            was = w.price[j, b, 0], w.source[j, b, 0], w.code[j, b, 0], w.late[j, b, 0]
            write(w, j, b, 1, int(was[0]), int(was[1]), int(was[2]), int(was[3]))
        write(w, j, b, 0, price, source, code, late)
    elif source != w.source[j, b, 0] and price < w.price[j, b, 1]:
        write(w, j, b, 1, price, source, code, late)


@compiled
def outdone(w: Walks, j: int, b: int, rank: int) -> bool:
    """Whether there is no such walk, or one begun earlier is no dearer wherever it may go on to."""
    so_far, price = w.begin.shape[1] - 1, w.price[j, b, rank]
    if price >= DEAR:
        return True
    if w.price[j, so_far, 0] > price:
        return False
    return bool(w.source[j, so_far, 0] == w.source[j, b, rank] or w.price[j, so_far, 1] <= price)


@compiled
def keep(w: Walks, j: int, b: int) -> bool:
    """Count a slot's walks among the cheapest so far; False if there is no need to go on from them."""
    if outdone(w, j, b, 0) and outdone(w, j, b, 1):
        return False
    for rank in range(2):
        if w.price[j, b, rank] < DEAR:
            price, source = int(w.price[j, b, rank]), int(w.source[j, b, rank])
            put(w, j, w.begin.shape[1] - 1, price, source, -1, 0)
    return True


@compiled
def go_on(
    g: Given, s: Stops, w: Walks, c: int, j: int, place: int, free: int, slot_s: int, came: Ints
) -> None:
    """Go on to stop `j` from where a walk is free; `came` holds its price, its last visit, its code."""
    v, r = s.visit[j], s.role[j]
    way = way_s(g, c, place, int(g.place[v]))
    begin = max(free + way, int(s.low[j]))
    if begin > s.high[j] or begin + g.dur[v, r] > g.limit[c]:
        return
    late = max(0, begin - int(s.due[j]))
    price = came[0] + SCALE * (g.weights[0] * way + g.extra[v, r, c]) + s.late[j] * late - s.worth[j]
    b = (begin - int(g.first[c, 0])) // slot_s
    w.begin[j, b] = min(int(w.begin[j, b]), begin)
    put(w, j, b, int(price), int(came[1]), int(came[2]), late)


@compiled
def go_home(g: Given, s: Stops, w: Walks, c: int, j: int, b: int) -> None:
    """End the cheapest walk of the slot."""
    v, r = s.visit[j], s.role[j]
    way = 0
    if g.end_place[c] >= 0:
        way = way_s(g, c, int(g.place[v]), int(g.end_place[c]))
    end = w.begin[j, b] + g.dur[v, r] + way
    if end > g.limit[c]:
        return
    over = max(0, int(end - g.shift_end[c]))
    price = w.price[j, b, 0] + SCALE * (g.weights[0] * way + g.weights[3] * over)
    if price < w.ends[j, 0]:
        w.ends[j, 0] = price
        w.ends[j, 1] = (j * w.begin.shape[1] + b) * 2


@compiled
def walk(g: Given, s: Stops, w: Walks, c: int, slot_s: int, came: Ints) -> None:
    """Find for each stop the cheapest walk of caregiver `c` that ends there, into `ends`.

    No care may be shorter than a slot: then each stop begins in a later slot than the one before.
    """
    clear(w)
    k, slots = w.begin.shape
    came[0], came[1], came[2] = 0, -1, -1
    for j in range(k):
        if g.fit[s.visit[j], s.role[j], c]:
            go_on(g, s, w, c, j, int(g.first[c, 1]), int(g.first[c, 0]), slot_s, came)
    for b in range(slots - 1):
        for i in range(k):
            if not keep(w, i, b):
                continue
            go_home(g, s, w, c, i, b)
            v = s.visit[i]
            free = int(w.begin[i, b] + g.dur[v, s.role[i]])
            for j in range(k):
                if s.visit[j] == v or not g.fit[s.visit[j], s.role[j], c]:
                    continue
                rank = 1 if w.source[i, b, 0] == s.visit[j] else 0
                if w.price[i, b, rank] < DEAR:
                    came[0], came[1] = w.price[i, b, rank], v
                    came[2] = (i * slots + b) * 2 + rank
                    go_on(g, s, w, c, j, int(g.place[v]), free, slot_s, came)
