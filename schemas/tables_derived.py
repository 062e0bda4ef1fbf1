"""Derived tables, written by consumers: what is remembered and shown. All can be rebuilt from the journal."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from schemas.tables_base import instant, metadata

applied = Table(
    "applied",
    metadata,
    Column("consumer", String(32), primary_key=True),
    Column("area", String(64), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    comment="The last row each consumer has put into effect, set in the same transaction.",
)

visits = Table(
    "visits",
    metadata,
    Column("visit_id", String(64), primary_key=True),
    Column("area", String(64), nullable=False),
    Column("request_id", String(64), index=True),
    Column("case_id", String(64), index=True),
    Column("recipient_id", String(64), index=True),
    Column("item", String(48), nullable=False),
    Column("help", String(16), nullable=False),
    Column("provider_id", String(64), index=True),
    Column(
        "status",
        String(16),
        nullable=False,
        comment="ADMITTED OFFERED BOUND STARTED FINISHED CANCELLED MISSED",
    ),
    Column("opens_at", instant(), nullable=False),
    Column("closes_at", instant(), nullable=False),
    Column("told_from", instant()),
    Column("told_until", instant()),
    Column("told_names", Boolean, nullable=False, server_default=text("false")),
    Column("origin", String(16)),
    Column("engine", String(48)),
    Column("started_at", instant()),
    Column("finished_at", instant()),
    Column("billed_s", Integer),
    Column("grade", String(16)),
    Column("findings", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("exceptions", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("choice", JSONB, comment="the VisitPlanned decision in force, as decided"),
    Column("total_fen", BigInteger),
    Column("held", Boolean),
    Column("bill", JSONB, comment="the VisitPriced decision, as decided"),
    Column("stars", SmallInteger),
    Column("requested_at", instant(), nullable=False),
    Column("seq", BigInteger, nullable=False, comment="journal row that last touched it"),
    Index(None, "area", "opens_at"),
)

stops = Table(
    "stops",
    metadata,
    Column("visit_id", String(64), ForeignKey("visits.visit_id"), primary_key=True),
    Column("role", SmallInteger, primary_key=True, autoincrement=False),
    Column("area", String(64), nullable=False),
    Column("caregiver_id", String(64), index=True),
    Column("offer_id", String(64)),
    Column(
        "status",
        String(16),
        nullable=False,
        comment="PLANNED OFFERED BOUND DEPARTED STARTED FINISHED OBSTRUCTED",
    ),
    Column("start_at", instant(), nullable=False),
    Column("duration_s", Integer),
    Column("travel_s", Integer),
    Column("pay_fen", BigInteger),
    Column("departed_at", instant()),
    Column("checked_in_at", instant()),
    Column("checked_out_at", instant()),
    Column("overdue", Boolean, nullable=False, server_default=text("false")),
)

offers = Table(
    "offers",
    metadata,
    Column("offer_id", String(64), primary_key=True),
    Column("area", String(64), nullable=False),
    Column("visit_id", String(64), nullable=False, index=True),
    Column("case_id", String(64)),
    Column("role", SmallInteger, nullable=False),
    Column("caregiver_id", String(64), nullable=False, index=True),
    Column("provider_id", String(64), nullable=False, index=True),
    Column("sent_to", String(16), nullable=False),
    Column("origin", String(16), nullable=False),
    Column("status", String(16), nullable=False, comment="OPEN DELIVERED ACCEPTED DECLINED LAPSED WITHDRAWN"),
    Column("start_at", instant(), nullable=False),
    Column("pay_fen", BigInteger, nullable=False),
    Column("offered_at", instant(), nullable=False),
    Column("deliver_by", instant(), nullable=False),
    Column("lapses_at", instant()),
    Column("reason", JSONB),
)

cases = Table(
    "cases",
    metadata,
    Column("case_id", String(64), primary_key=True),
    Column("area", String(64), nullable=False, index=True),
    Column("recipient_id", String(64)),
    Column("kind", String(16), nullable=False),
    Column("rule", String(16), nullable=False),
    Column("presses", Integer, nullable=False, server_default=text("1")),
    Column("raised_at", instant(), nullable=False),
    Column("answered_at", instant()),
    Column("dispatched_at", instant()),
    Column("accepted_at", instant()),
    Column("arrived_at", instant()),
    Column("closed_at", instant()),
    Column("visit_id", String(64)),
    Column("caregiver_id", String(64)),
    Column("arrive_at", instant(), comment="expected"),
    Column("dispatch", JSONB, comment="the CaseDispatched decision, as decided"),
    Column(
        "notices", JSONB, nullable=False, server_default=text("'{}'::jsonb"), comment="party -> {answer, at}"
    ),
    Column("proof", String(16)),
)

duties = Table(
    "duties",
    metadata,
    Column("duty_id", String(64), primary_key=True, comment="callback_id or escalation_id"),
    Column("kind", String(16), nullable=False, comment="CALL_BACK or ESCALATION"),
    Column("area", String(64), nullable=False),
    Column("owner", String(16), nullable=False),
    Column("provider_id", String(64)),
    Column("recipient_id", String(64)),
    Column("visit_id", String(64)),
    Column("case_id", String(64)),
    Column("reason", JSONB, nullable=False),
    Column("opened_at", instant(), nullable=False),
    Column("due_at", instant()),
    Column("closed_at", instant()),
    Column("outcome", String(48)),
    Index("ix_duties_open", "owner", "opened_at", postgresql_where=text("closed_at IS NULL")),
    comment="What a named human owes: call-backs and escalations.",
)

refusals = Table(
    "refusals",
    metadata,
    Column("area", String(64), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("fact_id", String(36), nullable=False),
    Column("fact_word", String(48), nullable=False),
    Column("said_by", JSONB, nullable=False),
    Column("reasons", JSONB, nullable=False),
    Column("at", instant(), nullable=False),
    comment="Facts refused or set aside, as the supervisor sees them.",
)

shifts = Table(
    "shifts",
    metadata,
    Column("shift_id", String(64), primary_key=True),
    Column("area", String(64), nullable=False),
    Column("caregiver_id", String(64), nullable=False, index=True),
    Column("starts_at", instant(), nullable=False),
    Column("ends_at", instant(), nullable=False),
    Column("breaks", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("withdrawn", Boolean, nullable=False, server_default=text("false")),
)

tariff_items = Table(
    "tariff_items",
    metadata,
    Column("area", String(64), primary_key=True),
    Column("tariff_id", String(64), primary_key=True),
    Column("code", String(48), primary_key=True),
    Column("valid_from", Date, nullable=False),
    Column("help", String(16), nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("unit", String(8), nullable=False),
    Column("price_fen", BigInteger, nullable=False),
    Column("pay_fen", BigInteger, nullable=False),
    Column("minimum_s", Integer, nullable=False),
    Column("crew", SmallInteger, nullable=False),
    Column("duration_s", Integer, nullable=False),
)

purses = Table(
    "purses",
    metadata,
    Column("recipient_id", String(64), primary_key=True),
    Column("programme_id", String(64), primary_key=True),
    Column("period", String(7), primary_key=True),
    Column("area", String(64), nullable=False),
    Column("reserved_fen", BigInteger, nullable=False, server_default=text("0")),
    Column("settled_fen", BigInteger, nullable=False, server_default=text("0")),
    comment="What is held and booked of a month's quota, from the ledger's rows.",
)

entries = Table(
    "entries",
    metadata,
    Column("entry_id", String(64), primary_key=True, comment="area/seq/n"),
    Column("area", String(64), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("n", Integer, nullable=False),
    Column("kind", String(16), nullable=False, comment="RESERVE RELEASE SETTLE REVERSE"),
    Column("period", String(7), nullable=False, index=True),
    Column("visit_id", String(64), index=True),
    Column("at", instant(), nullable=False),
    Column("reverses", String(64), unique=True),
    UniqueConstraint("area", "seq", "n"),
)

postings = Table(
    "postings",
    metadata,
    Column("entry_id", String(64), ForeignKey("entries.entry_id"), primary_key=True),
    Column("line", SmallInteger, primary_key=True, autoincrement=False),
    Column(
        "account",
        String(200),
        nullable=False,
        index=True,
        comment="e.g. payer:BUREAU:prog, provider:p1, purse:…",
    ),
    Column(
        "amount_fen",
        BigInteger,
        nullable=False,
        comment="debit positive, credit negative; an entry sums to 0",
    ),
)

claims = Table(
    "claims",
    metadata,
    Column("line_id", String(64), primary_key=True),
    Column("visit_id", String(64), nullable=False),
    Column("item", String(48), nullable=False),
    Column("area", String(64), nullable=False),
    Column("provider_id", String(64), nullable=False),
    Column("recipient_id", String(64), nullable=False),
    Column("period", String(7), nullable=False, index=True),
    Column("amount_fen", BigInteger, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("entry_id", String(64), ForeignKey("entries.entry_id"), nullable=False),
    UniqueConstraint("visit_id", "item"),
    comment="One billable line per visit and tariff item.",
)

notices = Table(
    "notices",
    metadata,
    Column("notice_id", String(64), primary_key=True, comment="area/seq/n"),
    Column("area", String(64), nullable=False),
    Column("to_role", String(16), nullable=False),
    Column("to_id", String(64), nullable=False),
    Column("code", String(48), nullable=False),
    Column("numbers", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("refs", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("channel", String(16), nullable=False, comment="PAGE, SMS or VOICE"),
    Column("created_at", instant(), nullable=False),
    Column("sent_at", instant()),
    Column("delivered_at", instant()),
    Column("failed", String(48)),
    Index(None, "to_role", "to_id", "created_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("message_id", BigInteger, primary_key=True, autoincrement=True),
    Column("notice_id", String(64), ForeignKey("notices.notice_id"), nullable=False, unique=True),
    Column("channel", String(16), nullable=False),
    Column("to_role", String(16), nullable=False),
    Column("to_id", String(64), nullable=False),
    Column("code", String(48), nullable=False),
    Column("numbers", JSONB, nullable=False),
    Column("refs", JSONB, nullable=False),
    Column("created_at", instant(), nullable=False),
    comment="The default SMS and voice port; names are looked up when it is shown.",
)

timings = Table(
    "timings",
    metadata,
    Column("area", String(64), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("n", SmallInteger, primary_key=True, autoincrement=False),
    Column(
        "metric", String(32), nullable=False, comment="BOOKING_ANSWER CASE_DISPATCH CASE_ARRIVAL PUNCTUALITY"
    ),
    Column("subject_id", String(64), nullable=False),
    Column("at", instant(), nullable=False),
    Column("value_ms", BigInteger, nullable=False),
    Column("within", Boolean, nullable=False),
    Index(None, "metric", "at"),
)
