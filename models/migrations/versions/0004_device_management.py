"""Firmware, logs, monitors and messages"""

import sqlalchemy as sa
from alembic import op

import models.types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_OPEN = sa.text("ended_at IS NULL")
_PENDING = sa.text("pending_value IS NOT NULL")


def upgrade() -> None:
    _extend_stations()
    _create_monitors()
    _create_desired_availability()
    _create_jobs()
    _create_reports()
    _create_display_messages()


def _extend_stations() -> None:
    op.add_column("charging_station", sa.Column("capabilities", models.types.Json, server_default="{}", nullable=False))
    op.add_column(
        "charging_station", sa.Column("accepted_vendors", models.types.Json, server_default="[]", nullable=False)
    )
    op.add_column("connector", sa.Column("vendor_id", sa.String(), server_default="", nullable=False))
    op.add_column("station_event", sa.Column("source", sa.String(), server_default="", nullable=False))
    for column in (
        sa.Column("is_persistent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("is_constant", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("pending_value", sa.String(), nullable=True),
        sa.Column("pending_at", models.types.UtcDateTime(), nullable=True),
    ):
        op.add_column("station_variable", column)
    op.create_index(
        "ix_station_variable_pending",
        "station_variable",
        ["station_id"],
        sqlite_where=_PENDING,
        postgresql_where=_PENDING,
    )


def _create(table: str, *columns: sa.Column | sa.Constraint, big: bool = False) -> None:
    """A table of a station's rows: tenant, id and station first."""
    op.create_table(
        table,
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", models.types.BigId if big else sa.Integer(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["station_id"], ["charging_station.id"], name=op.f(f"fk_{table}_station_id_charging_station")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f(f"fk_{table}_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_tenant_id"), table, ["tenant_id"])


def _text(name: str, length: int | None = None) -> sa.Column:
    return sa.Column(name, sa.String(length), nullable=False)


def _number(name: str, *, optional: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=optional)


def _flag(name: str) -> sa.Column:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _json(name: str) -> sa.Column:
    return sa.Column(name, models.types.Json, nullable=False)


def _moment(name: str, *, optional: bool = False) -> sa.Column:
    return sa.Column(name, models.types.UtcDateTime(), nullable=optional)


def _create_monitors() -> None:
    _create(
        "station_monitor",
        _number("monitor_id"),
        _text("component"),
        _text("component_instance"),
        _number("evse_number"),
        _number("connector_number"),
        _text("variable"),
        _text("variable_instance"),
        _text("type", 24),
        sa.Column("value", sa.Float(), nullable=False),
        _number("severity"),
        _flag("is_transaction"),
        _json("details"),
        _moment("reported_at"),
        sa.UniqueConstraint("station_id", "monitor_id", name=op.f("uq_station_monitor_station_id_monitor_id")),
        big=True,
    )


def _create_desired_availability() -> None:
    table = "desired_availability"
    _create(
        table,
        _number("evse_number"),
        _number("connector_number"),
        _flag("operative"),
        _flag("scheduled"),
        _moment("asked_at"),
        sa.UniqueConstraint(
            "station_id",
            "evse_number",
            "connector_number",
            name=op.f(f"uq_{table}_station_id_evse_number_connector_number"),
        ),
    )


def _create_jobs() -> None:
    _create(
        "maintenance_job",
        _text("kind", 12),
        _text("action", 64),
        _number("request_id", optional=True),
        _number("evse_number"),
        _text("state", 12),
        _text("status"),
        _moment("asked_at", optional=True),
        _moment("updated_at"),
        _moment("ended_at", optional=True),
        _json("request"),
        _json("progress"),
        _text("file_name"),
        _json("locations"),
        _text("version_before"),
        _text("version_after"),
    )
    op.create_index("ix_maintenance_job_request", "maintenance_job", ["station_id", "kind", "request_id"])
    op.create_index(
        "ix_maintenance_job_open",
        "maintenance_job",
        ["station_id", "kind"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )


def _create_reports() -> None:
    _create(
        "station_report",
        _text("kind", 24),
        _text("action", 64),
        _number("request_id", optional=True),
        _text("state", 12),
        _text("status"),
        _moment("asked_at", optional=True),
        _moment("updated_at"),
        _moment("ended_at", optional=True),
        _json("request"),
        _json("parts"),
        _number("last_part", optional=True),
        _json("missing"),
        sa.Column("entries", sa.Integer(), nullable=False),
        _json("texts"),
        big=True,
    )
    op.create_index("ix_station_report_request", "station_report", ["station_id", "kind", "request_id"])


def _create_display_messages() -> None:
    table = "display_message"
    _create(
        table,
        _number("message_id"),
        _text("priority", 24),
        _text("state", 24),
        _moment("starts_at", optional=True),
        _moment("ends_at", optional=True),
        _text("transaction_id"),
        _text("format", 12),
        _text("language", 8),
        _text("content"),
        _json("details"),
        _moment("confirmed_at"),
        sa.UniqueConstraint("station_id", "message_id", name=op.f(f"uq_{table}_station_id_message_id")),
    )
