"""Certificates"""

import sqlalchemy as sa
from alembic import op

import models.types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _tenant():
    return [
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"]),
    ]


def _station():
    return [
        *_tenant(),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["charging_station.id"]),
    ]


def _id():
    return [sa.Column("id", sa.Integer(), nullable=False), sa.PrimaryKeyConstraint("id")]


def _moment(name):
    return sa.Column(name, models.types.UtcDateTime(), nullable=False)


def _text(name, length=None, *, nullable=False):
    return sa.Column(name, sa.String(length), nullable=nullable)


def _pem(name, *, nullable=False):
    return sa.Column(name, sa.Text(), nullable=nullable)


def upgrade() -> None:
    with op.batch_alter_table("charging_station") as station:
        station.add_column(sa.Column("pending_security_profile", sa.Integer(), nullable=True))
        station.add_column(sa.Column("certificate_name", sa.String(255), nullable=True))
    _authorities()
    _requests()
    _kept_by_stations()
    for table in ("trust_anchor", "signing_request", "issued_certificate", "revoked_certificate"):
        op.create_index(f"ix_{table}_tenant_id", table, ["tenant_id"])
    for table in ("installed_certificate", "network_profile"):
        op.create_index(f"ix_{table}_tenant_id", table, ["tenant_id"])
    for table in ("signing_request", "issued_certificate"):
        op.create_index(f"ix_{table}_station_id", table, ["station_id"])
    op.create_index("ix_installed_certificate_station", "installed_certificate", ["station_id", "certificate_type"])


def _authorities() -> None:
    op.create_table(
        "certificate_authority",
        *_id(),
        _text("use", 8),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        _text("subject"),
        _pem("certificate"),
        _pem("private_key"),
        _moment("created_at"),
        sa.ForeignKeyConstraint(["parent_id"], ["certificate_authority.id"]),
    )
    op.create_table(
        "trust_anchor",
        *_id(),
        *_tenant(),
        _text("use", 8),
        _text("subject"),
        _text("fingerprint", 64),
        _pem("certificate"),
        _moment("added_at"),
        sa.UniqueConstraint("tenant_id", "use", "fingerprint"),
    )
    op.create_table(
        "revoked_certificate",
        *_id(),
        *_tenant(),
        _text("issuer"),
        _text("serial_number", 40),
        _text("reason", 32),
        _moment("revoked_at"),
        sa.UniqueConstraint("tenant_id", "issuer", "serial_number"),
    )


def _requests() -> None:
    op.create_table(
        "signing_request",
        *_id(),
        *_station(),
        _text("certificate_type", 40),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("is_wrapped", sa.Boolean(), nullable=False),
        _pem("csr"),
        _text("state", 8),
        _text("note"),
        _moment("received_at"),
    )
    op.create_table(
        "issued_certificate",
        *_id(),
        *_station(),
        sa.Column("authority_id", sa.Integer(), nullable=False),
        sa.Column("signing_request_id", sa.Integer(), nullable=True),
        _text("certificate_type", 40),
        _text("subject"),
        _text("serial_number", 40),
        _text("fingerprint", 64),
        _pem("certificate"),
        _moment("not_before"),
        _moment("not_after"),
        sa.ForeignKeyConstraint(["authority_id"], ["certificate_authority.id"]),
        sa.ForeignKeyConstraint(["signing_request_id"], ["signing_request.id"]),
        sa.UniqueConstraint("fingerprint"),
    )


def _kept_by_stations() -> None:
    op.create_table(
        "installed_certificate",
        *_id(),
        *_station(),
        _text("certificate_type", 40),
        _text("hash_algorithm", 8),
        _text("issuer_name_hash", 128),
        _text("issuer_key_hash", 128),
        _text("serial_number", 40),
        sa.Column("children", models.types.Json, nullable=False),
        _pem("certificate", nullable=True),
        _moment("reported_at"),
    )
    op.create_table(
        "network_profile",
        *_id(),
        *_station(),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("security_profile", sa.Integer(), nullable=False),
        sa.Column("connection_data", models.types.Json, nullable=False),
        _text("status", 16),
        _moment("answered_at"),
        sa.UniqueConstraint("station_id", "slot"),
    )
