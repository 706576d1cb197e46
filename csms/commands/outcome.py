"""How a request to a station went, and the sentence that tells people what happened, what it means and what to do."""

from dataclasses import dataclass, field
from typing import Any

from csms.commands.port import Delivery, LateAnswer
from csms.errors import (
    StationBusyError,
    StationOfflineError,
    StationRefusedError,
    StationTimeoutError,
    UnsupportedActionError,
    VoltdeckError,
)
from csms.stations.secrets import masked
from models import CommandState

_GOOD = frozenset(
    {
        "Accepted",
        "AcceptedCanceled",
        "EmptyResultSet",
        "Processing",
        "RebootRequired",
        "Scheduled",
        "Unlocked",
        "Unpublished",
    }
)
_MEANINGS = {
    "Rejected": "It will not do this now, and does not say why; its status and event log may tell",
    "Occupied": "A vehicle is still connected or charging there",
    "NotSupported": "This station cannot do it",
    "NotImplemented": "This station does not know this message",
    "UnlockFailed": "The lock did not open; somebody must go and look",
    "OngoingAuthorizedTransaction": "A session is running on the connector; stop it first",
    "UnknownConnector": "It has no such connector",
    "UnknownMessageId": "It does not know this message of its vendor",
    "Unknown": "It has nothing of the kind",
    "NotFound": "It has nothing of the kind",
    "NoFirmware": "It offers no firmware with this checksum",
    "DownloadOngoing": "Stations are still downloading it; try again later",
    "InvalidCertificate": "It does not trust the certificate that signed the firmware",
    "RevokedCertificate": "The certificate that signed the firmware has been revoked",
    "NotSupportedPriority": "Its display has no such priority",
    "NotSupportedState": "Its display cannot wait for this state",
    "NotSupportedMessageFormat": "Its display cannot show this format",
    "UnknownTransaction": "It knows no such transaction",
    "UnsupportedMonitorType": "It cannot watch this variable in this way",
    "Duplicate": "It has such a monitor already",
    "UnknownVendorId": "It does not know this vendor",
    "UnknownComponent": "It has no such component",
    "UnknownVariable": "It has no such variable",
    "Faulted": "It, or what was asked for, is faulty; nothing was reserved",
    "Unavailable": "What was asked for is out of service; nothing was reserved",
    "Failed": "It could not do it; ask again later",
    "VersionMismatch": "Its list has another version than was thought; send the whole list",
    "NotSupportedAttributeType": "The variable has no such attribute",
    "TooManyElements": "The tariff has more elements than it can hold; its limit is TariffCostCtrlr.MaxElements",
    "ConditionNotSupported": "It cannot calculate with conditions such as times of day; send a tariff without them",
    "DuplicateTariffId": "It holds another tariff with this id; give the new one an id of its own",
    "NoCurrencyChange": "The tariff of a running session can only be replaced by one in the same currency",
    "TxNotFound": "It knows no such session; it may just have ended",
    "NoTariff": "It holds no such tariff",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request. `error` is None when the station does what was asked."""

    state: CommandState
    answer_status: str | None = None
    answer: dict[str, Any] | None = None
    error: str | None = None
    sent: dict[str, Any] = field(default_factory=dict[str, Any])
    """`action` and `payload` as they went over the wire, secrets masked; empty when that is not known."""
    code: str = ""
    """Dotted name of what went wrong here or on the way (csms.errors); empty where a result came."""
    call_error: dict[str, Any] | None = None
    """The CALLERROR that the station answered: errorCode, errorDescription, errorDetails; secrets masked."""
    late: LateAnswer | None = None
    """Where to hear of the answer should it come after all (TR_52)."""


def outcome_of_answer(identity: str, delivery: Delivery) -> Outcome:
    """The station answered with a result."""
    return Outcome(
        CommandState.ANSWERED,
        delivery.status,
        masked(delivery.answer),
        _answer_text(identity, delivery.status),
        {"action": delivery.action, "payload": masked(delivery.payload)},
    )


def outcome_of_error(identity: str, error: VoltdeckError) -> Outcome:
    """It could not be sent, came back as an error, or was never answered."""
    match error:
        case StationTimeoutError():
            text = f"{identity} did not answer in time. It may still have acted: check its status before asking again."
            return Outcome(CommandState.UNKNOWN, error=text, code=error.code, late=error.late)
        case StationRefusedError():
            said = f"{error.error_code}: {error.description}" if error.description else error.error_code
            text = f"{identity} refused the request with the error {said}. It did not do what was asked."
            refusal = {
                "errorCode": error.error_code,
                "errorDescription": error.description,
                "errorDetails": masked(error.details),
            }
            return Outcome(CommandState.REFUSED, error.error_code, error=text, code=error.code, call_error=refusal)
        case StationOfflineError():
            text = f"{identity} is not connected, so nothing was sent. Try again when it is back online."
        case StationBusyError():
            text = f"Too many requests already wait for {identity}, so this one was not sent. Try again in a minute."
        case UnsupportedActionError():
            text = f"{identity} speaks an OCPP version without this message, so nothing was sent."
        case _:
            text = f"{str(error).rstrip('.')}. Nothing was sent to {identity}."
    return Outcome(CommandState.UNDELIVERED, error=text, code=error.code)


def _answer_text(identity: str, status: str | None) -> str | None:
    if status is None or status in _GOOD:
        return None
    meaning = _MEANINGS.get(status)
    return f"{identity} answered {status}. {meaning}." if meaning else f"{identity} answered {status}."
