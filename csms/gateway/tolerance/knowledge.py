"""What the schemas do not say: fields that must not be touched, what stands for a missing one, what a word means.

Only transaction messages are given values for what they lack: a station must get its answer for them, and money hangs
on them. The values say "not known" wherever the engine has a word for it.
"""

from typing import Any

TRANSACTIONAL = frozenset({"StartTransaction", "StopTransaction", "MeterValues", "TransactionEvent"})
"""Never lost for a schema reason (TR_50)."""

UNNUMBERED = 2**31
"""A seqNo that no station can have: the engine takes the event without a number."""

READ_LENIENTLY = frozenset({"meterValue", "transactionData"})
"""Fields whose reader (csms.transactions.meter) understands what schemas forbid, and keeps the rest as it came."""

ROUNDED = frozenset({"meterStart", "meterStop"})
"""Registers, which some send with decimals."""

NAMES_SOMEBODY = frozenset({"idTag", "idToken", "parentIdTag", "groupIdToken", "additionalIdToken"})
"""Trimmed or converted, these would name somebody else: elsewhere refused, in transaction messages kept whole."""

KEPT_WHOLE = frozenset({"BootNotification"})
"""Messages whose over-long texts are kept: serial numbers and versions are worth more whole (quirk 21)."""

MISSING: dict[str, dict[str, Any]] = {
    "StartTransaction": {"connectorId": 1, "idTag": "", "meterStart": None, "timestamp": ""},
    "StopTransaction": {"transactionId": -1, "meterStop": None, "timestamp": ""},
    "MeterValues": {"connectorId": 0, "evseId": 0, "meterValue": []},
    "TransactionEvent": {"eventType": "Updated", "timestamp": "", "triggerReason": "Trigger", "seqNo": UNNUMBERED},
}
"""What stands for a field a transaction message lacks or that cannot be read. An empty time: when it came."""

NESTED_MISSING: dict[str, Any] = {"idToken.type": "ISO14443"}
"""The same, inside of an object of a transaction message."""

STRANGE_WORDS = {
    "StatusNotification.errorCode": None,
    "StopTransaction.reason": "Other",
    "BootNotification.reason": "Unknown",
    "TransactionEvent.triggerReason": "Trigger",
    "TransactionEvent.transactionInfo.stoppedReason": "Other",
}
"""What a word outside an enumeration is taken for; None: kept as it is, for whoever reads it understands (quirk 62)."""

WRITTEN_BY_1_6 = {
    "Accepted": "Available",
    "Preparing": "Occupied",
    "Charging": "Occupied",
    "SuspendedEV": "Occupied",
    "SuspendedEVSE": "Occupied",
    "Finishing": "Occupied",
    "Reserved": "Reserved",
    "Available": "Available",
    "Unavailable": "Unavailable",
    "Faulted": "Faulted",
}
"""A 1.6 status in the words of 2.x."""
