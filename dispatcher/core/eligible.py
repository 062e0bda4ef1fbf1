"""Who may take a role at all, before any question of time.

One code per caregiver, the first rule that stops them.

Rules that depend on the item alone are kept per (skills, certificates, day) until a register fact changes
them.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt

from dispatcher.core.desk import Desk
from dispatcher.core.plan import Day
from dispatcher.core.records import Caregiver, Visit
from dispatcher.core.times import city_day, city_week
from schemas.base import Reason

CODES = (
    "",
    "NOT_ACTIVE",
    "POSITION_UNKNOWN",
    "SKILL_MISSING",
    "CERTIFICATE_MISSING",
    "CERTIFICATE_EXPIRED",
    "OTHER_PROVIDER",
    "GENDER_ASKED",
    "BARRED",
    "DECLINED_BEFORE",
    "LAPSED_BEFORE",
    "BUSY_WITH_CASE",
    "WEEK_FULL",
    "BOX_SMALL",
)
NUMBER = {code: number for number, code in enumerate(CODES)}
Codes = npt.NDArray[np.int8]


def static_code(
    desk: Desk, carer: Caregiver, skills: tuple[str, ...], certificates: tuple[str, ...], day: date
) -> str:
    """The first register rule that stops a caregiver, or ""."""
    provider = desk.providers.get(carer.provider_id)
    if not carer.active or provider is None or not provider.active:
        return "NOT_ACTIVE"
    if carer.home is None:
        return "POSITION_UNKNOWN"
    if not set(skills) <= set(carer.skills):
        return "SKILL_MISSING"
    for code in certificates:
        held = [c for c in carer.certificates if c.code == code]
        if not held or all(day < c.valid_from for c in held):
            return "CERTIFICATE_MISSING"
        if not any(c.valid_from <= day < c.valid_until for c in held):
            return "CERTIFICATE_EXPIRED"
    return ""


def expired_days(carer: Caregiver, certificates: tuple[str, ...], day: date) -> int:
    """Days since the first lacking certificate ran out."""
    for code in certificates:
        ends = [c.valid_until for c in carer.certificates if c.code == code]
        if ends and max(ends) <= day:
            return (day - max(ends)).days
    return 0


def role_codes(desk: Desk, visit: Visit, role: int, day_s: int) -> Codes:
    """Per caregiver (in the board's order) the number of the rule that stops them for this role; 0 is none.

    Not among the rules: the provider and gender that `visit` asks are left to `narrow`.
    """
    zone = desk.settings.time_zone if desk.settings else "UTC"
    day = city_day(day_s, zone)
    skills = visit.needs[role].skills
    key = (skills, visit.certificates, day)
    memo = desk.board.fitness
    codes = memo.get(key)
    if codes is None:
        numbers = [
            NUMBER[static_code(desk, carer, skills, visit.certificates, day)]
            for carer in desk.caregivers.values()
        ]
        codes = memo[key] = np.array(numbers, np.int8)
    codes = narrow(desk, visit, codes.copy())
    if visit.case_id is None:
        _week_full(desk, codes, visit.needs[role].duration_s, day_s)
    return codes


def _week_full(desk: Desk, codes: Codes, more_s: int, day_s: int) -> None:
    """Add whose contract allows no so much more work this week."""
    limits = _limits(desk)
    if limits is None:
        return
    full = work_of_week(desk, day_s) + more_s > limits
    codes[(codes == 0) & (limits >= 0) & full] = NUMBER["WEEK_FULL"]


def _limits(desk: Desk) -> npt.NDArray[np.int64] | None:
    """The most work of a week by caregiver, -1 where no contract says; None where none does."""
    memo = desk.board.fitness
    if "weeks" not in memo:
        said = [-1 if c.week_s is None else c.week_s for c in desk.caregivers.values()]
        memo["weeks"] = np.array(said, np.int64) if max(said, default=-1) >= 0 else None
    limits: npt.NDArray[np.int64] | None = memo["weeks"]
    return limits


def work_of_week(desk: Desk, day_s: int) -> npt.NDArray[np.int64]:
    """Seconds of work by caregiver in the city's week that holds the moment, as planned and lived."""
    board = desk.board
    from_s, to_s = city_week(day_s, desk.settings.time_zone if desk.settings else "UTC")
    lines = board.lines[:, : len(board.shift_ids)]
    held = lines[:, (lines[1] >= from_s) & (lines[1] < to_s)]
    work = np.bincount(held[0], weights=held[4], minlength=len(desk.caregivers))
    return work.astype(np.int64)


def week_over_s(desk: Desk, day: Day) -> int:
    """By how much the caregiver of a shift works more in its week than the contract allows."""
    limit_s = desk.caregivers[day.shift.caregiver_id].week_s
    if limit_s is None:
        return 0
    number = desk.board.numbers(desk)[day.shift.caregiver_id]
    return int(work_of_week(desk, day.shift.starts_s)[number]) - limit_s


def narrow(desk: Desk, visit: Visit, codes: Codes) -> Codes:
    """Add what this visit's recipient asks, and who declined, lapsed, or helps in an emergency."""
    if visit.provider_id is not None:
        codes[(codes == 0) & (_traits(desk)[0] != visit.provider_id)] = NUMBER["OTHER_PROVIDER"]
    if visit.gender is not None:
        codes[(codes == 0) & (_traits(desk)[1] != visit.gender.value)] = NUMBER["GENDER_ASKED"]
    for caregiver_id, code in _named(desk, visit):
        number = desk.board.numbers(desk).get(caregiver_id)
        if number is not None and codes[number] == 0:
            codes[number] = NUMBER[code]
    return codes


def _named(desk: Desk, visit: Visit) -> list[tuple[str, str]]:
    recipient = desk.recipients.get(visit.recipient_id)
    named = [(c, "BARRED") for c in (recipient.barred if recipient else ())]
    named += [(c, "BARRED") for c in _barring(desk).get(visit.recipient_id, ())]
    named += list(visit.refused)
    named += [(c, "BUSY_WITH_CASE") for c, case in desk.busy.items() if case != visit.case_id]
    return named


def _barring(desk: Desk) -> dict[str, list[str]]:
    """Caregivers who bar a recipient, by recipient."""
    memo = desk.board.fitness
    barring: dict[str, list[str]] | None = memo.get("barring")
    if barring is None:
        barring = memo["barring"] = {}
        for carer in desk.caregivers.values():
            for recipient_id in carer.barred:
                barring.setdefault(recipient_id, []).append(carer.caregiver_id)
    return barring


def _traits(desk: Desk) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """Provider and gender by caregiver."""
    memo = desk.board.fitness
    traits: tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]] | None = memo.get("traits")
    if traits is None:
        carers = desk.caregivers.values()
        providers = np.array([c.provider_id for c in carers], object)
        genders = np.array([c.gender.value if c.gender else "" for c in carers], object)
        traits = memo["traits"] = (providers, genders)
    return traits


def provider_numbers(desk: Desk) -> npt.NDArray[np.int64]:
    """A number for the provider of each caregiver, by the caregiver's number."""
    memo = desk.board.fitness
    numbers: npt.NDArray[np.int64] | None = memo.get("providers")
    if numbers is None:
        numbered: dict[str, int] = {}
        of_each = [numbered.setdefault(c.provider_id, len(numbered)) for c in desk.caregivers.values()]
        numbers = memo["providers"] = np.array(of_each, np.int64)
    return numbers


def reason_of(desk: Desk, visit: Visit, caregiver_id: str, code: str, day_s: int) -> Reason:
    """A caregiver's code as a reason with its numbers."""
    if code == "CERTIFICATE_EXPIRED":
        zone = desk.settings.time_zone if desk.settings else "UTC"
        carer = desk.caregivers[caregiver_id]
        days = expired_days(carer, visit.certificates, city_day(day_s, zone))
        return Reason(code=code, numbers={"days": days})
    return plain_reason(code)


_PLAIN: dict[str, Reason] = {}


def plain_reason(code: str) -> Reason:
    """A reason without numbers; the same object each time."""
    reason = _PLAIN.get(code)
    if reason is None:
        reason = _PLAIN[code] = Reason(code=code)
    return reason
