"""Single sign-on against a real provider: who is let in, as what, and everything that must not open the door."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from sqlalchemy import select

from csms.access.invitations import invite
from csms.access.members import list_members, remove_member
from csms.access.oidc import Flow, OpenId, Relying, _Provider
from csms.access.outgoing import Outgoing, ProviderError
from csms.access.policy import SINGLE_SIGN_ON
from csms.access.rules import Rules, change_rules, rules_in_scope
from csms.access.service import Door
from csms.access.single_sign_on import SingleSignOn
from csms.clock import ManualClock
from csms.errors import InvalidInputError, LinkExpiredError, SignInError
from models import Role, SignInRules
from tests.csms.access.conftest import GREEN, House
from tests.csms.access.provider import Provider, query_of, start_provider

ORIGIN = "http://green.localhost"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    running = start_provider()
    yield running
    running.process.kill()


@pytest.fixture
def clock() -> ManualClock:
    """The provider dates its tokens by the world's clock."""
    return ManualClock(datetime.now(UTC))


@pytest.fixture
async def sso(house: House, provider: Provider) -> SingleSignOn:
    """Green signs in there; blue has no provider."""
    await configure(house, provider)
    return SingleSignOn(house.entrance, OpenId(Outgoing(plain_loopback=True), house.clock))


async def configure(house: House, provider: Provider, **more: Any) -> None:
    now, vault = house.clock.now(), house.entrance.vault
    given: dict[str, Any] = {"domains": ("staff.example",), "label": "Staff", "client_id": "voltdeck", **more}
    rules = Rules(issuer=provider.issuer, **given)
    await house.do(
        house.green, lambda work: change_rules(work, house.ann, vault, rules, secret="a client's secret", now=now)
    )


async def arrive(house: House, sso: SingleSignOn, provider: Provider, subject: str) -> Any:
    """The whole way; returns the actor."""
    door = Door(house.green, "203.0.113.9")
    departure = await sso.begin(door, ORIGIN, "/stations")
    back = provider.sign_in(departure.url, subject)
    assert back.startswith(f"{ORIGIN}/sign-in/sso/callback?")
    arrival = await sso.finish(door, ORIGIN, departure.token, query_of(back))
    assert arrival.next == "/stations"
    return await house.who(arrival.token, house.green)


async def test_somebody_new_of_an_allowed_domain(house: House, sso: SingleSignOn, provider: Provider) -> None:
    provider.know("nina-1", email="Nina@Staff.example", email_verified=True, name="Nina New")
    actor = await arrive(house, sso, provider, "nina-1")
    assert (actor.name, actor.email, actor.role, actor.means) == (
        "Nina New",
        "nina@staff.example",
        "viewer",
        SINGLE_SIGN_ON,
    )
    provider.know("nina-1", email="renamed@elsewhere.example", email_verified=False, name="Nina Married")
    again = await arrive(house, sso, provider, "nina-1")
    assert again.user_id == actor.user_id, "known by what the provider calls her"
    actions = [entry.action for entry in await house.audit(house.green)]
    assert actions == ["sign_in.rules_changed", "member.joined", "sign_in", "sign_in"]
    with pytest.raises(SignInError):
        await house.entrance.sign_in(Door(house.green), "nina@staff.example", "")
    with pytest.raises(SignInError):
        await house.entrance.sign_in(Door(house.green), "nina@staff.example", "nobody's password")


async def test_the_request_is_guarded(house: House, sso: SingleSignOn) -> None:
    departure = await sso.begin(Door(house.green), ORIGIN, "/")
    asked, flow = query_of(departure.url), Flow.of(departure.token)
    assert asked["code_challenge_method"] == "S256"
    assert (asked["state"], asked["nonce"]) == (flow.state, flow.nonce)
    assert flow.verifier not in departure.url
    assert departure.token not in departure.url
    assert set(asked["scope"].split()) == {"openid", "email", "profile"}
    with pytest.raises(SignInError, match="no single sign-on"):
        await sso.begin(Door(house.blue), ORIGIN, "/")


async def test_a_foreign_domain_and_an_unproved_address(house: House, sso: SingleSignOn, provider: Provider) -> None:
    provider.know("eve", email="eve@evil.example", email_verified=True)
    with pytest.raises(SignInError, match="no access here"):
        await arrive(house, sso, provider, "eve")
    provider.know("mallory", email="mallory@staff.example", email_verified=False)
    with pytest.raises(SignInError, match="verified"):
        await arrive(house, sso, provider, "mallory")
    provider.know("trudy", email="ann@people.example")
    with pytest.raises(SignInError, match="verified"):
        await arrive(house, sso, provider, "trudy")
    assert [one.name for one in await house.ask(house.green, list_members)] == ["Ann", "Sam", "Vic"]
    failed = [entry for entry in await house.audit(house.green) if entry.action == "sign_in.failed"]
    assert [entry.details["by"] for entry in failed] == ["sso", "sso", "sso"]


async def test_a_wrong_state_nonce_or_browser(house: House, sso: SingleSignOn, provider: Provider) -> None:
    provider.know("nina-2", email="nina2@staff.example", email_verified=True)
    door = Door(house.green)
    departure = await sso.begin(door, ORIGIN, "/")
    back = query_of(provider.sign_in(departure.url, "nina-2"))
    with pytest.raises(SignInError, match="begun elsewhere"):
        await sso.finish(door, ORIGIN, departure.token, back | {"state": "another"})
    other = await sso.begin(door, ORIGIN, "/")
    with pytest.raises(SignInError, match="begun elsewhere"):
        await sso.finish(door, ORIGIN, other.token, back)
    for token, where in (("", door), (departure.token, Door(house.blue))):
        with pytest.raises(LinkExpiredError):
            await sso.finish(where, ORIGIN, token, back)
    forged = str(httpx.URL(other.url).copy_set_param("nonce", "another"))
    with pytest.raises(SignInError, match="nonce"):
        await sso.finish(door, ORIGIN, other.token, query_of(provider.sign_in(forged, "nina-2")))
    assert (await sso.finish(door, ORIGIN, departure.token, back)).token
    with pytest.raises(LinkExpiredError):
        await sso.finish(door, ORIGIN, departure.token, back)


async def test_a_no_and_a_delay(house: House, sso: SingleSignOn, provider: Provider) -> None:
    door = Door(house.green)
    departure = await sso.begin(door, ORIGIN, "/")
    denied = query_of(provider.deny(departure.url)) | {"state": Flow.of(departure.token).state}
    with pytest.raises(SignInError, match="The provider says"):
        await sso.finish(door, ORIGIN, departure.token, denied)
    late = await sso.begin(door, ORIGIN, "/")
    house.clock.forward(601)
    with pytest.raises(LinkExpiredError):
        await sso.finish(door, ORIGIN, late.token, {"state": Flow.of(late.token).state, "code": "x"})


async def test_members_and_invited_people_keep_their_roles(house: House, sso: SingleSignOn, provider: Provider) -> None:
    provider.know("ann-1", email="ann@people.example", email_verified=True, name="Ann at work")
    actor = await arrive(house, sso, provider, "ann-1")
    assert (actor.user_id, actor.name, actor.role) == (house.ids["ann"], "Ann", "admin")
    now = house.clock.now()
    await house.do(
        house.green, lambda work: invite(work, house.ann, "guest@other.example", Role.OPERATOR, GREEN, now=now)
    )
    provider.know("guest", email="guest@other.example", email_verified=True)
    guest = await arrive(house, sso, provider, "guest")
    assert guest.role == "operator"
    await house.do(house.green, lambda work: remove_member(work, house.ann, guest.user_id, now=now))
    with pytest.raises(SignInError, match="no access here"):
        await arrive(house, sso, provider, "guest")
    provider.know("bea-1", email="bea@people.example", email_verified=True)
    with pytest.raises(SignInError, match="no access here"):
        await arrive(house, sso, provider, "bea-1")


async def test_a_claim_decides_on_roles(house: House, sso: SingleSignOn, provider: Provider) -> None:
    values = {"charging-admins": "admin", "charging": "operator"}
    await configure(house, provider, role_claim="access.groups", role_values=values)
    person = {"email": "rita@staff.example", "email_verified": True}
    for groups, role in (
        (["charging", "all"], "operator"),
        (["charging", "charging-admins"], "admin"),
        (["all"], "viewer"),
    ):
        provider.know("rita", **person, access={"groups": groups})
        assert (await arrive(house, sso, provider, "rita")).role == role
    provider.know("ann-1", email="ann@people.example", email_verified=True, access={"groups": []})
    assert (await arrive(house, sso, provider, "ann-1")).role == "admin", "the last Admin stays one"


async def test_the_only_way_leaves_admins_their_password(house: House, sso: SingleSignOn, provider: Provider) -> None:
    await configure(house, provider, is_only_way=True)
    with pytest.raises(SignInError, match="Passwords are for Admins only here"):
        await house.enter("vic", house.green)
    assert await house.enter("ann", house.green)
    assert await house.enter("sam", house.blue), "the other tenant asks nothing of the kind"
    with pytest.raises(SignInError, match="Admins only"):
        await house.entrance.verify(Door(house.green), "vic@people.example", "correct horse battery")


async def test_the_clients_secret_is_sealed_and_never_told(house: House, sso: SingleSignOn) -> None:
    async def stored(session: Any) -> str:
        return (await session.scalars(select(SignInRules))).one().client_secret

    assert "a client's secret" not in await house.ask(house.green, stored)
    assert "a client's secret" not in str([entry.model_dump() for entry in await house.audit(house.green)])


async def test_the_clients_secret_goes_to_no_other_provider(
    house: House, sso: SingleSignOn, provider: Provider
) -> None:
    before = await house.ask(house.green, rules_in_scope)
    for changed in ({"issuer": "https://elsewhere.example"}, {"client_id": "another"}, {"issuer": "", "client_id": ""}):
        with pytest.raises(InvalidInputError, match="Client secret: the one kept here is for client"):
            await change(house, replace(before, **changed), None)
    assert await house.ask(house.green, rules_in_scope) == before
    await change(house, replace(before, label="Staff"), None)
    await change(house, replace(before, client_id="another"), "its own secret")
    await change(house, Rules(), "")
    await change(house, replace(before, issuer="https://elsewhere.example"), None)


async def change(house: House, rules: Rules, secret: str | None) -> None:
    vault, now = house.entrance.vault, house.clock.now()
    await house.do(house.green, lambda work: change_rules(work, house.ann, vault, rules, secret=secret, now=now))


async def test_settings_that_cannot_be(house: House, sso: SingleSignOn, provider: Provider) -> None:
    for issuer, words in (
        ("ftp://x", "no https address"),
        ("http://idp.example", "no https address"),
        (provider.issuer + "/", "calls itself"),
        ("http://localhost:1", "does not answer"),
    ):
        with pytest.raises(InvalidInputError, match=words):
            await sso.check(issuer)
    await sso.check(provider.issuer)
    for more, words in (
        ({"domains": ("a@b.example",)}, "is no domain"),
        ({"default_role": "owner"}, "none of admin"),
        ({"role_claim": "groups"}, "which value means"),
        ({"client_id": ""}, "Client id"),
    ):
        with pytest.raises(InvalidInputError, match=words):
            await configure(house, provider, **more)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://127.0.0.1/", "private network"),
        ("https://10.0.0.7/x", "private network"),
        ("https://169.254.169.254/latest", "private network"),
        ("https://[::1]/", "private network"),
        ("https://[::ffff:10.0.0.1]/", "private network"),
        ("http://127.0.0.1/", "no https"),
        ("https://user:word@idp.example/", "no https"),
    ],
)
async def test_our_own_network_is_never_asked(url: str, words: str) -> None:
    with pytest.raises(ProviderError, match=words):
        await Outgoing().address_of(httpx.URL(url))
    assert await Outgoing(private_hosts="idp.corp, 10.0.0.7").address_of(httpx.URL("https://10.0.0.7/x")) == "10.0.0.7"


KEY = RSAKey.generate_key(2048, {"kid": "one"})
US = Relying("https://idp.example", "voltdeck", "", ORIGIN)


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({}, KEY, ""),
        ({"aud": "somebody else"}, KEY, "aud"),
        ({"iss": "https://evil.example"}, KEY, "iss"),
        ({"exp": 1}, KEY, "expired"),
        ({"nonce": "another"}, KEY, "nonce"),
        ({"aud": ["voltdeck", "other"], "azp": "other"}, KEY, "azp"),
        ({}, RSAKey.generate_key(2048, {"kid": "one"}), "signature"),
    ],
)
async def test_an_id_token_must_hold(changes: dict[str, Any], key: RSAKey, words: str, clock: ManualClock) -> None:
    openid, flow, now = OpenId(Outgoing(), clock), Flow.of("token"), clock.now()
    claims = {
        "iss": US.issuer,
        "aud": US.client_id,
        "sub": "nina",
        "exp": int(now.timestamp()) + 60,
        "iat": int(now.timestamp()),
        "nonce": flow.nonce,
    }
    raw = jwt.encode({"alg": "RS256", "kid": "one"}, claims | changes, key)
    known = _Provider({}, now, KeySet([RSAKey.import_key(KEY.as_dict(private=False))]), now)
    if not words:
        assert (await openid._claims(known, US, flow, {"id_token": raw}))["sub"] == "nina"
        return
    with pytest.raises(ProviderError, match=words):
        await openid._claims(known, US, flow, {"id_token": raw})
