"""Decisions as the seat shows them: who can come, when, what it costs, why not others, the ways out. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from producers.console.pane import Choice, Line, Piece, Setting, Strip, Voice, WayOut, WhyNot
from producers.console.queries import AFTER, BEFORE
from schemas import sentences as say
from schemas.base import StartWindow
from schemas.decisions import (
    AssignmentBound,
    AssignmentOffered,
    Candidate,
    Decision,
    FactSetAside,
    MoneyReserved,
    NotOffered,
    PromiseMade,
    Relaxation,
    RequestAdmitted,
    RequestRefused,
    VisitPlanned,
)
from schemas.reasons import sentence
from schemas.shapes import Fetched, Tally
from schemas.shown import help_name, local, minutes, programme_name, span
from schemas.weighed import bare, moved_in_all
from schemas.weighed import way_out as reason_of_way

LABELS = {
    "KNOWN_CAREGIVER": ("熟人", "Known"),
    "CHEAPEST_DETOUR": ("顺路", "On way"),
    "ASKED_FOR": ("点名", "Asked"),
    "PLAN_BETTER": ("排班", "Plan"),
    "NEAREST": ("最近", "Nearest"),
    "CHOICE_IMPOSSIBLE": ("换人", "Changed"),
}
DULL = ("NO_SHIFT", "SKILL_MISSING", "NOT_ACTIVE", "OTHER_PROVIDER", "COSTS_MORE")
"""Reasons that many share: they are counted rather than listed."""
LISTED = 4
NEAR_END_S = 600
ON_THE_WAY_S = 900
"""More added travel than this is no longer called on the way."""


def ids_in(decisions: Sequence[Decision]) -> set[str]:
    """Everybody that these decisions name."""
    found: set[str] = set()
    for decision in decisions:
        match decision:
            case RequestAdmitted() if decision.meal is not None:
                found.add(decision.meal.kitchen.place_id)
            case VisitPlanned():
                found |= {stop.caregiver_id for stop in decision.stops}
                found |= {an_id for candidate in decision.candidates for an_id in candidate.caregiver_ids}
                found |= {other.caregiver_id for other in decision.not_offered}
                found |= {decision.nearest_miss.caregiver_id} if decision.nearest_miss else set()
            case RequestRefused():
                found |= {an_id for way in decision.relaxations for an_id in way.caregiver_ids}
                found |= {other.caregiver_id for other in decision.named or ()}
                found |= {decision.nearest_miss.caregiver_id} if decision.nearest_miss else set()
            case PromiseMade():
                found |= {decision.provider_id, *decision.caregiver_ids}
            case AssignmentOffered() | AssignmentBound():
                found |= {decision.provider_id, decision.caregiver_id}
    return found


def choice_of(decisions: Sequence[Decision], setting: Setting) -> Choice:
    """What the decisions say, as the pane shows it."""
    choice = Choice()
    for decision in decisions:
        match decision:
            case RequestAdmitted(visit_id=visit_id, meal=meal):
                choice = replace(choice, visit_id=visit_id, fetched=_fetched(meal, setting))
            case VisitPlanned() if choice.visit_id in (None, decision.visit_id) and not choice.lines:
                choice = replace(choice, **_planned(decision, setting))
            case PromiseMade() if choice.visit_id in (None, decision.visit_id):
                choice = replace(
                    choice,
                    told=decision.told,
                    provider=setting.called(decision.provider_id),
                    names=setting.joined(decision.caregiver_ids),
                    bound=bool(decision.caregiver_ids),
                )
            case MoneyReserved():
                reserved = (programme_name(decision.programme_id, setting.language), decision.amount_fen)
                choice = replace(choice, reserved=(*choice.reserved, reserved))
            case RequestRefused():
                choice = replace(choice, **_refused(decision, setting))
            case FactSetAside(reasons=reasons):
                told = tuple(setting.told(reason) for reason in reasons)
                choice = replace(choice, refused=told, codes=tuple(reason.code for reason in reasons))
    return _with_sentence(choice, decisions, setting)


def _planned(decision: VisitPlanned, setting: Setting) -> dict[str, Any]:
    candidates = decision.candidates
    pairs = {frozenset(candidate.caregiver_ids): candidate for candidate in reversed(candidates)}
    apart = sorted(pairs.values(), key=candidates.index)  # one line for a pair, whoever does which part
    lines = tuple(_line(rank, candidate, setting) for rank, candidate in enumerate(apart, 1))
    others = why_not_of(decision.not_offered, decision.nearest_miss, decision.tallies, setting)
    everyone = tuple(
        (setting.called(other.caregiver_id), setting.told(other.reason)) for other in decision.not_offered
    )
    return {
        "lines": lines,
        "why_not": others,
        "all_not": everyone[:400],
        "copay_fen": candidates[0].copay_fen if candidates else None,
        "asked": len(lines) + sum(tally.count for tally in decision.tallies),
        "back": _way_back(decision, setting),
    }


def _fetched(meal: Fetched | None, setting: Setting) -> str:
    """From which kitchen a meal comes, where it is fetched from one."""
    if meal is None:
        return ""
    kitchen = setting.called(meal.kitchen.place_id)
    fresh = minutes(meal.fresh_s)
    return setting.t(
        f"从{kitchen}取，离开食堂 {fresh} 分钟内送到",
        f"Fetched from {kitchen}, at the door within {fresh} min",
    )


def _way_back(decision: VisitPlanned, setting: Setting) -> str:
    """Who brings them home, and about when, where it is an escort."""
    legs = [stop for stop in decision.stops if stop.role and setting.there_and_back]
    return "".join(
        setting.t(
            f"回程大约 {local(leg.start_at):%H:%M} 起，{setting.called(leg.caregiver_id)}",
            f"The way back from about {local(leg.start_at):%H:%M}, {setting.called(leg.caregiver_id)}",
        )
        for leg in legs
    )


def _refused(decision: RequestRefused, setting: Setting) -> dict[str, Any]:
    named = decision.named or ()
    others = why_not_of(named, decision.nearest_miss, decision.not_offered, setting)
    return {
        "refused": tuple(setting.told(reason) for reason in decision.reasons),
        "codes": tuple(reason.code for reason in decision.reasons),
        "why_not": others,
        "all_not": tuple((setting.called(o.caregiver_id), setting.told(o.reason)) for o in named),
        "ways": tuple(way_out(relaxation, setting) for relaxation in decision.relaxations),
        "asked": sum(tally.count for tally in decision.not_offered),
    }


def way_out(relaxation: Relaxation, setting: Setting) -> WayOut:
    """A relaxation in words, with the window that goes with it."""
    text = setting.told(reason_of_way(relaxation))
    who = setting.joined(relaxation.caregiver_ids)
    if relaxation.window is not None:
        text += f" {span(relaxation.window.opens_at, relaxation.window.closes_at)}"
    if who:
        text += setting.t(f"，{who}", f", {who}")
    return WayOut(relaxation.kind, text, short_form(relaxation.window) if relaxation.window else "")


def short_form(window: StartWindow) -> str:
    """The window as it could have been typed: `1113s900-1000`."""
    opens, closes = local(window.opens_at), local(window.closes_at)
    return f"{opens:%m%d}s{opens.hour}{opens:%M}-{closes.hour}{closes:%M}"


def _line(rank: int, candidate: Candidate, setting: Setting) -> Line:
    ids = tuple(dict.fromkeys(candidate.caregiver_ids))
    reasons = _reasons(candidate, setting)
    provider = next((setting.names[i].provider_id for i in ids if i in setting.names), None) or ""
    separator = setting.t("；", "; ")
    late = (setting.window.closes_at - candidate.told.closes_at).total_seconds() < NEAR_END_S
    return Line(
        rank=rank,
        caregiver_ids=ids,
        names=setting.joined(ids),
        provider=setting.called(provider) if provider else "",
        told=candidate.told,
        start_at=candidate.start_at,
        copay_fen=candidate.copay_fen,
        reasons=tuple(reasons),
        brief=separator.join(text for _, text in reasons),
        late=late,
        sentence=_spoken(
            candidate.told, (), setting.called(provider) if provider else "", candidate.copay_fen, setting
        ),
        strips=_strips(ids, candidate.start_at, setting),
        hours=_hours(candidate.start_at),
    )


def _reasons(candidate: Candidate, setting: Setting) -> list[tuple[str, str]]:
    """Label and sentence of each reason; travel last, in words of its own."""
    told = [reason for reason in candidate.reasons if reason.code != "CHEAPEST_DETOUR"]
    known = _familiarity(candidate.caregiver_ids, setting)
    if known:
        told = [reason for reason in told if reason.code != "KNOWN_CAREGIVER"]
    shown = [(setting.t(*LABELS.get(reason.code, ("因为", "Why"))), setting.told(reason)) for reason in told]
    if known:
        shown.insert(0, (setting.t(*LABELS["KNOWN_CAREGIVER"]), known))
    moved = moved_in_all(candidate)
    if moved is not None:
        shown.append((setting.t("挪动", "Moves"), setting.told(moved)))
    more = minutes(max(candidate.added_travel_s, 0))
    label = LABELS["CHEAPEST_DETOUR"] if candidate.added_travel_s <= ON_THE_WAY_S else ("路上", "Travel")
    shown.append((setting.t(*label), setting.t(f"多走 {more} 分钟", f"{more} min extra")))
    return shown


def _familiarity(ids: Sequence[str], setting: Setting) -> str:
    total, together = len(setting.came), sum(1 for who in setting.came if who & set(ids))
    if not together:
        return ""
    times = "次次" if together == total else f"{together} 次"
    who = "这两位" if len(ids) == 2 else "这一位"
    return setting.t(
        f"近 {total} 次{help_name(setting.help, 'zh')}，{times}是{who}",
        f"{together} of the last {total} {help_name(setting.help, 'en').lower()} visits were theirs",
    )


def _strips(ids: Sequence[str], around: datetime, setting: Setting) -> tuple[Strip, ...]:
    opens, whole = around - BEFORE, (BEFORE + AFTER).total_seconds()
    strips = []
    for caregiver_id in ids:
        pieces = [
            _piece(bar.start_at, bar.end_at, opens, whole, bar.help, _lane(bar.address), bar.state)
            for bar in setting.bars
            if bar.caregiver_id == caregiver_id and bar.start_at < around + AFTER and bar.end_at > opens
        ]
        ends = around + timedelta(seconds=setting.duration_s)
        pieces.append(_piece(around, ends, opens, whole, setting.help, setting.recipient, "this"))
        strips.append(Strip(setting.called(caregiver_id), tuple(pieces)))
    return tuple(strips)


def _piece(
    start: datetime, end: datetime, opens: datetime, whole: float, help_kind: str, text: str, state: str
) -> Piece:
    left = max((start - opens).total_seconds() / whole, 0.0)
    right = min((end - opens).total_seconds() / whole, 1.0)
    return Piece(round(left * 100, 2), round(max(right - left, 0.01) * 100, 2), help_kind, text, state)


def _lane(address: str) -> str:
    """The lane and number of an address; the street of the city before it is known anyway."""
    for mark in ("街道", "乡", "镇"):
        head, found, tail = address.partition(mark)
        if found and tail and len(head) < 8:
            address = tail
            break
    return address.split(" 栋")[0][:12]


def _hours(around: datetime) -> tuple[tuple[float, str], ...]:
    opens, whole = around - BEFORE, (BEFORE + AFTER).total_seconds()
    first = local(opens).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    marks = (first + timedelta(hours=n) for n in range(4))
    shown = (((mark - opens).total_seconds() / whole * 100, f"{mark.hour}:00") for mark in marks)
    return tuple((round(at, 2), text) for at, text in shown if at < 92)


def why_not_of(
    not_offered: Sequence[NotOffered], nearest: NotOffered | None, tallies: Sequence[Tally], voice: Voice
) -> WhyNot:
    """Name the nearest miss and whoever has a reason of their own; count the others by reason."""
    telling = [other for other in not_offered if other != nearest and other.reason.code not in DULL]
    listed = [*([nearest] if nearest else []), *telling][:LISTED]
    named = tuple((voice.called(other.caregiver_id), voice.told(other.reason)) for other in listed)
    left = {tally.code: tally.count for tally in tallies}
    for other in listed:
        if left.get(other.reason.code):
            left[other.reason.code] -= 1
    counted = sorted(((n, code) for code, n in left.items() if n > 0), reverse=True)
    words = [f"{sentence(bare(code), voice.language)} {n}" for n, code in counted[:4]]
    return WhyNot(named, voice.t("，", ", ").join(words), sum(n for n, _ in counted))


def _spoken(
    told: StartWindow, names: Sequence[str], provider: str, copay_fen: int | None, setting: Setting
) -> str:
    house = provider or setting.t("服务组织", "the provider")
    return say.promise(
        language=setting.language,
        caller=setting.caller,
        told=(told.opens_at, told.closes_at),
        now=setting.now,
        who=say.who_comes(names, house, setting.crew, setting.language),
        item=setting.item,
        help_kind=setting.help,
        copay_fen=copay_fen,
    )


def as_it_stands(choice: Choice, setting: Setting, told: StartWindow, caregiver_ids: Sequence[str]) -> Choice:
    """The choice with what was told last: a visit may have been moved or bound since it was booked."""
    names = [setting.called(an_id) for an_id in caregiver_ids]
    return replace(
        choice,
        told=told,
        names=setting.joined(caregiver_ids),
        bound=bool(caregiver_ids),
        sentence=_spoken(told, names, choice.provider, choice.copay_fen, setting),
    )


def _with_sentence(choice: Choice, decisions: Sequence[Decision], setting: Setting) -> Choice:
    if choice.told is None:
        return choice
    promises = [decision for decision in decisions if isinstance(decision, PromiseMade)]
    names = [setting.called(an_id) for an_id in promises[-1].caregiver_ids]
    spoken = _spoken(choice.told, names, choice.provider, choice.copay_fen, setting)
    lines = tuple(
        replace(line, sentence=spoken, told=choice.told) if line.rank == 1 else line for line in choice.lines
    )
    return replace(choice, sentence=spoken, lines=lines)
