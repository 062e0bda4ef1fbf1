"""What is held before it is paid: grouped by the first reason, with what a person can do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from consumers.finance import queries
from consumers.finance.queries import Period
from consumers.names import names_of, reason_of
from schemas.reasons import SENTENCES, Language, sentence

TO_DO = {
    "SERVICE_SHORT": (
        "问服务人员为什么提前结束，和服务对象核对；属实的按实际时长付。",
        "Ask why the service ended early and check with the recipient; if true, pay by the time served.",
    ),
    "CHECK_OUT_MISSING": (
        "请服务组织补报签退时间和理由；打电话向服务对象核对做了多久。",
        "Have the provider report the time of leaving with a reason; ask the recipient how long it took.",
    ),
    "CHECK_IN_MISSING": (
        "请服务组织补报到门时间和理由；打电话向服务对象核对人来过没有。",
        "Have the provider report the arrival with a reason; ask the recipient whether somebody came.",
    ),
    "POSITION_FAR": (
        "在地图上看签到处离家多远；问清是在别处服务，还是没到。",
        "See how far from home the check-in was; ask whether it was served elsewhere or not at all.",
    ),
    "POSITION_MISSING": (
        "没有定位不等于没做：打电话向服务对象核对，再看同一人近期有没有同样情况。",
        "No position is not no service: call the recipient, and look for the same with this caregiver.",
    ),
    "POSITION_MOCKED": (
        "位置是模拟的，先不付；通知服务组织说明，必要时上门查。",
        "The position was mocked: do not pay yet; ask the provider, and visit if needed.",
    ),
    "POSITION_INEXACT": (
        "误差太大，看不出在不在：打电话向服务对象核对。",
        "Too inexact to tell: call the recipient.",
    ),
    "OUT_BEFORE_IN": (
        "签退早于签到，先核对手机时间差，再请服务组织说明。",
        "Left before coming: check the phone's clock, then ask the provider.",
    ),
    "CREW_INCOMPLETE": (
        "该两人去只到一人：核对洗得是否安全，按到的人付还是退回，由您定。",
        "One of two came: check that it was safe; pay for who came or send it back.",
    ),
    "CREW_APART": (
        "两人开始相差太久：核对是否两人一起服务。",
        "The two started far apart: check that they served together.",
    ),
    "UPLOADED_LATE": (
        "上传晚了，原来的时间没改过：核对服务对象说法即可。",
        "Uploaded late, times unaltered: a word with the recipient will do.",
    ),
    "OBSTRUCTED": (
        "到门口没能服务：看原因，决定付不付空跑费。",
        "At the door without serving: see why, decide on the call-out.",
    ),
}
ELSE_TO_DO = (
    "打电话向服务对象核对，再请服务组织书面说明。",
    "Check with the recipient by telephone, then have the provider explain in writing.",
)


@dataclass(frozen=True)
class Held:
    """One held bill in the list."""

    visit_id: str
    help: str
    name: str
    when: Any
    sentence: str
    total_fen: int
    code: str


@dataclass(frozen=True)
class Group:
    """Held bills of one first reason."""

    code: str
    title: str
    held: tuple[Held, ...]


def first_reason(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The reason a bill is held for, as stored."""
    told = [*row["exceptions"], *row["findings"]]
    return told[0] if told else {"code": "OTHER", "numbers": {}, "refs": {}}


def to_do(code: str, language: Language) -> str:
    """What to do about a code."""
    zh, en = TO_DO.get(code, ELSE_TO_DO)
    return zh if language == "zh" else en


def title_of(code: str, language: Language) -> str:
    """A code as a short heading: its sentence up to the first figure."""
    zh, en = SENTENCES.get(code, (code, code))
    short = (zh if language == "zh" else en).split("{")[0].strip(" ，,;；：:")
    return _TITLES.get(code, (short, short))[0 if language == "zh" else 1]


_TITLES = {
    "SERVICE_SHORT": ("时长不足", "Short service"),
    "POSITION_FAR": ("离家太远", "Far from home"),
    "POSITION_INEXACT": ("定位太粗", "Position inexact"),
    "CREW_INCOMPLETE": ("人没到齐", "Crew incomplete"),
    "CREW_APART": ("没有一起开始", "Crew apart"),
    "UPLOADED_LATE": ("上传太晚", "Uploaded late"),
    "CLOCK_IN_FUTURE": ("手机时间超前", "Phone clock ahead"),
}


def groups_of(connection: Connection, period: Period, language: Language) -> tuple[Group, ...]:
    """All held bills of the month, the largest group first."""
    rows = queries.bills(connection, period, only="held")
    names = names_of(connection, (row["recipient_id"] for row in rows), language)
    by_code: dict[str, list[Held]] = {}
    for row in rows:
        by_code.setdefault(first_reason(row)["code"], []).append(_held(row, names, language))
    found = [Group(code, title_of(code, language), tuple(held)) for code, held in by_code.items()]
    return tuple(sorted(found, key=lambda group: (-len(group.held), group.code)))


def _held(row: Mapping[str, Any], names: Mapping[str, str], language: Language) -> Held:
    reason = reason_of(first_reason(row))
    name = names.get(row["recipient_id"] or "", row["recipient_id"] or "?")
    when = row["started_at"] or row["opens_at"]
    told = sentence(reason, language, names)
    return Held(row["visit_id"], row["help"], name, when, told, row["total_fen"] or 0, reason.code)


def neighbours(groups: Sequence[Group], visit_id: str) -> tuple[str | None, str | None]:
    """The held visits before and after one in the list."""
    order = [held.visit_id for group in groups for held in group.held]
    if visit_id not in order:
        return None, None
    at = order.index(visit_id)
    before = order[at - 1] if at else None
    return before, order[at + 1] if at + 1 < len(order) else None
