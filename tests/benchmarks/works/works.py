"""What is planned, by name: `home:1000/150`, `zones:1000/150`, `city:20000/3000`, `vrptw:solomon/C101`,
`prizes:C1_10_1`.

Days of home care come from the seed. Groups of names: `home`, `zones`, `city`, `vrptw`, `prizes`.
"""

from __future__ import annotations

from dispatcher.planning.problem import Problem
from tests.benchmarks.works.home_care import home_care_day
from tests.benchmarks.works.vehicles import DATA, best_known, read_prizes, read_vrptw

HOME = ("200/30", "1000/150", "5000/800")
CITY = ("1000/150", "5000/800", "20000/3000", "50000/8000", "100000/15000")
FAMILIES = ("solomon", "gh200", "gh400", "gh1000")
LIMITS_S = {"home": 60.0, "zones": 60.0, "vrptw": 10.0, "prizes": 60.0}
CITY_S_PER_VISIT = 0.002
PRICE_PER_COST = {"vrptw": 10.0, "prizes": 1.0}
"""Price seconds to one unit of the costs listed."""


def group(name: str) -> list[str]:
    """The works of a group, `vrptw:solomon` or `home`, or the work itself. Raises ValueError for none."""
    kind, _, rest = name.partition(":")
    if kind in ("home", "zones", "city"):
        return [name] if rest else [f"{kind}:{size}" for size in (CITY if kind == "city" else HOME)]
    if kind == "prizes":
        return (
            [name] if rest else [f"prizes:{path.stem}" for path in sorted((DATA / "pcvrptw").glob("*.vrp"))]
        )
    if kind == "vrptw":
        families = [rest] if rest else FAMILIES
        if "/" in rest:
            return [name]
        return [f"vrptw:{f}/{p.stem}" for f in families for p in sorted((DATA / "vrptw" / f).glob("*.txt"))]
    raise ValueError(
        f"{name} is no work: home, zones, city, vrptw or prizes, or one of them with what after a colon"
    )


def limit_s(name: str) -> float:
    """The budget a work has if nothing else is asked."""
    kind, _, rest = name.partition(":")
    return int(rest.split("/")[0]) * CITY_S_PER_VISIT if kind == "city" else LIMITS_S[kind]


def build(name: str, seed: int) -> Problem:
    """The problem of a work. Raises ValueError or OSError where there is none."""
    kind, _, rest = name.partition(":")
    if kind == "vrptw":
        return read_vrptw(DATA / "vrptw" / f"{rest}.txt")
    if kind == "prizes":
        return read_prizes(DATA / "pcvrptw" / f"{rest}.vrp")
    visits, _, carers = rest.partition("/")
    return home_care_day(int(visits), int(carers), seed)


def best_known_s(name: str) -> float | None:
    """The best price known for a work, in price seconds; None where nobody has listed one."""
    kind, _, rest = name.partition(":")
    if kind not in PRICE_PER_COST:
        return None
    listed = rest.rpartition("/")[2].upper()
    found = best_known().get(f"PC{listed}" if kind == "prizes" else listed)
    return None if found is None else found * PRICE_PER_COST[kind]
