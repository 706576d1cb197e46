"""Keys of programs."""

from fastapi import Response
from pydantic import Field

from csms.access.policy import Permission
from csms.access.programs import create_key, list_keys, revoke_key
from csms.api.call import SignedIn
from csms.api.routing import new_router
from csms.api.shapes import Body, Listed, Moment, RowId, Shape, Text
from csms.work import Work

router = new_router("api-keys", "/api-keys")


class ApiKeyShape(Shape):
    """A key, without its secret."""

    id: int
    name: str
    prefix: str = Field(examples=["k3v9x0q2ab"])
    """The key begins with `vd_<prefix>_`."""
    scopes: list[str] = Field(examples=[["stations.view"]])
    created_by: str
    created_at: Moment
    expires_at: Moment | None
    last_used_at: Moment | None
    revoked_at: Moment | None


class NewApiKeyShape(ApiKeyShape):
    """A key just made."""

    secret: str
    """The whole key. It is shown this once."""


class ApiKeyBody(Body):
    """A key to be."""

    name: Text = Field(min_length=1, examples=["Billing export"])
    scopes: list[Permission] = Field(min_length=1, max_length=100)
    """What the program may do: names of permissions, none that you do not have yourself."""
    expires_at: Moment | None = None


@router.get("", response_model=Listed[ApiKeyShape])
async def list_api_keys(call: SignedIn) -> Listed[ApiKeyShape]:
    """All keys, newest first, those that have ended as well."""
    async with call.reading() as session:
        rows = await list_keys(session, call.actor)
    return Listed(data=[ApiKeyShape.model_validate(row) for row in rows])


@router.post("", response_model=NewApiKeyShape, status_code=201)
async def create_api_key(call: SignedIn, body: ApiKeyBody, response: Response) -> NewApiKeyShape:
    """Make a key. Its secret is in this answer and nowhere else."""

    async def unit(work: Work) -> NewApiKeyShape:
        now = call.services.clock.now()
        made = await create_key(
            work, call.actor, name=body.name, scopes=body.scopes, expires_at=body.expires_at, at=now
        )
        return NewApiKeyShape.model_validate(made.row.model_dump() | {"secret": made.secret})

    response.headers["Cache-Control"] = "no-store"
    return await call.run(unit)


@router.delete("/{key_id}", status_code=204)
async def revoke_api_key(call: SignedIn, key_id: RowId) -> None:
    """End a key at once."""

    async def unit(work: Work) -> None:
        await revoke_key(work, call.actor, key_id, call.services.clock.now())

    await call.run(unit)
