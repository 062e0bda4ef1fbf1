"""Chinese names as an operator types them: full pinyin and initials, lower case, no spaces."""

from pypinyin import Style, lazy_pinyin

SURNAMES = {
    "单": "shan",
    "仇": "qiu",
    "解": "xie",
    "查": "zha",
    "曾": "zeng",
    "区": "ou",
    "任": "ren",
}
"""Surnames read otherwise than the common word."""


def pinyin_of(name: str) -> tuple[str, str]:
    """Full pinyin and initials of a person's name: ("luoyuzhen", "lyz") for 罗玉珍."""
    name = name.strip()
    syllables = lazy_pinyin(name, style=Style.NORMAL, errors="default")
    if name[:1] in SURNAMES and syllables:
        syllables[0] = SURNAMES[name[0]]
    plain = [syllable.lower().replace("ü", "v").replace(" ", "") for syllable in syllables]
    return "".join(plain), "".join(syllable[:1] for syllable in plain)
