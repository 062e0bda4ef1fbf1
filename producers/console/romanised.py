"""Chinese names for English pages: `Luo Yuzhen` for 罗玉珍."""

from functools import lru_cache

from pypinyin import Style, lazy_pinyin

from producers.pinyin import SURNAMES
from schemas.sentences import surname_zh


@lru_cache(maxsize=8_192)
def romanised(name: str) -> str:
    """Surname and given name, each with a capital; a name that is not Chinese stays as it is."""
    if not name or name.isascii():
        return name
    surname = surname_zh(name)
    first = SURNAMES.get(surname) or "".join(lazy_pinyin(surname, style=Style.NORMAL))
    given = "".join(lazy_pinyin(name[len(surname) :], style=Style.NORMAL))
    return f"{first.capitalize()} {given.capitalize()}".strip()
