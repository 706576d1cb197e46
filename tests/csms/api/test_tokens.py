"""Drivers, their vehicles and data; tokens, groups, unknown tokens and lists: as the dashboard's pages have them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from csms.clock import ManualClock
from models import IdToken, Transaction
from models.scope import tenant_scope
from tests.csms.api.conftest import PASSWORD, World
from tests.csms.api.furnishing import furnish

LIMITS = {"maxTransactions": 1, "maxEnergyDayWh": 50_000, "maxCostMonth": "99.50"}
NO_LIMITS = dict.fromkeys(["maxTransactions", "maxEnergyDayWh", "maxEnergyMonthWh", "maxCostDay", "maxCostMonth"])


async def audited(client: Any, action: str) -> list[str]:
    entries = (await client.get("/audit", params={"action": action})).json()["data"]
    return [entry["action"] for entry in entries]


async def test_a_token_is_blocked_ended_and_accepted_again(world: World, clock: ManualClock) -> None:
    client, blue = await world.program(), await world.program("blue")
    value = world.tenants.green.token
    first = await client.get(f"/id-tokens/{value}")
    assert (first.json()["state"], first.json()["lastUsedAt"], first.json()["credit"]) == ("accepted", None, None)
    blocked = await client.post(f"/id-tokens/{value.lower()}/block")
    assert (blocked.status_code, blocked.json()["status"], blocked.json()["state"]) == (200, "Blocked", "blocked")
    assert (await client.post(f"/id-tokens/{value}/unblock")).json()["state"] == "accepted"
    clock.forward(60)
    ended = (await client.post(f"/id-tokens/{value}/expire")).json()
    assert (ended["state"], ended["expiresAt"]) == ("expired", "2026-01-01T00:01:00Z")
    for verb in ("block", "unblock", "expire"):
        assert (await blue.post(f"/id-tokens/{value}/{verb}")).status_code == 404
    done = await audited(client, "token")
    assert done == ["token.expire", "token.unblock", "token.block"]
    stale = {"If-Match": first.headers["etag"]}
    assert (await client.delete(f"/id-tokens/{value}", headers=stale)).status_code == 412


async def test_what_moves_by_itself_stands_in_nobodys_way(world: World) -> None:
    client, value = await world.program(), world.tenants.green.token
    etag = (await client.get(f"/id-tokens/{value}")).headers["etag"]
    await furnish(world, world.tenants.green)
    await _change_token(world, refused_at=datetime(2026, 1, 1, tzinfo=UTC), refusal="Blocked")
    told = (await client.get(f"/id-tokens/{value}", headers={"If-None-Match": etag})).json()
    assert (told["refusedAt"], told["refusal"]) == ("2026-01-01T00:00:00Z", "Blocked")
    assert (await client.put(f"/id-tokens/{value}", json={}, headers={"If-Match": etag})).status_code == 200


async def test_tokens_are_found_by_how_they_stand(world: World, clock: ManualClock) -> None:
    client = await world.program()
    later, before = clock.now() + timedelta(days=1), clock.now() - timedelta(days=1)
    await client.put("/id-tokens/SOON", json={"validFrom": later.isoformat()})
    await client.put("/id-tokens/OVER", json={"expiresAt": before.isoformat()})
    for query, expected in (
        ("state=accepted", ["GREEN-CARD"]),
        ("state=blocked&state=expired", ["GREEN-LOST", "OVER"]),
        ("state=not_yet", ["SOON"]),
        ("state=unassigned", ["GREEN-LOST", "OVER", "SOON"]),
        ("text=ada", ["GREEN-CARD"]),
        ("sort=-createdAt&limit=2", ["OVER", "SOON"]),
        (f"driverId={world.tenants.blue.driver_id}", []),
    ):
        found = (await client.get(f"/id-tokens?{query}")).json()["data"]
        assert [token["value"] for token in found] == expected, query
    assert (await client.get("/id-tokens?state=lost")).status_code == 422


async def test_a_driver_has_limits_vehicles_and_sessions(world: World) -> None:
    client = await world.program()
    made = await client.post("/drivers", json={"name": "Grace", **LIMITS})
    assert made.status_code == 201, made.text
    path, told = f"/drivers/{made.json()['id']}", made.json()
    assert (told["maxEnergyDayWh"], told["maxCostMonth"], told["tokens"]) == (50_000, "99.5", 0)
    car = await client.post(f"{path}/vehicles", json={"name": "Zoe", "vin": "vf1aaaaa", "batteryWh": 52_000})
    assert (car.status_code, car.json()["vin"]) == (201, "VF1AAAAA"), car.text
    at = car.headers["location"].removeprefix("/api/v1")
    assert at == f"{path}/vehicles/{car.json()['id']}"
    other = {"name": "Zoe 2", "plate": "B-X 1"}
    moved = await client.put(at, json=other, headers={"If-Match": car.headers["etag"]})
    assert (moved.json()["plate"], moved.json()["batteryWh"]) == ("B-X 1", None)
    assert (await client.put(at, json=other, headers={"If-Match": car.headers["etag"]})).status_code == 412
    assert [one["id"] for one in (await client.get("/drivers?text=b-x")).json()["data"]] == [told["id"]]
    strange = f"/drivers/{world.tenants.green.driver_id}/vehicles/{car.json()['id']}"
    for method in ("GET", "PUT", "DELETE"):
        answer = await client.request(method, strange, json=other if method == "PUT" else None)
        assert answer.status_code == 404, method
    seen = await client.get(path)
    assert seen.json()["vehicles"] == 1
    assert (await client.put(path, json={"name": "Grace"}, headers={"If-Match": "x"})).status_code == 412
    bare = await client.put(path, json={"name": "Grace"}, headers={"If-Match": made.headers["etag"]})
    assert bare.json().items() >= NO_LIMITS.items()  # a vehicle more is no change of the driver
    assert (await client.delete(at)).status_code == 204
    assert (await client.get(f"{path}/vehicles")).json()["data"] == []
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404


async def test_what_is_used_of_limits_is_told(world: World, clock: ManualClock) -> None:
    client, green = await world.program(), world.tenants.green
    await client.put(f"/id-tokens/{green.token}", json={"driverId": green.driver_id, **LIMITS})
    await _session(world, clock.now(), energy_wh=7_000)
    for path in (f"/drivers/{green.driver_id}/use", f"/id-tokens/{green.token}/use"):
        use = await client.get(path)
        assert use.status_code == 200, use.text
        told = {name: use.json()[name] for name in ("transactions", "energyDayWh", "energyMonthWh", "currency")}
        assert told == {"transactions": 0, "energyDayWh": 7_000, "energyMonthWh": 7_000, "currency": "EUR"}
    [session] = (await client.get(f"/transactions?driverId={green.driver_id}")).json()["data"]
    assert session["idToken"] == green.token
    assert (await client.get(f"/drivers/{green.driver_id}")).json()["lastChargedAt"] == "2026-01-01T00:00:00Z"
    assert (await client.get(f"/transactions?driverId={world.tenants.blue.driver_id}")).json()["data"] == []
    refused = await client.delete(f"/drivers/{green.driver_id}")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")


async def test_a_person_is_told_all_and_forgotten(world: World, clock: ManualClock) -> None:
    client, blue, green = await world.program(), await world.program("blue"), world.tenants.green
    path = f"/drivers/{green.driver_id}"
    await client.post(f"{path}/vehicles", json={"name": "Zoe"})
    number = await _session(world, clock.now(), is_open=True)
    known = await client.get(f"{path}/export")
    assert known.status_code == 200, known.text
    told = known.json()
    assert known.headers["cache-control"] == "no-store"
    assert (told["driver"]["name"], told["cards"][0]["value"]) == ("Ada Example", green.token)
    assert told["driver"].keys() >= {"externalReference", "maxEnergyDayWh"}
    assert (told["vehicles"][0]["name"], told["sessions"][0]["startedAt"][:10]) == ("Zoe", "2026-01-01")
    running = await client.post(f"{path}/erase")
    assert (running.status_code, running.json()["code"]) == (409, "conflict")
    assert (await client.post(f"/transactions/{number}/close", json={"reason": "test"})).status_code == 200
    assert (await blue.get(f"{path}/export")).status_code == 404
    assert (await blue.post(f"{path}/erase")).status_code == 404
    erased = await client.post(f"{path}/erase")
    assert erased.status_code == 200, erased.text
    assert (erased.json()["name"], erased.json()["tokens"]) == (f"Erased driver {green.driver_id}", 0)
    assert (await client.get(f"/id-tokens/{green.token}")).status_code == 404
    assert (await client.get(f"/transactions/{number}")).json()["idToken"] == f"erased-{green.driver_id}"
    assert (await client.put(path, json={"name": "Ada"})).status_code == 409
    assert "driver.export" in await audited(client, "driver")
    archived = (await client.get("/drivers?state=archived")).json()["data"]
    assert [one["id"] for one in archived] == [green.driver_id]
    assert (await client.get("/drivers?state=active")).json()["data"] == []
    kept = (await blue.get(f"/drivers/{world.tenants.blue.driver_id}")).json()
    assert (kept["name"], kept["tokens"]) == ("Ada Example", 1)


async def test_groups_and_how_tokens_are_judged(world: World) -> None:
    client, blue = await world.program(), await world.program("blue")
    made = await client.post("/token-groups", json={"value": "FLEET", "name": "Fleet", **LIMITS})
    assert made.status_code == 201, made.text
    assert (await client.post("/token-groups", json={"value": "FLEET"})).status_code == 409
    path = made.headers["location"].removeprefix("/api/v1")
    await client.put("/id-tokens/A", json={"group": "FLEET"})
    assert (await client.get(path)).json()["tokens"] == 1
    policy = await client.get("/authorization-policy")
    assert policy.json() == {"allowConcurrent": True, "masterPassGroup": None, "freeVend": False}
    wanted = {"allowConcurrent": False, "masterPassGroup": "FLEET"}
    put = await client.put("/authorization-policy", json=wanted, headers={"If-Match": policy.headers["etag"]})
    assert put.json() == wanted | {"freeVend": False}
    assert (await client.put("/authorization-policy", json={}, headers={"If-Match": "x"})).status_code == 412
    missing = await client.put("/authorization-policy", json={"masterPassGroup": "NONE"})
    assert (missing.status_code, missing.json()["code"]) == (422, "input.invalid")
    assert (await blue.put("/authorization-policy", json=wanted)).status_code == 422
    renamed = await client.put(path, json={"value": "CARS"}, headers={"If-Match": made.headers["etag"]})
    assert renamed.status_code == 200, renamed.text  # a token more is no change of the group
    assert (renamed.json()["tokens"], renamed.json()["maxCostMonth"]) == (1, None)
    assert (await client.get("/id-tokens/A")).json()["group"] == "CARS"
    assert (await client.get("/authorization-policy")).json()["masterPassGroup"] == "CARS"
    assert (await client.delete(path, headers={"If-Match": made.headers["etag"]})).status_code == 412
    assert (await blue.get("/token-groups")).json()["data"] == []
    assert (await client.delete(path)).status_code == 204
    assert (await client.get("/id-tokens/A")).json()["group"] is None
    assert (await client.get("/authorization-policy")).json()["masterPassGroup"] is None
    assert await audited(client, "group") == ["group.delete", "group.change", "group.add"]


async def test_groups_go_page_by_page(world: World) -> None:
    client = await world.program()
    for name in ("C", "A", "B"):
        await client.post("/token-groups", json={"value": name})
    first = (await client.get("/token-groups?limit=2")).json()
    second = (await client.get(first["next"].removeprefix("/api/v1"))).json()
    assert [one["value"] for one in first["data"] + second["data"]] == ["A", "B", "C"]
    assert second["next"] is None


async def test_an_unknown_token_is_adopted_or_dismissed(world: World) -> None:
    client, blue, green = await world.program(), await world.program("blue"), world.tenants.green
    own = await furnish(world, green)
    other = await furnish(world, world.tenants.blue)
    [seen] = (await client.get("/unknown-tokens")).json()["data"]
    assert (seen["value"], seen["station"], seen["count"]) == ("green-unknown", "GREEN-1", 1)
    assert (await client.get("/unknown-tokens?station=green-2")).json()["data"] == []
    path = f"/unknown-tokens/{own['sighting_id']}"
    gone = (await client.post(f"{path}/dismiss")).json()
    assert gone["dismissedAt"] == "2026-01-01T00:00:00Z"
    assert (await client.get("/unknown-tokens")).json()["data"] == []
    assert [one["id"] for one in (await client.get("/unknown-tokens?dismissed=true")).json()["data"]] == [seen["id"]]
    assert (await client.post(f"{path}/recall")).json() == seen
    for wrong in ({"driverId": world.tenants.blue.driver_id}, {"group": "NONE"}, {"locationIds": [999]}):
        answer = await client.post(f"{path}/adopt", json=wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "input.invalid"), wrong
    body = {"label": "Fob", "driverId": green.driver_id, "group": "green-fleet", "type": "KeyCode", **LIMITS}
    made = await client.post(f"{path}/adopt", json=body)
    assert made.status_code == 201, made.text
    told = made.json()
    # The station knew what it read.
    assert (told["value"], told["type"], told["state"]) == ("green-unknown", "ISO14443", "accepted")
    assert (told["label"], told["group"], told["maxCostMonth"]) == ("Fob", "green-fleet", "99.5")
    assert (await client.get(made.headers["location"].removeprefix("/api/v1"))).json() == told
    assert (await client.get(path)).status_code == 404
    assert (await client.post(f"{path}/adopt", json={})).status_code == 404
    assert [one["id"] for one in (await blue.get("/unknown-tokens")).json()["data"]] == [other["sighting_id"]]


async def test_tokens_come_from_a_table_and_go_into_one(world: World) -> None:
    client, blue = await world.program(), await world.program("blue")
    table = b"card;driver;group\nNEW-1;Grace;FLEET\nGREEN-CARD;;\n;nobody;\n"
    plan = {
        "new": 1,
        "known": 1,
        "wrong": [{"line": 4, "value": "", "error": "No card number."}],
        "newDrivers": 1,
        "newGroups": ["FLEET"],
    }
    preview = await client.post("/token-import?preview=true", content=table)
    assert (preview.status_code, preview.json()) == (200, plan), preview.text
    assert (await client.get("/id-tokens/NEW-1")).status_code == 404
    assert (await client.post("/token-import", content=table)).json() == plan
    assert (await client.get("/id-tokens/NEW-1")).json()["group"] == "FLEET"
    for wrong in (table, b"", b"a,b\n1,2\n", b"card\nX\0Y\n"):
        answer = await client.post("/token-import", content=wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "input.invalid"), wrong
    written = await client.get("/token-export")
    assert written.headers["content-type"] == "text/csv; charset=utf-8"
    lines = written.text.splitlines()
    assert (lines[0].split(",")[0], [line.split(",")[0] for line in lines[1:]]) == (
        "card",
        ["GREEN-CARD", "GREEN-LOST", "NEW-1"],
    )
    assert await audited(client, "token") == ["token.export", "token.import"]
    assert "NEW-1" not in (await blue.get("/token-export")).text


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/id-tokens/{token}/block", None),
        ("POST", "/id-tokens/{token}/unblock", None),
        ("POST", "/id-tokens/{token}/expire", None),
        ("POST", "/token-groups", {"value": "X"}),
        ("PUT", "/token-groups/{group_id}", {"value": "X"}),
        ("DELETE", "/token-groups/{group_id}", None),
        ("PUT", "/authorization-policy", {}),
        ("POST", "/unknown-tokens/{sighting_id}/adopt", {}),
        ("POST", "/unknown-tokens/{sighting_id}/dismiss", None),
        ("POST", "/unknown-tokens/{sighting_id}/recall", None),
        ("POST", "/token-import", None),
        ("DELETE", "/drivers/{driver_id}", None),
        ("GET", "/drivers/{driver_id}/export", None),
        ("POST", "/drivers/{driver_id}/erase", None),
        ("POST", "/drivers/{driver_id}/vehicles", {"name": "X"}),
        ("PUT", "/drivers/{driver_id}/vehicles/{vehicle_id}", {"name": "X"}),
        ("DELETE", "/drivers/{driver_id}/vehicles/{vehicle_id}", None),
    ],
)
async def test_who_may_only_look_changes_nothing(world: World, method: str, path: str, body: Any) -> None:
    ids = await furnish(world, world.tenants.green)
    looker = await world.program("green", "tokens.view")
    answer = await looker.request(method, path.format(token=world.tenants.green.token, **ids), json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "permission.denied")


async def test_a_viewer_sees_no_tokens(world: World) -> None:
    ids = await furnish(world, world.tenants.green)
    asked = {"grant_type": "password", "email": "viewer@green.example", "password": PASSWORD}
    viewer = world.client("green", (await world.client().post("/auth/token", json=asked)).json()["access_token"])
    for path in (
        "/token-groups",
        f"/token-groups/{ids['group_id']}",
        "/authorization-policy",
        "/unknown-tokens",
        f"/unknown-tokens/{ids['sighting_id']}",
        "/token-export",
        f"/id-tokens/{ids['value']}/use",
        f"/drivers/{ids['driver_id']}/use",
        f"/drivers/{ids['driver_id']}/vehicles",
        f"/drivers/{ids['driver_id']}/vehicles/{ids['vehicle_id']}",
    ):
        assert (await viewer.get(path)).status_code == 403, path


async def _change_token(world: World, **values: Any) -> None:
    async def unit(work: Any) -> None:
        query = select(IdToken).where(col(IdToken.value) == world.tenants.green.token)
        row = (await work.session().execute(query)).scalar_one()
        for name, value in values.items():
            setattr(row, name, value)

    with tenant_scope(world.tenants.green.id):
        await world.services.committer.run(unit)


async def _session(world: World, at: datetime, *, energy_wh: int = 0, is_open: bool = False) -> int:
    """A session of green's driver. Returns its number."""
    green = world.tenants.green

    async def unit(work: Any) -> int:
        session = work.session()
        token = (await session.execute(select(IdToken).where(col(IdToken.value) == green.token))).scalar_one()
        row = Transaction(
            station_id=green.station.id,
            location_id=green.location_id,
            evse_number=1,
            ocpp_id="used",
            start_key=f"{green.token}-used",
            id_token=green.token,
            id_token_id=token.id,
            driver_id=green.driver_id,
            authorization_status="Accepted",
            started_at=at,
            start_received_at=at,
            ended_at=None if is_open else at,
            is_open=is_open,
            energy_wh=energy_wh,
            currency="EUR",
            tariff_version_id=green.tariff_version_id,
        )
        session.add(row)
        await session.flush()
        return row.id or 0

    with tenant_scope(green.id):
        return await world.services.committer.run(unit)
