"""trips."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KINDS = "AREA, STREET, PROVIDER, KITCHEN or STATION"
IDS = "an area, street, provider, kitchen or station"


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.add_column(
        "visits",
        sa.Column(
            "trip",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="an escort's legs as decided, and goal_text_id: where it leads, in words",
        ),
    )
    op.add_column(
        "tariff_items",
        sa.Column(
            "wait_s", sa.Integer(), nullable=True, comment="the wait of an escort; null for everything else"
        ),
    )
    _comment("kind", 16, "AREA, STREET, PROVIDER, KITCHEN, STATION or HOSPITAL", KINDS)
    _comment("place_id", 64, "an area, street, provider, kitchen, station or hospital", IDS)


def downgrade() -> None:
    """Take this revision back."""
    _comment("place_id", 64, IDS, "an area, street, provider, kitchen, station or hospital")
    _comment("kind", 16, KINDS, "AREA, STREET, PROVIDER, KITCHEN, STATION or HOSPITAL")
    op.drop_column("tariff_items", "wait_s")
    op.drop_column("visits", "trip")


def _comment(column: str, length: int, now: str, before: str) -> None:
    op.alter_column(
        "places",
        column,
        existing_type=sa.String(length=length),
        existing_nullable=False,
        comment=now,
        existing_comment=before,
    )
