"""One form for every record: sorted keys, no spaces, UTF-8, whole numbers."""

import json
from hashlib import sha256
from typing import Any


def _refuse_float(value: Any) -> Any:
    raise TypeError(f"not canonical: {value!r} of {type(value).__name__}")


def canonical_bytes(record: Any) -> bytes:
    """The canonical JSON of plain data (dict, list, str, int, bool, None).

    Raises TypeError for anything else; a float has no canonical form here.
    """
    _check(record)
    return json.dumps(
        record, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_refuse_float
    ).encode()


def _check(value: Any) -> None:
    if isinstance(value, float):
        _refuse_float(value)
    elif isinstance(value, dict):
        for item in value.values():
            _check(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _check(item)


def chain_hash(previous: bytes, body: bytes) -> bytes:
    """The hash of a journal row: SHA-256 over the previous row's hash and the body."""
    return sha256(previous + body).digest()
