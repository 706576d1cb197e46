"""Commands that change a station's password: the platform must know the new one, or the station is locked out."""

import binascii

from csms.commands.commands import RawRequest, SetVariable, SetVariables, StationCommand
from csms.commands.outcome import Outcome
from csms.errors import InvalidInputError
from models import CommandState

_KEY_16 = "authorizationkey"
_VARIABLE_2X = "basicauthpassword"


def password_in(command: StationCommand) -> bytes | None:
    """The password that the command gives to the station, as the station will present it; None if it gives none.

    1.6 AuthorizationKey: 32 to 40 hex digits (the password is the bytes they stand for), or 16 to 20 plain characters.
    2.x BasicAuthPassword: 16 to 40 characters (TR_11). Raises InvalidInputError for anything else, and for a request
    whose answer could not tell whether the station took the password.
    """
    match command:
        case RawRequest():
            return _password_in_raw(command)
        case SetVariables():
            _refuse_among_others(command)
            return None
        case SetVariable():
            return _password_of(command.variable, command.value)
        case _:
            return None


def is_for_later(command: StationCommand) -> bool:
    """Whether the station changes over to the password when it changes over to a network profile (2.1, B09)."""
    return isinstance(command, RawRequest) and command.action == "SetNetworkProfile"


def verdict(command: StationCommand, outcome: Outcome) -> bool | None:
    """Whether the station took the password.

    None while nobody can tell: after a timeout, before a reboot, and while a network profile with a password of its own
    (2.1, B09) waits for the station to change over to it.
    """
    if outcome.state == CommandState.UNKNOWN or outcome.answer_status == "RebootRequired":
        return None
    if is_for_later(command) and outcome.answer_status == "Accepted":
        return None
    return outcome.state == CommandState.ANSWERED and outcome.answer_status == "Accepted"


def _password_of(name: str, value: str) -> bytes | None:
    if name.casefold() == _KEY_16:
        return _authorization_key(value)
    if name.casefold() == _VARIABLE_2X:
        return _basic_auth_password(value)
    return None


def _authorization_key(value: str) -> bytes:
    try:
        raw = binascii.unhexlify(value)
    except (binascii.Error, ValueError):
        raw = b""
    password = raw if 16 <= len(raw) <= 20 else value.encode()
    if not 16 <= len(password) <= 20:
        raise InvalidInputError("An AuthorizationKey has 32 to 40 hexadecimal digits, or 16 to 20 plain characters.")
    return password


def _basic_auth_password(value: str) -> bytes:
    if not 16 <= len(value) <= 40:
        raise InvalidInputError("A BasicAuthPassword has 16 to 40 characters.")
    return value.encode()


def _refuse_among_others(command: SetVariables) -> None:
    names = {variable.variable.casefold() for variable in command.variables}
    if names & {_KEY_16, _VARIABLE_2X}:
        raise InvalidInputError("A station's password is changed by itself, not together with other variables.")


def _password_in_raw(command: RawRequest) -> bytes | None:
    """One that the request sets alone and in the usual form is followed like any other."""
    if not _may_set_password(command):
        return None
    match command.payload:
        case {"key": str(name), "value": str(value)}:
            password = _password_of(name, value)
        case {"setVariableData": [{"variable": {"name": str(name)}, "attributeValue": str(value)}]}:
            password = _password_of(name, value)
        case {"connectionData": {"basicAuthPassword": str(value)}}:
            password = _basic_auth_password(value)
        case _:
            password = None
    if password is None:
        raise InvalidInputError(
            "This request would change the station's password in a way that Voltdeck cannot follow, and lock it out. "
            "Set AuthorizationKey or BasicAuthPassword as a variable, alone."
        )
    return password


def _may_set_password(command: RawRequest) -> bool:
    if command.action not in ("ChangeConfiguration", "SetVariables", "SetNetworkProfile"):
        return False
    text = str(command.payload).casefold()
    return _KEY_16 in text or _VARIABLE_2X in text
