"""OCPP 2.1: tariffs in stations (I07 to I11), and the driver's own with an authorization (I08)."""

from typing import Any, cast

from csms.gateway.asking import Asked
from csms.gateway.dispatch import Exchange, Payload
from csms.ocpp.timestamps import parse_timestamp
from csms.stations.values import truth_in
from csms.tariffs.documents import tariff_document
from csms.tariffs.queries import driver_tariffs_enabled
from csms.tariffs.service import tariff_for
from csms.tariffs.station_tariffs import (
    ACCEPTED,
    NO_TARIFF,
    TariffAssigned,
    TariffSent,
    note_cleared,
    note_report,
    note_sent,
)
from csms.work import Work

_GONE = (ACCEPTED, NO_TARIFF)


async def driver_tariff(ctx: Exchange, work: Work) -> Payload | None:
    """What a driver pays at a station that calculates costs, by the price list that holds there (I08); else None.

    An authorization names no EVSE, so the location's tariff is told, or the tenant's default.
    """
    session = work.session()
    if not truth_in(await driver_tariffs_enabled(session, ctx.ref.id)):
        return None
    choice = await tariff_for(session, ctx.ref, 0, 0, ctx.received_at)
    return None if choice is None else tariff_document(choice)


async def learn_default(work: Work, asked: Asked) -> None:
    """I07: a default tariff was sent."""
    sent = _sent(asked, evse_number=asked.payload.get("evseId", 0))
    if sent is not None:
        await note_sent(work, asked.ref, sent, asked.at)


async def learn_changed(work: Work, asked: Asked) -> None:
    """I11: a running transaction was given another tariff."""
    sent = _sent(asked, transaction_ocpp_id=asked.payload.get("transactionId", ""))
    if sent is not None:
        await note_sent(work, asked.ref, sent, asked.at)


def _sent(asked: Asked, **about: Any) -> TariffSent | None:
    document: Any = asked.payload.get("tariff")
    if not isinstance(document, dict):
        return None
    whole = cast(dict[str, Any], document)
    valid_from = parse_timestamp(whole.get("validFrom"))
    return TariffSent(whole, str(asked.answer.get("status", "")), valid_from=valid_from, **about)


async def learn_cleared(work: Work, asked: Asked) -> None:
    """I10: each result names its tariff; one that names none speaks of all that were asked about."""
    results = cast(list[dict[str, Any]], asked.answer.get("clearTariffsResult") or [])
    gone = [result.get("tariffId") for result in results if result.get("status") in _GONE]
    evse_number = asked.payload.get("evseId")
    if gone and None in gone:
        await note_cleared(work, asked.ref, asked.payload.get("tariffIds"), asked.at, evse_number)
    elif gone:
        await note_cleared(work, asked.ref, [str(name) for name in gone], asked.at, evse_number)


async def learn_held(work: Work, asked: Asked) -> None:
    """I09: the answer to GetTariffs is the whole list."""
    if asked.answer.get("status") in _GONE:
        lines = cast(list[dict[str, Any]], asked.answer.get("tariffAssignments") or [])
        await note_report(
            work, asked.ref, asked.payload.get("evseId", 0), [_assigned(line) for line in lines], asked.at
        )


def _assigned(line: dict[str, Any]) -> TariffAssigned:
    return TariffAssigned(
        tariff_id=line["tariffId"],
        kind=line["tariffKind"],
        evse_numbers=tuple(line.get("evseIds") or ()),
        id_tokens=tuple(line.get("idTokens") or ()),
        valid_from=parse_timestamp(line.get("validFrom")),
    )


LESSONS = {
    "ChangeTransactionTariff": learn_changed,
    "ClearTariffs": learn_cleared,
    "GetTariffs": learn_held,
    "SetDefaultTariff": learn_default,
}
