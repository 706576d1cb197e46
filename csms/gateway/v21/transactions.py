"""OCPP 2.1: what TransactionEvent has beyond 2.0.1: limits (E16) and the station's own calculation of costs (I12)."""

from collections.abc import Awaitable
from typing import Any, cast

from csms.bus.events import TransactionResumed
from csms.cause import current_cause
from csms.gateway.dispatch import Exchange, Payload, Route
from csms.gateway.v201 import core
from csms.gateway.wire import without_none
from csms.tariffs.documents import number
from csms.transactions.limits import NO_LIMIT, OwnLimit, find_transaction, limit_for
from csms.transactions.settlements import link_settlements
from csms.transactions.station_costs import note_cost_details
from csms.work import Work

_RESUMED = "TxResumed"


def on_transaction_event(ctx: Exchange, payload: Payload, work: Work) -> Payload | Awaitable[Payload]:
    """Take in the event as 2.0.1 does; one that tells of limits or costs, or shows a token, needs more (E16, I12)."""
    told = core.on_transaction_event(ctx, payload, work)
    tells_more = "transactionLimit" in payload["transactionInfo"] or "costDetails" in payload
    if tells_more or "idToken" in payload or payload["triggerReason"] == _RESUMED:
        return _with_more(ctx, payload, work, told)
    return told


async def _with_more(ctx: Exchange, payload: Payload, work: Work, told: Payload | Awaitable[Payload]) -> Payload:
    answer = told if isinstance(told, dict) else await told
    session, info = work.session(), payload["transactionInfo"]
    row = await find_transaction(session, ctx.ref, info["transactionId"])
    if row is None:
        return answer
    if "transactionLimit" in info:
        row.station_limit = info["transactionLimit"]
    if "costDetails" in payload and payload["eventType"] == "Ended":
        note_cost_details(row, payload["costDetails"])
    if payload["eventType"] == "Started":
        await link_settlements(session, ctx.ref, row)
    if payload["triggerReason"] == _RESUMED and row.is_open:
        work.announce(_resumed(ctx, cast(int, row.id), info["transactionId"]))
    limit = NO_LIMIT
    if "idToken" in payload and payload["eventType"] != "Ended":
        limit = await limit_for(session, ctx.ref, row, ctx.received_at)
    await session.flush()
    return without_none(**answer, transactionLimit=transaction_limit(limit))


def _resumed(ctx: Exchange, transaction_id: int, ocpp_id: str) -> TransactionResumed:
    return TransactionResumed(
        tenant_id=ctx.ref.tenant_id,
        station_id=ctx.ref.id,
        at=ctx.received_at,
        cause_id=current_cause(),
        transaction_id=transaction_id,
        ocpp_id=ocpp_id,
    )


def transaction_limit(limit: OwnLimit) -> dict[str, Any] | None:
    """A TransactionLimitType; None where there is no limit."""
    found = without_none(
        maxCost=None if limit.max_cost is None else number(limit.max_cost),
        maxEnergy=limit.max_energy_wh,
        maxTime=limit.max_time_s,
    )
    return found or None


ROUTES = {"TransactionEvent": Route(on_transaction_event, prepare=core.ROUTES["TransactionEvent"].prepare)}
