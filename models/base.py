"""What every table shares: naming of constraints, and the column that says whose row it is."""

import re
from datetime import datetime
from typing import Any

from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel

from models.types import UtcDateTime

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = SQLModel.metadata


class Row(SQLModel):
    """A table, named after its class in snake case."""

    @declared_attr.directive
    def __tablename__(cls) -> str:  # pyright: ignore[reportIncompatibleVariableOverride] - SQLModel types it so
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


class TenantScoped(Row):
    """A row that belongs to one tenant. Filled from the scope when left out; see models.scope."""

    tenant_id: int = Field(default=None, foreign_key="tenant.id", index=True, nullable=False)


def moment(**options: Any) -> Any:
    """A column for an aware UTC datetime."""
    return Field(sa_type=UtcDateTime, **options)  # pyright: ignore[reportCallIssue, reportArgumentType]


def optional_moment(**options: Any) -> datetime | None:
    """A column for an aware UTC datetime that may be missing."""
    return moment(default=None, nullable=True, **options)
