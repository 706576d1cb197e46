"""Webhooks"""

import sqlalchemy as sa
from alembic import op

import models.types

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("tenant_id", sa.Integer(), sa.ForeignKey("tenant.id"), nullable=False),
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(36), nullable=False, unique=True),
        sa.Column("url", sa.String(2048), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("events", models.types.Json, nullable=False),
        sa.Column("sealed_secret", sa.String(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("failing_since", models.types.UtcDateTime(), nullable=True),
        sa.Column("disabled_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("disabled_because", sa.String(), nullable=False),
    )
    op.create_index("ix_webhook_tenant_id", "webhook", ["tenant_id"])
    op.create_table(
        "webhook_delivery",
        sa.Column("tenant_id", sa.Integer(), sa.ForeignKey("tenant.id"), nullable=False),
        sa.Column("id", models.types.BigId, primary_key=True),
        sa.Column("key", sa.String(36), nullable=False, unique=True),
        sa.Column("webhook_id", sa.Integer(), sa.ForeignKey("webhook.id", ondelete="CASCADE"), nullable=False),
        sa.Column("event", sa.String(64), nullable=False),
        sa.Column("body", models.types.Json, nullable=False),
        sa.Column("created_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_attempt_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("response_status", sa.Integer(), nullable=True),
        sa.Column("response_text", sa.String(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("replay_of", sa.String(36), nullable=True),
    )
    for column in ("tenant_id", "webhook_id", "created_at"):
        op.create_index(f"ix_webhook_delivery_{column}", "webhook_delivery", [column])
