"""The documentation page of the API: one plain page made from the OpenAPI document, without a script."""

from collections import defaultdict
from pathlib import Path
from typing import Any, Final

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from csms.api.problems import error_table

Json = dict[str, Any]
_templates: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'none'"
)


def docs_page(document: Json) -> HTMLResponse:
    """Every operation by resource, with what it takes and answers, and every error code."""
    html = _templates.get_template("docs.html").render(
        title=document["info"]["title"],
        version=document["info"]["version"],
        about=document["info"]["description"],
        groups=_groups(document),
        errors=error_table(),
    )
    return HTMLResponse(html, headers={"Content-Security-Policy": _POLICY, "Cache-Control": "public, max-age=300"})


def _groups(document: Json) -> dict[str, list[Json]]:
    groups: dict[str, list[Json]] = defaultdict(list)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            groups[operation["tags"][0]].append(_shown(document, path, method, operation))
    return dict(groups)


def _shown(document: Json, path: str, method: str, operation: Json) -> Json:
    good = {status: told for status, told in operation["responses"].items() if status < "300"}
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "is_public": "security" not in operation,
        "parameters": [_parameter(each) for each in operation.get("parameters", [])],
        "body": _example(document, operation.get("requestBody", {})),
        "answers": [(status, told["description"], _example(document, told)) for status, told in good.items()],
        "errors": [(status, told["description"]) for status, told in operation["responses"].items() if status >= "400"],
    }


def _parameter(parameter: Json) -> Json:
    schema = parameter.get("schema", {})
    kinds = [each.get("type", "") for each in schema.get("anyOf", [schema]) if each.get("type") != "null"]
    return {
        "name": parameter["name"],
        "where": parameter["in"],
        "required": parameter.get("required", False),
        "kind": " or ".join(filter(None, kinds)) or "string",
        "default": schema.get("default"),
        "choices": schema.get("enum", []),
        "description": parameter.get("description", ""),
    }


def _example(document: Json, holder: Json) -> str:
    schema = holder.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return ""
    return orjson.dumps(_sample(document, schema, 0), option=orjson.OPT_INDENT_2).decode()


def _sample(document: Json, schema: Json, depth: int) -> Any:
    """A value that shows what fits the schema: its example where it has one."""
    if depth > 8:
        return "…"
    if "$ref" in schema:
        return _sample(document, document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], depth + 1)
    for name in ("example", "const"):
        if name in schema:
            return schema[name]
    if schema.get("examples"):
        return schema["examples"][0]
    for name in ("anyOf", "oneOf", "allOf"):
        if name in schema:
            return _sample(document, schema[name][0], depth + 1)
    if "default" in schema and schema["default"] not in (None, [], {}):
        return schema["default"]
    return _typed(document, schema, depth)


def _typed(document: Json, schema: Json, depth: int) -> Any:
    if schema.get("enum"):
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {name: _sample(document, each, depth + 1) for name, each in schema.get("properties", {}).items()}
        case "array":
            return [_sample(document, schema.get("items", {}), depth + 1)]
        case "integer":
            return schema.get("minimum", 0)
        case "number":
            return 0.0
        case "boolean":
            return True
        case "string":
            return "2026-01-01T00:00:00Z" if schema.get("format") == "date-time" else "…"
        case _:
            return None
