"""One form for every record: sorted keys, no spaces, UTF-8, whole numbers."""

import json
import re
from hashlib import sha256
from typing import Any

_LIKE_A_FLOAT = re.compile(r'(?:^|":|[\[,])-?(?:\d+[.eE]|NaN|Infinity)')
"""Met wherever a float stands in canonical JSON, and in some texts."""


def _refuse_float(value: Any) -> Any:
    raise TypeError(f"not canonical: {value!r} of {type(value).__name__}")


def canonical_bytes(record: Any) -> bytes:
    """The canonical JSON of plain data (dict, list, str, int, bool, None).

    Raises TypeError for anything else; a float has no canonical form here.
    """
    text = json.dumps(
        record, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_refuse_float
    )
    if _LIKE_A_FLOAT.search(text):
        # Read once more to tell a float from a text that looks like one: the reader is compiled.
        json.loads(text, parse_float=_refuse_float, parse_constant=_refuse_float)
    return text.encode()


def chain_hash(previous: bytes, body: bytes) -> bytes:
    """The hash of a journal row: SHA-256 over the previous row's hash and the body."""
    return sha256(previous + body).digest()
