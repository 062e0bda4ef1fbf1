"""proposals."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "proposals",
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("engine", sa.String(length=48), nullable=False),
        sa.Column("solve_ms", sa.BigInteger(), nullable=False),
        sa.Column("price_s", sa.BigInteger(), nullable=False),
        sa.Column("base_price_s", sa.BigInteger(), nullable=False),
        sa.Column(
            "bound_s",
            sa.BigInteger(),
            nullable=True,
            comment="no plan of the day costs less; null where nobody asked",
        ),
        sa.Column("changes", sa.Integer(), nullable=False, comment="visits it would change"),
        sa.Column("adopted", sa.Integer(), nullable=False, comment="visits the desk changed"),
        sa.Column(
            "gains",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="by engine: routes, saved_s, served",
        ),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column(
            "not_planned",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="the first of those left out, with reasons",
        ),
        sa.PrimaryKeyConstraint("area", "seq", name=op.f("pk_proposals")),
        comment="What planners proposed, and what became of it.",
    )
    op.create_index(op.f("ix_proposals_at"), "proposals", ["at"], unique=False)


def downgrade() -> None:
    """Take this revision back."""
    op.drop_index(op.f("ix_proposals_at"), table_name="proposals")
    op.drop_table("proposals")
