"""What the operator reads aloud: figures, times and money as they are spoken, Chinese and English. Pure."""

from collections.abc import Sequence
from datetime import datetime

from schemas.codes import Gender
from schemas.reasons import Language
from schemas.shown import MONTHS, WEEKDAYS, clock, local

DIGITS = "零一二三四五六七八九"
COMPOUND_SURNAMES = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "夏侯",
    "司徒",
)
COMING: dict[str, tuple[str, str]] = {
    "MEAL": ("给您送饭", "bring your meal"),
    "BATHING": ("给您洗澡", "give you a bath"),
    "CLEANING": ("给您打扫", "clean your home"),
    "MOBILITY": ("陪您出门", "go out with you"),
    "MEDICAL": ("给您看护身体", "look after your health"),
    "EMERGENCY": ("帮您办急事", "help you at once"),
    "CARE": ("照护您", "take care of you"),
    "VISITING": ("看望您", "visit you"),
    "COMFORT": ("陪您说说话", "talk with you"),
    "HOUSEHOLD": ("给您修东西", "mend things for you"),
    "BATH_BED": ("给您擦身", "give you a bed bath"),
    "BLOOD_PRESSURE": ("给您量血压", "take your blood pressure"),
    "MEDICINE_FETCH": ("给您取药", "fetch your medicine"),
    "EMERGENCY_RESPONSE": ("帮您", "help you"),
}
"""What they come to do, by item where it has its own words, else by help."""
SMALL = (
    "nought",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def number_zh(n: int) -> str:
    """0 to 99,999,999 as read aloud: 12 十二, 20 二十, 105 一百零五, 2010 两千零一十."""
    if n >= 10_000:
        high, low = divmod(n, 10_000)
        tail = ("零" if 0 < low < 1000 else "") + (number_zh(low) if low else "")
        return ("两" if high == 2 else number_zh(high)) + "万" + tail
    if n < 10:
        return DIGITS[n]
    if n < 20:
        return "十" + (DIGITS[n % 10] if n % 10 else "")
    return _under_ten_thousand(n)


def _under_ten_thousand(n: int) -> str:
    spoken, skipped = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = n // unit % 10
        if digit == 0:
            skipped = bool(spoken)
            continue
        if skipped:
            spoken, skipped = spoken + "零", False
        spoken += ("两" if digit == 2 and unit >= 100 and not spoken else DIGITS[digit]) + name
    return spoken


def number_en(n: int) -> str:
    """0 to 999,999 in English words."""
    if n < 20:
        return SMALL[n]
    if n < 100:
        return TENS[n // 10] + (f"-{SMALL[n % 10]}" if n % 10 else "")
    if n < 1000:
        rest = n % 100
        return f"{SMALL[n // 100]} hundred" + (f" and {number_en(rest)}" if rest else "")
    rest = n % 1000
    return f"{number_en(n // 1000)} thousand" + (
        f" {'and ' if rest < 100 else ''}{number_en(rest)}" if rest else ""
    )


def part_of_day(hour: int) -> str:
    """How the hour is called: 凌晨, 早上, 上午, 中午, 下午, 晚上."""
    for until, name in ((6, "凌晨"), (9, "早上"), (12, "上午"), (13, "中午"), (18, "下午")):
        if hour < until:
            return name
    return "晚上"


def clock_zh(moment: datetime, *, with_part: bool = True) -> str:
    """`上午九点零五`, `下午两点半`, `早上八点`."""
    there = local(moment)
    hour = there.hour % 12 or (12 if there.hour else 0)
    spoken = ("两" if hour == 2 else number_zh(hour)) + "点"
    if there.minute == 30:
        spoken += "半"
    elif there.minute:
        spoken += ("零" if there.minute < 10 else "") + number_zh(there.minute)
        spoken += "分" if there.minute == 10 else ""
    return (part_of_day(there.hour) if with_part else "") + spoken


def span_zh(start: datetime, end: datetime) -> str:
    """`上午九点零五到九点二十五`; the part of the day is said again only when it changes."""
    again = part_of_day(local(start).hour) != part_of_day(local(end).hour)
    return f"{clock_zh(start)}到{clock_zh(end, with_part=again)}"


def day_zh(moment: datetime, now: datetime) -> str:
    """`今天`, `明天`, `后天`, else `十一月十三号星期五`."""
    there = local(moment)
    near = {0: "今天", 1: "明天", 2: "后天"}.get((there.date() - local(now).date()).days)
    weekday = "日" if there.weekday() == 6 else WEEKDAYS["zh"][there.weekday()]
    return near or f"{number_zh(there.month)}月{number_zh(there.day)}号星期{weekday}"


def day_en(moment: datetime, now: datetime) -> str:
    """`today`, `tomorrow`, else `on Fri 13 November`."""
    there = local(moment)
    near = {0: "today", 1: "tomorrow"}.get((there.date() - local(now).date()).days)
    return near or f"on {WEEKDAYS['en'][there.weekday()]} {there.day} {MONTHS[there.month - 1]}"


def money_zh(fen: int) -> str:
    """`十二块钱`, `十二块五`, `十二块零五分`, `五毛钱`."""
    whole, rest = divmod(fen, 100)
    jiao, cents = divmod(rest, 10)
    if not whole and not rest:
        return "零块钱"
    spoken = ("两" if whole == 2 else number_zh(whole)) + "块" if whole else ""
    if not rest:
        return spoken + "钱"
    if jiao and not cents:
        return spoken + (DIGITS[jiao] if whole else f"{'两' if jiao == 2 else DIGITS[jiao]}毛钱")
    if jiao:
        return f"{spoken}{DIGITS[jiao]}毛{DIGITS[cents]}"
    return f"{spoken}{'零' if whole else ''}{DIGITS[cents]}分"


def money_en(fen: int) -> str:
    """`twelve yuan`, `twelve yuan fifty`."""
    whole, rest = divmod(fen, 100)
    return f"{number_en(whole)} yuan" + (f" {number_en(rest)}" if rest else "")


def surname_zh(name: str) -> str:
    """The surname of a Chinese name; those of two characters are known."""
    return name[:2] if name.startswith(COMPOUND_SURNAMES) else name[:1]


def address_zh(name: str, gender: str) -> str:
    """How an older caller is addressed: `罗阿姨`, `贺叔叔`."""
    return surname_zh(name) + ("阿姨" if gender == Gender.FEMALE else "叔叔")


def address_en(name: str, gender: str) -> str:
    """`Ms Luo` of `Luo Yuzhen`."""
    return ("Ms " if gender == Gender.FEMALE else "Mr ") + name.partition(" ")[0]


def _listed(names: Sequence[str], language: Language) -> str:
    if language == "zh":
        return "和".join(names) if len(names) < 3 else "、".join(names[:-1]) + "和" + names[-1]
    return " and ".join(names) if len(names) < 3 else ", ".join(names[:-1]) + " and " + names[-1]


def who_comes(names: Sequence[str], provider: str, crew: int, language: Language) -> str:
    """Names where they may be told; else the provider and how many come."""
    if names:
        return _listed(names, language)
    if language == "zh":
        return f"{provider}派{'人' if crew == 1 else '两个人' if crew == 2 else number_zh(crew) + '个人'}"
    return f"{'someone' if crew == 1 else number_en(crew) + ' people'} of {provider}"


def promise(
    *,
    language: Language,
    caller: str,
    told: tuple[datetime, datetime],
    now: datetime,
    who: str,
    item: str,
    help_kind: str,
    copay_fen: int | None,
) -> str:
    """The sentence for the caller: when, who, what for, and what it costs them.

    `caller` is how they are addressed, `who` from `who_comes`. `copay_fen` None leaves the money out.
    """
    zh, en = COMING.get(item) or COMING.get(help_kind, ("帮您", "help you"))
    start, end = told
    if language == "zh":
        pays = (
            ""
            if copay_fen is None
            else "，您不用付钱"
            if copay_fen == 0
            else f"，您自己付{money_zh(copay_fen)}"
        )
        return f"{caller}，{day_zh(start, now)}{span_zh(start, end)}，{who}来{zh}{pays}。"
    money = (
        ""
        if copay_fen is None
        else " You pay nothing."
        if copay_fen == 0
        else f" You pay {money_en(copay_fen)}."
    )
    when = f"{day_en(start, now)} between {clock(start)} and {clock(end)}"
    return f"{caller}, {when} {who} will come to {en}.{money}"


def emergency(
    *, language: Language, address: str, gender: str, age: int | None, facts: Sequence[str], cause: str
) -> str:
    """What is told to 120: where, who, what is known of their health, what happened. `facts` are phrases."""
    if language == "zh":
        who = ["女" if gender == Gender.FEMALE else "男", f"{age} 岁" if age is not None else ""]
        return "，".join(part for part in (address, *who, *facts) if part) + f"。{cause}。"
    who = ["woman" if gender == Gender.FEMALE else "man", f"{age}" if age is not None else ""]
    return ", ".join(part for part in (address, *who, *facts) if part) + f". {cause}."
