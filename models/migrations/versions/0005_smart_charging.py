"""Charging profiles and limits"""

import sqlalchemy as sa
from alembic import op

import models.types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "charging_limit",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", models.types.BigId, nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("evse_number", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("is_grid_critical", sa.Boolean(), nullable=True),
        sa.Column("schedules", models.types.Json, nullable=False),
        sa.Column("limit", models.types.Json, nullable=False),
        sa.Column("set_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("cleared_at", models.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["station_id"], ["charging_station.id"], name=op.f("fk_charging_limit_station_id_charging_station")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_charging_limit_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charging_limit")),
    )
    with op.batch_alter_table("charging_limit", schema=None) as batch_op:
        batch_op.create_index(
            "ix_charging_limit_in_force",
            ["station_id"],
            unique=False,
            sqlite_where=sa.text("cleared_at IS NULL"),
            postgresql_where=sa.text("cleared_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_charging_limit_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "charging_needs",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", models.types.BigId, nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("evse_number", sa.BigInteger(), nullable=False),
        sa.Column("transaction_ocpp_id", sa.String(36), nullable=True),
        sa.Column("received_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("needs", models.types.Json, nullable=False),
        sa.Column("departs_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("profile_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["station_id"], ["charging_station.id"], name=op.f("fk_charging_needs_station_id_charging_station")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_charging_needs_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charging_needs")),
    )
    with op.batch_alter_table("charging_needs", schema=None) as batch_op:
        batch_op.create_index("ix_charging_needs_station_received", ["station_id", "received_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_charging_needs_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "charging_profile",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", models.types.BigId, nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("evse_number", sa.BigInteger(), nullable=False),
        sa.Column("profile_id", sa.BigInteger(), nullable=False),
        sa.Column("stack_level", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("transaction_ocpp_id", sa.String(36), nullable=True),
        sa.Column("remote_start_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("profile", models.types.Json, nullable=False),
        sa.Column("updated_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("removed_at", models.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["station_id"], ["charging_station.id"], name=op.f("fk_charging_profile_station_id_charging_station")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_charging_profile_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charging_profile")),
    )
    with op.batch_alter_table("charging_profile", schema=None) as batch_op:
        batch_op.create_index(
            "ix_charging_profile_in_use",
            ["station_id", "profile_id"],
            unique=False,
            sqlite_where=sa.text("removed_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL"),
        )
        batch_op.create_index("ix_charging_profile_station_updated", ["station_id", "updated_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_charging_profile_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "charging_profile_report",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", models.types.BigId, nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("criteria", models.types.Json, nullable=True),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("resend", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("reported", models.types.Json, nullable=False),
        sa.Column("differences", models.types.Json, nullable=False),
        sa.Column("asked_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("completed_at", models.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["station_id"], ["charging_station.id"], name=op.f("fk_charging_profile_report_station_id_charging_station")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_charging_profile_report_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charging_profile_report")),
    )
    with op.batch_alter_table("charging_profile_report", schema=None) as batch_op:
        batch_op.create_index("ix_charging_profile_report_request", ["station_id", "request_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_charging_profile_report_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "composite_schedule",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", models.types.BigId, nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("evse_number", sa.BigInteger(), nullable=False),
        sa.Column("asked_unit", sa.String(1), nullable=True),
        sa.Column("asked_duration_s", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("answer", models.types.Json, nullable=False),
        sa.Column("unit", sa.String(1), nullable=True),
        sa.Column("starts_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("duration_s", sa.BigInteger(), nullable=True),
        sa.Column("matches", sa.Boolean(), nullable=True),
        sa.Column("periods", models.types.Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id"], ["charging_station.id"], name=op.f("fk_composite_schedule_station_id_charging_station")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_composite_schedule_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_composite_schedule")),
    )
    with op.batch_alter_table("composite_schedule", schema=None) as batch_op:
        batch_op.create_index("ix_composite_schedule_station_answered", ["station_id", "answered_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_composite_schedule_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "ev_charging_schedule",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", models.types.BigId, nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("evse_number", sa.BigInteger(), nullable=False),
        sa.Column("transaction_ocpp_id", sa.String(36), nullable=True),
        sa.Column("received_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("time_base", models.types.UtcDateTime(), nullable=False),
        sa.Column("schedule", models.types.Json, nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id"], ["charging_station.id"], name=op.f("fk_ev_charging_schedule_station_id_charging_station")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_ev_charging_schedule_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ev_charging_schedule")),
    )
    with op.batch_alter_table("ev_charging_schedule", schema=None) as batch_op:
        batch_op.create_index("ix_ev_charging_schedule_station_received", ["station_id", "received_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_ev_charging_schedule_tenant_id"), ["tenant_id"], unique=False)
