"""Whose data is in reach. Without a tenant in scope a query raises; another tenant's row does not exist.

The scope is a context variable: set it once at an entrance (`with tenant_scope(id)`), and every task started inside
inherits it. Work for the whole platform says so explicitly with `platform_scope()`.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Executable, Table, event
from sqlalchemy.orm import Mapper, ORMExecuteState, Session, UOWTransaction, with_loader_criteria
from sqlalchemy.sql.visitors import iterate
from sqlmodel.main import default_registry

from models.base import TenantScoped

PLATFORM = 0
"""The scope of work for the whole platform; no tenant has this id."""

_scope: ContextVar[int | None] = ContextVar("tenant_scope", default=None)
narrowing: list[Callable[[Session], None]] = []
"""Told before a session's statement: what stands behind this guard (models.row_security)."""


class TenantScopeError(RuntimeError):
    """Tenant-owned data was touched with no tenant, or the wrong one, in scope: always a bug."""


def current_scope() -> int | None:
    """The tenant in scope, PLATFORM, or None."""
    return _scope.get()


def current_tenant_id() -> int:
    """The tenant in scope. Raises TenantScopeError when there is none, or the platform is."""
    tenant_id = _scope.get()
    if not tenant_id:
        raise TenantScopeError("no tenant in scope")
    return tenant_id


def require_platform_scope() -> None:
    """Raise TenantScopeError unless the whole platform is in scope: for tables that strangers fill."""
    if _scope.get() != PLATFORM:
        raise TenantScopeError("only for work of the whole platform")


@contextmanager
def tenant_scope(tenant_id: int) -> Generator[None]:
    """Inside, only this tenant's rows exist."""
    token = _scope.set(tenant_id)
    try:
        yield
    finally:
        _scope.reset(token)


@contextmanager
def platform_scope() -> Generator[None]:
    """Inside, every tenant's rows exist: for start-up, platform pages and jobs over all tenants."""
    with tenant_scope(PLATFORM):
        yield


def check_row(row: dict[str, Any]) -> None:
    """Refuse a row for a Core insert whose tenant is missing or out of scope."""
    scope = _scope.get()
    if scope is None or (scope != PLATFORM and row.get("tenant_id") != scope):
        raise TenantScopeError(f"row of tenant {row.get('tenant_id')} written in scope {scope}")


@lru_cache(maxsize=1024)
def _criteria(tenant_id: int) -> tuple[Any, ...]:
    """`tenant_id = …` for every tenant-owned table: also those a statement only joins."""
    return tuple(
        with_loader_criteria(mapper.class_, mapper.class_.tenant_id == tenant_id, include_aliases=True)
        for mapper in _tenant_owned()
    )


def _tenant_owned() -> list[Mapper[Any]]:
    return [mapper for mapper in default_registry.mappers if issubclass(mapper.class_, TenantScoped)]


def _touches_tenant_rows(statement: Executable) -> bool:
    owned = {mapper.local_table for mapper in _tenant_owned()}
    return any(element in owned for element in iterate(cast(Any, statement)) if isinstance(element, Table))


@event.listens_for(Session, "do_orm_execute")
def guard_reads(state: ORMExecuteState) -> None:
    """Add `tenant_id = :scope` to every ORM statement on tenant-owned tables, or raise."""
    scope = _scope.get()
    for narrow in narrowing:
        narrow(state.session)
    if scope:
        state.statement = cast(Any, state.statement).options(*_criteria(scope))
    elif scope is None and _touches_tenant_rows(state.statement):
        raise TenantScopeError("no tenant in scope")


@event.listens_for(Session, "before_flush")
def guard_writes(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    """Fill in the scope's tenant on new rows; refuse any change to another tenant's."""
    scope = _scope.get()
    for narrow in narrowing:
        narrow(session)
    for row in (*session.new, *session.dirty, *session.deleted):
        if not isinstance(row, TenantScoped):
            continue
        if row.tenant_id is None and scope and row in session.new:  # pyright: ignore[reportUnnecessaryComparison]
            row.tenant_id = scope
        if scope is None or (scope != PLATFORM and row.tenant_id != scope):
            raise TenantScopeError(f"{type(row).__name__} of tenant {row.tenant_id} written in scope {scope}")
