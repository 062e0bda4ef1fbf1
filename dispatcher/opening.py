"""Opening what travels closed: sealed parts with their person's key, large tables by their hash."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from schemas.envelope import BadFact
from schemas.facts import AlarmRaised, Fact, TravelTablePublished
from schemas.sealing import SealBroken, open_fact, sealed_part
from schemas.tables import blobs, person_keys


class Opener:
    """Keys and blobs of the facts of one transaction; looked up each time, so that an erased key is seen."""

    def __init__(self, keys: dict[str, bytes], tables: dict[str, bytes]) -> None:
        self._keys = keys
        self._tables = tables

    @classmethod
    def of(cls, connection: Connection, facts: Iterable[Fact]) -> "Opener":
        """Everything these facts need, as it stands now."""
        persons: set[str] = set()
        hashes: set[str] = set()
        for fact in facts:
            sealed = sealed_part(fact)
            if sealed is not None:
                persons.add(sealed.person_id)
            if isinstance(fact, TravelTablePublished):
                hashes.add(fact.sha256)
        keys: dict[str, bytes] = {}
        tables: dict[str, bytes] = {}
        if persons:
            found = connection.execute(
                select(person_keys.c.person_id, person_keys.c.key).where(person_keys.c.person_id.in_(persons))
            )
            keys = {row.person_id: bytes(row.key) for row in found}
        if hashes:
            found = connection.execute(select(blobs.c.sha256, blobs.c.body).where(blobs.c.sha256.in_(hashes)))
            tables = {row.sha256: bytes(row.body) for row in found}
        return cls(keys, tables)

    def open(self, fact: Fact) -> Fact:
        """The fact opened, to be decided. Raises BadFact SEAL_BROKEN or BLOB_MISSING.

        An alarm is never refused: one whose place does not open is decided without it.
        """
        if isinstance(fact, TravelTablePublished):
            table = self._tables.get(fact.sha256)
            if table is None or len(table) != fact.size * fact.size * 4:
                raise BadFact("BLOB_MISSING", fact.sha256)
            return fact.model_copy(update={"opened": table})
        try:
            return open_fact(fact, self._key_of(fact))
        except SealBroken as broken:
            if isinstance(fact, AlarmRaised):
                return fact
            raise BadFact("SEAL_BROKEN", str(broken)) from None

    def open_to_fold(self, fact: Fact) -> Fact:
        """The fact opened as far as it can be: what does not open any more reads as forgotten."""
        try:
            return self.open(fact)
        except BadFact:
            return fact

    def forget(self, person_id: str) -> None:
        """From here on this person's parts stay closed."""
        self._keys.pop(person_id, None)

    def _key_of(self, fact: Fact) -> bytes | None:
        sealed = sealed_part(fact)
        return None if sealed is None else self._keys.get(sealed.person_id)
