"""Errors as programs see them: problem details (RFC 9457), with a dotted code that never changes its meaning."""

import logging
from dataclasses import dataclass
from typing import Any, Final

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

from csms.api.errors import BodyTooLargeError, PreconditionFailedError, TooManyRequestsError
from csms.cause import current_cause
from csms.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    SignInError,
    StationBusyError,
    StationError,
    StationOfflineError,
    StationTimeoutError,
    UnsupportedActionError,
    VoltdeckError,
)

MEDIA_TYPE: Final = "application/problem+json"
DOCS: Final = "/api/v1/docs"
_TOLD: Final = ("csms.errors", "csms.api.errors", "csms.tenants.branding")
"""Where the errors of the table are."""
_log = logging.getLogger(__name__)

STATUSES: Final[dict[type[VoltdeckError], int]] = {
    NotFoundError: 404,
    PermissionDeniedError: 403,
    SignInError: 401,
    InvalidInputError: 422,
    ConflictError: 409,
    StationOfflineError: 409,
    StationTimeoutError: 504,
    StationBusyError: 503,
    UnsupportedActionError: 501,
    StationError: 502,
    TooManyRequestsError: 429,
    PreconditionFailedError: 412,
    BodyTooLargeError: 413,
    VoltdeckError: 500,
}
"""The status of an error is that of the nearest class of its family here."""

TITLES: Final[dict[int, str]] = {
    400: "Bad request",
    401: "Sign-in required",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Unsupported media type",
    422: "Invalid",
    429: "Too many requests",
    500: "Our mistake",
    501: "Not supported by the station",
    502: "The station failed",
    503: "Busy",
    504: "No answer in time",
}


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """A code that programs may meet."""

    code: str
    status: int
    meaning: str


_FRAMEWORKS: Final = {
    "route.not_found": ErrorCode("route.not_found", 404, "There is nothing at this address of the API."),
    "tenant.none": ErrorCode("tenant.none", 404, "The hostname is no tenant's: the API is on the hosts of tenants."),
    "method.not_allowed": ErrorCode("method.not_allowed", 405, "The address does not take this method."),
    "request.invalid": ErrorCode("request.invalid", 422, "The request breaks its schema; `errors` says where."),
}


class FieldProblem(BaseModel):
    """What is wrong with one value of the request."""

    pointer: str = Field(examples=["/body/securityProfile"])
    """Where: `/body/…`, `/query/…`, `/path/…` or `/header/…`."""
    detail: str = Field(examples=["Input should be less than or equal to 3"])


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str = Field(examples=["/api/v1/docs#not_found"])
    """Where the code is explained."""
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no station DE-BER-001."])
    """What happened and what to do, for people."""
    code: str = Field(examples=["not_found"])
    """The same for programs; dotted, and never renamed."""
    cause: str | None = Field(default=None, examples=["5f0c8b4e-0d57-4f39-9c86-0a3b3bfb5f0e"])
    """Id of this request in audit, frames and log."""
    errors: list[FieldProblem] | None = None


def error_table() -> list[ErrorCode]:
    """Every code there is: those of our errors, and those of requests that no resource took."""
    told = {**_FRAMEWORKS, VoltdeckError.code: ErrorCode(VoltdeckError.code, 500, "Our mistake; it is in the log.")}
    waiting: list[type[VoltdeckError]] = [VoltdeckError]
    while waiting:
        for error in waiting.pop().__subclasses__():
            waiting.append(error)
            if error.__module__ not in _TOLD:
                continue
            meaning = (error.__doc__ or "").strip().split("\n", 1)[0]
            told.setdefault(error.code, ErrorCode(error.code, status_of(error), meaning))
    return sorted(told.values(), key=lambda each: each.code)


def status_of(error: type[VoltdeckError]) -> int:
    """The HTTP status of an error of ours."""
    return next(STATUSES[family] for family in error.__mro__ if family in STATUSES)


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: list[FieldProblem] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """A response with problem details."""
    told = Problem(
        type=f"{DOCS}#{code}",
        title=TITLES.get(status, "Error"),
        status=status,
        detail=detail,
        code=code,
        cause=current_cause(),
        errors=errors,
    )
    body = orjson.dumps(told.model_dump(exclude_none=True))
    return Response(body, status, {"Cache-Control": "no-store", **(headers or {})}, media_type=MEDIA_TYPE)


def problem_of(error: Exception) -> Response:
    """The response to any error that a request met."""
    match error:
        case TooManyRequestsError():
            return problem(429, error.code, str(error), headers=error.headers)
        case VoltdeckError():
            return _of_ours(error)
        case RequestValidationError():
            found = [FieldProblem(pointer=_pointer(each["loc"]), detail=_told(each)) for each in error.errors()]
            said = "The request is not valid: " + "; ".join(f"{each.pointer} {each.detail}" for each in found[:3])
            return problem(422, "request.invalid", said, errors=found)
        case HTTPException():
            return _of_framework(error)
        case _:
            _log.error("a request to the API failed", exc_info=error)
            said = "Something went wrong here. It was written to the log, under this cause."
            return problem(500, VoltdeckError.code, said)


async def answer(request: Request, error: Exception) -> Response:
    """The same as a handler for FastAPI."""
    response = problem_of(error)
    if response.status_code == 405:
        response.headers["Allow"] = ", ".join(sorted(_methods_at(request)))
    return response


def _methods_at(request: Request) -> set[str]:
    """What an address takes, whichever of its routes was met first."""
    path = request.url.path.removeprefix(request.scope.get("root_path", ""))
    templates: dict[str, dict[str, Any]] = request.app.openapi()["paths"]
    here = [methods for template, methods in templates.items() if compile_path(template)[0].match(path)]
    return {method.upper() for methods in here for method in methods}


def _of_ours(error: VoltdeckError) -> Response:
    status = status_of(type(error))
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    if status == 503:
        headers["Retry-After"] = "5"
    return problem(status, error.code, str(error), headers=headers)


def _of_framework(error: HTTPException) -> Response:
    known = _FRAMEWORKS.get({404: "route.not_found", 405: "method.not_allowed"}.get(error.status_code, ""))
    headers = dict(error.headers or {})
    if known is not None:
        return problem(error.status_code, known.code, known.meaning, headers=headers)
    code = BodyTooLargeError.code if error.status_code == 413 else "request.invalid"
    return problem(error.status_code, code, str(error.detail), headers=headers)


def _pointer(location: Any) -> str:
    return "".join(f"/{part}" for part in location)


def _told(error: Any) -> str:
    return str(error["msg"]).removeprefix("Value error, ")[:300]
