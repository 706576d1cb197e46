"""Handshakes that failed and remarks"""

import sqlalchemy as sa
from alembic import op

import models.types

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "failed_handshake",
        sa.Column("id", models.types.BigId, nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=True),
        sa.Column("station_id", sa.Integer(), nullable=True),
        sa.Column("cause", sa.String(32), nullable=False),
        sa.Column("identity", sa.String(255), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("path", sa.String(255), nullable=False),
        sa.Column("user_agent", sa.String(200), nullable=False),
        sa.Column("offered", sa.String(200), nullable=False),
        sa.Column("detail", sa.String(255), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("last_at", models.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_failed_handshake_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["station_id"], ["charging_station.id"], name=op.f("fk_failed_handshake_station_id_charging_station")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_handshake")),
        sa.UniqueConstraint("cause", "identity", "address", name="uq_failed_handshake_kind"),
    )
    with op.batch_alter_table("failed_handshake") as batch_op:
        batch_op.create_index("ix_failed_handshake_tenant_last", ["tenant_id", "last_at"])
        batch_op.create_index("ix_failed_handshake_last", ["last_at"])
        batch_op.create_index(batch_op.f("ix_failed_handshake_station_id"), ["station_id"])

    op.create_table(
        "station_remark",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", models.types.BigId, nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("example", sa.String(200), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("last_at", models.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_station_remark_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["station_id"], ["charging_station.id"], name=op.f("fk_station_remark_station_id_charging_station")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_remark")),
        sa.UniqueConstraint("station_id", "kind", "subject", name="uq_station_remark_kind"),
    )
    with op.batch_alter_table("station_remark") as batch_op:
        batch_op.create_index(batch_op.f("ix_station_remark_tenant_id"), ["tenant_id"])

    op.add_column("charging_station", sa.Column("is_strict", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("charging_station", sa.Column("clock_skew_s", sa.Integer(), nullable=True))
