"""OCPP 2.1"""

import sqlalchemy as sa
from alembic import op

import models.types

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_grid()
    create_batteries()
    let_passwords_wait()
    create_streams()
    create_tariffs_and_payments()


def let_passwords_wait() -> None:
    stays = sa.Column("pending_password_stays", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("charging_station", stays)


def create_streams() -> None:
    op.create_table(
        "event_stream",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("stream_id", models.types.BigId, nullable=False),
        sa.Column("monitor_id", models.types.BigId, nullable=True),
        sa.Column("interval_s", sa.Integer(), nullable=True),
        sa.Column("values_per_message", sa.Integer(), nullable=True),
        sa.Column("opened_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("closed_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("last_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id"], ["charging_station.id"], name=op.f("fk_event_stream_station_id_charging_station")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_event_stream_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_stream")),
        sa.UniqueConstraint("station_id", "stream_id", name=op.f("uq_event_stream_station_id")),
    )
    op.create_index(op.f("ix_event_stream_tenant_id"), "event_stream", ["tenant_id"])
    op.create_table(
        "stream_value",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", models.types.BigId, nullable=False),
        sa.Column("stream_row_id", sa.Integer(), nullable=False),
        sa.Column("at", models.types.UtcDateTime(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stream_row_id"], ["event_stream.id"], name=op.f("fk_stream_value_stream_row_id_event_stream")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_stream_value_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stream_value")),
    )
    op.create_index(op.f("ix_stream_value_tenant_id"), "stream_value", ["tenant_id"])
    op.create_index("ix_stream_value_stream", "stream_value", ["stream_row_id", "at"])


def create_grid() -> None:
    op.create_table(
        "der_control",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", models.types.BigId, nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("control_id", sa.String(36), nullable=False),
        sa.Column("control_type", sa.String(24), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("superseded_by", sa.String(36), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("settings", models.types.Json, nullable=False),
        sa.Column("supersedes", models.types.Json, nullable=False),
        sa.Column("started_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("ended_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("updated_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("removed_at", models.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["station_id"], ["charging_station.id"], name=op.f("fk_der_control_station_id_charging_station")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_der_control_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_der_control")),
        sa.UniqueConstraint("station_id", "control_id", name=op.f("uq_der_control_station_id_control_id")),
    )
    op.create_index(op.f("ix_der_control_tenant_id"), "der_control", ["tenant_id"], unique=False)
    op.create_table(
        "priority_charging",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", models.types.BigId, nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("transaction_ocpp_id", sa.String(36), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("updated_at", models.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id"], ["charging_station.id"], name=op.f("fk_priority_charging_station_id_charging_station")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_priority_charging_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_priority_charging")),
        sa.UniqueConstraint(
            "station_id", "transaction_ocpp_id", name=op.f("uq_priority_charging_station_id_transaction_ocpp_id")
        ),
    )
    op.create_index(op.f("ix_priority_charging_tenant_id"), "priority_charging", ["tenant_id"], unique=False)
    op.create_table(
        "dynamic_update",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", models.types.BigId, nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.BigInteger(), nullable=False),
        sa.Column("pulled", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("update", models.types.Json, nullable=False),
        sa.Column("at", models.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id"], ["charging_station.id"], name=op.f("fk_dynamic_update_station_id_charging_station")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_dynamic_update_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dynamic_update")),
    )
    op.create_index("ix_dynamic_update_station_profile", "dynamic_update", ["station_id", "profile_id"], unique=False)
    op.create_index(op.f("ix_dynamic_update_tenant_id"), "dynamic_update", ["tenant_id"], unique=False)
    op.create_table(
        "allowed_energy_transfer",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", models.types.BigId, nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("transaction_ocpp_id", sa.String(36), nullable=False),
        sa.Column("allowed", models.types.Json, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("at", models.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id"], ["charging_station.id"], name=op.f("fk_allowed_energy_transfer_station_id_charging_station")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_allowed_energy_transfer_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allowed_energy_transfer")),
    )
    op.create_index(
        op.f("ix_allowed_energy_transfer_tenant_id"), "allowed_energy_transfer", ["tenant_id"], unique=False
    )
    op.create_index(
        "ix_allowed_energy_transfer_transaction",
        "allowed_energy_transfer",
        ["station_id", "transaction_ocpp_id"],
        unique=False,
    )
    op.create_table(
        "energy_transfer_rule",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("id_token_id", sa.Integer(), nullable=True),
        sa.Column("allowed", models.types.Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["id_token_id"], ["id_token.id"], name=op.f("fk_energy_transfer_rule_id_token_id_id_token")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_energy_transfer_rule_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_energy_transfer_rule")),
        sa.UniqueConstraint("tenant_id", "id_token_id", name=op.f("uq_energy_transfer_rule_tenant_id_id_token_id")),
    )
    op.create_index(op.f("ix_energy_transfer_rule_tenant_id"), "energy_transfer_rule", ["tenant_id"], unique=False)
    op.create_table(
        "charging_policy",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("plans_for_evs", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id"], ["charging_station.id"], name=op.f("fk_charging_policy_station_id_charging_station")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_charging_policy_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charging_policy")),
        sa.UniqueConstraint("station_id", name=op.f("uq_charging_policy_station_id")),
    )
    op.create_index(op.f("ix_charging_policy_tenant_id"), "charging_policy", ["tenant_id"], unique=False)
    op.create_table(
        "frequency_signal",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("signal", sa.BigInteger(), nullable=False),
        sa.Column("signalled_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("answered_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id"], ["charging_station.id"], name=op.f("fk_frequency_signal_station_id_charging_station")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_frequency_signal_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frequency_signal")),
        sa.UniqueConstraint("station_id", name=op.f("uq_frequency_signal_station_id")),
    )
    op.create_index(op.f("ix_frequency_signal_tenant_id"), "frequency_signal", ["tenant_id"], unique=False)


def create_batteries() -> None:
    op.create_table(
        "battery_swap",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", models.types.BigId, nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("id_token", sa.String(255), nullable=False),
        sa.Column("id_token_type", sa.String(20), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("in_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("out_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("timed_out_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("updated_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("batteries_in", models.types.Json, nullable=False),
        sa.Column("batteries_out", models.types.Json, nullable=False),
        sa.Column("batteries_left", models.types.Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id"], ["charging_station.id"], name=op.f("fk_battery_swap_station_id_charging_station")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_battery_swap_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_battery_swap")),
    )
    op.create_index("ix_battery_swap_request", "battery_swap", ["station_id", "request_id"], unique=False)
    op.create_index(op.f("ix_battery_swap_tenant_id"), "battery_swap", ["tenant_id"], unique=False)
    op.create_table(
        "slot_battery",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", models.types.BigId, nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("evse_number", sa.BigInteger(), nullable=False),
        sa.Column("serial_number", sa.String(50), nullable=False),
        sa.Column("soc_percent", sa.Float(), nullable=False),
        sa.Column("soh_percent", sa.Float(), nullable=False),
        sa.Column("produced_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("vendor_info", sa.String(500), nullable=False),
        sa.Column("inserted_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("in_request_id", sa.BigInteger(), nullable=True),
        sa.Column("removed_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("out_request_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", models.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id"], ["charging_station.id"], name=op.f("fk_slot_battery_station_id_charging_station")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_slot_battery_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_battery")),
    )
    op.create_index(
        "ix_slot_battery_inside",
        "slot_battery",
        ["station_id", "evse_number"],
        unique=False,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_index(op.f("ix_slot_battery_tenant_id"), "slot_battery", ["tenant_id"], unique=False)


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
