"""Cards, groups, unknown cards: what people do with them, in both databases and for two tenants."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from csms.access.policy import Actor
from csms.authorization.adopting import adopt_sighting, dismiss_sighting, recall_sighting
from csms.authorization.decision import decide
from csms.authorization.groups import GroupForm, PolicyForm, add_group, change_group, change_policy, delete_group
from csms.authorization.importing import import_tokens, plan_import
from csms.authorization.limits import Limits
from csms.authorization.queries import TokenQuery, list_groups, list_sightings, list_tokens
from csms.authorization.registering import TokenSetup, put_id_token
from csms.authorization.sightings import KEPT, delete_old_sightings, note_shown
from csms.authorization.token_csv import read_cards
from csms.authorization.tokens import (
    TokenForm,
    add_token,
    block_token,
    change_token,
    delete_token,
    expire_token,
    unblock_token,
)
from csms.bus.events import Event, TokensChanged, TokenSighted
from csms.clock import ManualClock
from csms.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from csms.work import Committer, Work
from models import AuditEntry, AuthorizationPolicy, IdToken, Role, TokenSighting
from models.db import Database
from models.scope import platform_scope, tenant_scope
from tests.tenancy import SmallTenant, TwoTenants


class Desk:
    """Somebody of a tenant at work."""

    def __init__(self, committer: Committer, database: Database, clock: ManualClock, tenant: SmallTenant) -> None:
        self.committer, self.database, self.clock, self.tenant = committer, database, clock, tenant
        self.actor = Actor(None, "Opal", "opal@example.test", tenant.id, Role.OPERATOR)

    async def do(self, verb: Any, *about: Any) -> Any:
        with tenant_scope(self.tenant.id):
            return await self.committer.run(lambda work: verb(work, self.actor, *about, self.clock.now()))

    async def read(self, query: Any, *about: Any, **more: Any) -> Any:
        with tenant_scope(self.tenant.id):
            async with self.database.reading() as session:
                return await query(session, *about, **more)

    async def status(self, value: str, kind: str = "") -> str:
        return (await self.read(decide, value, self.clock.now(), type=kind)).status

    async def shown(self, value: str, kind: str = "") -> None:
        """A station asks about a token."""
        ref, at = self.tenant.station, self.clock.now()
        decision = await self.read(decide, value, at, type=kind)
        with tenant_scope(self.tenant.id):
            await self.committer.run(lambda work: note_shown(work, ref, value, kind, decision, at))

    async def all(self, model: Any) -> list[Any]:
        with tenant_scope(self.tenant.id):
            async with self.database.reading() as session:
                return list((await session.execute(select(model).order_by(model.id))).scalars())


@pytest.fixture
def green(committer: Committer, database: Database, clock: ManualClock, two_tenants: TwoTenants) -> Desk:
    return Desk(committer, database, clock, two_tenants.green)


@pytest.fixture
def blue(committer: Committer, database: Database, clock: ManualClock, two_tenants: TwoTenants) -> Desk:
    return Desk(committer, database, clock, two_tenants.blue)


async def test_the_life_of_a_card(green: Desk, blue: Desk, told: list[Event]) -> None:
    token = await green.do(add_token, TokenForm("04:A2:B3:C4", label="Blue fob", driver_id=green.tenant.driver_id))
    twin = await blue.do(add_token, TokenForm("04a2b3c4"))
    assert (token.id, token.value_key) != (twin.id, "")
    with pytest.raises(ConflictError, match="04:A2:B3:C4 is registered"):
        await green.do(add_token, TokenForm("04-a2-b3-c4"))
    await green.do(block_token, token.id)
    assert (await green.status("04A2B3C4"), await blue.status("04A2B3C4")) == ("Blocked", "Accepted")
    await green.do(block_token, token.id)  # twice is once
    await green.do(unblock_token, token.id)
    assert await green.status("04A2B3C4") == "Accepted"
    tomorrow = green.clock.now() + timedelta(days=1)
    await green.do(change_token, token.id, replace(TokenForm.of(token), valid_from=tomorrow, label="Red fob"))
    assert await green.status("04A2B3C4") == "NotAtThisTime"
    green.clock.forward(86_400)
    assert await green.status("04A2B3C4") == "Accepted"
    await green.do(expire_token, token.id)
    assert await green.status("04A2B3C4") == "Expired"
    with pytest.raises(NotFoundError):
        await blue.do(delete_token, token.id)
    await green.do(delete_token, token.id)
    assert (await green.status("04A2B3C4"), await blue.status("04A2B3C4")) == ("Invalid", "Accepted")
    entries = [entry for entry in await green.all(AuditEntry) if entry.subject == f"card {token.id}"]
    actions = ["token.add", "token.block", "token.unblock", "token.change", "token.expire", "token.delete"]
    assert [entry.action for entry in entries] == actions
    assert entries[1].details == {"before": {"status": "Accepted"}, "after": {"status": "Blocked"}}
    [policy] = await green.all(AuthorizationPolicy)
    assert policy.list_revision == 6 == len([e for e in told if isinstance(e, TokensChanged) and e.tenant_id == 1])


@pytest.mark.parametrize(
    ("form", "error"),
    [
        (TokenForm("A", type="Papyrus"), InvalidInputError),
        (TokenForm("A\x00B"), InvalidInputError),
        (TokenForm("A" * 256), InvalidInputError),
        (TokenForm("A", limits=Limits(max_transactions=0)), InvalidInputError),
        (TokenForm("A", limits=Limits(max_cost_day=Decimal("NaN"))), InvalidInputError),
        (TokenForm("A", max_energy_wh=-1), InvalidInputError),
        (TokenForm("A", driver_id=4711), NotFoundError),
        (TokenForm("A", group="NOBODY"), NotFoundError),
        (TokenForm("A", location_ids=(4711,)), NotFoundError),
    ],
)
async def test_what_cannot_be_is_refused(green: Desk, form: TokenForm, error: type[Exception]) -> None:
    with pytest.raises(error):
        await green.do(add_token, form)


async def test_a_viewer_may_not_and_another_tenants_driver_does_not_exist(green: Desk, blue: Desk) -> None:
    green.actor = replace(green.actor, role=Role.VIEWER)
    with pytest.raises(PermissionDeniedError):
        await green.do(add_token, TokenForm("A"))
    with pytest.raises(NotFoundError):
        await blue.do(add_token, TokenForm("A", driver_id=green.tenant.driver_id))


async def test_groups_take_their_tokens_along(green: Desk, blue: Desk) -> None:
    group = await green.do(add_group, GroupForm("FLEET", "Our fleet"))
    token = await green.do(add_token, TokenForm("CAR-1", group="FLEET"))
    with pytest.raises(ConflictError):
        await green.do(add_group, GroupForm("FLEET"))
    with pytest.raises(NotFoundError):
        await blue.do(change_policy, PolicyForm(master_pass_group="FLEET"))
    await green.do(change_policy, PolicyForm(master_pass_group="FLEET"))
    await green.do(change_group, group.id, GroupForm("CREW", "Crew"))
    decision = await green.read(decide, "CAR-1", green.clock.now())
    assert (decision.group, decision.stops_only) == ("CREW", True)
    assert [(one.group.name, one.cards) for one in await green.read(list_groups)] == [("Crew", 1)]
    await green.do(delete_group, group.id)
    decision = await green.read(decide, "CAR-1", green.clock.now())
    assert (decision.group, decision.stops_only, decision.id_token_id) == (None, False, token.id)


async def test_an_unknown_card_is_offered_adopted_and_gone(green: Desk, blue: Desk, told: list[Event]) -> None:
    for _ in range(2):
        await green.shown("04FFEE01", "ISO15693")
    await green.shown("04-ff-ee-01")  # 1.6 does not say what kind it is
    await blue.shown("04FFEE01")
    for kind in ("Central", "NoAuthorization", "DirectPayment"):
        await green.shown("NOT-A-CARD", kind)
    rows, total = await green.read(list_sightings)
    assert total == 2
    first = next(row.sighting for row in rows if row.sighting.type)
    assert (first.value, first.count, rows[0].station_identity) == ("04FFEE01", 2, "GREEN-1")
    assert len([event for event in told if isinstance(event, TokenSighted)]) == 4
    with pytest.raises(NotFoundError):
        await blue.do(adopt_sighting, first.id, TokenForm())
    token = await green.do(adopt_sighting, first.id, TokenForm(driver_id=green.tenant.driver_id))
    assert (token.value, token.type, await green.status("04FFEE01")) == ("04FFEE01", "ISO15693", "Accepted")
    assert await green.read(list_sightings) == ([], 0)  # whatever kind a station took it for
    assert (await blue.read(list_sightings))[1] == 1
    with pytest.raises(NotFoundError):
        await green.do(adopt_sighting, first.id, TokenForm())


async def test_dismissed_cards_are_quiet_until_recalled_and_age_out(green: Desk, told: list[Event]) -> None:
    await green.shown("STRAY")
    [sighting] = await green.all(TokenSighting)
    await green.do(dismiss_sighting, sighting.id)
    await green.shown("STRAY")
    assert (await green.read(list_sightings))[1] == 0
    assert [event.is_dismissed for event in told if isinstance(event, TokenSighted)] == [False, True]
    await green.do(recall_sighting, sighting.id)
    assert (await green.read(list_sightings))[0][0].sighting.count == 2
    green.clock.forward(86_400)
    with platform_scope():
        await green.committer.run(lambda work: delete_old_sightings(work, green.clock.now()))
    assert await green.all(TokenSighting) == []


async def test_rubbish_fills_no_table(green: Desk, blue: Desk) -> None:
    await blue.shown("KEPT")
    at = green.clock.now()
    rows = [
        {"value": f"R{n}", "value_key": f"r{n}", "station_id": green.tenant.station.id, "first_seen_at": at}
        for n in range(KEPT)
    ]

    async def flood(work: Work) -> None:
        work.session().add_all(TokenSighting(**row, last_seen_at=at) for row in rows)

    with tenant_scope(green.tenant.id):
        await green.committer.run(flood)
    green.clock.forward(1)
    await green.shown("NEWEST")
    values = [row.value for row in await green.all(TokenSighting)]
    assert (len(values), values[-1]) == (KEPT, "NEWEST")
    assert len(await blue.all(TokenSighting)) == 1


async def test_a_known_card_remembers_why_it_was_refused(green: Desk) -> None:
    await green.shown(green.tenant.blocked_token)
    row = next(row for row in await green.all(IdToken) if row.value == green.tenant.blocked_token)
    assert (row.refusal, row.refused_at) == ("Blocked", green.clock.now())


async def test_import_does_what_its_preview_says(green: Desk, blue: Desk) -> None:
    table = (
        "Card;Driver;E-Mail;Group;Status;Expires\r\n"
        "04 11 22 33;Bo Example;bo@example.test;FLEET;active;2027-12-31\r\n"
        "04112233;;;;;\r\n"
        f"{green.tenant.token};Ada Example;;;;\r\n"
        "'=1+1;Bo Example;bo@example.test;;blocked;\r\n"
        "WRONG;;;;;tomorrow\r\n"
    )
    lines = read_cards(table.encode(), "Europe/Berlin")
    plan = await green.read(plan_import, lines)
    assert [line.value for line in plan.new] == ["04 11 22 33", "=1+1"]
    assert [(line.line, line.error) for line in plan.wrong] == [
        (3, "The same card as in line 2."),
        (6, "Dates are written like 2027-12-31."),
    ]
    assert (len(plan.known), plan.new_drivers, plan.new_groups) == (1, 1, ("FLEET",))
    assert await green.do(import_tokens, lines) == plan
    rows, _ = await green.read(list_tokens, TokenQuery(text="bo example"), green.clock.now())
    assert {(row.token.value, row.state(green.clock.now())) for row in rows} == {
        ("04 11 22 33", "accepted"),
        ("=1+1", "blocked"),
    }
    with pytest.raises(InvalidInputError, match="nothing was imported"):
        await green.do(import_tokens, lines)
    assert (await blue.read(list_tokens, TokenQuery(text="0411"), blue.clock.now()))[1] == 0


async def test_lists_of_cards_are_narrowed_and_paged(green: Desk) -> None:
    for number in range(5):
        await green.do(add_token, TokenForm(f"N{number}"))
    now = green.clock.now()
    rows, total = await green.read(
        list_tokens, TokenQuery(states=frozenset({"unassigned"}), limit=2, sort="value"), now
    )
    assert (total, len(rows)) == (6, 2)
    blocked, _ = await green.read(list_tokens, TokenQuery(states=frozenset({"blocked"})), now)
    assert [row.token.value for row in blocked] == [green.tenant.blocked_token]
    found, _ = await green.read(list_tokens, TokenQuery(text="ada"), now)
    assert [row.driver for row in found] == ["Ada Example"]


async def test_what_programs_register_counts_as_well(green: Desk) -> None:
    await green.shown("API-1")
    token, is_new = await green.do(put_id_token, TokenSetup(TokenForm("API-1", group="BY-API")))
    assert (is_new, token.group, await green.status("API-1")) == (True, "BY-API", "Accepted")
    assert [one.group.value for one in await green.read(list_groups)] == ["BY-API"]
    assert await green.all(TokenSighting) == []
    await green.do(delete_token, token.id)
    [policy] = await green.all(AuthorizationPolicy)
    assert policy.list_revision == 2
