"""Drafts of brands"""

import sqlalchemy as sa
from alembic import op

import models.types

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "brand_version",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("tokens", models.types.Json, nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("published_at", models.types.UtcDateTime(), nullable=False),
        sa.Column("restores", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_brand_version_tenant_id_tenant")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_brand_version_user_id_app_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brand_version")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_brand_version_tenant_id_number")),
    )
    op.create_index(op.f("ix_brand_version_tenant_id"), "brand_version", ["tenant_id"])
    op.create_table(
        "brand_draft",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("base_number", sa.Integer(), nullable=False),
        sa.Column("tokens", models.types.Json, nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("saved_at", models.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_brand_draft_tenant_id_tenant")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_brand_draft_user_id_app_user")),
        sa.PrimaryKeyConstraint("tenant_id", "user_id", name=op.f("pk_brand_draft")),
    )
    op.create_table(
        "brand_image",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at", models.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_brand_image_tenant_id_tenant")),
        sa.PrimaryKeyConstraint("tenant_id", "name", name=op.f("pk_brand_image")),
    )
