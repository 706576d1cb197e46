"""Drivers, groups and limits"""

import sqlalchemy as sa
from alembic import op

import models.types

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_groups()
    _create_vehicles()
    _create_sightings()
    for table in ("driver", "id_token"):
        for column in _limits():
            op.add_column(table, column)
    for name, column_type in (
        ("phone", sa.String(40)),
        ("language", sa.String(16)),
        ("notes", sa.String()),
        ("external_reference", sa.String(100)),
    ):
        op.add_column("driver", sa.Column(name, column_type, nullable=False, server_default=""))
    op.add_column("driver", sa.Column("archived_at", models.types.UtcDateTime(), nullable=True))
    op.add_column("driver", sa.Column("erased_at", models.types.UtcDateTime(), nullable=True))
    op.add_column("id_token", sa.Column("valid_from", models.types.UtcDateTime(), nullable=True))
    op.add_column("id_token", sa.Column("refused_at", models.types.UtcDateTime(), nullable=True))
    op.add_column("id_token", sa.Column("refusal", sa.String(300), nullable=False, server_default=""))
    op.create_index("ix_id_token_tenant_group", "id_token", ["tenant_id", "group"])
    op.add_column("authorization_policy", sa.Column("list_revision", sa.Integer(), nullable=False, server_default="0"))
    _extend_lists()
    _extend_transactions()
    _name_groups()


def _limits() -> list[sa.Column[object]]:
    return [
        sa.Column("max_transactions", sa.Integer(), nullable=True),
        sa.Column("max_energy_day_wh", sa.BigInteger(), nullable=True),
        sa.Column("max_energy_month_wh", sa.BigInteger(), nullable=True),
        sa.Column("max_cost_day", models.types.Money(), nullable=True),
        sa.Column("max_cost_month", models.types.Money(), nullable=True),
    ]


def _create_groups() -> None:
    op.create_table(
        "token_group",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        *_limits(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(36), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", models.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_token_group_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_group")),
        sa.UniqueConstraint("tenant_id", "value", name=op.f("uq_token_group_tenant_id_value")),
    )
    op.create_index(op.f("ix_token_group_tenant_id"), "token_group", ["tenant_id"])


def _create_vehicles() -> None:
    op.create_table(
        "vehicle",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("driver_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("plate", sa.String(20), nullable=False),
        sa.Column("vin", sa.String(17), nullable=False),
        sa.Column("evcc_id", sa.String(36), nullable=False),
        sa.Column("mac_address", sa.String(17), nullable=False),
        sa.Column("battery_wh", sa.Integer(), nullable=True),
        sa.Column("created_at", models.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["driver_id"], ["driver.id"], name=op.f("fk_vehicle_driver_id_driver")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_vehicle_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicle")),
    )
    op.create_index(op.f("ix_vehicle_tenant_id"), "vehicle", ["tenant_id"])
    op.create_index(op.f("ix_vehicle_driver_id"), "vehicle", ["driver_id"])


def _create_sightings() -> None:
    op.create_table(
        "token_sighting",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(255), nullable=False),
        sa.Column("value_key", sa.String(255), nullable=False),
        sa.Column("type", sa.String(20), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("dismissed_at", models.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["station_id"], ["charging_station.id"], name=op.f("fk_token_sighting_station_id_charging_station")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_token_sighting_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_sighting")),
        sa.UniqueConstraint("tenant_id", "value_key", "type", name=op.f("uq_token_sighting_tenant_id_value_key_type")),
    )
    op.create_index(op.f("ix_token_sighting_tenant_id"), "token_sighting", ["tenant_id"])
    op.create_index(op.f("ix_token_sighting_station_id"), "token_sighting", ["station_id"])
    op.create_index("ix_token_sighting_tenant_seen", "token_sighting", ["tenant_id", "last_seen_at"])


def _extend_lists() -> None:
    op.add_column("local_list", sa.Column("is_kept", sa.Boolean(), nullable=True))
    op.add_column("local_list", sa.Column("synced_revision", sa.Integer(), nullable=True))
    op.add_column("local_list", sa.Column("synced_at", models.types.UtcDateTime(), nullable=True))
    op.add_column("local_list", sa.Column("tried_at", models.types.UtcDateTime(), nullable=True))
    op.add_column("local_list", sa.Column("sync_error", sa.String(), nullable=False, server_default=""))
    op.add_column("local_list", sa.Column("left_out", sa.Integer(), nullable=False, server_default="0"))


def _extend_transactions() -> None:
    op.add_column("transaction", sa.Column("id_token_id", sa.Integer(), nullable=True))
    op.add_column("transaction", sa.Column("token_group", sa.String(255), nullable=True))
    op.add_column("transaction", sa.Column("authorization_reason", sa.String(300), nullable=False, server_default=""))
    op.execute(
        """UPDATE "transaction" SET id_token_id = (
            SELECT min(id_token.id) FROM id_token
            WHERE id_token.tenant_id = "transaction".tenant_id
              AND id_token.value_key = lower("transaction".id_token)
        ) WHERE id_token <> ''"""
    )
    in_a_group = sa.text("token_group IS NOT NULL")
    op.create_index("ix_transaction_token_started", "transaction", ["id_token_id", "started_at"])
    op.create_index(
        "ix_transaction_group_started",
        "transaction",
        ["tenant_id", "token_group", "started_at"],
        sqlite_where=in_a_group,
        postgresql_where=in_a_group,
    )


def _name_groups() -> None:
    """Groups were only a word on their tokens; each becomes a row, called by that word."""
    op.execute(
        """INSERT INTO token_group (tenant_id, value, name, created_at)
        SELECT tenant_id, "group", "group", min(created_at) FROM id_token
        WHERE "group" IS NOT NULL AND "group" <> '' AND length("group") <= 36
        GROUP BY tenant_id, "group" """
    )
