"""OCPP 2.1"""

import sqlalchemy as sa
from alembic import op

import models.types

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_tariffs_and_payments()


def create_tariffs_and_payments() -> None:
    op.create_table(
        "station_tariff",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", models.types.BigId, nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("evse_number", sa.BigInteger(), nullable=False),
        sa.Column("tariff_id", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("document", models.types.Json, nullable=False),
        sa.Column("transaction_ocpp_id", sa.String(36), nullable=True),
        sa.Column("id_tokens", models.types.Json, nullable=True),
        sa.Column("valid_from", models.types.UtcDateTime(), nullable=True),
        sa.Column("since", models.types.UtcDateTime(), nullable=False),
        sa.Column("reported_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("answer_status", sa.String(24), nullable=False),
        sa.Column("removed_at", models.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["station_id"], ["charging_station.id"], name=op.f("fk_station_tariff_station_id_charging_station")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_station_tariff_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_tariff")),
    )
    op.create_index(op.f("ix_station_tariff_tenant_id"), "station_tariff", ["tenant_id"])
    op.create_index("ix_station_tariff_station_since", "station_tariff", ["station_id", "since"])
    in_use = sa.text("removed_at IS NULL")
    columns = ["station_id", "tariff_id"]
    op.create_index("ix_station_tariff_in_use", "station_tariff", columns, sqlite_where=in_use, postgresql_where=in_use)
    op.create_table(
        "settlement",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", models.types.BigId, nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("psp_ref", sa.String(255), nullable=False),
        sa.Column("transaction_ocpp_id", sa.String(36), nullable=True),
        sa.Column("transaction_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("status_info", sa.String(), nullable=False),
        sa.Column("amount", models.types.Money(), nullable=False),
        sa.Column("settled_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("received_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("receipt_id", sa.String(50), nullable=False),
        sa.Column("receipt_url", sa.String(), nullable=False),
        sa.Column("vat_number", sa.String(20), nullable=False),
        sa.Column("vat_company", models.types.Json, nullable=True),
        sa.ForeignKeyConstraint(
            ["station_id"], ["charging_station.id"], name=op.f("fk_settlement_station_id_charging_station")
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["transaction.id"], name=op.f("fk_settlement_transaction_id_transaction")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_settlement_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement")),
        sa.UniqueConstraint("station_id", "psp_ref", name=op.f("uq_settlement_station_id_psp_ref")),
    )
    op.create_index(op.f("ix_settlement_tenant_id"), "settlement", ["tenant_id"])
    op.create_index(op.f("ix_settlement_transaction_id"), "settlement", ["transaction_id"])

    op.add_column("id_token", sa.Column("credit", models.types.Money(), nullable=True))
    op.add_column("id_token", sa.Column("credit_currency", sa.String(3), nullable=False, server_default=""))
    op.add_column("id_token", sa.Column("max_cost", models.types.Money(), nullable=True))
    op.add_column("id_token", sa.Column("max_energy_wh", sa.Integer(), nullable=True))
    op.add_column("id_token", sa.Column("max_time_s", sa.Integer(), nullable=True))
    op.add_column("command", sa.Column("max_cost", models.types.Money(), nullable=True))
    for name in ("station_limit", "own_limit", "cost_details"):
        op.add_column("transaction", sa.Column(name, models.types.Json, nullable=True))
    for name in ("credit_taken", "station_cost"):
        op.add_column("transaction", sa.Column(name, models.types.Money(), nullable=True))
    op.add_column("transaction", sa.Column("station_cost_currency", sa.String(3), nullable=False, server_default=""))
