"""Repair inbox, and what stations say of their transactions"""

import sqlalchemy as sa
from alembic import op

import models.types

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("transaction", sa.Column("told_at", models.types.UtcDateTime(), nullable=True))
    op.add_column("transaction", sa.Column("told_ongoing", sa.Boolean(), nullable=True))
    op.add_column("transaction", sa.Column("told_queued", sa.Boolean(), nullable=True))
    op.add_column("transaction", sa.Column("end_charging_state", sa.String(16), nullable=True))
    op.add_column("transaction", sa.Column("time_charging_s", sa.Integer(), nullable=True))

    op.add_column("parked_message", sa.Column("transaction_id", sa.Integer(), nullable=True))
    op.add_column("parked_message", sa.Column("resolution", sa.String(12), nullable=False, server_default=""))
    op.add_column("parked_message", sa.Column("resolved_by", sa.String(254), nullable=False, server_default=""))
    op.add_column("parked_message", sa.Column("note", sa.String(), nullable=False, server_default=""))
    waiting = sa.text("resolved_at IS NULL")
    op.create_index(
        "ix_parked_message_waiting",
        "parked_message",
        ["tenant_id", "station_id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
