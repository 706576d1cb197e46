"""The connection doctor: opening handshakes that failed, each with its cause and cure in plain words, folded by kind.

Whoever connects may be anybody, so what is kept is bounded: one row per cause, identity and address, and the gateway
folds strangers further (csms.gateway.diagnosis). A secret is never among what is kept.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import Executable, Select, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.bus.events import HandshakeFailed
from csms.work import Work
from models import FailedHandshake
from models.scope import current_tenant_id, require_platform_scope

MAX_ROWS = 20_000


class Cause(StrEnum):
    """Why a connection failed before OCPP began."""

    NOT_HTTP = "not_http"
    NOT_TLS = "not_tls"
    NOT_WEBSOCKET = "not_websocket"
    TOO_SLOW = "too_slow"
    TOO_MANY_CONNECTIONS = "too_many_connections"
    BAD_IDENTITY = "bad_identity"
    UNKNOWN_IDENTITY = "unknown_identity"
    MISSING_CREDENTIALS = "missing_credentials"
    WRONG_USER_NAME = "wrong_user_name"
    WRONG_CREDENTIALS = "wrong_credentials"
    NO_SUBPROTOCOL = "no_subprotocol"
    NO_COMMON_VERSION = "no_common_version"
    TLS_REQUIRED = "tls_required"
    WRONG_SECURITY_PROFILE = "wrong_security_profile"
    TLS_VERSION = "tls_version"
    TLS_FAILED = "tls_failed"
    SERVER_CERTIFICATE_REFUSED = "server_certificate_refused"
    CERTIFICATE_MISSING = "certificate_missing"
    CERTIFICATE_EXPIRED = "certificate_expired"
    CERTIFICATE_FOREIGN = "certificate_foreign"
    CERTIFICATE_REJECTED = "certificate_rejected"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Advice:
    """What happened and what it means; what to do about it."""

    meaning: str
    cure: str


ADVICE = {
    Cause.NOT_HTTP: Advice(
        "It sent something that is not HTTP, or a request too long to be one. A station set to wss:// on a port "
        "without encryption looks like this.",
        "Compare ws:// or wss:// and the port in the station's settings with those of this platform.",
    ),
    Cause.NOT_WEBSOCKET: Advice(
        "It asked for a web page, not for a WebSocket: a browser, a scanner, or a proxy removed the Upgrade header.",
        "Nothing to do for a browser. Between station and platform, let proxies pass WebSocket upgrades on.",
    ),
    Cause.TOO_SLOW: Advice(
        "It opened a connection and did not finish its first request in time: a poor network, or somebody probing.",
        "If a station is meant, look at its signal or cabling.",
    ),
    Cause.TOO_MANY_CONNECTIONS: Advice(
        "More connections than allowed waited at once from this address; the oldest was let go.",
        "If many stations share this address, raise VOLTDECK_OCPP_OPENING_PER_ADDRESS.",
    ),
    Cause.BAD_IDENTITY: Advice(
        "The address it connects to does not end in an identity that a station may have.",
        "Set the URL to ws://<host>:<port>/ocpp/<identity>, the identity without a colon, at most 255 characters.",
    ),
    Cause.UNKNOWN_IDENTITY: Advice(
        "No charging station is registered under the identity in its URL.",
        "Register the station under this identity, or correct the identity in the station.",
    ),
    Cause.MISSING_CREDENTIALS: Advice(
        "It sent no password, or one that could not be read, though its station needs one.",
        "Enter the password in the station (1.6: AuthorizationKey, 2.x: BasicAuthPassword), then restart it.",
    ),
    Cause.WRONG_USER_NAME: Advice(
        "It signed in under another name than the identity in its URL.",
        "Set the user name in the station to its identity; many derive it, then correct the URL.",
    ),
    Cause.WRONG_CREDENTIALS: Advice(
        "The password was wrong.",
        "Set a new password for the station here and enter the same in the station. Beware of blanks and line ends.",
    ),
    Cause.NO_SUBPROTOCOL: Advice(
        "It did not say which OCPP version it speaks (no Sec-WebSocket-Protocol header).",
        "If it is an OCPP 1.6 station that never does, tolerate that in the station's settings here.",
    ),
    Cause.NO_COMMON_VERSION: Advice(
        "It speaks no OCPP version that this platform serves.",
        "Set the station to OCPP-J 1.6 or 2.0.1 (JSON over WebSocket, not SOAP), or update its firmware.",
    ),
    Cause.TLS_REQUIRED: Advice(
        "It connected without encryption, which its security profile forbids.",
        "Set the URL in the station to wss://, or lower its security profile here if it cannot.",
    ),
    Cause.WRONG_SECURITY_PROFILE: Advice(
        "It connected in another way than its security profile says.",
        "Bring the security profile in the station and here to the same number.",
    ),
    Cause.TLS_VERSION: Advice(
        "It offered only TLS versions or ciphers that are no longer safe.",
        "Update the station's firmware; it must speak TLS 1.2 or newer.",
    ),
    Cause.NOT_TLS: Advice(
        "It sent something that is not TLS to the encrypted port. A station set to ws:// and this port looks so.",
        "Set the URL in the station to wss://, or to the port without encryption if its security profile allows that.",
    ),
    Cause.TLS_FAILED: Advice(
        "Encryption could not be agreed on.",
        "Install the root certificate of this platform in the station and check its date. If that does not help, "
        "look at what the station itself logs about TLS.",
    ),
    Cause.SERVER_CERTIFICATE_REFUSED: Advice(
        "The station refused this platform's certificate: it does not know the authority that issued it, the name in "
        "its URL is not the certificate's, or its clock is wrong.",
        "Install the root certificate of this platform in the station, check its date, and use the host name for "
        "which the certificate was issued.",
    ),
    Cause.CERTIFICATE_MISSING: Advice(
        "It presented no certificate, though its security profile needs one.",
        "Install a client certificate in the station, or choose security profile 2.",
    ),
    Cause.CERTIFICATE_EXPIRED: Advice(
        "The certificate it presented is no longer valid, or not yet.",
        "Issue a new certificate for the station and install it. If it is a new one, check the clocks of both sides.",
    ),
    Cause.CERTIFICATE_FOREIGN: Advice(
        "The certificate it presented was not issued by an authority that this platform trusts.",
        "Issue a certificate for the station here and install it, or have the authority that issued its certificate "
        "trusted here.",
    ),
    Cause.CERTIFICATE_REJECTED: Advice(
        "Its certificate is not valid for this station: expired, revoked, from another issuer or for another name.",
        "Issue a new certificate for this station and install it.",
    ),
    Cause.UNAVAILABLE: Advice(
        "The platform could not check who it was, or was just stopping.",
        "Nothing: the station tries again by itself. If it goes on, look at the platform's health.",
    ),
}


@dataclass(frozen=True, slots=True)
class FailureReport:
    """`count` failed handshakes of one kind between two moments; texts of the latest."""

    cause: Cause
    first_at: datetime
    last_at: datetime
    address: str = ""
    identity: str = ""
    path: str = ""
    user_agent: str = ""
    offered: str = ""
    detail: str = ""
    tenant_id: int | None = None
    station_id: int | None = None
    count: int = 1


def record_failures(work: Work, reports: list[FailureReport]) -> None:
    """Add to the row of each kind, or begin it. Platform scope: a stranger belongs to no tenant."""
    require_platform_scope()
    statement = _upsert(work.dialect)
    for report in reports:
        work.append(statement, _row(report))
        if report.tenant_id is not None and report.station_id is not None:
            work.announce(
                HandshakeFailed(
                    tenant_id=report.tenant_id,
                    station_id=report.station_id,
                    at=report.last_at,
                    cause=str(report.cause),
                    address=report.address,
                    detail=report.detail,
                )
            )


async def failed_handshakes(
    session: AsyncSession, *, station_id: int | None = None, limit: int = 100
) -> list[FailedHandshake]:
    """Failures in the name of the tenant's stations, or of one of them, the latest first. Needs a tenant in scope."""
    query = failures_of_tenant(station_id).order_by(col(FailedHandshake.last_at).desc()).limit(limit)
    return list((await session.execute(query)).scalars())


def failures_of_tenant(station_id: int | None = None) -> Select[FailedHandshake]:
    """The same as a select, in no order. Needs a tenant in scope."""
    query = select(FailedHandshake).where(col(FailedHandshake.tenant_id) == current_tenant_id())
    return query if station_id is None else query.where(col(FailedHandshake.station_id) == station_id)


async def all_failed_handshakes(session: AsyncSession, *, limit: int = 100) -> list[FailedHandshake]:
    """Failures of everybody, strangers too, the latest first. Platform scope only."""
    require_platform_scope()
    return list((await session.execute(_latest(limit))).scalars())


async def delete_old_failures(work: Work, before: datetime) -> None:
    """Forget what did not happen again since `before`, and the oldest beyond MAX_ROWS. Platform scope only."""
    require_platform_scope()
    session = work.session()
    await session.execute(delete(FailedHandshake).where(col(FailedHandshake.last_at) < before))
    beyond = select(col(FailedHandshake.id)).order_by(col(FailedHandshake.last_at).desc()).offset(MAX_ROWS).limit(1000)
    ids = list((await session.execute(beyond)).scalars())
    if ids:
        await session.execute(delete(FailedHandshake).where(col(FailedHandshake.id).in_(ids)))


def _latest(limit: int) -> Any:
    return select(FailedHandshake).order_by(col(FailedHandshake.last_at).desc()).limit(limit)


@lru_cache
def _upsert(dialect: str) -> Executable:
    table: Any = getattr(FailedHandshake, "__table__")  # noqa: B009 - SQLModel's types do not know it
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    renewed = ("tenant_id", "station_id", "path", "user_agent", "offered", "detail")
    return insert.on_conflict_do_update(
        index_elements=["cause", "identity", "address"],
        set_={name: insert.excluded[name] for name in renewed}
        | {"count": table.c["count"] + insert.excluded["count"], "last_at": insert.excluded.last_at},
    )


def _row(report: FailureReport) -> dict[str, Any]:
    return {
        "tenant_id": report.tenant_id,
        "station_id": report.station_id,
        "cause": str(report.cause),
        "identity": report.identity[:255],
        "address": report.address[:64],
        "path": report.path[:255],
        "user_agent": report.user_agent[:200],
        "offered": report.offered[:200],
        "detail": report.detail[:255],
        "count": report.count,
        "first_at": report.first_at,
        "last_at": report.last_at,
    }
