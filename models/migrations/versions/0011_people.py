"""People's accounts"""

import sqlalchemy as sa
from alembic import op

import models.types

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = models.types.UtcDateTime()
    op.add_column("membership", sa.Column("last_seen_at", moment, nullable=True))
    op.add_column("sign_in_session", sa.Column("means", sa.String(16), nullable=False, server_default="password"))
    op.add_column("sign_in_session", sa.Column("reason", sa.String(), nullable=False, server_default=""))
    op.add_column("sign_in_session", sa.Column("user_agent", sa.String(300), nullable=False, server_default=""))
    op.add_column("sign_in_session", sa.Column("address", sa.String(64), nullable=False, server_default=""))
    op.add_column("sign_in_session", sa.Column("last_seen_at", moment, nullable=True))
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("tenant_id", sa.Integer(), sa.ForeignKey("tenant.id"), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("invited_by", sa.String(), nullable=False),
        sa.Column("sent_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_invitation_tenant_id", "invitation", ["tenant_id"])
    op.create_table(
        "second_factor",
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("app_user.id"), primary_key=True),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", moment, nullable=True),
    )
    op.create_table(
        "recovery_code",
        sa.Column("code_hash", sa.String(64), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("app_user.id"), nullable=False),
    )
    op.create_index("ix_recovery_code_user_id", "recovery_code", ["user_id"])
    op.create_table(
        "sign_in_rules",
        sa.Column("tenant_id", sa.Integer(), sa.ForeignKey("tenant.id"), primary_key=True),
        sa.Column("require_second_factor", sa.Boolean(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("label", sa.String(40), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("client_secret", sa.String(), nullable=False),
        sa.Column("domains", models.types.Json, nullable=False),
        sa.Column("default_role", sa.String(16), nullable=False),
        sa.Column("role_claim", sa.String(), nullable=False),
        sa.Column("role_values", models.types.Json, nullable=False),
        sa.Column("is_only_way", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "external_identity",
        sa.Column("tenant_id", sa.Integer(), sa.ForeignKey("tenant.id"), primary_key=True),
        sa.Column("issuer", sa.String(), primary_key=True),
        sa.Column("subject", sa.String(255), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("app_user.id"), nullable=False),
        sa.Column("created_at", moment, nullable=False),
    )
    op.create_index("ix_external_identity_user_id", "external_identity", ["user_id"])
    # Links live for a day at most, and a new one of each kind can be had: they are not carried over.
    op.drop_table("one_time_link")
    op.create_table(
        "one_time_link",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("app_user.id"), nullable=True),
        sa.Column("tenant_id", sa.Integer(), sa.ForeignKey("tenant.id"), nullable=True),
        sa.Column("details", models.types.Json, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("used_at", moment, nullable=True),
    )
    op.create_index("ix_one_time_link_user_id", "one_time_link", ["user_id"])
