"""Row-level security"""

from alembic import op
from sqlalchemy import inspect

from models.row_security import protection_of

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_PLATFORMS_OWN = {"tenant_host", "hand_over"}
"""Tables that say whose something is, and are asked before any tenant is in scope."""


def upgrade() -> None:
    """Every table with a tenant in each row. Later revisions protect the tables that they create."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    inspector = inspect(connection)
    for table in sorted(inspector.get_table_names()):
        columns = {column["name"]: column for column in inspector.get_columns(table)}
        if table not in _PLATFORMS_OWN and "tenant_id" in columns and not columns["tenant_id"]["nullable"]:
            for statement in protection_of(table):
                op.execute(statement)
