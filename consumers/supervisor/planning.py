"""What the planners did: each engine's part in the plans taken up, and whom the newest plans leave out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from consumers.names import ids_in, names_of, sentences
from consumers.reading import Record
from consumers.supervisor import queries
from schemas.reasons import Language

ENGINES = {
    "IN_FORCE": ("原来的安排", "the plan in force", "没有动的路线", "routes left as they were"),
    "CITY": ("拆了重排", "ruin and recreate", "按路线，再大也不切开", "over routes, uncut at any size"),
    "RUIN": ("按顺序退火", "annealing", "双人和先后两次的单一起改", "over one order: crews and sequences"),
    "ORTOOLS": ("OR-Tools 路线", "OR-Tools routing", "每组 30 人以内细改", "groups of up to 30 caregivers"),
    "CHOICE": ("OR-Tools 挑选", "OR-Tools CP-SAT", "从见过的路线里挑", "chooses among the routes met"),
}
"""What an engine is called, and how it works, in Chinese and English."""
LEFT_OUT_ROWS = 20


def planning_of(connection: Connection, language: Language, since: datetime) -> dict[str, Any]:
    """What the page shows of planning since then."""
    missed, total = _left_out(connection, language)
    return {
        "engines": queries.engines(connection, since),
        "plans": queries.plans(connection, since),
        "engine_names": ENGINES,
        "left_out": missed,
        "left_out_total": total,
    }


def _left_out(connection: Connection, language: Language) -> tuple[list[Record], int]:
    """The first visits that nobody serves, with names and a sentence each; how many there are."""
    newest = queries.left_out(connection)
    told = [(plan, one) for plan in newest for one in plan["not_planned"]][:LEFT_OUT_ROWS]
    ids = {one["visit_id"] for _, one in told if one["visit_id"]}
    recipients = queries.recipients_of(connection, ids)
    known = {plan["area"] for plan in newest} | set(recipients.values())
    known |= {one["caregiver_id"] for _, one in told if one["caregiver_id"]}
    known |= ids_in([one["reason"] for _, one in told])
    names = names_of(connection, known, language)
    rows = [_row(plan, one, recipients, names, language) for plan, one in told]
    return rows, sum(plan["left_out"] for plan in newest)


def _row(
    plan: Record,
    one: Mapping[str, Any],
    recipients: Mapping[str, str],
    names: Mapping[str, str],
    language: Language,
) -> Record:
    whom = recipients.get(one["visit_id"] or "", one["visit_id"])
    return {
        "at": plan["at"],
        "area": names.get(plan["area"], plan["area"]),
        "whom": names.get(whom or "", whom),
        "caregiver": names.get(one["caregiver_id"] or "", one["caregiver_id"]),
        "told": sentences([one["reason"]], language, names)[0],
    }
