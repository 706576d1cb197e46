"""OCPP 2.1, block S: swapping batteries (S01 to S04)."""

from typing import cast

from csms.gateway.asking import Asked, Json
from csms.gateway.dispatch import Exchange, Payload, Route
from csms.stations.batteries import SwapAsked, SwapNews, swap_asked, swap_told
from csms.work import Work


async def on_battery_swap(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """Batteries went in or out, or were not taken (S01 to S03); always answered, known request or not."""
    token: Json = payload["idToken"]
    news = SwapNews(payload["requestId"], payload["eventType"], token["idToken"], token["type"], payload["batteryData"])
    await swap_told(work, ctx.ref, news, ctx.received_at)
    return {}


async def learn_requested(work: Work, asked: Asked) -> None:
    """S02: the station will swap, or says why not (NoBatteryAvailable)."""
    request_id, token = asked.payload.get("requestId"), asked.payload.get("idToken")
    if not isinstance(request_id, int) or not isinstance(token, dict):
        return  # sent unchecked; nobody can say what it meant
    words, info = cast(Json, token), cast(Json, asked.answer.get("statusInfo") or {})
    reason = ": ".join(str(info[name]) for name in ("reasonCode", "additionalInfo") if info.get(name))
    request = SwapAsked(
        request_id=request_id,
        id_token=str(words.get("idToken", "")),
        id_token_type=str(words.get("type", "")),
        status=str(asked.answer.get("status", "")),
        reason=reason,
    )
    await swap_asked(work, asked.ref, request, asked.at)


ROUTES = {"BatterySwap": Route(on_battery_swap)}

LESSONS = {"RequestBatterySwap": learn_requested}
