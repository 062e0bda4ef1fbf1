"""Reasons: whoever reads a refusal must understand it, in either language."""

import ast
import re
import string
from pathlib import Path

import pytest

from schemas.base import Reason
from schemas.reasons import SENTENCES, sentence

ROOT = Path(__file__).parents[3]
CHINESE = re.compile(r"[一-鿿]")


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_every_code_has_a_chinese_and_an_english_sentence_with_the_same_numbers(code: str) -> None:
    zh, en = SENTENCES[code]
    assert CHINESE.search(zh)
    assert en
    assert not CHINESE.search(en)
    fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (zh, en)]
    assert fields[0] == fields[1]


def codes_in_the_rooms() -> set[str]:
    """Every literal code handed to a Reason or a BadFact anywhere in the rooms."""
    found = set()
    for room in ("dispatcher", "producers", "consumers", "infra", "schemas"):
        for path in (ROOT / room).rglob("*.py"):
            if "node_modules" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                    given = [*node.args, *(k.value for k in node.keywords if k.arg == "code")]
                    if re.search(r"(?i)(reason|badfact|refused|refuse)$", name):
                        found |= {
                            arg.value
                            for arg in given
                            if isinstance(arg, ast.Constant)
                            and isinstance(arg.value, str)
                            and re.fullmatch(r"[A-Z][A-Z0-9_]{2,47}", arg.value)
                        }
    return found


def test_every_code_that_the_rooms_speak_has_its_sentence() -> None:
    """A code without a sentence would stand before an operator as bare capitals."""
    spoken = codes_in_the_rooms()
    assert len(spoken) > 60
    assert spoken - set(SENTENCES) == set()


def test_numbers_are_read_in_the_units_people_use() -> None:
    assert sentence(Reason(code="ARRIVES_LATE", numbers={"late_s": 61}), "zh") == "赶不到，晚 2 分钟"
    assert sentence(Reason(code="PRICE", numbers={"price_fen": 18_005}), "en") == "list price 180.05 yuan"


def test_a_missing_number_shows_a_question_mark_and_never_fails() -> None:
    """An old row with fewer numbers must still be readable."""
    assert "?" in sentence(Reason(code="ARRIVES_LATE"), "en")
