"""Local lists and reservations"""

import re

import sqlalchemy as sa
from alembic import op

import models.types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("id_token", schema=None) as batch_op:
        batch_op.add_column(sa.Column("allow_concurrent", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("location_ids", models.types.Json, nullable=True))
        batch_op.drop_constraint(batch_op.f("uq_id_token_tenant_id_value_key"), type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_id_token_tenant_id_value_key_type"), ["tenant_id", "value_key", "type"]
        )
    _rewrite_keys()
    _create_policy()
    _create_lists()
    _create_reservations()


def _rewrite_keys() -> None:
    """Card and contract numbers were told apart by their separators; where both spellings are registered, both stay."""
    tokens = sa.table(
        "id_token",
        sa.column("id", sa.Integer),
        sa.column("tenant_id", sa.Integer),
        sa.column("type", sa.String),
        sa.column("value_key", sa.String),
    )
    connection = op.get_bind()
    rows = connection.execute(sa.select(tokens.c.id, tokens.c.tenant_id, tokens.c.type, tokens.c.value_key)).all()
    taken = {(tenant_id, kind, key) for _, tenant_id, kind, key in rows}
    for token_id, tenant_id, kind, key in rows:
        new = _respelled(key)
        if new != key and (tenant_id, kind, new) not in taken:
            taken.add((tenant_id, kind, new))
            connection.execute(tokens.update().where(tokens.c.id == token_id).values(value_key=new))


def _respelled(key: str) -> str:
    if re.fullmatch(r"[0-9a-f]{2}([: -][0-9a-f]{2}){3,9}", key):
        return re.sub("[: -]", "", key)
    return key.replace("-", "") if re.fullmatch(r"[a-z]{2}-[0-9a-z]{3}-[0-9a-z]{9}(-[0-9a-z])?", key) else key


def _create_policy() -> None:
    op.create_table(
        "authorization_policy",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("allow_concurrent", sa.Boolean(), nullable=False),
        sa.Column("master_pass_group", sa.String(255), nullable=True),
        sa.Column("free_vend", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_authorization_policy_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorization_policy")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_authorization_policy_tenant_id")),
    )
    op.create_index(op.f("ix_authorization_policy_tenant_id"), "authorization_policy", ["tenant_id"])


def _create_lists() -> None:
    op.create_table(
        "local_list",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("is_certain", sa.Boolean(), nullable=False),
        sa.Column("versioned_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("last_status", sa.String(20), nullable=False),
        sa.Column("last_sent_at", models.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["station_id"], ["charging_station.id"], name=op.f("fk_local_list_station_id_charging_station")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_local_list_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_list")),
        sa.UniqueConstraint("station_id", name=op.f("uq_local_list_station_id")),
    )
    op.create_index(op.f("ix_local_list_tenant_id"), "local_list", ["tenant_id"])
    op.create_table(
        "local_list_entry",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", models.types.BigId, nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("id_token", sa.String(255), nullable=False),
        sa.Column("id_token_type", sa.String(20), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("expires_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("group", sa.String(255), nullable=True),
        sa.ForeignKeyConstraint(
            ["station_id"], ["charging_station.id"], name=op.f("fk_local_list_entry_station_id_charging_station")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_local_list_entry_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_local_list_entry")),
        sa.UniqueConstraint(
            "station_id",
            "id_token",
            "id_token_type",
            name=op.f("uq_local_list_entry_station_id_id_token_id_token_type"),
        ),
    )
    op.create_index(op.f("ix_local_list_entry_tenant_id"), "local_list_entry", ["tenant_id"])


def _create_reservations() -> None:
    op.create_table(
        "reservation",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("ocpp_id", sa.Integer(), nullable=False),
        sa.Column("evse_number", sa.Integer(), nullable=False),
        sa.Column("connector_type", sa.String(20), nullable=False),
        sa.Column("id_token", sa.String(255), nullable=False),
        sa.Column("id_token_type", sa.String(20), nullable=False),
        sa.Column("group", sa.String(255), nullable=True),
        sa.Column("answered_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("answer_status", sa.String(20), nullable=False),
        sa.Column("expires_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("ended_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("end_reason", sa.String(16), nullable=False),
        sa.Column("cancel_refused_at", models.types.UtcDateTime(), nullable=True),
        sa.Column("transaction_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["station_id"], ["charging_station.id"], name=op.f("fk_reservation_station_id_charging_station")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_reservation_tenant_id_tenant")),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["transaction.id"], name=op.f("fk_reservation_transaction_id_transaction")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservation")),
        sa.UniqueConstraint("station_id", "ocpp_id", name=op.f("uq_reservation_station_id_ocpp_id")),
    )
    op.create_index("ix_reservation_tenant_expires", "reservation", ["tenant_id", "expires_at"])
    op.create_index(op.f("ix_reservation_tenant_id"), "reservation", ["tenant_id"])
    op.create_index(op.f("ix_reservation_transaction_id"), "reservation", ["transaction_id"])
