"""Sealing what describes a person: AES-256-GCM with that person's key. Without the key it is noise."""

import base64
import hmac
from hashlib import sha256
from typing import TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas.base import Sealed, Word
from schemas.facts import Fact, SealedFact
from schemas.shapes import (
    AlarmSecret,
    CaregiverSecret,
    EntitlementSecret,
    EvidenceSecret,
    RecipientSecret,
    TripSecret,
)

KEY_BYTES = 32
NONCE_BYTES = 12
Secret = TypeVar("Secret", bound=Word)

_SECRETS: dict[str, type[Word]] = {
    "CaregiverEnrolled": CaregiverSecret,
    "RecipientEnrolled": RecipientSecret,
    "EntitlementGranted": EntitlementSecret,
    "CaregiverCheckedIn": EvidenceSecret,
    "CaregiverCheckedOut": EvidenceSecret,
    "AlarmRaised": AlarmSecret,
    "ServiceRequested": TripSecret,
}


class SealBroken(Exception):
    """A sealed part does not open although its key exists: a bad fact."""


def seal(secret: Word, person_id: str, key: bytes, nonce: bytes) -> Sealed:
    """Seal `secret` for `person_id`; `nonce` is 12 fresh random bytes made by the caller."""
    data = AESGCM(key).encrypt(nonce, secret.model_dump_json().encode(), person_id.encode())
    return Sealed(
        person_id=person_id, nonce=base64.b64encode(nonce).decode(), data=base64.b64encode(data).decode()
    )


def seal_once(secret: Word, person_id: str, key: bytes, fact_id: str) -> Sealed:
    """Seal for a fact that may be sent again: the same content gives the same bytes each time.

    The nonce is derived from key, fact and content, so that no two contents ever share one.
    """
    content = f"{fact_id}/{secret.model_dump_json()}".encode()
    return seal(secret, person_id, key, hmac.new(key, content, sha256).digest()[:NONCE_BYTES])


def unseal(sealed: Sealed, shape: type[Secret], key: bytes) -> Secret:
    """Open a sealed part. Raises SealBroken."""
    try:
        nonce = base64.b64decode(sealed.nonce, validate=True)
        data = base64.b64decode(sealed.data, validate=True)
        return shape.model_validate_json(AESGCM(key).decrypt(nonce, data, sealed.person_id.encode()))
    except (InvalidTag, ValueError) as error:
        raise SealBroken(sealed.person_id) from error


def sealed_part(fact: Fact) -> Sealed | None:
    """The sealed part of a fact, if its kind has one."""
    return fact.sealed if isinstance(fact, SealedFact) else None


def open_fact(fact: Fact, key: bytes | None) -> Fact:
    """The fact with its sealed part opened; as it was when there is none or its key was erased."""
    sealed = sealed_part(fact)
    if sealed is None or key is None:
        return fact
    return fact.model_copy(update={"opened": unseal(sealed, _SECRETS[fact.word], key)})


__all__ = [
    "KEY_BYTES",
    "NONCE_BYTES",
    "SealBroken",
    "SealedFact",
    "open_fact",
    "seal",
    "seal_once",
    "sealed_part",
    "unseal",
]
