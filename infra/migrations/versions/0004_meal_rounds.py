"""meal rounds, and care plans that escort."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.add_column(
        "visits",
        sa.Column(
            "meal",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="from which kitchen a meal is fetched, as decided",
        ),
    )
    op.add_column(
        "stops",
        sa.Column(
            "round_id",
            sa.String(length=64),
            nullable=True,
            comment="the round in which a meal is fetched; null for all else",
        ),
    )
    op.add_column(
        "stops",
        sa.Column(
            "from_kitchen_s",
            sa.Integer(),
            nullable=True,
            comment="the way from its kitchen straight to this door",
        ),
    )
    op.add_column(
        "care_plans",
        sa.Column(
            "goal_place_id",
            sa.String(length=64),
            nullable=True,
            comment="the hospital an escort leads to; told to no stream",
        ),
    )
    op.add_column(
        "care_plans",
        sa.Column(
            "wait_s",
            sa.Integer(),
            nullable=True,
            comment="the wait of an escort where it is not the price list's",
        ),
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_column("care_plans", "wait_s")
    op.drop_column("care_plans", "goal_place_id")
    op.drop_column("stops", "from_kitchen_s")
    op.drop_column("stops", "round_id")
    op.drop_column("visits", "meal")
