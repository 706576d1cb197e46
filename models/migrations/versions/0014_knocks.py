"""Stations that knock, checks before they go into service, labels, and what is decommissioned"""

import sqlalchemy as sa
from alembic import op

import models.types

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("location", sa.Column("support_phone", sa.String(32), nullable=False, server_default=""))
    op.add_column("charging_station", sa.Column("decommissioned_at", models.types.UtcDateTime(), nullable=True))
    op.add_column("connector", sa.Column("label_code", sa.String(16), nullable=True))
    op.create_index("ix_connector_label_code", "connector", ["label_code"], unique=True)
    op.create_table(
        "knock",
        sa.Column("id", models.types.BigId, primary_key=True),
        sa.Column("tenant_id", sa.Integer(), sa.ForeignKey("tenant.id"), nullable=False),
        sa.Column("identity", sa.String(255), nullable=False),
        sa.Column("identity_key", sa.String(255), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("user_agent", sa.String(200), nullable=False),
        sa.Column("offered", sa.String(200), nullable=False),
        sa.Column("password_digest", sa.String(64), nullable=True),
        sa.Column("passwords_differ", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("last_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("decided_at", models.types.UtcDateTime(), nullable=True),
        sa.UniqueConstraint("tenant_id", "identity_key", name="uq_knock_tenant_id_identity_key"),
    )
    op.create_index("ix_knock_tenant_id", "knock", ["tenant_id"])
    op.create_table(
        "acceptance_check",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("tenant_id", sa.Integer(), sa.ForeignKey("tenant.id"), nullable=False),
        sa.Column("station_id", sa.Integer(), sa.ForeignKey("charging_station.id"), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("vendor", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("firmware_version", sa.String(), nullable=False),
        sa.Column("ocpp_version", sa.String(8), nullable=False),
        sa.Column("wishes", models.types.Json, nullable=False),
        sa.Column("started_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("ended_at", models.types.UtcDateTime(), nullable=True),
    )
    op.create_index("ix_acceptance_check_tenant_id", "acceptance_check", ["tenant_id"])
    op.create_index("ix_acceptance_check_station_started", "acceptance_check", ["station_id", "started_at"])
    op.create_table(
        "acceptance_step",
        sa.Column("id", models.types.BigId, primary_key=True),
        sa.Column("tenant_id", sa.Integer(), sa.ForeignKey("tenant.id"), nullable=False),
        sa.Column("check_id", sa.Integer(), sa.ForeignKey("acceptance_check.id"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(24), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("started_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("ended_at", models.types.UtcDateTime(), nullable=True),
        sa.UniqueConstraint("check_id", "position", name="uq_acceptance_step_check_id_position"),
    )
    op.create_index("ix_acceptance_step_tenant_id", "acceptance_step", ["tenant_id"])
