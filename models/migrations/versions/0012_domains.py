"""Hostnames of tenants"""

import sqlalchemy as sa
from alembic import op

import models.types

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, kind, default in (
        ("postal_address", sa.String(), ""),
        ("legal_text", sa.String(), ""),
        ("support_phone", sa.String(40), ""),
        ("support_email", sa.String(254), ""),
        ("main_hostname", sa.String(253), ""),
        ("redirects", sa.Boolean(), sa.false()),
        ("revision", sa.Integer(), "1"),
    ):
        op.add_column("tenant", sa.Column(name, kind, nullable=False, server_default=default))
    op.add_column("tenant_host", sa.Column("is_custom", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("tenant_host", sa.Column("is_lost", sa.Boolean(), nullable=False, server_default=sa.false()))
    moment = models.types.UtcDateTime
    op.create_table(
        "custom_domain",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("tenant_id", sa.Integer(), sa.ForeignKey("tenant.id"), nullable=False),
        sa.Column("hostname", sa.String(253), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("due_at", moment(), nullable=False),
        sa.Column("checked_at", moment(), nullable=True),
        sa.Column("found", models.types.Json, nullable=False),
        sa.Column("verified_at", moment(), nullable=True),
        sa.Column("lost_at", moment(), nullable=True),
        sa.Column("expired_at", moment(), nullable=True),
        sa.Column("is_taken", sa.Boolean(), nullable=False),
        sa.Column("warned_at", moment(), nullable=True),
        sa.Column("served_at", moment(), nullable=True),
        sa.Column("certificate", models.types.Json, nullable=False),
        sa.UniqueConstraint("tenant_id", "hostname"),
    )
    for column in ("tenant_id", "hostname", "due_at"):
        op.create_index(f"ix_custom_domain_{column}", "custom_domain", [column])
    op.create_table(
        "sign_up",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("invited_by", sa.String(), nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("expires_at", moment(), nullable=False),
        sa.Column("used_at", moment(), nullable=True),
        sa.Column("tenant_id", sa.Integer(), sa.ForeignKey("tenant.id"), nullable=True),
    )
    op.create_index("ix_sign_up_email", "sign_up", ["email"])
    op.create_table(
        "hand_over",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("app_user.id"), nullable=False),
        sa.Column("tenant_id", sa.Integer(), sa.ForeignKey("tenant.id"), nullable=False),
        sa.Column("expires_at", moment(), nullable=False),
        sa.Column("used_at", moment(), nullable=True),
    )
