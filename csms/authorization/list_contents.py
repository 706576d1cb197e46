"""Which tokens a station of a version can have on its list, and how they are put there. Pure."""

from collections.abc import Iterable

from csms.authorization.decision import Decision
from csms.authorization.list_plan import ListEntry

_LONGEST = {"1.6": 20, "2.0.1": 36}
_LONGEST_OF_ALL = 255
_KINDS_2_0_1 = frozenset({"Central", "eMAID", "ISO14443", "ISO15693", "KeyCode", "Local", "MacAddress"})
_USUAL_KIND = "ISO14443"
_NOT_HERE_AND_NOW = frozenset({"NotAtThisLocation", "NotAtThisTime"})


def entries_for(judged: Iterable[tuple[str, str, Decision]], ocpp_version: str) -> tuple[list[ListEntry], list[str]]:
    """Entries in the order of the tokens, and the values of those that the version has no room or word for.

    Tokens that are good elsewhere only, or not yet, are not on the list: nobody misses them. 1.6 has no kinds of
    tokens, so of two with the same value the first is taken.
    """
    entries: dict[tuple[str, str], ListEntry] = {}
    left_out: list[str] = []
    for value, kind, decision in judged:
        if decision.status in _NOT_HERE_AND_NOW:
            continue
        if len(value) > _LONGEST.get(ocpp_version, _LONGEST_OF_ALL) or not _has_word(kind, ocpp_version):
            left_out.append(value)
            continue
        entry = _entry(value, kind, decision, ocpp_version)
        entries.setdefault(entry.key, entry)
    return list(entries.values()), left_out


def _has_word(kind: str, ocpp_version: str) -> bool:
    return ocpp_version != "2.0.1" or not kind or kind in _KINDS_2_0_1


def _entry(value: str, kind: str, decision: Decision, ocpp_version: str) -> ListEntry:
    is_16, expires_at = ocpp_version == "1.6", decision.expires_at
    status = "Blocked" if is_16 and decision.status == "NoCredit" else decision.status
    if expires_at is not None:
        expires_at = expires_at.replace(microsecond=0)  # the wire knows milliseconds; what comes back must be equal
    return ListEntry(value, "" if is_16 else kind or _USUAL_KIND, status, expires_at, decision.group or None)
