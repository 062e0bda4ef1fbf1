"""What a seat reads of a recipient at a glance: tags and levels as codes, with their Chinese and English."""

from collections.abc import Iterable
from typing import Literal

TAGS: dict[str, tuple[str, str]] = {
    "LIVES_ALONE": ("独居", "lives alone"),
    "EMPTY_NEST": ("空巢", "children away"),
    "OLD_COUPLE": ("老两口", "old couple"),
    "NINETY_PLUS": ("九十以上", "over ninety"),
    "LOW_INCOME": ("低保", "low income"),
    "LOW_INCOME_EDGE": ("低保边缘", "near low income"),
    "DESTITUTE": ("特困", "destitute"),
    "LOST_ONLY_CHILD": ("失独", "lost an only child"),
    "VETERAN": ("优抚", "veteran"),
    "DEMENTIA": ("失智", "dementia"),
    "HARD_OF_HEARING": ("听力差", "hard of hearing"),
    "WHEELCHAIR": ("坐轮椅", "wheelchair"),
    "DIABETIC": ("糖尿病餐", "diabetic meals"),
}

LEVELS: dict[str, tuple[str, str]] = {
    "ABLE": ("能力完好", "able"),
    "MILD": ("轻度失能", "mildly disabled"),
    "MODERATE": ("中度失能", "moderately disabled"),
    "SEVERE": ("重度失能", "severely disabled"),
    "TOTAL": ("完全失能", "fully disabled"),
}


def tag_names(codes: Iterable[str], language: Literal["zh", "en"]) -> tuple[str, ...]:
    """Names of tags and levels; a code nobody described stays as it is."""
    index = 0 if language == "zh" else 1
    known = {**TAGS, **LEVELS}
    return tuple(known[code][index] if code in known else code for code in codes)
