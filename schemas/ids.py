"""Identifiers: made where the fact arises (UUIDv7), or derived from the fact that led to them."""

import uuid

import uuid6

_DECIDED = uuid.UUID("5b1f6a52-6d5c-5c55-9f0a-12349a6c7e00")


def new_id() -> str:
    """A fresh UUIDv7. Only for the edge, where a fact arises."""
    return str(uuid6.uuid7())


def decided_id(fact_id: str, n: int) -> str:
    """The `n`-th id that the decision on `fact_id` makes: the same at every replay (UUIDv5)."""
    return str(uuid.uuid5(_DECIDED, f"{fact_id}/{n}"))
