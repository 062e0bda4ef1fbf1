"""A dead letter's body mended: read again as a new fact. Pure."""

import json
from typing import Any

from schemas.envelope import BadFact, read_fact
from schemas.facts import FACT, Fact

NOTE_BYTES = 65_536


def as_text(body: bytes | None) -> str:
    """A body to be edited: JSON laid out, anything else as it is, unreadable bytes marked."""
    raw = bytes(body or b"")
    try:
        return json.dumps(json.loads(raw), ensure_ascii=False, indent=2)
    except (ValueError, UnicodeDecodeError):
        return raw[:NOTE_BYTES].decode("utf-8", errors="replace").replace("\x00", "�")


def mended_fact(text: str, fact_id: str) -> Fact:
    """The fact in `text` under the new id `fact_id`. Raises BadFact with a code that says what is wrong.

    The old id may have been used; a mended fact is another fact.
    """
    try:
        plain: Any = json.loads(text)
    except ValueError:
        raise BadFact("NOT_JSON", "") from None
    if not isinstance(plain, dict):
        raise BadFact("FIELD_WRONG", "{}")
    word = str(plain.get("word", ""))
    told = {**plain, "fact_id": fact_id}
    headers = {"ce_type": f"cn.liuzhu.{word}.v1".encode(), "ce_id": fact_id.encode()}
    fact = read_fact(headers, json.dumps(told).encode())
    assert FACT.validate_python(fact) == fact
    return fact
