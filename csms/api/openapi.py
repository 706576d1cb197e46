"""The OpenAPI document: what FastAPI knows, and what every route of ours has in common."""

import re
from typing import Any, Final

from fastapi import FastAPI

from csms.api.idempotency import HEADER, PATTERN
from csms.api.problems import MEDIA_TYPE, TITLES, Problem

Json = dict[str, Any]
PREFIX: Final = "/api/v1"
_ALWAYS: Final = (422, 429, 500)
_WITH_BODY: Final = (400, 413)
_SIGNED_IN: Final = (401, 403)


def document_of(app: FastAPI, build: Any) -> Json:
    """The document, finished and remembered. `build` is FastAPI's own."""
    if app.openapi_schema is None:
        document: Json = build()
        schemas: Json = document.setdefault("components", {}).setdefault("schemas", {})
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(problem.pop("$defs", {}))
        schemas["Problem"] = problem
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                _finish(path, method, operation)
        app.openapi_schema = document
    return app.openapi_schema


def _finish(path: str, method: str, operation: Json) -> None:
    responses: Json = operation["responses"]
    operation["summary"] = re.split(r"[.:;] |[.]$", operation["description"], maxsplit=1)[0]
    for status, told in responses.items():
        if told.get("description") == "Successful Response":
            told["description"] = {"201": "Made", "202": "Taken in", "204": "Done"}.get(status, "As asked")
    for status in sorted({*_ALWAYS, *_expected(path, method, operation)}):
        known = responses.get(str(status), {})
        responses[str(status)] = _problem(status, known.get("description"))
    has_schema = "application/json" in responses.get("200", {}).get("content", {})
    if method == "get" and has_schema:
        responses["304"] = {"description": "Not changed since the ETag in If-None-Match"}
        responses["200"].setdefault("headers", {})["ETag"] = {"schema": {"type": "string"}}
        operation.setdefault("parameters", []).append(_header("If-None-Match", "ETag of what you have already."))
    if method == "post" and "security" in operation:
        told = "The same key with the same request within 24 hours is answered alike and done once."
        operation.setdefault("parameters", []).append(_header(HEADER, told, pattern=PATTERN))


def _expected(path: str, method: str, operation: Json) -> set[int]:
    expected: set[int] = set()
    if "security" in operation:
        expected.update(_SIGNED_IN)
    if "{" in path:
        expected.add(404)
    if "requestBody" in operation:
        expected.update(_WITH_BODY)
    if method == "post" and "security" in operation:
        expected.add(409)
    if any(each.get("name", "").casefold() == "if-match" for each in operation.get("parameters", [])):
        expected.update((409, 412))
    declared = {int(status) for status in operation["responses"] if status.isdigit() and int(status) >= 400}
    return expected | declared


def _problem(status: int, description: str | None) -> Json:
    said = description if description and not _is_stock(description) else TITLES.get(status, "Error")
    response: Json = {
        "description": said,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status == 429:
        response["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    if status == 401:
        response["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return response


def _is_stock(description: str) -> bool:
    return description in ("Validation Error", "Successful Response")


def _header(name: str, description: str, **schema: Any) -> Json:
    told = {"type": "string"} | schema
    return {"name": name, "in": "header", "required": False, "description": description, "schema": told}


def operation_id(route: Any) -> str:
    """`listStations` from the endpoint's own name."""
    head, *rest = str(route.name).split("_")
    return head + "".join(word.title() for word in rest)


def anchor(text: str) -> str:
    """A fragment for a heading."""
    return re.sub(r"[^a-z0-9_.]+", "-", text.casefold()).strip("-")
