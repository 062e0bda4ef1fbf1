"""A journal row: one fact and all that was decided from it."""

import json
from typing import Any, Self

from schemas.base import Ident, Instant, Whole, Word
from schemas.canonical import canonical_bytes, chain_hash
from schemas.decisions import Decision
from schemas.facts import Fact

GENESIS = bytes(32)
"""The hash before an area's first row."""


class Row(Word):
    """`(area, seq)` is gapless from 1; `now` is city time; `decider` is the version of the rules."""

    area: Ident
    seq: Whole
    now: Instant
    decider: Whole
    fact: Fact
    decisions: tuple[Decision, ...] = ()

    @property
    def fact_id(self) -> str:
        """The id of the fact in this row."""
        return self.fact.fact_id

    def body(self) -> bytes:
        """Canonical bytes; what is stored and hashed."""
        plain: dict[str, Any] = self.model_dump(mode="json")
        plain["fact_id"] = self.fact.fact_id
        return canonical_bytes(plain)

    def hashed(self, previous: bytes) -> bytes:
        """This row's hash after a row with hash `previous`."""
        return chain_hash(previous, self.body())

    @classmethod
    def of_body(cls, body: bytes) -> Self:
        """Read a stored body. Raises pydantic.ValidationError for a word this version does not know."""
        plain = json.loads(body)
        del plain["fact_id"]
        return cls.model_validate(plain)
