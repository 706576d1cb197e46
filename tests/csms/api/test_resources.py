"""What is read and written, and how: pages, filters, ETags, creating and replacing."""

from typing import Any

import pytest
from sqlmodel import col, select

from models import AuditEntry, ChargingStation, Connector
from models.scope import tenant_scope
from tests.csms.api.conftest import PASSWORD, World
from tests.csms.api.furnishing import furnish
from tests.csms.gateway.stations import basic, station_at

STATION = {
    "name": "By the gate",
    "password": "a-long-random-password",
    "securityProfile": 1,
    "registration": "Pending",
    "evses": [
        {"number": 1, "currentType": "DC", "maxPowerW": 150_000, "connectors": [{"standard": "IEC_62196_T2_COMBO"}]},
        {"number": 2, "connectors": [{"number": 1}, {"number": 2, "standard": "CHADEMO"}]},
    ],
}


async def test_lists_go_page_by_page(world: World) -> None:
    client = await world.program()
    for number in range(5):
        assert (await client.put(f"/stations/S{number}", json=STATION)).status_code == 201
    names: list[str] = []
    path: str | None = "/stations?limit=3&sort=-identity"
    while path is not None:
        page = (await client.get(path.removeprefix("/api/v1"))).json()
        names += [station["identity"] for station in page["data"]]
        path = page["next"]
    assert names == ["S4", "S3", "S2", "S1", "S0", "GREEN-2", "GREEN-1"]
    for cursor in ("x", "bnVsbA", "WzEsMiwzXQ", names[0]):
        answer = await client.get("/stations", params={"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (422, "cursor.invalid")
    assert (await client.get("/stations?limit=201")).json()["errors"][0]["pointer"] == "/query/limit"
    assert (await client.get("/stations?sort=password_hash")).status_code == 422


async def test_filters(world: World) -> None:
    client = await world.program()
    for query, expected in (
        ("text=een-1", ["GREEN-1"]),
        ("online=true", []),
        ("status=Offline&status=Available", ["GREEN-1", "GREEN-2"]),
        (f"locationId={world.tenants.green.location_id}", ["GREEN-1", "GREEN-2"]),
        ("text=%25", []),
    ):
        found = (await client.get(f"/stations?{query}")).json()["data"]
        assert [station["identity"] for station in found] == expected, query


async def test_a_station_is_created_replaced_and_connects(world: World) -> None:
    client = await world.program()
    made = await client.put("/stations/NEW-1", json=STATION)
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["hasPassword"], told["registration"], told["status"]) == (True, "Pending", "Offline")
    assert [(evse["number"], len(evse["connectors"])) for evse in told["evses"]] == [(1, 1), (2, 2)]
    assert "password" not in {key for key, value in told.items() if value is not None}
    await _hears(world, told["id"])
    changed = await client.put(
        "/stations/new-1", json={"name": "Moved", "evses": [{"number": 2, "connectors": [{"number": 2}]}]}
    )
    assert changed.status_code == 200, changed.text
    assert (changed.json()["name"], changed.json()["registration"]) == ("Moved", "Accepted")
    [evse] = changed.json()["evses"]
    assert [(one["number"], one["status"]) for one in evse["connectors"]] == [(2, "Faulted")]
    kept = await client.put("/stations/NEW-1", json={"name": "Moved"})
    assert len(kept.json()["evses"]) == 1
    async with station_at(world.gateway, "NEW-1", headers=basic("NEW-1", str(STATION["password"]))) as station:
        booted = await station.call("BootNotification", {"chargePointVendor": "A", "chargePointModel": "B"})
        assert booted["status"] == "Accepted"
        assert (await client.get("/stations/NEW-1")).json()["isOnline"] is True


async def test_changes_are_recorded_without_secrets(world: World) -> None:
    client = await world.program()
    await client.put("/stations/NEW-1", json=STATION)
    await client.put("/stations/NEW-1", json=STATION | {"name": "Other", "password": "another-long-password"})
    entries = (await client.get("/audit?action=station")).json()["data"]
    assert [entry["action"] for entry in entries] == ["station.changed", "station.added"]
    assert entries[0]["details"]["before"] == {"name": "By the gate", "password": "***"}
    assert entries[0]["address"] == "203.0.113.9"
    assert "long" not in str(entries)
    assert (await client.get(f"/audit/{entries[0]['id']}")).json() == entries[0]


async def test_a_new_station_without_a_password_is_given_one(world: World) -> None:
    client = await world.program()
    made = await client.put("/stations/NEW-2", json={})
    password = made.json()["password"]
    assert len(password) == 20
    assert made.headers["cache-control"] == "no-store"
    assert (await client.get("/stations/NEW-2")).json()["password"] is None
    async with station_at(world.gateway, "NEW-2", headers=basic("NEW-2", password)):
        pass


@pytest.mark.parametrize(
    ("identity", "change", "status"),
    [
        ("BLUE-1", {}, 409),
        ("a:b", {}, 422),
        ("X", {"password": "short"}, 422),
        ("X", {"locationId": 999}, 422),
        ("X", {"securityProfile": 4}, 422),
        ("X", {"nonsense": 1}, 422),
        ("X", {"evses": [{"number": 1}, {"number": 1}]}, 422),
        ("X", {"evses": [{"number": 1, "connectors": [{"tariffId": 999}]}]}, 422),
    ],
)
async def test_what_no_station_can_be(world: World, identity: str, change: dict[str, Any], status: int) -> None:
    answer = await (await world.program()).put(f"/stations/{identity}", json=STATION | change)
    assert answer.status_code == status, answer.text
    assert "blue" not in answer.text


async def test_another_tenants_location_and_tariff_do_not_exist(world: World) -> None:
    client, blue = await world.program(), world.tenants.blue
    for change in (
        {"locationId": blue.location_id},
        {"evses": [{"number": 1, "connectors": [{"tariffId": blue.tariff_id}]}]},
    ):
        assert (await client.put("/stations/X", json=STATION | change)).status_code == 422
    for change in ({"driverId": blue.driver_id}, {"locationIds": [blue.location_id]}):
        assert (await client.put("/id-tokens/X", json=change)).status_code == 422


async def test_who_read_an_old_state_does_not_overwrite_a_new_one(world: World) -> None:
    client = await world.program()
    first = await client.get("/stations/GREEN-1")
    etag = first.headers["etag"]
    assert (await client.get("/stations/GREEN-1", headers={"If-None-Match": etag})).status_code == 304
    async with station_at(world.gateway, "GREEN-1") as station:
        await station.call("BootNotification", {"chargePointVendor": "A", "chargePointModel": "B"})
        moved = await client.get("/stations/GREEN-1", headers={"If-None-Match": etag})
    assert moved.status_code == 200
    written = await client.put("/stations/GREEN-1", json={"name": "One"}, headers={"If-Match": etag})
    assert written.status_code == 200, written.text
    late = await client.put("/stations/GREEN-1", json={"name": "Two"}, headers={"If-Match": etag})
    assert (late.status_code, late.json()["code"]) == (412, "precondition.failed")
    again = {"If-Match": written.headers["etag"]}
    assert (await client.put("/stations/GREEN-1", json={"name": "Two"}, headers=again)).status_code == 200
    absent = await client.put("/stations/NEW", json={}, headers={"If-Match": "*"})
    assert absent.status_code == 412


async def test_tokens_are_created_replaced_and_forgotten(world: World) -> None:
    client = await world.program()
    body = {"type": "ISO14443", "status": "Accepted", "group": "fleet", "expiresAt": "2030-01-01T00:00:00+01:00"}
    made = await client.put("/id-tokens/04:A2:B3:C4", json=body)
    assert made.status_code == 201, made.text
    assert made.json()["expiresAt"] == "2029-12-31T23:00:00Z"
    found = await client.get("/id-tokens/04a2b3c4")
    assert (found.json()["group"], found.json()["id"]) == ("fleet", made.json()["id"])
    blocked = await client.put("/id-tokens/04A2B3C4", json={"status": "Blocked"})
    assert (blocked.status_code, blocked.json()["status"], blocked.json()["group"]) == (200, "Blocked", None)
    assert [one["value"] for one in (await client.get("/id-tokens?status=Blocked")).json()["data"]] == [
        "04:A2:B3:C4",
        "GREEN-LOST",
    ]
    stale = {"If-Match": made.headers["etag"]}
    assert (await client.delete("/id-tokens/04A2B3C4", headers=stale)).status_code == 412
    assert (await client.delete("/id-tokens/04A2B3C4")).status_code == 204
    assert (await client.get("/id-tokens/04A2B3C4")).status_code == 404


async def test_sessions_with_their_meter_values_end_when_told(world: World) -> None:
    client, own = await world.program(), await furnish(world, world.tenants.green)
    await furnish(world, world.tenants.blue)
    number = own["transaction_id"]
    for query, found in (
        ("/transactions", [number]),
        ("/stations/green-1/transactions?idToken=green-card&active=true", [number]),
        ("/stations/GREEN-1/transactions?active=false", []),
        ("/stations/GREEN-2/transactions", []),
        ("/transactions?idToken=OTHER", []),
        ("/transactions?until=2025-12-31T12:00:00Z", []),
        ("/transactions?since=2025-12-31T13:00:00%2B01:00&sort=energyWh", [number]),
    ):
        listed = (await client.get(query)).json()["data"]
        assert [one["id"] for one in listed] == found, query
    [value] = (await client.get(f"/transactions/{number}/meter-values")).json()["data"]
    assert (value["energyWh"], value["transactionEnergyWh"]) == (3000, 2000)
    detail = (await client.get(f"/transactions/{number}")).json()
    assert (detail["isOpen"], detail["tariff"], detail["currency"]) == (True, "Standard", "EUR")
    closed = await client.post(f"/transactions/{number}/close", json={"reason": "Replaced"})
    assert (closed.status_code, closed.json()["isOpen"]) == (200, False)
    again = await client.post(f"/transactions/{number}/close", json={"reason": "Replaced"})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert (await client.post(f"/transactions/{number}/stop")).status_code == 409


async def test_frames_are_searched_and_taken_away(world: World) -> None:
    client, own = await world.program(), await furnish(world, world.tenants.green)
    [frame] = (await client.get("/frames?station=GREEN-1&text=green")).json()["data"]
    assert (frame["action"], frame["text"]) == ("Heartbeat", '[2,"green"]')
    lines = (await client.get(f"/frames/export?transactionId={own['transaction_id']}")).text.splitlines()
    assert len(lines) == 2
    assert '"station":"GREEN-1"' in lines[0]
    assert (await client.get("/frames")).status_code == 422
    assert (await (await world.program("green", "stations.view")).get("/frames?station=GREEN-1")).status_code == 403


async def test_small_resources_are_the_tenants_own(world: World) -> None:
    client = await world.program()
    tariff = (await client.get("/tariffs")).json()["data"][0]
    assert (tariff["currency"], tariff["versions"][0]["prices"]) == ("EUR", {"energy_per_kwh": "0.30"})
    emails = [user["email"] for user in (await client.get("/users")).json()["data"]]
    assert emails == ["admin@green.example", "operator@green.example", "viewer@green.example"]
    assert [driver["name"] for driver in (await client.get("/drivers")).json()["data"]] == ["Ada Example"]
    connectors = (await client.get("/connectors?station=green-1")).json()["data"]
    assert [(one["station"], one["evseNumber"]) for one in connectors] == [("GREEN-1", 1), ("GREEN-1", 2)]
    assert len((await client.get("/evses")).json()["data"]) == 4
    assert (await client.get("/stations/GREEN-1/evses/2/connectors/1")).json()["number"] == 1
    assert (await client.get("/stations/GREEN-1/evses/3")).status_code == 404


async def test_staff_is_invited_changed_and_removed(world: World) -> None:
    client = await world.program()
    asked = await client.post("/invitations", json={"email": "grace@green.example", "role": "viewer"})
    assert (asked.status_code, asked.json()["email"]) == (201, "grace@green.example")
    assert (await client.post("/invitations", json={"email": "grace@green.example"})).status_code == 409
    assert [one["role"] for one in (await client.get("/invitations")).json()["data"]] == ["viewer"]
    assert (await client.delete(f"/invitations/{asked.json()['id']}")).status_code == 204
    people = {user["email"]: user["id"] for user in (await client.get("/users")).json()["data"]}
    viewer, admin = people["viewer@green.example"], people["admin@green.example"]
    assert (await client.put(f"/users/{viewer}", json={"role": "operator"})).json()["role"] == "operator"
    assert (await client.delete(f"/users/{viewer}")).status_code == 204
    assert (await client.get(f"/users/{viewer}")).status_code == 404
    assert (await client.put(f"/users/{admin}", json={"role": "viewer"})).status_code == 409
    assert (await client.delete(f"/users/{admin}")).status_code == 409


async def test_a_viewer_changes_nothing(world: World) -> None:
    asked = {"grant_type": "password", "email": "viewer@green.example", "password": PASSWORD}
    viewer = world.client("green", (await world.client().post("/auth/token", json=asked)).json()["access_token"])
    assert (await viewer.get("/stations")).status_code == 200
    for method, path, body in (
        ("PUT", "/stations/X", STATION),
        ("PUT", "/id-tokens/X", {}),
        ("DELETE", f"/id-tokens/{world.tenants.green.token}", None),
        ("POST", "/locations", {"name": "Y", "latitude": 1, "longitude": 1, "timeZone": "UTC"}),
        ("POST", "/stations/GREEN-1/reset", {}),
    ):
        answer = await viewer.request(method, path, json=body)
        assert answer.status_code == 403, (path, answer.text)


async def test_errors_are_problem_details(world: World) -> None:
    client = await world.program()
    for method, path, status, code in (
        ("GET", "/nothing", 404, "route.not_found"),
        ("GET", "/no%0Athing/x", 404, "route.not_found"),
        ("GET", "/../v1", 404, "route.not_found"),
        ("GET", "", 404, "route.not_found"),
        ("GET", "/stations/", 404, "route.not_found"),
        ("DELETE", "/stations", 405, "method.not_allowed"),
        ("GET", "/stations/X", 404, "not_found"),
        ("GET", "/locations/x", 422, "request.invalid"),
        ("GET", "/locations/99999999999", 422, "request.invalid"),
    ):
        answer = await client.request(method, path)
        body = answer.json()
        assert (answer.status_code, body["code"], body["status"]) == (status, code, status), path
        assert answer.headers["content-type"] == "application/problem+json"
        assert body["type"] == f"/api/v1/docs#{code}"
        assert body["cause"] == answer.headers["voltdeck-cause"]
    assert (await client.delete("/stations")).headers["allow"] == "GET"
    assert (await client.delete("/locations")).headers["allow"] == "GET, POST"
    wrong = await client.post("/locations", content=b"{", headers={"Content-Type": "application/json"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "request.invalid")
    large = await client.post("/locations", content=b" " * 4_000_001, headers={"Content-Type": "application/json"})
    assert (large.status_code, large.json()["code"]) == (413, "body.too_large")
    assert (await world.client("platform").get("/stations")).json()["code"] == "tenant.none"


async def test_one_cause_runs_from_request_to_audit(world: World) -> None:
    client = await world.program()
    made = await client.put("/id-tokens/X", json={})
    with tenant_scope(world.tenants.green.id):
        async with world.database.reading() as session:
            entry = (
                await session.execute(select(AuditEntry).where(col(AuditEntry.action) == "token.add"))
            ).scalar_one()
    assert entry.cause_id == made.headers["voltdeck-cause"]


async def _hears(world: World, station_id: int) -> None:
    """The station has reported its second connector of EVSE 2."""

    async def unit(work: Any) -> None:
        session = work.session()
        assert await session.get(ChargingStation, station_id) is not None
        query = select(Connector).where(
            col(Connector.station_id) == station_id, col(Connector.evse_number) == 2, col(Connector.number) == 2
        )
        (await session.execute(query)).scalar_one().status = "Faulted"

    with tenant_scope(world.tenants.green.id):
        await world.services.committer.run(unit)
