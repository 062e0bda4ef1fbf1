"""Every table. The dispatcher writes the journal's, producers the people's, consumers the derived ones."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from schemas.tables_base import instant, metadata
from schemas.tables_derived import (
    applied,
    cases,
    claims,
    duties,
    entries,
    notices,
    offers,
    outbox,
    postings,
    proposals,
    purses,
    refusals,
    shifts,
    stops,
    tariff_items,
    timings,
    visits,
)

# --- dispatcher: the truth ----------------------------------------------------------------------------

journal = Table(
    "journal",
    metadata,
    Column("area", String(64), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("fact_id", String(36), nullable=False),
    Column("now", instant(), nullable=False),
    Column("decider", Integer, nullable=False),
    Column("fact_word", String(48), nullable=False),
    Column("body", Text, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    UniqueConstraint("area", "fact_id"),
    Index(None, "fact_id"),
    comment="One row for every valid fact and its decisions; body is canonical JSON.",
)

heads = Table(
    "heads",
    metadata,
    Column("area", String(64), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    comment="The last row of each area; locked by whoever decides.",
)

positions = Table(
    "positions",
    metadata,
    Column("topic_id", String(36), primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("topic", String(249), nullable=False),
    Column("next_offset", BigInteger, nullable=False),
    comment="The next offset to decide, per topic id and partition.",
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("area", String(64), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("fold_version", Integer, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("state", LargeBinary, nullable=False),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("letter_id", BigInteger, primary_key=True, autoincrement=True),
    Column("topic", String(249), nullable=False),
    Column("topic_id", String(36), nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("area", String(64)),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary),
    Column("code", String(48), nullable=False),
    Column("detail", Text, nullable=False),
    Column("created_at", instant(), nullable=False, server_default=func.now()),
    Column("mended_at", instant()),
    UniqueConstraint("topic_id", "partition", "offset"),
    comment="Facts that could not be read or decided, with where they stood.",
)

relay_cursors = Table(
    "relay_cursors",
    metadata,
    Column("stream", String(80), primary_key=True, comment="area:<area> or dead-letters"),
    Column("seq", BigInteger, nullable=False),
)

city_time = Table(
    "city_time",
    metadata,
    Column("segment", Integer, primary_key=True, autoincrement=True),
    Column("real_from", instant(), nullable=False),
    Column("city_from", instant(), nullable=False),
    Column("rate_permille", Integer, nullable=False),
    comment="City time is piecewise linear in real time.",
)

blobs = Table(
    "blobs",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

# --- producers: people, names, spool --------------------------------------------------------------------

people = Table(
    "people",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False, comment="RECIPIENT or CAREGIVER"),
    Column("area", String(64), nullable=False),
    Column("street", String(64)),
    Column("provider_id", String(64)),
    Column("name", Text, nullable=False),
    Column("initials", String(32), nullable=False, comment="pinyin initials, lower case"),
    Column("pinyin", Text, nullable=False, comment="full pinyin, lower case, no spaces"),
    Column("telephone", String(32), nullable=False),
    Column("gender", String(8), nullable=False),
    Column("born_on", Date),
    Column("address", Text, nullable=False),
    Column("lat_udeg", Integer, nullable=False),
    Column("lon_udeg", Integer, nullable=False),
    Column(
        "card",
        JSONB,
        nullable=False,
        server_default=text("'{}'::jsonb"),
        comment="what a seat sees beside the name: tags, notes, access, key, health, contacts",
    ),
    Column("forgotten_at", instant()),
    Index(None, "area", "kind"),
    Index(None, "telephone"),
    Index(None, "initials"),
)

person_keys = Table(
    "person_keys",
    metadata,
    Column("person_id", String(64), primary_key=True),
    Column("key", LargeBinary(32), nullable=False),
)

texts = Table(
    "texts",
    metadata,
    Column("text_id", String(64), primary_key=True),
    Column("person_id", String(64), nullable=False, index=True),
    Column("body", Text, nullable=False),
    Column("said_at", instant(), nullable=False),
)

places = Table(
    "places",
    metadata,
    Column(
        "place_id",
        String(64),
        primary_key=True,
        comment="an area, street, provider, kitchen, station or hospital",
    ),
    Column(
        "kind", String(16), nullable=False, comment="AREA, STREET, PROVIDER, KITCHEN, STATION or HOSPITAL"
    ),
    Column("area", String(64), nullable=False, index=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("telephone", String(32)),
    Column("lat_udeg", Integer),
    Column("lon_udeg", Integer),
    Column(
        "card", JSONB, nullable=False, server_default=text("'{}'::jsonb"), comment="outline of a street, …"
    ),
)

spool = Table(
    "spool",
    metadata,
    Column("spool_id", BigInteger, primary_key=True, autoincrement=True),
    Column("area", String(64), nullable=False),
    Column("topic", String(249), nullable=False),
    Column("fact_id", String(36), nullable=False, unique=True),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("sent_at", instant()),
    Index("ix_spool_unsent", "area", "spool_id", postgresql_where=text("sent_at IS NULL")),
    comment="Facts written here first; the relay sends them in order.",
)

care_plans = Table(
    "care_plans",
    metadata,
    Column("plan_id", String(64), primary_key=True),
    Column("area", String(64), nullable=False, index=True),
    Column("fact", JSONB, nullable=False, comment="the CarePlanApproved fact"),
    Column("planned_until", Date, comment="days before this one have been spoken for"),
    Column("goal_place_id", String(64), comment="the hospital an escort leads to; told to no stream"),
    Column("wait_s", Integer, comment="the wait of an escort where it is not the price list's"),
)


__all__ = [
    "applied",
    "blobs",
    "care_plans",
    "cases",
    "city_time",
    "claims",
    "dead_letters",
    "duties",
    "entries",
    "heads",
    "journal",
    "metadata",
    "notices",
    "offers",
    "outbox",
    "people",
    "person_keys",
    "places",
    "positions",
    "postings",
    "proposals",
    "purses",
    "refusals",
    "relay_cursors",
    "shifts",
    "snapshots",
    "spool",
    "stops",
    "tariff_items",
    "texts",
    "timings",
    "visits",
]
