"""What a meter signed of a transaction, exactly as it was sent, with the key to it (DS_07, DS_08)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.errors import NotFoundError
from csms.transactions.samples import samples_of
from models import MeterValue, StationVariable, Transaction


@dataclass(frozen=True, slots=True)
class SignedReading:
    """One signed reading: what a driver's verification software takes. Texts as the station sent them."""

    sampled_at: datetime
    context: str
    data: str
    method: str
    encoding: str
    public_key: str
    """As sent with it, else as sent earlier in the session, else as read from the station; "" when never told."""


async def signed_readings(session: AsyncSession, transaction_id: int) -> list[SignedReading]:
    """The signed readings of a transaction in order of time. Raises NotFoundError for another tenant's."""
    row = await session.get(Transaction, transaction_id)
    if row is None:
        raise NotFoundError(f"There is no session {transaction_id}.")
    query = select(MeterValue).where(samples_of(row), col(MeterValue.other).is_not(None))
    values = (await session.execute(query.order_by(col(MeterValue.sampled_at), col(MeterValue.id)))).scalars()
    found = [
        (value, signed) for value in values for sample in value.other or () if (signed := _signed(sample)) is not None
    ]
    key = next((signed["publicKey"] for _, signed in found if signed.get("publicKey")), "")
    key = key or await _stations_key(session, row)
    return [_reading(value, signed, key) for value, signed in found]


def _signed(sample: Any) -> dict[str, Any] | None:
    """The signed part of a sample: an object of its own in 2.x, the value itself in 1.6."""
    if not isinstance(sample, dict):
        return None
    told = cast(dict[str, Any], sample)
    if told.get("format") == "SignedData":
        return {"signedMeterData": told.get("value", "")}
    signed = told.get("signedMeterValue")
    return cast(dict[str, Any], signed) if isinstance(signed, dict) else None


def _reading(value: MeterValue, signed: dict[str, Any], key: str) -> SignedReading:
    return SignedReading(
        sampled_at=value.sampled_at,
        context=value.context,
        data=str(signed.get("signedMeterData", "")),
        method=str(signed.get("signingMethod", "")),
        encoding=str(signed.get("encodingMethod", "")),
        public_key=str(signed.get("publicKey") or key),
    )


async def _stations_key(session: AsyncSession, row: Transaction) -> str:
    """The meter's key as a variable: FiscalMetering.PublicKey in 2.x, MeterPublicKey1 … in 1.6."""
    query = select(StationVariable).where(
        col(StationVariable.station_id) == row.station_id,
        col(StationVariable.variable).in_(("PublicKey", f"MeterPublicKey{row.evse_number}", "MeterPublicKey")),
    )
    return _best_key((await session.execute(query)).scalars(), row.evse_number)


def _best_key(variables: Iterable[StationVariable], evse_number: int) -> str:
    known = [each for each in variables if each.value and each.component in ("", "FiscalMetering")]
    here = [each for each in known if each.evse_number in (0, evse_number)]
    return here[-1].value or "" if here else ""
