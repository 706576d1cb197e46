"""What only the API has to say no to; the rest is in csms.errors."""

from csms.errors import ConflictError, InvalidInputError, SignInError, VoltdeckError


class SignInRequiredError(SignInError):
    """No credential came with the request."""

    code = "sign_in.required"


class TooManyRequestsError(VoltdeckError):
    """The rate limit is used up; Retry-After says for how long."""

    code = "rate.limited"

    def __init__(self, text: str, headers: dict[str, str]) -> None:
        super().__init__(text)
        self.headers = headers


class PreconditionFailedError(VoltdeckError):
    """If-Match names another state than the present one."""

    code = "precondition.failed"


class BodyTooLargeError(VoltdeckError):
    """The request's body is larger than any we take."""

    code = "body.too_large"


class CursorError(InvalidInputError):
    """The cursor was not made for this list."""

    code = "cursor.invalid"


class SchemaError(InvalidInputError):
    """The OCPP payload breaks the schema of the station's version; nothing was sent."""

    code = "payload.invalid"


class KeyInUseError(ConflictError):
    """The first request with this Idempotency-Key has no outcome yet."""

    code = "idempotency.in_progress"


class KeyReusedError(InvalidInputError):
    """This Idempotency-Key came with another request before."""

    code = "idempotency.reused"
