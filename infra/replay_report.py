"""What a replay tells: a table on the terminal, JSON, and the routes as a picture."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from dispatcher.planning.hhcrsp import DayCost, HhcrspDay
from dispatcher.planning.problem import Plan

COLOURS = (
    "#1875C5",
    "#A26700",
    "#276014",
    "#6C349D",
    "#007A7A",
    "#B6141C",
    "#7A5600",
    "#41504D",
    "#5A7D00",
    "#9A3B6E",
    "#2F5D8C",
    "#8C5A2F",
    "#3E7C59",
    "#7C3E6B",
    "#4E4E9A",
    "#8A8A00",
)
SIDE = 900
OK = "通过 / passed"


@dataclass(frozen=True)
class Outcome:
    """All that one replay found out."""

    name: str
    patients: int
    caregivers: int
    services: int
    served: int
    priced_fen: int
    cost: DayCost
    best_known: float | None
    engines: Mapping[str, int]
    violations: Sequence[str]
    ledger_faults: Sequence[str]
    rows: int
    verify: str
    plan_s: float
    whole_s: float

    @property
    def gap_percent(self) -> float | None:
        """Above the best known value, in per cent."""
        if not self.best_known:
            return None
        return round(100 * (self.cost.cost / self.best_known - 1), 3) + 0.0

    @property
    def is_good(self) -> bool:
        """All served, all checks passed, the ledger balanced."""
        checked = not self.violations and not self.ledger_faults and self.verify.startswith(OK)
        return self.served == self.services and checked


def best_known(file: Path, name: str) -> float | None:
    """The best known cost of a day, from a `best_known.csv` in a folder above it, if there is one."""
    for folder in file.resolve().parents[:3]:
        table = folder / "best_known.csv"
        if table.is_file():
            with table.open(encoding="utf-8", newline="") as lines:
                for row in csv.DictReader(lines):
                    if str(row.get("instance")).removesuffix(".json") == name:
                        return float(row["total_cost"])
    return None


def show(console: Console, outcome: Outcome) -> None:
    """The table a person reads."""
    table = Table(title=f"{outcome.name}", show_header=False, title_justify="left")
    gap = outcome.gap_percent
    rows = (
        ("服务对象 / 服务人员", "patients / caregivers", f"{outcome.patients} / {outcome.caregivers}"),
        ("已服务 / 应服务", "services served / required", f"{outcome.served} / {outcome.services}"),
        ("路程", "distance", f"{outcome.cost.distance:.2f}"),
        ("迟到合计", "total tardiness", f"{outcome.cost.total_tardiness:.2f}"),
        ("最大迟到", "worst tardiness", f"{outcome.cost.max_tardiness:.2f}"),
        ("算例成本", "the instance's own cost", f"{outcome.cost.cost:.3f}"),
        ("已知最好", "best known", "–" if outcome.best_known is None else f"{outcome.best_known:.3f}"),
        ("差距", "gap", "–" if gap is None else f"{gap:.2f} %"),
        ("安排来自", "choices made by", ", ".join(f"{k} {v}" for k, v in outcome.engines.items())),
        (
            "独立核对",
            "independent check",
            OK if not outcome.violations else outcome.violations[0],
        ),
        ("账簿", "ledger", f"{outcome.priced_fen / 100:.2f} 元 / yuan"),
        (
            "账簿核对",
            "ledger check",
            "平 / balanced" if not outcome.ledger_faults else outcome.ledger_faults[0],
        ),
        ("日志核对", "journal check", outcome.verify),
        ("日志行", "journal rows", str(outcome.rows)),
        ("排班 / 全程", "planning / whole", f"{outcome.plan_s:.0f} s / {outcome.whole_s:.0f} s"),
    )
    for zh, en, value in rows:
        table.add_row(f"{zh}  {en}", value)
    console.print(table)


def as_json(outcome: Outcome) -> str:
    """The outcome for programs."""
    told: dict[str, Any] = asdict(outcome)
    told["cost"]["cost"] = outcome.cost.cost
    told["gap_percent"] = outcome.gap_percent
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def routes_svg(day: HhcrspDay, plan: Plan) -> str:
    """The day's routes: one colour for each caregiver, the office as a square, patients as discs."""
    spots = {"": day.office} | {p.patient_id: p.location for p in day.patients}
    xs, ys = [s[0] for s in spots.values()], [s[1] for s in spots.values()]
    wide, high = max(max(xs) - min(xs), 1e-9), max(max(ys) - min(ys), 1e-9)
    scale = (SIDE - 80) / max(wide, high)

    def at(spot: str) -> tuple[float, float]:
        x, y = spots[spot]
        return 40 + (x - min(xs)) * scale, SIDE - 40 - (y - min(ys)) * scale

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE + 40}" font-family="sans-serif">',
        f'<rect width="{SIDE}" height="{SIDE + 40}" fill="#FFFFFF"/>',
        f'<text x="40" y="{SIDE + 20}" font-size="16" fill="#131C1B">{escape(day.name)}</text>',
    ]
    for number, route in enumerate(plan.routes):
        if route.stops:
            line = " ".join(
                f"{x:.1f},{y:.1f}" for x, y in map(at, ["", *(s.visit_id for s in route.stops), ""])
            )
            colour = COLOURS[number % len(COLOURS)]
            parts.append(
                f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2" '
                f'stroke-opacity="0.75"><title>{escape(route.caregiver_id)}</title></polyline>'
            )
    for patient in day.patients:
        x, y = at(patient.patient_id)
        pair = ' stroke="#131C1B" stroke-width="2"' if len(patient.services) > 1 else ""
        name = escape(patient.patient_id)
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="#FFE27A"{pair}><title>{name}</title></circle>'
        )
    x, y = at("")
    parts.append(f'<rect x="{x - 7:.1f}" y="{y - 7:.1f}" width="14" height="14" fill="#131C1B"/></svg>')
    return "\n".join(parts) + "\n"
