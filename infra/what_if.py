"""`liuzhu what-if AREA`: what somebody sick, a closed road or more caregivers would change; unpublished."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from rich.console import Console
from sqlalchemy import Engine

from dispatcher.core.desk import Desk
from dispatcher.core.records import Place
from dispatcher.core_rules import core_rules
from dispatcher.follower import Follower
from dispatcher.planning.from_desk import Keys, incumbent, to_problem
from dispatcher.planning.not_served import not_served
from dispatcher.planning.plan_day import plan_day
from dispatcher.planning.price import price
from dispatcher.planning.problem import Plan, Problem
from dispatcher.planning.what_if import Closed, with_closed, with_more
from dispatcher.planning.why_changed import changes
from infra.trouble import Trouble
from infra.why import names_in
from infra.why_lines import Names
from schemas.base import Reason, StartWindow
from schemas.places import point_of
from schemas.reasons import SENTENCES, sentence

CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Day:
    """A day to plan, the plan in force over it, and whom its visits are for."""

    problem: Problem
    keys: Keys
    before: Plan
    recipient_of: Mapping[str, str]


def run(
    *,
    engine: Engine,
    area: str,
    sick: Sequence[str] = (),
    closed: str | None = None,
    more: int = 0,
    like: str | None = None,
    plan_s: float = 10.0,
) -> int:
    """Plan the area's day as it is and as it would be, and print the difference; 0.

    Raises Trouble CLOSED_UNREADABLE, AREA_EMPTY or CAREGIVER_NOT_THERE.
    """
    circle = _circle(closed) if closed else None
    follower = Follower(engine, core_rules())
    now_is = follower.ask(area, lambda desk, now: _day(desk, now, ()))
    would_be = follower.ask(area, lambda desk, now: _day(desk, now, sick))
    if not now_is.problem.visits:
        raise Trouble("AREA_EMPTY", f"{area} 没有可排的单。", f"{area} has no visit to plan.")
    known = set(now_is.keys.carer_of.values())
    for one in (*sick, *([like] if like else [])):
        if one not in known:
            raise Trouble("CAREGIVER_NOT_THERE", f"{one} 没有班次。", f"{one} has no shift to plan.")
    problem = would_be.problem
    if circle is not None:
        problem = with_closed(problem, would_be.keys.places, circle)
    shift_like = next((s for s, c in would_be.keys.carer_of.items() if c == like), None)
    problem = with_more(problem, more, shift_like)
    made = plan_day(problem, would_be.before, plan_s, 1, time.monotonic)
    with engine.connect() as connection:
        names = names_in(connection, set())
    console = Console(highlight=False, soft_wrap=True)
    after = would_be.before if made is None else made.plan
    for line in told(now_is, problem, would_be.keys, after, names):
        console.print(line, markup=False)
    return 0


def _circle(text: str) -> Closed:
    try:
        lat, lon, radius_m, *times = (float(part) for part in text.split(","))
        point = point_of(lat, lon)
    except ValueError:
        raise Trouble(
            "CLOSED_UNREADABLE",
            f"看不懂 {text}。请写 纬度,经度,半径米[,倍数]，例如 33.0,112.5,800,3。",
            f"{text} cannot be read: give LAT,LON,RADIUS_M[,TIMES], for example 33.0,112.5,800,3.",
        ) from None
    slower = round(times[0] * 1000) if times else None
    return Closed(Place(point.lat_udeg, point.lon_udeg), radius_m, slower)


def _day(desk: Desk, now: datetime, without: Sequence[str]) -> Day:
    assert desk.settings is not None
    ends = now + timedelta(seconds=desk.settings.plan_horizon_s)
    problem, keys = to_problem(desk, now, StartWindow(opens_at=now, closes_at=ends), without)
    recipient_of = {v.visit_id: desk.visits[v.visit_id].recipient_id for v in problem.visits}
    return Day(problem, keys, incumbent(desk, problem, keys), recipient_of)


def told(now_is: Day, problem: Problem, keys: Keys, after: Plan, names: Names) -> Iterator[str]:
    """What would change, as lines in both languages: figures, then visit by visit, then who is left out."""
    before = now_is.before
    old, new = price(now_is.problem, before), price(problem, after)
    served = [
        sum(1 for v in p.visits if v.visit_id not in dict(q.unserved))
        for p, q in ((now_is.problem, before), (problem, after))
    ]
    changed = changes(problem, before, after)
    names = {**names, **{v: _name(names, whom) for v, whom in now_is.recipient_of.items()}}
    yield f"服务 / served: {served[0]} → {served[1]}"
    yield f"路程 / travel: {_min(old.travel)} → {_min(new.travel)} min"
    yield f"晚到 / late: {_min(old.late)} → {_min(new.late)} min"
    yield f"要改 / visits changed: {len(changed)}"
    was, will = _who(now_is.keys, before, names), _who(keys, after, names)
    for change in changed:
        whom = _name(names, now_is.recipient_of.get(change.visit_id, change.visit_id))
        why = [
            Reason(
                code=one.code,
                numbers={} if one.saved_s is None else {"saved_s": one.saved_s},
                refs={} if one.for_visit_id is None else {"visit_id": one.for_visit_id},
            )
            for one in change.reasons
        ]
        yield f"  {whom}: {was.get(change.visit_id, '–')} → {will[change.visit_id]}  {_both(why, names)}"
    for miss in not_served(problem, after):
        numbers = {} if miss.late_s is None else {"late_s": miss.late_s}
        whom = _name(names, now_is.recipient_of.get(miss.visit_id, miss.visit_id))
        nearest = _name(names, keys.carer_of.get(miss.caregiver_id or "", ""))
        reason = Reason(code=miss.code, numbers=numbers)
        yield f"  没人去 / left out: {whom}  {nearest} {_both([reason], names)}"


def _who(keys: Keys, plan: Plan, names: Names) -> dict[str, str]:
    """Who is at each visit and when."""
    stops: dict[str, list[str]] = {}
    for route in plan.routes:
        who = _name(names, keys.carer_of.get(route.caregiver_id, route.caregiver_id))
        for stop in route.stops:
            at = datetime.fromtimestamp(keys.origin_s + stop.start_s, CHINA).strftime("%m-%d %H:%M")
            stops.setdefault(stop.visit_id, []).append(f"{who} {at}")
    return {visit_id: "、".join(ones) for visit_id, ones in stops.items()}


def _both(reasons: Sequence[Reason], names: Names) -> str:
    known = [reason for reason in reasons if reason.code in SENTENCES]
    return "; ".join(f"{sentence(one, 'zh', names)} / {sentence(one, 'en', names)}" for one in known)


def _name(names: Names, one: str) -> str:
    return names.get(one, one)


def _min(seconds: int) -> int:
    return round(seconds / 60)
