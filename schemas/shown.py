"""How figures, times and telephone numbers are shown. Pure; city time is shown in the zone of the city."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from schemas.reasons import Language

ZONE = ZoneInfo("Asia/Shanghai")
WEEKDAYS = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
HELPS = {
    "MEAL": ("助餐", "Meal"),
    "BATHING": ("助浴", "Bathing"),
    "CLEANING": ("助洁", "Cleaning"),
    "MOBILITY": ("助行", "Mobility"),
    "MEDICAL": ("助医", "Medical"),
    "EMERGENCY": ("助急", "Emergency"),
    "CARE": ("护理", "Care"),
    "VISITING": ("探访", "Visiting"),
    "COMFORT": ("精神慰藉", "Comfort"),
    "HOUSEHOLD": ("便民维修", "Household"),
}
SIX_HELPS = ("MEAL", "BATHING", "CLEANING", "MOBILITY", "MEDICAL", "EMERGENCY")
PAYERS = {"INSURANCE": ("长护险", "Insurance"), "BUREAU": ("政府购买", "Bureau"), "SELF": ("自己付", "Self")}


PROGRAMMES = {"NANYANG-2021": ("政府购买", "City purchase")}
"""Short names of programmes, as a seat says them."""


def local(moment: datetime) -> datetime:
    """The moment in the city's zone."""
    return moment.astimezone(ZONE)


def clock(moment: datetime) -> str:
    """`9:05`, hours without a leading nought."""
    there = local(moment)
    return f"{there.hour}:{there.minute:02d}"


def clock_s(moment: datetime) -> str:
    """`09:42:18`."""
    return local(moment).strftime("%H:%M:%S")


def span(start: datetime, end: datetime) -> str:
    """`9:05–9:25`."""
    return f"{clock(start)}–{clock(end)}"


def month_day(moment: datetime | date) -> str:
    """`11-05`."""
    there = local(moment) if isinstance(moment, datetime) else moment
    return there.strftime("%m-%d")


def day(moment: datetime, now: datetime, language: Language) -> str:
    """`明天 11 月 13 日 周五`, `Tomorrow, Fri 13 Nov`; today, tomorrow and the day after are named."""
    there, ahead = local(moment), (local(moment).date() - local(now).date()).days
    if language == "zh":
        name = {-1: "昨天 ", 0: "今天 ", 1: "明天 ", 2: "后天 "}.get(ahead, "")
        return f"{name}{there.month} 月 {there.day} 日 周{WEEKDAYS['zh'][there.weekday()]}"
    name = {-1: "Yesterday, ", 0: "Today, ", 1: "Tomorrow, "}.get(ahead, "")
    return f"{name}{WEEKDAYS['en'][there.weekday()]} {there.day} {MONTHS[there.month - 1]}"


def yuan(fen: int) -> str:
    """Whole fen as yuan with two decimals and thousands, a true minus sign: `−1,076.00`."""
    sign = "−" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{rest:02d}"


def masked(telephone: str) -> str:
    """`138****2716`; a shorter number keeps its first figure and its last three."""
    digits = "".join(c for c in telephone if c.isdigit())
    if len(digits) == 11:
        return f"{digits[:3]}****{digits[-4:]}"
    return f"{digits[:1]}****{digits[-3:]}" if len(digits) > 4 else "****"


def help_name(kind: str, language: Language) -> str:
    """The help's name; a code nobody knows stays as it is."""
    zh, en = HELPS.get(kind, (kind, kind))
    return zh if language == "zh" else en


def payer_name(payer: str, language: Language) -> str:
    """The payer's name."""
    zh, en = PAYERS.get(payer, (payer, payer))
    return zh if language == "zh" else en


def programme_name(programme_id: str, language: Language) -> str:
    """The programme's short name; one that has none keeps its id."""
    zh, en = PROGRAMMES.get(programme_id, (programme_id, programme_id))
    return zh if language == "zh" else en


def minutes(seconds: int) -> int:
    """Whole minutes, rounded up."""
    return -(-seconds // 60)


def age(born_on: date, now: datetime) -> int:
    """Completed years."""
    today = local(now).date()
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))
