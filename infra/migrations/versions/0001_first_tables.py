"""first tables."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "applied",
        sa.Column("consumer", sa.String(length=32), nullable=False),
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "area", name=op.f("pk_applied")),
        comment="The last row each consumer has put into effect, set in the same transaction.",
    )
    op.create_table(
        "blobs",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blobs")),
    )
    op.create_table(
        "care_plans",
        sa.Column("plan_id", sa.String(length=64), nullable=False),
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column(
            "fact",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="the CarePlanApproved fact",
        ),
        sa.Column(
            "planned_until", sa.Date(), nullable=True, comment="days before this one have been spoken for"
        ),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_care_plans")),
    )
    op.create_index(op.f("ix_care_plans_area"), "care_plans", ["area"], unique=False)
    op.create_table(
        "cases",
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("recipient_id", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("rule", sa.String(length=16), nullable=False),
        sa.Column("presses", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dispatched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("visit_id", sa.String(length=64), nullable=True),
        sa.Column("caregiver_id", sa.String(length=64), nullable=True),
        sa.Column("arrive_at", sa.DateTime(timezone=True), nullable=True, comment="expected"),
        sa.Column(
            "dispatch",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="the CaseDispatched decision, as decided",
        ),
        sa.Column(
            "notices",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
            comment="party -> {answer, at}",
        ),
        sa.Column("proof", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_cases")),
    )
    op.create_index(op.f("ix_cases_area"), "cases", ["area"], unique=False)
    op.create_table(
        "city_time",
        sa.Column("segment", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("real_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("city_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rate_permille", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("segment", name=op.f("pk_city_time")),
        comment="City time is piecewise linear in real time.",
    )
    op.create_table(
        "dead_letters",
        sa.Column("letter_id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("topic", sa.String(length=249), nullable=False),
        sa.Column("topic_id", sa.String(length=36), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("area", sa.String(length=64), nullable=True),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("mended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_dead_letters")),
        sa.UniqueConstraint(
            "topic_id", "partition", "offset", name=op.f("uq_dead_letters_topic_id_partition_offset")
        ),
        comment="Facts that could not be read or decided, with where they stood.",
    )
    op.create_table(
        "duties",
        sa.Column("duty_id", sa.String(length=64), nullable=False, comment="callback_id or escalation_id"),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="CALL_BACK or ESCALATION"),
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=16), nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=True),
        sa.Column("recipient_id", sa.String(length=64), nullable=True),
        sa.Column("visit_id", sa.String(length=64), nullable=True),
        sa.Column("case_id", sa.String(length=64), nullable=True),
        sa.Column("reason", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=48), nullable=True),
        sa.PrimaryKeyConstraint("duty_id", name=op.f("pk_duties")),
        comment="What a named human owes: call-backs and escalations.",
    )
    op.create_index(
        "ix_duties_open",
        "duties",
        ["owner", "opened_at"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "entries",
        sa.Column("entry_id", sa.String(length=64), nullable=False, comment="area/seq/n"),
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="RESERVE RELEASE SETTLE REVERSE"),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("visit_id", sa.String(length=64), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reverses", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_entries")),
        sa.UniqueConstraint("area", "seq", "n", name=op.f("uq_entries_area_seq_n")),
        sa.UniqueConstraint("reverses", name=op.f("uq_entries_reverses")),
    )
    op.create_index(op.f("ix_entries_period"), "entries", ["period"], unique=False)
    op.create_index(op.f("ix_entries_visit_id"), "entries", ["visit_id"], unique=False)
    op.create_table(
        "heads",
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("area", name=op.f("pk_heads")),
        comment="The last row of each area; locked by whoever decides.",
    )
    op.create_table(
        "journal",
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fact_id", sa.String(length=36), nullable=False),
        sa.Column("now", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decider", sa.Integer(), nullable=False),
        sa.Column("fact_word", sa.String(length=48), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("area", "seq", name=op.f("pk_journal")),
        sa.UniqueConstraint("area", "fact_id", name=op.f("uq_journal_area_fact_id")),
        comment="One row for every valid fact and its decisions; body is canonical JSON.",
    )
    op.create_index(op.f("ix_journal_fact_id"), "journal", ["fact_id"], unique=False)
    op.create_table(
        "notices",
        sa.Column("notice_id", sa.String(length=64), nullable=False, comment="area/seq/n"),
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("to_role", sa.String(length=16), nullable=False),
        sa.Column("to_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column(
            "numbers",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "refs",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("channel", sa.String(length=16), nullable=False, comment="PAGE, SMS or VOICE"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed", sa.String(length=48), nullable=True),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_notices")),
    )
    op.create_index(
        op.f("ix_notices_to_role_to_id_created_at"),
        "notices",
        ["to_role", "to_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "offers",
        sa.Column("offer_id", sa.String(length=64), nullable=False),
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("visit_id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=True),
        sa.Column("role", sa.SmallInteger(), nullable=False),
        sa.Column("caregiver_id", sa.String(length=64), nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=False),
        sa.Column("sent_to", sa.String(length=16), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column(
            "status",
            sa.String(length=16),
            nullable=False,
            comment="OPEN DELIVERED ACCEPTED DECLINED LAPSED WITHDRAWN",
        ),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pay_fen", sa.BigInteger(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deliver_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lapses_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("offer_id", name=op.f("pk_offers")),
    )
    op.create_index(op.f("ix_offers_caregiver_id"), "offers", ["caregiver_id"], unique=False)
    op.create_index(op.f("ix_offers_provider_id"), "offers", ["provider_id"], unique=False)
    op.create_index(op.f("ix_offers_visit_id"), "offers", ["visit_id"], unique=False)
    op.create_table(
        "people",
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="RECIPIENT or CAREGIVER"),
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("street", sa.String(length=64), nullable=True),
        sa.Column("provider_id", sa.String(length=64), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("initials", sa.String(length=32), nullable=False, comment="pinyin initials, lower case"),
        sa.Column("pinyin", sa.Text(), nullable=False, comment="full pinyin, lower case, no spaces"),
        sa.Column("telephone", sa.String(length=32), nullable=False),
        sa.Column("gender", sa.String(length=8), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("lat_udeg", sa.Integer(), nullable=False),
        sa.Column("lon_udeg", sa.Integer(), nullable=False),
        sa.Column(
            "card",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
            comment="what a seat sees beside the name: tags, notes, access, key, health, contacts",
        ),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_people")),
    )
    op.create_index(op.f("ix_people_area_kind"), "people", ["area", "kind"], unique=False)
    op.create_index(op.f("ix_people_initials"), "people", ["initials"], unique=False)
    op.create_index(op.f("ix_people_telephone"), "people", ["telephone"], unique=False)
    op.create_table(
        "person_keys",
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person_keys")),
    )
    op.create_table(
        "places",
        sa.Column(
            "place_id",
            sa.String(length=64),
            nullable=False,
            comment="an area, street, provider, kitchen or station",
        ),
        sa.Column(
            "kind", sa.String(length=16), nullable=False, comment="AREA, STREET, PROVIDER, KITCHEN or STATION"
        ),
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("telephone", sa.String(length=32), nullable=True),
        sa.Column("lat_udeg", sa.Integer(), nullable=True),
        sa.Column("lon_udeg", sa.Integer(), nullable=True),
        sa.Column(
            "card",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
            comment="outline of a street, …",
        ),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_places")),
    )
    op.create_index(op.f("ix_places_area"), "places", ["area"], unique=False)
    op.create_table(
        "positions",
        sa.Column("topic_id", sa.String(length=36), nullable=False),
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("topic", sa.String(length=249), nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic_id", "partition", name=op.f("pk_positions")),
        comment="The next offset to decide, per topic id and partition.",
    )
    op.create_table(
        "purses",
        sa.Column("recipient_id", sa.String(length=64), nullable=False),
        sa.Column("programme_id", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("reserved_fen", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("settled_fen", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("recipient_id", "programme_id", "period", name=op.f("pk_purses")),
        comment="What is held and booked of a month's quota, from the ledger's rows.",
    )
    op.create_table(
        "refusals",
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fact_id", sa.String(length=36), nullable=False),
        sa.Column("fact_word", sa.String(length=48), nullable=False),
        sa.Column("said_by", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("area", "seq", name=op.f("pk_refusals")),
        comment="Facts refused or set aside, as the supervisor sees them.",
    )
    op.create_table(
        "relay_cursors",
        sa.Column("stream", sa.String(length=80), nullable=False, comment="area:<area> or dead-letters"),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stream", name=op.f("pk_relay_cursors")),
    )
    op.create_table(
        "shifts",
        sa.Column("shift_id", sa.String(length=64), nullable=False),
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("caregiver_id", sa.String(length=64), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "breaks",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("withdrawn", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("shift_id", name=op.f("pk_shifts")),
    )
    op.create_index(op.f("ix_shifts_caregiver_id"), "shifts", ["caregiver_id"], unique=False)
    op.create_table(
        "snapshots",
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fold_version", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("area", "seq", name=op.f("pk_snapshots")),
    )
    op.create_table(
        "spool",
        sa.Column("spool_id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("topic", sa.String(length=249), nullable=False),
        sa.Column("fact_id", sa.String(length=36), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("spool_id", name=op.f("pk_spool")),
        sa.UniqueConstraint("fact_id", name=op.f("uq_spool_fact_id")),
        comment="Facts written here first; the relay sends them in order.",
    )
    op.create_index(
        "ix_spool_unsent",
        "spool",
        ["area", "spool_id"],
        unique=False,
        postgresql_where=sa.text("sent_at IS NULL"),
    )
    op.create_table(
        "tariff_items",
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("tariff_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("help", sa.String(length=16), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("pay_fen", sa.BigInteger(), nullable=False),
        sa.Column("minimum_s", sa.Integer(), nullable=False),
        sa.Column("crew", sa.SmallInteger(), nullable=False),
        sa.Column("duration_s", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("area", "tariff_id", "code", name=op.f("pk_tariff_items")),
    )
    op.create_table(
        "texts",
        sa.Column("text_id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("text_id", name=op.f("pk_texts")),
    )
    op.create_index(op.f("ix_texts_person_id"), "texts", ["person_id"], unique=False)
    op.create_table(
        "timings",
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("n", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "metric",
            sa.String(length=32),
            nullable=False,
            comment="BOOKING_ANSWER CASE_DISPATCH CASE_ARRIVAL PUNCTUALITY",
        ),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value_ms", sa.BigInteger(), nullable=False),
        sa.Column("within", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("area", "seq", "n", name=op.f("pk_timings")),
    )
    op.create_index(op.f("ix_timings_metric_at"), "timings", ["metric", "at"], unique=False)
    op.create_table(
        "visits",
        sa.Column("visit_id", sa.String(length=64), nullable=False),
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("case_id", sa.String(length=64), nullable=True),
        sa.Column("recipient_id", sa.String(length=64), nullable=True),
        sa.Column("item", sa.String(length=48), nullable=False),
        sa.Column("help", sa.String(length=16), nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=True),
        sa.Column(
            "status",
            sa.String(length=16),
            nullable=False,
            comment="ADMITTED OFFERED BOUND STARTED FINISHED CANCELLED MISSED",
        ),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_names", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=True),
        sa.Column("engine", sa.String(length=48), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("billed_s", sa.Integer(), nullable=True),
        sa.Column("grade", sa.String(length=16), nullable=True),
        sa.Column(
            "findings",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "exceptions",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "choice",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="the VisitPlanned decision in force, as decided",
        ),
        sa.Column("total_fen", sa.BigInteger(), nullable=True),
        sa.Column("held", sa.Boolean(), nullable=True),
        sa.Column(
            "bill",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="the VisitPriced decision, as decided",
        ),
        sa.Column("stars", sa.SmallInteger(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="journal row that last touched it"),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_visits")),
    )
    op.create_index(op.f("ix_visits_area_opens_at"), "visits", ["area", "opens_at"], unique=False)
    op.create_index(op.f("ix_visits_case_id"), "visits", ["case_id"], unique=False)
    op.create_index(op.f("ix_visits_provider_id"), "visits", ["provider_id"], unique=False)
    op.create_index(op.f("ix_visits_recipient_id"), "visits", ["recipient_id"], unique=False)
    op.create_index(op.f("ix_visits_request_id"), "visits", ["request_id"], unique=False)
    op.create_table(
        "claims",
        sa.Column("line_id", sa.String(length=64), nullable=False),
        sa.Column("visit_id", sa.String(length=64), nullable=False),
        sa.Column("item", sa.String(length=48), nullable=False),
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=False),
        sa.Column("recipient_id", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.entry_id"], name=op.f("fk_claims_entry_id")),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_claims")),
        sa.UniqueConstraint("visit_id", "item", name=op.f("uq_claims_visit_id_item")),
        comment="One billable line per visit and tariff item.",
    )
    op.create_index(op.f("ix_claims_period"), "claims", ["period"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("message_id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("notice_id", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("to_role", sa.String(length=16), nullable=False),
        sa.Column("to_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("numbers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("refs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.notice_id"], name=op.f("fk_outbox_notice_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("notice_id", name=op.f("uq_outbox_notice_id")),
        comment="The default SMS and voice port; names are looked up when it is shown.",
    )
    op.create_table(
        "postings",
        sa.Column("entry_id", sa.String(length=64), nullable=False),
        sa.Column("line", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "account",
            sa.String(length=200),
            nullable=False,
            comment="e.g. payer:BUREAU:prog, provider:p1, purse:…",
        ),
        sa.Column(
            "amount_fen",
            sa.BigInteger(),
            nullable=False,
            comment="debit positive, credit negative; an entry sums to 0",
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.entry_id"], name=op.f("fk_postings_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", "line", name=op.f("pk_postings")),
    )
    op.create_index(op.f("ix_postings_account"), "postings", ["account"], unique=False)
    op.create_table(
        "stops",
        sa.Column("visit_id", sa.String(length=64), nullable=False),
        sa.Column("role", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("caregiver_id", sa.String(length=64), nullable=True),
        sa.Column("offer_id", sa.String(length=64), nullable=True),
        sa.Column(
            "status",
            sa.String(length=16),
            nullable=False,
            comment="PLANNED OFFERED BOUND DEPARTED STARTED FINISHED OBSTRUCTED",
        ),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_s", sa.Integer(), nullable=True),
        sa.Column("travel_s", sa.Integer(), nullable=True),
        sa.Column("pay_fen", sa.BigInteger(), nullable=True),
        sa.Column("departed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.visit_id"], name=op.f("fk_stops_visit_id")),
        sa.PrimaryKeyConstraint("visit_id", "role", name=op.f("pk_stops")),
    )
    op.create_index(op.f("ix_stops_caregiver_id"), "stops", ["caregiver_id"], unique=False)


def downgrade() -> None:
    """Take this revision back."""
    op.drop_index(op.f("ix_stops_caregiver_id"), table_name="stops")
    op.drop_table("stops")
    op.drop_index(op.f("ix_postings_account"), table_name="postings")
    op.drop_table("postings")
    op.drop_table("outbox")
    op.drop_index(op.f("ix_claims_period"), table_name="claims")
    op.drop_table("claims")
    op.drop_index(op.f("ix_visits_request_id"), table_name="visits")
    op.drop_index(op.f("ix_visits_recipient_id"), table_name="visits")
    op.drop_index(op.f("ix_visits_provider_id"), table_name="visits")
    op.drop_index(op.f("ix_visits_case_id"), table_name="visits")
    op.drop_index(op.f("ix_visits_area_opens_at"), table_name="visits")
    op.drop_table("visits")
    op.drop_index(op.f("ix_timings_metric_at"), table_name="timings")
    op.drop_table("timings")
    op.drop_index(op.f("ix_texts_person_id"), table_name="texts")
    op.drop_table("texts")
    op.drop_table("tariff_items")
    op.drop_index("ix_spool_unsent", table_name="spool", postgresql_where=sa.text("sent_at IS NULL"))
    op.drop_table("spool")
    op.drop_table("snapshots")
    op.drop_index(op.f("ix_shifts_caregiver_id"), table_name="shifts")
    op.drop_table("shifts")
    op.drop_table("relay_cursors")
    op.drop_table("refusals")
    op.drop_table("purses")
    op.drop_table("positions")
    op.drop_index(op.f("ix_places_area"), table_name="places")
    op.drop_table("places")
    op.drop_table("person_keys")
    op.drop_index(op.f("ix_people_telephone"), table_name="people")
    op.drop_index(op.f("ix_people_initials"), table_name="people")
    op.drop_index(op.f("ix_people_area_kind"), table_name="people")
    op.drop_table("people")
    op.drop_index(op.f("ix_offers_visit_id"), table_name="offers")
    op.drop_index(op.f("ix_offers_provider_id"), table_name="offers")
    op.drop_index(op.f("ix_offers_caregiver_id"), table_name="offers")
    op.drop_table("offers")
    op.drop_index(op.f("ix_notices_to_role_to_id_created_at"), table_name="notices")
    op.drop_table("notices")
    op.drop_index(op.f("ix_journal_fact_id"), table_name="journal")
    op.drop_table("journal")
    op.drop_table("heads")
    op.drop_index(op.f("ix_entries_visit_id"), table_name="entries")
    op.drop_index(op.f("ix_entries_period"), table_name="entries")
    op.drop_table("entries")
    op.drop_index("ix_duties_open", table_name="duties", postgresql_where=sa.text("closed_at IS NULL"))
    op.drop_table("duties")
    op.drop_table("dead_letters")
    op.drop_table("city_time")
    op.drop_index(op.f("ix_cases_area"), table_name="cases")
    op.drop_table("cases")
    op.drop_index(op.f("ix_care_plans_area"), table_name="care_plans")
    op.drop_table("care_plans")
    op.drop_table("blobs")
    op.drop_table("applied")
