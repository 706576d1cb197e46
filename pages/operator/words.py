"""What stations say, in words an operator can act on. Unknown terms come back readable, never hidden."""

import re
from typing import Final

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

_ERROR_CODES: Final = {
    "ConnectorLockFailure": "The plug lock does not close or open",
    "EVCommunicationError": "The car and the station do not understand each other",
    "GroundFailure": "Earth fault: the protective switch has tripped",
    "HighTemperature": "Too hot inside the station",
    "InternalError": "Internal error of the station",
    "LocalListConflict": "The local list of tokens is in conflict",
    "OtherError": "An error the station does not name",
    "OverCurrentFailure": "Too much current: the overcurrent protection has tripped",
    "OverVoltage": "Supply voltage is too high",
    "PowerMeterFailure": "The energy meter cannot be read",
    "PowerSwitchFailure": "The power contactor does not switch",
    "ReaderFailure": "The token reader does not work",
    "ResetFailure": "The station could not restart",
    "UnderVoltage": "Supply voltage is too low",
    "WeakSignal": "Weak radio signal",
}

_CODE: Final = re.compile(rf"\b({'|'.join(_ERROR_CODES)})\b")

_BOOT_REASONS: Final = {
    "ApplicationReset": "its software restarted",
    "FirmwareUpdate": "firmware updated",
    "LocalReset": "restarted on site",
    "PowerUp": "power came on",
    "RemoteReset": "restarted remotely",
    "ScheduledReset": "restarted as scheduled",
    "Triggered": "asked to report",
    "Watchdog": "its watchdog restarted it",
}

_TOKEN_TYPES: Final = {
    "Central": "from a program",
    "DirectPayment": "paid on site",
    "eMAID": "contract of the car",
    "EVCCID": "id of the car",
    "ISO14443": "RFID card",
    "ISO15693": "RFID card",
    "KeyCode": "PIN",
    "Local": "made by the station",
    "MacAddress": "address of the car",
    "NoAuthorization": "none needed",
    "VIN": "number of the car",
}

_STOP_REASONS: Final = {
    "DeAuthorized": "The token lost its authorization",
    "EmergencyStop": "Someone pressed the emergency stop",
    "EnergyLimitReached": "The energy limit was reached",
    "EVDisconnected": "The car was unplugged",
    "GroundFault": "An earth fault stopped it",
    "HardReset": "The station was restarted at once",
    "ImmediateReset": "The station was restarted at once",
    "Local": "Stopped at the station, by token or button",
    "LocalOutOfCredit": "The prepaid credit was used up",
    "MasterPass": "Stopped with a service token",
    "Other": "The station gives no particular reason",
    "OvercurrentFault": "Too much current stopped it",
    "PowerLoss": "The station lost power",
    "PowerQuality": "The grid's power quality was too poor",
    "Reboot": "The station restarted",
    "Remote": "Stopped remotely, by an operator or an app",
    "SOCLimitReached": "The wanted battery level was reached",
    "SoftReset": "The station was restarted in good order",
    "StoppedByEV": "The car stopped charging",
    "TimeLimitReached": "The time limit was reached",
    "Timeout": "Nobody plugged in in time",
    "UnlockCommand": "The connector was unlocked",
}

_CHARGING_STATES: Final = {
    "Charging": "Energy flows",
    "EVConnected": "Car connected, no energy yet",
    "SuspendedEV": "Paused by the car",
    "SuspendedEVSE": "Paused by the station",
    "Idle": "No car connected",
}

_TOKEN_STATUSES: Final = {
    "Accepted": "accepted",
    "Blocked": "blocked",
    "ConcurrentTx": "already charging elsewhere",
    "Expired": "expired",
    "Invalid": "not known here",
}

_ANSWERS: Final = {
    "Accepted": "The station accepted",
    "Rejected": "The station refused",
    "Scheduled": "The station will do it when the running session has ended",
    "NotSupported": "The station cannot do this",
    "NotImplemented": "The station does not know this request",
    "RebootRequired": "Stored; it takes effect after a restart",
    "Unlocked": "The connector is released",
    "UnlockFailed": "The lock did not open",
    "OngoingAuthorizedTransaction": "A session is running at this connector; stop it first",
    "UnknownConnector": "The station has no such connector",
}


def readable(term: str) -> str:
    """A term of the protocol as plain text: `PowerSwitchFailure` and `meter_went_back` become sentences."""
    text = _CAMEL.sub(" ", term.replace("_", " ").replace(".", " ")).strip()
    return text[:1].upper() + text[1:].lower() if text else ""


def error_words(code: str, vendor_code: str = "", info: str = "") -> str:
    """What is wrong with a connector; empty when nothing is."""
    said = [_ERROR_CODES.get(code, readable(code)) if code else "", f"code {vendor_code}" if vendor_code else "", info]
    return " · ".join(part for part in said if part)


def event_words(text: str) -> str:
    """The text of an event with the error code in it, if any, said in words."""
    return _CODE.sub(lambda found: f"{_ERROR_CODES[found[0]][0].lower()}{_ERROR_CODES[found[0]][1:]}", text)


def code_in(text: str) -> str:
    """The error code that stands in the text of an event; empty without one."""
    found = _CODE.search(text)
    return found[0] if found else ""


def stop_reason_words(reason: str | None) -> str:
    """Why a session ended."""
    return _STOP_REASONS.get(reason, readable(reason)) if reason else "The station gave no reason"


def charging_state_words(state: str) -> str:
    """What the car and the station are doing."""
    return _CHARGING_STATES.get(state, readable(state))


def charging_status(state: str) -> str:
    """The status chip that shows a running session's charging state."""
    return state if state in ("Charging", "SuspendedEV", "SuspendedEVSE") else "Occupied"


def boot_reason_words(reason: str) -> str:
    """Why a station restarted."""
    return _BOOT_REASONS.get(reason, readable(reason).lower())


def token_type_words(kind: str) -> str:
    """What kind of token it is."""
    return _TOKEN_TYPES.get(kind, readable(kind))


def token_status_words(status: str) -> str:
    """How a token was judged."""
    return _TOKEN_STATUSES.get(status, readable(status).lower())


def answer_words(status: str | None) -> str:
    """A station's own answer to a request."""
    return _ANSWERS.get(status, f"The station answered: {readable(status)}") if status else "The station answered"


def connector_words(evse_number: int, connector_number: int = 1) -> str:
    """How people call a connector: "Connector 2", or "EVSE 2, connector 2" where an EVSE has several."""
    if evse_number == 0:
        return "Station"
    return f"Connector {evse_number}" if connector_number <= 1 else f"EVSE {evse_number}, connector {connector_number}"
