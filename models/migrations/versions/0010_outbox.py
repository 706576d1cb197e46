"""Obligations and the audit's addresses"""

import sqlalchemy as sa
from alembic import op

import models.types

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit_entry", sa.Column("address", sa.String(64), nullable=False, server_default=""))
    op.create_table(
        "outbox_entry",
        sa.Column("id", models.types.BigId, primary_key=True),
        sa.Column("tenant_id", sa.Integer(), sa.ForeignKey("tenant.id"), nullable=True),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("payload", models.types.Json, nullable=False),
        sa.Column("cause_id", sa.String(36), nullable=True),
        sa.Column("created_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("due_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("leased_until", models.types.UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=False),
        sa.Column("done_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("dead_at", models.types.UtcDateTime(), nullable=True),
    )
    op.create_index("ix_outbox_entry_tenant_id", "outbox_entry", ["tenant_id"])
    op.create_index("ix_outbox_entry_due_at", "outbox_entry", ["due_at"])
