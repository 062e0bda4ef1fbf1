"""CloudEvents 1.0 in binary mode: `ce_*` headers, a JSON body, the area as key."""

from dataclasses import dataclass

from pydantic import ValidationError

from schemas.facts import ALARM_WORDS, FACT, Fact

INTAKE = "intake"
ALARMS = "alarms"
DISPATCH = "dispatch"
DEAD_LETTERS = "dead-letters"
AHEAD_SOURCE = "/care-plans"
"""Who says ahead of the day what nobody waits for: all others of the area may overtake such facts."""
TOPICS = (INTAKE, ALARMS, DISPATCH, DEAD_LETTERS)

FACT_VERSION = 1
MAX_BODY_BYTES = 262_144
_PREFIX = "cn.liuzhu."


@dataclass(frozen=True)
class Message:
    """What goes to a broker, whichever way it goes there."""

    key: bytes
    headers: tuple[tuple[str, bytes], ...]
    body: bytes


class BadFact(Exception):
    """Bytes that are not a fact we can read. `code` is a reason of `schemas.reasons`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


def topic_of(fact: Fact, *, of_case: bool = False) -> str:
    """The topic a fact travels on; `of_case` for what belongs to an emergency case."""
    return ALARMS if of_case or fact.word in ALARM_WORDS else INTAKE


def to_message(fact: Fact, source: str) -> Message:
    """A fact as a CloudEvents message; `source` names the process that speaks, e.g. `/console`."""
    headers = (
        ("ce_specversion", b"1.0"),
        ("ce_id", fact.fact_id.encode()),
        ("ce_type", f"{_PREFIX}{fact.word}.v{FACT_VERSION}".encode()),
        ("ce_source", source.encode()),
        ("ce_time", fact.said_at.isoformat().encode()),
        ("ce_partitionkey", fact.area.encode()),
        ("content-type", b"application/json"),
    )
    return Message(fact.area.encode(), headers, FACT.dump_json(fact))


def read_fact(headers: dict[str, bytes], body: bytes | None) -> Fact:
    """The fact in a message. Raises BadFact with a code that says what is wrong."""
    if body is None:
        raise BadFact("BODY_MISSING", "tombstone")
    if len(body) > MAX_BODY_BYTES:
        raise BadFact("BODY_TOO_LARGE", f"{len(body)} bytes, at most {MAX_BODY_BYTES}")
    kind = headers.get("ce_type", b"").decode(errors="replace")
    if not kind.startswith(_PREFIX):
        raise BadFact("TYPE_UNKNOWN", kind[:80] or "no ce_type")
    name, _, version = kind.removeprefix(_PREFIX).rpartition(".v")
    if not (version.isascii() and version.isdigit()):
        raise BadFact("TYPE_UNKNOWN", kind[:80])
    if int(version) > FACT_VERSION:
        raise BadFact("FACT_TOO_NEW", kind[:80])
    try:
        fact = FACT.validate_json(body)
    except ValidationError as error:
        raise BadFact(*_explain(error)) from None
    if fact.word != name or fact.fact_id != headers.get("ce_id", b"").decode(errors="replace"):
        raise BadFact("HEADER_MISMATCH", f"{name} / {fact.word}")
    if getattr(fact, "opened", None) is not None:
        raise BadFact("SEAL_MISSING", "an opened part never travels")
    return fact


def _explain(error: ValidationError) -> tuple[str, str]:
    """Code and place of the first fault; the value itself stays out (it may name a person)."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    kind, message = first["type"], first["msg"]
    if "WINDOW_REVERSED" in message:
        return "WINDOW_REVERSED", place
    if kind == "json_invalid":
        return "NOT_JSON", place
    if kind.startswith("union_tag"):
        return "TYPE_UNKNOWN", place
    if kind == "extra_forbidden":
        return "FIELD_UNKNOWN", place
    if place.endswith("_fen"):
        return "FEN_NOT_WHOLE", place
    if place.endswith(("lat_udeg", "lon_udeg")):
        return "POSITION_IMPOSSIBLE", place
    return "FIELD_WRONG", f"{place}: {kind}"
