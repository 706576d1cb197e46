"""The archive of raw frames: one row per exchange, secrets masked, told to whoever follows the station's log."""

import re
from datetime import datetime
from typing import Any

import orjson

from csms.bus.events import FrameLogged
from csms.gateway.context import Services
from csms.stations.ref import StationRef
from csms.stations.secrets import MASK, masked, without_customer
from csms.work import Work
from models import Frame
from models.scope import tenant_scope

# Quick to rule out; csms.stations.secrets then decides what is a secret.
_MAY_HOLD_SECRET = re.compile(
    "[Aa]uthorization[Kk]ey|[Pp]assword|[Ss]ecret|[Pp]rivate[Kk]ey|PASSWORD|AUTHORIZATIONKEY|SECRET"
    '|customerIdentifier|customerCertificate|exiResponse|PRIVATE KEY|simPin|://[^/"]*@'
)
_NEVER_SECRET = frozenset(("MeterValues", "Heartbeat", "StatusNotification"))
"""Valid requests whose fields hold no secret: most of all traffic, not searched for any."""
_PERSONAL = "NotifyCustomerInformation"
_KEPT_OF_MALFORMED = 4096
_MAX_WAITING = 1000


def frame_row(
    ref: StationRef,
    *,
    at: datetime,
    from_station: bool,
    message_id: str,
    action: str,
    text: str,
    answer_text: str | None,
    outcome: str,
    latency_ms: float | None,
    cause_id: str | None = None,
) -> dict[str, Any]:
    """A row of models.Frame; always with the same columns, so that rows of many units share one statement."""
    return {
        "tenant_id": ref.tenant_id,
        "station_id": ref.id,
        "at": at,
        "from_station": from_station,
        "message_id": message_id[:255],
        "action": action[:64],
        "text": text if action in _NEVER_SECRET else shown(_anonymous(text) if action == _PERSONAL else text),
        "answer_text": answer_text if answer_text is None or action in _NEVER_SECRET else shown(answer_text),
        "outcome": outcome[:40],
        "latency_ms": latency_ms,
        "cause_id": cause_id,
    }


def keep_frame(work: Work, ref: StationRef, row: dict[str, Any]) -> None:
    """Archive an exchange in a unit of work, and announce it."""
    work.append(Frame, row)
    work.announce(
        FrameLogged(tenant_id=ref.tenant_id, station_id=ref.id, at=row["at"], cause_id=row["cause_id"], frame=row)
    )


def keep_frame_soon(services: Services, ref: StationRef, row: dict[str, Any]) -> None:
    """Archive an exchange that nothing depends on; left out when the database cannot keep up."""
    if len(services.background) >= _MAX_WAITING:
        return
    with tenant_scope(ref.tenant_id):  # a deadline comes from nobody's task
        services.background.spawn(services.committer.run(lambda work: keep_frame(work, ref, row)))


def _anonymous(text: str) -> str:
    """N09: personal data is kept with the report it belongs to, and nowhere else."""
    try:
        return orjson.dumps(without_customer(orjson.loads(text))).decode()
    except orjson.JSONDecodeError:
        return MASK


def shown(text: str) -> str:
    """The text of a frame without its secrets."""
    if "\0" in text:  # PostgreSQL keeps no NUL in text
        text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if _MAY_HOLD_SECRET.search(text) is None:
        return text
    try:
        return orjson.dumps(masked(orjson.loads(text))).decode()
    except orjson.JSONDecodeError:  # it names a secret, and nobody can tell where it ends
        return MASK


def shown_malformed(text: str | bytes) -> str:
    """The beginning of what was no message at all."""
    if isinstance(text, bytes):
        text = text[:_KEPT_OF_MALFORMED].decode(errors="replace")
    return text[:_KEPT_OF_MALFORMED]
