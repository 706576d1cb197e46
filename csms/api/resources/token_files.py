"""Many tokens at once, as a CSV file."""

from typing import Annotated, Final, Self

from fastapi import Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from csms.access.policy import Permission
from csms.api.call import SignedIn
from csms.api.routing import new_router
from csms.api.shapes import Shape
from csms.authorization.exporting import export_tokens
from csms.authorization.importing import ImportPlan, import_tokens, plan_import
from csms.authorization.token_csv import read_cards
from csms.work import Work

router = new_router("id-tokens")
_CSV: Final = {"text/csv": {"schema": {"type": "string"}}}


class WrongLineShape(Shape):
    """A line that is left out."""

    line: int
    """The heading is line 1."""
    value: str
    error: str


class ImportShape(Shape):
    """What an import does."""

    new: int
    """Tokens that are registered by it."""
    known: int
    """Registered already; they stay as they are."""
    wrong: list[WrongLineShape]
    new_drivers: int
    new_groups: list[str] = Field(examples=[["FLEET"]])

    @classmethod
    def of(cls, plan: ImportPlan) -> Self:
        """The same of the service."""
        return cls(
            new=len(plan.new),
            known=len(plan.known),
            wrong=[WrongLineShape.model_validate(line) for line in plan.wrong],
            new_drivers=plan.new_drivers,
            new_groups=list(plan.new_groups),
        )


@router.post(
    "/token-import",
    response_model=ImportShape,
    openapi_extra={"requestBody": {"content": _CSV, "required": True}},
    responses={413: {}},
)
async def import_id_tokens(
    call: SignedIn,
    request: Request,
    preview: Annotated[bool, Query(description="Only tell what it would do.")] = False,
) -> ImportShape:
    """Register the tokens of a CSV file, with the drivers and groups that it names. Its first line names the columns:
    card, and type, label, driver, email, group, status, valid_from, expires_at. 422 when no line is new."""
    call.require(Permission.TOKENS_MANAGE)
    lines = read_cards(await request.body(), call.tenant.time_zone)
    if preview:
        async with call.reading() as session:
            return ImportShape.of(await plan_import(session, lines))

    async def unit(work: Work) -> ImportPlan:
        return await import_tokens(work, call.actor, lines, call.services.clock.now())

    return ImportShape.of(await call.run(unit))


@router.get("/token-export", response_class=Response, responses={200: {"content": _CSV, "description": "CSV"}})
async def export_id_tokens(call: SignedIn) -> Response:
    """Every token as a CSV file that the import reads; no cell runs in a spreadsheet. It is noted in the audit."""
    services = call.services
    table = await export_tokens(services.database, services.committer, call.actor, services.clock.now())
    return Response(table, media_type="text/csv; charset=utf-8", headers={"Cache-Control": "no-store"})
