"""Folding: `evolve(desk, row)` for every row ever written."""

from __future__ import annotations

from dispatcher.core.desk import Desk
from dispatcher.core.evolve_decisions import apply_decision
from dispatcher.core.evolve_facts import apply_fact
from dispatcher.core.times import to_s
from schemas.rows import Row

FOLD_VERSION = 5
"""Version of a desk's shape: snapshots of another version are ignored."""


def evolve(desk: Desk, row: Row) -> Desk:
    """Fold a row (its fact opened) into the desk, in place, and hand the desk back.

    A fact that was set aside changes nothing. A row of any former shape is folded as it was meant.
    """
    now_s = to_s(row.now)
    aside = any(d.word in ("FactSetAside", "RequestRefused") for d in row.decisions)
    if not aside:
        apply_fact(desk, row.fact, now_s)
    for decision in row.decisions:
        apply_decision(desk, decision, row.fact, now_s)
    _let_go(desk, now_s)
    return desk


def _let_go(desk: Desk, now_s: int) -> None:
    """Drop what is long over, so that a desk does not grow for ever."""
    for key in list(desk.timers.passed("keep", now_s)):
        kind, _, name = key.partition("|")
        desk.timers.clear("keep", key)
        if kind == "SHIFT":
            _drop_shift(desk, name)
        elif kind == "VISIT":
            _drop_visit(desk, name)
        elif kind == "OFFER":
            desk.offers.pop(name, None)
        elif kind == "CALLBACK":
            desk.callbacks.pop(name, None)
        elif kind == "CASE":
            desk.cases.pop(name, None)


def _drop_shift(desk: Desk, shift_id: str) -> None:
    shift = desk.shifts.pop(shift_id, None)
    if shift is not None:
        left = tuple(s for s in desk.shifts_of.get(shift.caregiver_id, ()) if s != shift_id)
        desk.shifts_of[shift.caregiver_id] = left
        desk.routes.pop(shift_id, None)
        desk.board.mark(shift_id)


def _drop_visit(desk: Desk, visit_id: str) -> None:
    visit = desk.visits.get(visit_id)
    if visit is None or visit.closed is None:
        return
    for role, hand in enumerate(visit.hands):
        if hand.shift_id is not None:
            desk.drop_stop(hand.shift_id, visit_id, role)
    del desk.visits[visit_id]
    desk.requests.pop(visit.request_id, None)
    left = tuple(v for v in desk.visits_of.get(visit.recipient_id, ()) if v != visit_id)
    if left:
        desk.visits_of[visit.recipient_id] = left
    else:
        desk.visits_of.pop(visit.recipient_id, None)
