"""API keys and idempotency"""

import sqlalchemy as sa
from alembic import op

import models.types

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("prefix", sa.String(16), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("scopes", models.types.Json, nullable=False),
        sa.Column("created_by", sa.String(254), nullable=False),
        sa.Column("created_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("expires_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("last_used_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("revoked_at", models.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_api_key_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_key_prefix")),
    )
    op.create_index(op.f("ix_api_key_tenant_id"), "api_key", ["tenant_id"])
    op.create_table(
        "refresh_token",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", models.types.BigId, nullable=False),
        sa.Column("family", sa.String(64), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("expires_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("used_at", models.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_refresh_token_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_refresh_token_token_hash")),
    )
    for column in ("tenant_id", "family", "expires_at"):
        op.create_index(op.f(f"ix_refresh_token_{column}"), "refresh_token", [column])
    op.create_table(
        "signing_key",
        sa.Column("kid", sa.String(64), nullable=False),
        sa.Column("sealed_key", sa.String(), nullable=False),
        sa.Column("created_at", models.types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_key")),
    )
    op.create_table(
        "idempotent_request",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", models.types.BigId, nullable=False),
        sa.Column("caller", sa.String(64), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("created_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", models.types.Json, nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_idempotent_request_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotent_request")),
        sa.UniqueConstraint("tenant_id", "caller", "key", name=op.f("uq_idempotent_request_tenant_id_caller_key")),
    )
    for column in ("tenant_id", "created_at"):
        op.create_index(op.f(f"ix_idempotent_request_{column}"), "idempotent_request", [column])
    op.add_column("command", sa.Column("error_code", sa.String(48), nullable=False, server_default=""))
