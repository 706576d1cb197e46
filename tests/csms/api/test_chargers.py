"""The chargers' side: removed, claimed, labelled, checked; what is known of a station, and what its list holds."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlmodel import col, select
from websockets.exceptions import ConnectionClosed

from csms.bus.events import LocalListChanged
from csms.stations.knocking import KnockReport, record_knocks
from csms.stations.labels import LabelRow
from csms.stations.security import digest_password
from csms.work import Work
from models import AuditEntry, CheckState, Connector, Severity, StationEvent, StationVariable
from models.scope import platform_scope, tenant_scope
from pages.web import label_print
from tests.csms.api.conftest import PASSWORD as STAFF_PASSWORD
from tests.csms.api.conftest import World
from tests.csms.api.furnishing import AT, furnish
from tests.csms.gateway.stations import SECRET_KEY, RawStation, basic, station_at
from tests.tenancy import SmallTenant

BOOT = {"chargePointVendor": "Acme", "chargePointModel": "One"}


async def keep(world: World, tenant: SmallTenant, *rows: Any) -> None:
    """Store rows for a tenant."""

    async def unit(work: Work) -> None:
        work.session().add_all(rows)
        await work.session().flush()

    with tenant_scope(tenant.id):
        await world.services.committer.run(unit)


async def audited(world: World, tenant: SmallTenant, action: str) -> list[AuditEntry]:
    with tenant_scope(tenant.id):
        async with world.database.reading() as session:
            query = select(AuditEntry).where(col(AuditEntry.action) == action).order_by(col(AuditEntry.id))
            return list((await session.execute(query)).scalars())


async def knock(world: World, tenant: SmallTenant, identity: str, password: str | None = None) -> None:
    """As the gateway notes it."""
    digest = None if password is None else digest_password(SECRET_KEY.encode(), password.encode())
    report = KnockReport(tenant.id, identity, AT, AT, "198.51.100.7", "Box/1", "ocpp1.6", digest)
    with platform_scope():
        await world.services.committer.run(lambda work: record_knocks(work, [report]))


async def test_a_removed_station_is_gone_and_sent_away(world: World) -> None:
    client, own = await world.program(), await furnish(world, world.tenants.green)
    read = await client.get("/stations/GREEN-2")
    async with station_at(world.gateway, "GREEN-2") as station:
        await station.call("BootNotification", BOOT)
        assert (await client.put("/stations/GREEN-2", json={"name": "Two"})).status_code == 200
        stale = await client.delete("/stations/GREEN-2", headers={"If-Match": read.headers["etag"]})
        assert (stale.status_code, stale.json()["code"]) == (412, "precondition.failed")
        again = (await client.get("/stations/GREEN-2")).headers["etag"]
        assert (await client.delete("/stations/green-2", headers={"If-Match": again})).status_code == 204
        with pytest.raises(ConnectionClosed):
            await station.receive()
    number = read.json()["id"]
    for path in ("/stations/GREEN-2", f"/stations/:{number}", f"/stations/:{number}/events", "/stations/GREEN-2/evses"):
        assert (await client.get(path)).status_code == 404, path
    for path in ("/stations?text=green-2", "/evses?station=GREEN-2", f"/connectors?station=:{number}"):
        assert (await client.get(path)).json()["data"] == [], path
    assert {one["station"] for one in (await client.get("/evses")).json()["data"]} == {"GREEN-1"}
    assert {one["station"] for one in (await client.get("/connectors")).json()["data"]} == {"GREEN-1"}
    assert (await client.delete("/stations/GREEN-2")).status_code == 404
    busy = await client.delete("/stations/GREEN-1")
    assert (busy.status_code, busy.json()["code"]) == (409, "conflict"), "somebody charges there"
    assert (await client.post(f"/transactions/{own['transaction_id']}/close", json={"reason": "End"})).is_success
    assert (await client.delete("/stations/GREEN-1")).status_code == 204
    assert (await client.get("/transactions")).json()["data"][0]["id"] == own["transaction_id"], "history stays"
    assert (await client.get("/local-lists")).json()["data"] == []
    entries = await audited(world, world.tenants.green, "station.removed")
    assert [(entry.subject, entry.actor) for entry in entries] == [
        ("station GREEN-2", "API key test"),
        ("station GREEN-1", "API key test"),
    ]
    assert (await client.put("/stations/GREEN-2", json={})).status_code == 201, "its identity is free again"


async def test_an_unknown_charger_is_claimed_with_a_password_made_for_it(world: World) -> None:
    green, blue = world.tenants.green, world.tenants.blue
    await knock(world, green, "WB 77")
    await knock(world, blue, "WB-88", "a-password-of-blue")
    client = await world.program()
    [row] = (await client.get("/knocks")).json()["data"]
    assert (row["identity"], row["state"], row["passwordMark"]) == ("WB 77", "waiting", None)
    assert (row["address"], row["offered"], row["count"]) == ("198.51.100.7", "ocpp1.6", 1)
    path = f"/knocks/{row['id']}"
    foreign = await client.post(f"{path}/claim", json={"locationId": blue.location_id})
    assert foreign.status_code == 404
    lost = await client.post(f"{path}/claim", json={"locationId": green.location_id, "passwordMark": "abc"})
    assert (lost.status_code, lost.json()["code"]) == (409, "conflict"), "it has sent no password"
    claimed = await client.post(f"{path}/claim", json={"locationId": green.location_id, "name": "Gate"})
    assert claimed.status_code == 201, claimed.text
    told = claimed.json()
    assert (told["identity"], told["name"], told["securityProfile"], told["keepsPassword"]) == (
        "WB 77",
        "Gate",
        1,
        False,
    )
    assert claimed.headers["cache-control"] == "no-store"
    assert claimed.headers["location"] == "/api/v1/stations/WB%2077"
    async with station_at(
        world.gateway, "WB 77", path="/ocpp/WB%2077", headers=basic("WB 77", told["password"])
    ) as station:
        assert (await station.call("BootNotification", BOOT))["status"] == "Accepted"
    assert (await client.get("/stations/wb%2077")).json()["password"] is None
    assert (await client.get("/knocks")).json()["data"] == []
    assert (await client.get(path)).json()["state"] == "claimed"
    for verb in ("refuse", "take-back"):
        assert (await client.post(f"{path}/{verb}")).status_code == 409
    again = await client.post(f"{path}/claim", json={"locationId": green.location_id})
    assert again.status_code == 409
    assert [entry.subject for entry in await audited(world, green, "charger.claimed")] == ["charger WB 77"]


async def test_the_password_a_charger_sends_is_accepted_where_it_is_still_the_one_seen(world: World) -> None:
    green = world.tenants.green
    await knock(world, green, "WB-77", "its-own-password-1")
    client = await world.program()
    [row] = (await client.get("/knocks")).json()["data"]
    body = {"locationId": green.location_id, "passwordMark": row["passwordMark"]}
    await knock(world, green, "WB-77", "another-password-2")
    assert (await client.post(f"/knocks/{row['id']}/claim", json=body)).status_code == 409
    [row] = (await client.get("/knocks")).json()["data"]
    assert (row["passwordsDiffer"], row["count"]) == (True, 2)
    claimed = await client.post(f"/knocks/{row['id']}/claim", json=body | {"passwordMark": row["passwordMark"]})
    assert claimed.status_code == 201, claimed.text
    assert (claimed.json()["password"], claimed.json()["keepsPassword"]) == (None, True)
    async with station_at(world.gateway, "WB-77", headers=basic("WB-77", "another-password-2")) as station:
        assert (await station.call("BootNotification", BOOT))["status"] == "Accepted"


async def test_a_charger_is_refused_and_taken_back(world: World) -> None:
    await knock(world, world.tenants.green, "WB-77")
    client = await world.program()
    [row] = (await client.get("/knocks")).json()["data"]
    refused = await client.post(f"/knocks/{row['id']}/refuse")
    assert (refused.status_code, refused.json()["state"]) == (200, "refused")
    assert refused.json()["decidedAt"] is not None
    assert (await client.get("/knocks")).json()["data"] == []
    assert [one["id"] for one in (await client.get("/knocks?state=refused")).json()["data"]] == [row["id"]]
    assert (await client.post(f"/knocks/{row['id']}/take-back")).json()["state"] == "waiting"
    assert len(await audited(world, world.tenants.green, "charger.refused")) == 1
    assert len(await audited(world, world.tenants.green, "charger.refusal_taken_back")) == 1


async def test_labels_are_printed_of_what_is_asked_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    green, blue = world.tenants.green, world.tenants.blue
    printed: list[tuple[list[LabelRow], str, str, str]] = []

    def sheet(rows: list[LabelRow], form: Any, brand: Any, address: str) -> bytes:
        printed.append((list(rows), form.title, brand.name, address))
        return b"%PDF-"

    client = await world.program()
    whole = await client.get("/labels.pdf")
    assert (whole.status_code, whole.headers["content-type"]) == (200, "application/pdf")
    assert whole.content.startswith(b"%PDF-")
    assert whole.headers["cache-control"] == "no-store"
    monkeypatch.setattr(label_print, "label_sheet", sheet)
    everywhere = [(f"GREEN-{station}", evse) for station in (1, 2) for evse in (1, 2)]
    for query, places in (
        (f"stationId={green.stations[0].id}&form=single-62", everywhere[:2]),
        (f"locationId={green.location_id}", everywhere),
        ("&".join(f"stationId={station.id}" for station in green.stations), everywhere),
    ):
        assert (await client.get(f"/labels.pdf?{query}")).content == b"%PDF-"
        rows, form, name, address = printed[-1]
        assert [(row.identity, row.evse_number) for row in rows] == places, query
        assert ("62 × 29" in form) == ("single-62" in query)
        assert name == "Green"
        assert "//green.localhost" in address
    for query, status in (
        (f"stationId={green.station.id}&stationId={blue.station.id}", 404),
        (f"locationId={blue.location_id}", 404),
        ("form=none", 422),
        ("stationId=x", 422),
    ):
        assert (await client.get(f"/labels.pdf?{query}")).status_code == status, query
    with tenant_scope(blue.id):
        async with world.database.reading() as session:
            assert set((await session.execute(select(col(Connector.label_code)))).scalars()) == {None}


async def refusing(station: RawStation) -> None:
    """Answer whatever is asked with a CALLERROR."""
    with suppress(ConnectionClosed):
        async for text in station.socket:
            frame = orjson.loads(text)
            if frame[0] == 2:
                await station.send([4, frame[1], "NotSupported", "", {}])


async def test_a_check_is_begun_followed_and_kept(world: World) -> None:
    client, blue = await world.program(), await world.program("blue")
    offline = await client.post("/stations/GREEN-1/acceptance-checks", json={})
    assert (offline.status_code, offline.json()["code"]) == (409, "conflict")
    half = await client.post("/stations/GREEN-1/acceptance-checks", json={"session": {"idToken": "X"}})
    assert half.json()["errors"][0]["pointer"] == "/body/session/evseNumber"
    async with station_at(world.gateway, "GREEN-1") as station:
        await station.call("BootNotification", BOOT)
        reading = asyncio.create_task(refusing(station))
        begun = await client.post("/stations/green-1/acceptance-checks", json={"reset": True})
        assert begun.status_code == 202, begun.text
        report = begun.json()
        assert (report["state"], report["askedBy"], report["vendor"]) == ("running", "API key test", "Acme")
        assert report["wishes"] == {"evse": None, "session": False, "reset": True}
        assert [step["title"] for step in report["steps"]][:2] == ["Boot", "Connectors"]
        assert (await client.post("/stations/GREEN-1/acceptance-checks", json={})).status_code == 409, "one at a time"
        await asyncio.gather(*world.services.acceptance._running.values())
        reading.cancel()
    path = begun.headers["location"].removeprefix("/api/v1")
    ended = (await client.get(path)).json()
    assert (ended["state"], ended["station"]) == ("failed", "GREEN-1")
    assert ended["endedAt"] is not None
    states = {step["key"]: step["state"] for step in ended["steps"]}
    assert (states["boot"], states["configuration"], states["session"]) == ("passed", "failed", "skipped")
    assert (await blue.get(path)).status_code == 404
    assert (await blue.post(f"{path}/stop")).status_code == 404
    assert [entry.subject for entry in await audited(world, world.tenants.green, "station.acceptance_check")] == [
        "station GREEN-1"
    ]


async def test_a_running_check_is_stopped_and_checks_are_listed_by_the_page(world: World) -> None:
    client = await world.program()
    numbers: list[int] = []
    async with station_at(world.gateway, "GREEN-1") as station:
        await station.call("BootNotification", BOOT)
        for _ in range(3):
            begun = await client.post("/stations/GREEN-1/acceptance-checks", json={})
            numbers.insert(0, begun.json()["id"])
            stopped = await client.post(f"/acceptance-checks/{numbers[0]}/stop")
            assert (stopped.status_code, stopped.json()["state"]) == (200, CheckState.STOPPED)
    first = (await client.get("/stations/green-1/acceptance-checks?limit=2")).json()
    assert [one["id"] for one in first["data"]] == numbers[:2]
    second = (await client.get(first["next"].removeprefix("/api/v1"))).json()
    assert ([one["id"] for one in second["data"]], second["next"]) == (numbers[2:], None)
    assert (await client.get("/stations/GREEN-2/acceptance-checks")).json()["data"] == []


async def test_settings_are_read_as_stored_without_secrets(world: World) -> None:
    green, client = world.tenants.green, await world.program()
    facts = {"station_id": green.station.id, "reported_at": AT}
    await keep(
        world,
        green,
        StationVariable(**facts, variable="AuthorizationKey", value="a-secret", pending_value="another"),
        StationVariable(**facts, component="OCPPCommCtrlr", variable="HeartbeatInterval", value="300"),
        StationVariable(**facts, variable="MeterValueSampleInterval", value="60", pending_value="30", pending_at=AT),
        StationVariable(**facts, variable="Hidden", value="x", mutability="WriteOnly"),
    )
    answer = await client.get("/stations/GREEN-1/variables")
    told = {one["variable"]: one for one in answer.json()["data"]}
    assert list(told) == ["AuthorizationKey", "MeterValueSampleInterval", "Hidden", "HeartbeatInterval"]
    assert told["HeartbeatInterval"]["component"] == "OCPPCommCtrlr"
    assert (told["MeterValueSampleInterval"]["value"], told["MeterValueSampleInterval"]["pendingValue"]) == ("60", "30")
    assert (told["AuthorizationKey"]["value"], told["AuthorizationKey"]["pendingValue"]) == (None, None)
    assert told["Hidden"]["value"] is None
    for secret in ("a-secret", "another"):
        assert secret not in answer.text
    found = (await client.get("/stations/GREEN-1/variables?text=interval&sort=-variable")).json()["data"]
    assert [one["variable"] for one in found] == ["MeterValueSampleInterval", "HeartbeatInterval"]
    assert (await client.get("/stations/GREEN-2/variables")).json()["data"] == []
    kept = {"If-None-Match": answer.headers["etag"]}
    assert (await client.get("/stations/GREEN-1/variables", headers=kept)).status_code == 304


async def test_history_is_filtered_and_paged(world: World) -> None:
    green, client = world.tenants.green, await world.program()
    hours = [AT + timedelta(hours=hour) for hour in range(4)]
    kinds = (Severity.INFO, Severity.WARNING, Severity.PROBLEM, Severity.PROBLEM)
    await keep(
        world,
        green,
        *(
            StationEvent(
                station_id=green.station.id,
                at=at,
                kind="connector.faulted",
                severity=severity,
                text=f"after {hour} h",
                resolved_at=None if hour in (1, 3) else at,
            )
            for hour, (at, severity) in enumerate(zip(hours, kinds, strict=True))
        ),
    )
    for query, expected in (
        ("", [3, 2, 1, 0]),
        ("?sort=at", [0, 1, 2, 3]),
        ("?severity=problem&severity=warning", [3, 2, 1]),
        ("?lasting=true", [3, 1]),
        ("?lasting=false", [2, 0]),
        ("?since=2025-12-31T13:00:00Z&until=2025-12-31T15:00:00Z", [2, 1]),
    ):
        found = (await client.get(f"/stations/GREEN-1/events{query}")).json()["data"]
        assert [one["text"] for one in found] == [f"after {hour} h" for hour in expected], query
    page = (await client.get("/stations/GREEN-1/events?limit=3")).json()
    rest = (await client.get(page["next"].removeprefix("/api/v1"))).json()
    assert [one["text"] for one in rest["data"]] == ["after 0 h"]
    assert (await client.get("/stations/GREEN-2/events")).json()["data"] == []


async def test_remarks_and_failed_handshakes_come_with_words(world: World) -> None:
    await furnish(world, world.tenants.green)
    await furnish(world, world.tenants.blue)
    client = await world.program()
    [remark] = (await client.get("/stations/GREEN-1/remarks")).json()["data"]
    assert (remark["kind"], remark["text"], remark["count"]) == ("clock", "of green", 2)
    for path in ("/failed-handshakes", "/stations/GREEN-1/failed-handshakes"):
        [failure] = (await client.get(path)).json()["data"]
        assert (failure["identity"], failure["cause"], failure["detail"]) == (
            "GREEN-1",
            "wrong_credentials",
            "of green",
        )
        assert failure["meaning"] == "The password was wrong."
        assert failure["cure"].startswith("Set a new password")
    assert (await client.get("/stations/GREEN-2/failed-handshakes")).json()["data"] == []


async def test_a_local_list_is_kept_left_alone_and_looked_at_again(world: World) -> None:
    green, client = world.tenants.green, await world.program()
    await furnish(world, green)
    await furnish(world, world.tenants.blue)
    [listed] = (await client.get("/local-lists")).json()["data"]
    read = await client.get("/stations/green-1/local-list")
    assert read.json() == listed
    assert (listed["station"], listed["state"], listed["keep"], listed["version"]) == ("GREEN-1", "off", None, 7)
    none = (await client.get("/stations/GREEN-2/local-list")).json()
    assert (none["state"], none["version"], none["entries"]) == ("off", None, 0)
    kept = await client.put(
        "/stations/GREEN-1/local-list", json={"keep": True}, headers={"If-Match": read.headers["etag"]}
    )
    assert (kept.status_code, kept.json()["keep"], kept.json()["state"]) == (200, True, "offline"), kept.text
    late = await client.put(
        "/stations/GREEN-1/local-list", json={"keep": False}, headers={"If-Match": read.headers["etag"]}
    )
    assert late.status_code == 412
    assert (await client.put("/stations/GREEN-1/local-list", json={})).status_code == 422
    heard: list[int] = []
    leave = world.services.bus.subscribe(LocalListChanged, lambda event: heard.append(event.station_id))
    assert (await client.put("/stations/GREEN-1/local-list", json={"keep": True})).status_code == 200
    leave()
    assert heard == [green.station.id], "the keeper looks again"
    left = await client.put("/stations/GREEN-1/local-list", json={"keep": False})
    assert (left.json()["keep"], left.json()["state"]) == (False, "off")
    new = await client.put("/stations/GREEN-2/local-list", json={"keep": True})
    assert (new.status_code, new.json()["state"]) == (200, "offline")
    page = (await client.get("/local-lists?limit=1&sort=-station")).json()
    assert [one["station"] for one in page["data"]] == ["GREEN-2"]
    rest = (await client.get(page["next"].removeprefix("/api/v1"))).json()
    assert ([one["station"] for one in rest["data"]], rest["next"]) == (["GREEN-1"], None)
    entries = await audited(world, green, "station.keep_list")
    assert [entry.subject for entry in entries][-2:] == ["station GREEN-1", "station GREEN-2"]


async def test_a_station_that_says_its_list_is_enabled_is_listed(world: World) -> None:
    green, client = world.tenants.green, await world.program()
    facts = {"station_id": green.station.id, "reported_at": AT}
    await keep(world, green, StationVariable(**facts, component="Other", variable="LocalAuthListEnabled", value="true"))
    assert (await client.get("/local-lists")).json()["data"] == []
    await keep(world, green, StationVariable(**facts, variable="LocalAuthListEnabled", value="True"))
    [listed] = (await client.get("/local-lists")).json()["data"]
    assert (listed["station"], listed["isEnabled"], listed["keep"]) == ("GREEN-1", True, None)


async def test_permissions_are_those_of_the_dashboard(world: World) -> None:
    own = await furnish(world, world.tenants.green)
    asked = {"grant_type": "password", "email": "viewer@green.example", "password": STAFF_PASSWORD}
    viewer = world.client("green", (await world.client().post("/auth/token", json=asked)).json()["access_token"])
    for path in ("events", "remarks", "acceptance-checks"):
        assert (await viewer.get(f"/stations/GREEN-1/{path}")).status_code == 200, path
    assert (await viewer.get(f"/acceptance-checks/{own['check_id']}")).status_code == 200
    for method, path, body in (
        ("DELETE", "/stations/GREEN-1", None),
        ("GET", "/knocks", None),
        ("GET", f"/knocks/{own['knock_id']}", None),
        ("POST", f"/knocks/{own['knock_id']}/claim", {"locationId": own["location_id"]}),
        ("POST", f"/knocks/{own['knock_id']}/refuse", None),
        ("POST", f"/knocks/{own['knock_id']}/take-back", None),
        ("GET", "/labels.pdf", None),
        ("POST", "/stations/GREEN-1/acceptance-checks", {}),
        ("POST", f"/acceptance-checks/{own['check_id']}/stop", None),
        ("GET", "/stations/GREEN-1/variables", None),
        ("GET", "/failed-handshakes", None),
        ("GET", "/stations/GREEN-1/failed-handshakes", None),
        ("GET", "/local-lists", None),
        ("GET", "/stations/GREEN-1/local-list", None),
        ("PUT", "/stations/GREEN-1/local-list", {"keep": True}),
    ):
        answer = await viewer.request(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "permission.denied"), (path, answer.text)
