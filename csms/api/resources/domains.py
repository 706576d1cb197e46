"""Hostnames of the tenant's own: what to set in DNS, how far each has come, and which one links lead to."""

from typing import Any, ClassVar

from fastapi import Response
from pydantic import Field

from csms.access.policy import Permission
from csms.api.call import Call, SignedIn
from csms.api.etags import IfMatch
from csms.api.routing import new_router
from csms.api.shapes import Body, Flag, Listed, Moment, RowId, Shape
from csms.errors import NotFoundError
from csms.tenants.dns import PREFIX, Found
from csms.tenants.domain_state import DomainState, ends_at, found_of, state_of
from models import CustomDomain

router = new_router("domains", "/domains")
main_address = new_router("domains", "/main-address")


class RecordShape(Shape):
    """A DNS record to set."""

    type: str = Field(examples=["CNAME"])
    name: str = Field(examples=["charging.example.com"])
    value: str = Field(examples=["green.app.example"])
    is_right: bool
    """Whether DNS says so."""


class FoundShape(Shape):
    """What DNS said last."""

    texts: list[str]
    alias: str
    addresses: list[str]
    ours: list[str]
    """Where the name leads that it should be an alias of: for A and AAAA records where no CNAME can be."""
    is_silent: bool
    """DNS did not answer; the rest means nothing."""


class DomainShape(Shape):
    """A hostname that the tenant says is theirs."""

    volatile: ClassVar[frozenset[str]] = frozenset(
        {"state", "records", "found", "checkedAt", "verifiedAt", "lostAt", "endsAt", "servedAt", "certificate"}
    )

    id: int
    hostname: str = Field(examples=["charging.example.com"])
    state: str = Field(examples=["waiting"])
    """waiting, wrong, taken (in use by somebody else here), verified, served (over HTTPS), lost or expired."""
    records: list[RecordShape]
    found: FoundShape
    created_at: Moment
    checked_at: Moment | None
    verified_at: Moment | None
    lost_at: Moment | None
    """Since when a verified one has no longer been right."""
    ends_at: Moment | None
    """When a lost one stops answering."""
    served_at: Moment | None
    certificate: dict[str, Any]
    """The one that was seen, or why none was."""


class DomainBody(Body):
    """A hostname to claim."""

    hostname: str = Field(min_length=1, max_length=253, pattern=r"^[^\u0000]*$", examples=["charging.example.com"])


class MainAddressShape(Shape):
    """Where links of mails and receipts lead."""

    hostname: str
    redirects: bool
    """Whether visitors of the other hostnames are led there."""
    hosts: list[str]
    """What it can be: the hostnames that answer."""


class MainAddressBody(Body):
    """Where links shall lead."""

    hostname: str = Field(min_length=1, max_length=253, pattern=r"^[^\u0000]*$", examples=["green.app.example"])
    redirects: Flag


@router.get("", response_model=Listed[DomainShape])
async def list_domains(call: SignedIn) -> Listed[DomainShape]:
    """All domains by hostname, each with the DNS records to set."""
    rows = await call.services.domains.all(call.actor)
    return Listed(data=[_shape(call, row) for row in rows])


@router.post("", response_model=DomainShape, status_code=201)
async def create_domain(call: SignedIn, body: DomainBody, response: Response) -> DomainShape:
    """Claim a hostname. It answers once its records are set: DNS is asked every few minutes, or with `check`."""
    row = await call.services.domains.add(call.actor, body.hostname)
    response.headers["Location"] = f"/api/v1/domains/{row.id}"
    return _shape(call, row)


@router.get("/{domain_id}", response_model=DomainShape)
async def get_domain(call: SignedIn, domain_id: RowId) -> DomainShape:
    """One domain."""
    return _shape(call, await _require(call, domain_id))


@router.post("/{domain_id}/check", response_model=DomainShape)
async def check_domain(call: SignedIn, domain_id: RowId) -> DomainShape:
    """Ask DNS now, and for its certificate where it is verified; not more often than every two seconds."""
    await _require(call, domain_id)
    row = await call.services.domains.check(domain_id)
    if state_of(row) is DomainState.VERIFIED:
        row = await call.services.domains.check_certificate(domain_id)
    return _shape(call, row)


@router.delete("/{domain_id}", status_code=204)
async def remove_domain(call: SignedIn, domain_id: RowId, match: IfMatch) -> None:
    """Give a hostname up: it stops answering at once."""
    match.require(_shape(call, await _require(call, domain_id)))
    await call.services.domains.remove(call.actor, domain_id)


@main_address.get("", response_model=MainAddressShape)
async def get_main_address(call: SignedIn) -> MainAddressShape:
    """The hostname that links lead to, and whether visitors are led there."""
    call.require(Permission.TENANT_MANAGE)
    return await _main(call)


@main_address.put("", response_model=MainAddressShape)
async def replace_main_address(call: SignedIn, body: MainAddressBody, match: IfMatch) -> MainAddressShape:
    """Choose the hostname that links lead to, among those that answer, and whether the others lead to it."""
    call.require(Permission.TENANT_MANAGE)
    now = await _main(call)
    match.require(now)
    if body.hostname != now.hostname:
        await call.services.domains.choose_main(call.actor, body.hostname)
    if body.redirects != now.redirects:
        await call.services.domains.lead_to_main(call.actor, body.redirects)
    return await _main(call)


async def _main(call: Call) -> MainAddressShape:
    await call.services.directory.refresh()
    known = call.services.directory.by_id(call.tenant.id) or call.tenant
    return MainAddressShape(hostname=known.main_host, redirects=known.redirects, hosts=list(known.hosts))


async def _require(call: Call, domain_id: int) -> CustomDomain:
    for row in await call.services.domains.all(call.actor):
        if row.id == domain_id:
            return row
    raise NotFoundError(f"There is no domain {domain_id}.")


def _shape(call: Call, row: CustomDomain) -> DomainShape:
    found = found_of(row)
    told = {"state": str(state_of(row)), "ends_at": ends_at(row), "found": FoundShape.model_validate(found)}
    records = _records(row, found, call.services.domains.target(call.tenant.id))
    return DomainShape.model_validate(row.model_dump() | told | {"records": records})


def _records(row: CustomDomain, found: Found, target: str) -> list[RecordShape]:
    proof = f"{PREFIX}.{row.hostname}"
    return [
        RecordShape(type="CNAME", name=row.hostname, value=target, is_right=found.leads_here),
        RecordShape(type="TXT", name=proof, value=row.token, is_right=found.is_proved),
    ]
