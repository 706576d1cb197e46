"""Alembic's entry: runs the revisions on the connection it was handed, or on a URL from a shell (new revisions)."""

import asyncio
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel.sql.sqltypes import AutoString

import models  # noqa: F401 - declares the tables
from models.base import metadata
from models.types import BigId, Json


def render(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write column types by our own names, so that revisions read well."""
    if kind != "type":
        return False
    if isinstance(item, AutoString):
        return f"sa.String({item.length or ''})"
    return {id(BigId): "models.types.BigId", id(Json): "models.types.Json"}.get(id(item), False)


def run(connection: Connection) -> None:
    context.configure(
        connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True, render_item=render
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_from_shell() -> None:
    engine = create_async_engine(context.config.get_main_option("sqlalchemy.url"))
    async with engine.begin() as connection:
        await connection.run_sync(run)


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    asyncio.run(run_from_shell())
