"""PostgreSQL's row-level security behind the scope guard: the database itself knows whose turn it is.

Each transaction carries the scope in a setting of its own; a policy on every tenant-owned table compares it. A query
that slipped past models.scope (raw SQL, a bug of ours) then finds nothing instead of another tenant's rows. A role that
is superuser or has BYPASSRLS is not held back: `is_held_back` tells.
"""

from typing import Any

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Session

from models.scope import PLATFORM, current_scope, narrowing

SETTING = "voltdeck.tenant"
_POLICY = f"(SELECT NULLIF(current_setting('{SETTING}', true), '')::int) IN (0, tenant_id)"
_SET = text(f"SELECT set_config('{SETTING}', :scope, true)")
_HELD_BACK = text("SELECT NOT (rolsuper OR rolbypassrls) FROM pg_roles WHERE rolname = current_user")
_KEY = "voltdeck.scope"
_UNKNOWN = -1


def protection_of(table: str) -> list[str]:
    """The statements that put a tenant-owned table behind the policy, its owner included; for migrations."""
    return [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        f'CREATE POLICY tenant ON "{table}" USING ({_POLICY}) WITH CHECK ({_POLICY})',
    ]


def begin_in_scope(engine: Engine) -> None:
    """Let each transaction of the engine begin in the scope it is begun in."""
    event.listen(engine, "begin", _begin_in_current_scope)
    event.listen(engine, "rollback_savepoint", _forget)


def begin_for_all(engine: Engine) -> None:
    """Let each transaction begin for the whole platform (as the connection says); units narrow it for themselves."""
    event.listen(engine, "begin", _begin_for_platform)
    event.listen(engine, "rollback_savepoint", _forget)


def narrow(connection: Connection, scope: int | None) -> None:
    """Let the rest of the transaction see what `scope` may; costs a statement only where it changes."""
    if connection.info.get(_KEY, _UNKNOWN) != scope:
        connection.execute(_SET, {"scope": "" if scope is None else str(scope)})
        connection.info[_KEY] = scope


async def narrow_async(connection: AsyncConnection, scope: int | None) -> None:
    """The same for an async connection; nothing on SQLite."""
    if connection.dialect.name == "postgresql" and connection.sync_connection is not None:
        info = connection.sync_connection.info
        if info.get(_KEY, _UNKNOWN) != scope:
            await connection.run_sync(narrow, scope)


def narrow_session(session: Session) -> None:
    """Before a session's statement: the scope may have changed since its transaction began."""
    if session.get_bind().dialect.name == "postgresql":
        narrow(session.connection(), current_scope())


async def is_held_back(connection: AsyncConnection) -> bool:
    """Whether the role we connect as is subject to policies at all. True on SQLite, which has none."""
    return connection.dialect.name != "postgresql" or bool(await connection.scalar(_HELD_BACK))


def _begin_in_current_scope(connection: Connection) -> None:
    connection.info[_KEY] = _UNKNOWN
    narrow(connection, current_scope())


def _begin_for_platform(connection: Connection) -> None:
    connection.info[_KEY] = PLATFORM


def _forget(connection: Connection, _name: str, _context: Any) -> None:
    """What was set inside a savepoint is taken back with it."""
    connection.info[_KEY] = _UNKNOWN


narrowing.append(narrow_session)
