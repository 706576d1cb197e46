"""OCPP 2.0.1, block A: security; and network profiles (B09)."""

import ssl
from collections.abc import AsyncGenerator
from typing import Any

import pytest
import pytest_asyncio
from websockets.exceptions import InvalidMessage

from csms.commands.commands import SetVariable
from csms.stations.security import digest_password
from models import ChargingStation, NetworkProfile, StationEvent
from tests.certification.certifying import ask_for_certificate, check_chain, states
from tests.certification.pki import LONG_EXPIRED, authority, certificate_for, chain_pem, now
from tests.certification.secure import SecureLab
from tests.certification.station import BenchStation, Json
from tests.certification.test_tr_security import knock, openssl, status
from tests.csms.gateway.stations import SECRET_KEY, basic

CONNECTOR = {
    "timestamp": "2026-11-22T10:00:00Z",
    "connectorStatus": "Available",
    "evseId": 1,
    "connectorId": 1,
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(secure_lab: SecureLab) -> AsyncGenerator[SecureLab]:
    yield secure_lab


async def is_served(station: BenchStation) -> bool:
    """It boots and reports a status, and both are answered."""
    booted = await station.boot()
    return booted["status"] == "Accepted" and await station.call("StatusNotification", CONNECTOR) == {}


@pytest.mark.case("TC_A_01_CSMS")
async def test_a_01_valid_password(lab: SecureLab) -> None:
    async with lab.station("2.0.1", boot=False) as station:
        assert await is_served(station)


@pytest.mark.case("TC_A_02_CSMS")
async def test_a_02_user_name_is_not_the_identity(lab: SecureLab) -> None:
    ref, other = await lab.register(), await lab.register()
    for name in (other.identity, "somebody", ""):
        answer = await knock(lab, ref, basic(name))
        assert answer.status_code == 401
        assert "Sec-WebSocket-Accept" not in answer.headers


@pytest.mark.case("TC_A_03_CSMS")
async def test_a_03_no_header_then_wrong_password(lab: SecureLab) -> None:
    ref = await lab.register()
    for headers in ({}, basic(ref.identity, "not-the-password-1")):
        answer = await knock(lab, ref, headers)
        assert answer.status_code == 401
        assert "Sec-WebSocket-Accept" not in answer.headers


@pytest.mark.case("TC_A_04_CSMS")
async def test_a_04_server_certificate(lab: SecureLab) -> None:
    async with lab.station("2.0.1", security_profile=2, tls=lab.tls(), boot=False) as station:
        assert station.socket.transport.get_extra_info("ssl_object").version() in ("TLSv1.2", "TLSv1.3")
        assert await is_served(station)


@pytest.mark.case("TC_A_06_CSMS")
async def test_a_06_tls_version_too_low(lab: SecureLab) -> None:
    assert "Cipher is (NONE)" in await openssl(lab, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
    context = lab.tls()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    async with lab.station("2.0.1", security_profile=2, tls=context, boot=False) as station:
        assert await is_served(station)


@pytest.mark.case("TC_A_07_CSMS")
async def test_a_07_valid_client_certificate(lab: SecureLab) -> None:
    ref = await lab.register(security_profile=3)
    async with lab.station("2.0.1", ref=ref, tls=lab.tls(await lab.issue(ref)), headers={}, boot=False) as station:
        assert await is_served(station)


@pytest.mark.case("TC_A_08_CSMS")
@pytest.mark.parametrize("kind", ["foreign", "expired", "another station's", "revoked"])
async def test_a_08_invalid_then_valid_client_certificate(lab: SecureLab, kind: str) -> None:
    ref = await lab.register(security_profile=3)
    bad = await _bad_chain(lab, ref, kind)
    try:
        assert await status(lab, ref, {}, lab.tls(bad)) == 403
    except (ssl.SSLError, ConnectionError, InvalidMessage):
        assert kind in ("foreign", "expired")
    async with lab.station("2.0.1", ref=ref, tls=lab.tls(await lab.issue(ref)), headers={}, boot=False) as station:
        assert await is_served(station)


async def _bad_chain(lab: SecureLab, ref: Any, kind: str) -> str:
    if kind == "another station's":
        return await lab.issue(await lab.register(security_profile=3))
    if kind == "revoked":
        chain = await lab.issue(ref)
        await lab.revoke(ref)
        return chain
    signer = authority() if kind == "foreign" else lab.office.signer
    at = now() - LONG_EXPIRED if kind == "expired" else None
    return chain_pem(certificate_for(signer, "Green", ref.identity, at=at), signer)


PASSWORD_PARTS = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}


@pytest.mark.parametrize(
    ("answer", "opens"),
    [
        pytest.param("Accepted", "new", marks=pytest.mark.case("TC_A_09_CSMS")),
        pytest.param("RebootRequired", "new", marks=pytest.mark.case("TC_A_09_CSMS")),
        pytest.param("Rejected", "old", marks=pytest.mark.case("TC_A_10_CSMS")),
    ],
)
async def test_a_09_a_10_update_password(lab: SecureLab, answer: str, opens: str) -> None:
    passwords = {"old": "password-before-1", "new": "a-new-pass:word/22*"}
    ref = await lab.register(password=passwords["old"])
    async with lab.station("2.0.1", ref=ref, headers=basic(ref.identity, passwords["old"])) as station:
        asking = lab.ask(station, SetVariable("BasicAuthPassword", passwords["new"], "SecurityCtrlr"))
        asked = await station.expect("SetVariables")
        [data] = asked.payload["setVariableData"]
        assert data == {**PASSWORD_PARTS, "attributeValue": passwords["new"]}
        assert 16 <= len(data["attributeValue"]) <= 40
        result: Json = {**PASSWORD_PARTS, "attributeStatus": answer}
        await station.answer(asked, {"setVariableResult": [result]})
        await asking
    async with lab.station("2.0.1", ref=ref, headers=basic(ref.identity, passwords[opens]), boot=False) as station:
        assert await is_served(station)
    shut = passwords["old" if opens == "new" else "new"]
    assert await status(lab, ref, basic(ref.identity, shut)) == 401
    row = await lab.row(ChargingStation, id=ref.id)
    assert row.password_hash == digest_password(SECRET_KEY.encode(), passwords[opens].encode())


async def trigger(lab: SecureLab, station: BenchStation, message: str, **evse: Any) -> None:
    """The operator asks for a new certificate."""
    wanted = {"requestedMessage": message, **evse}
    asked, result = await lab.operate(station, "TriggerMessage", wanted, {"status": "Accepted"})
    assert asked.payload == wanted
    assert result.succeeded


@pytest.mark.case("TC_A_11_CSMS")
async def test_a_11_renew_charging_station_certificate(lab: SecureLab) -> None:
    kind = "ChargingStationCertificate"
    ref = await lab.register(security_profile=3)
    async with lab.station("2.0.1", ref=ref, tls=lab.tls(await lab.issue(ref)), headers={}) as station:
        await trigger(lab, station, "SignChargingStationCertificate")
        signed = await ask_for_certificate(station, ref.identity, kind)
        assert signed.payload["certificateType"] == kind
        chain = signed.payload["certificateChain"]
        check_chain(chain, lab, ref.identity)
        await station.answer(signed, {"status": "Accepted"})
        await lab.until(lambda: _has_come_to(lab, station, "accepted"))
    async with lab.station("2.0.1", ref=ref, tls=lab.tls(chain), headers={}, boot=False) as station:
        assert await is_served(station)


@pytest.mark.case("TC_A_12_CSMS")
async def test_a_12_renew_v2g_certificates_of_each_secc(lab: SecureLab) -> None:
    kind = "V2GCertificate"
    async with lab.station("2.0.1") as station:
        for evse in (1, 2):
            await trigger(lab, station, "SignV2GCertificate", evse={"id": evse})
            signed = await ask_for_certificate(station, f"DE-SECC-{evse}", kind)
            assert signed.payload["certificateType"] == kind
            check_chain(signed.payload["certificateChain"], lab, f"DE-SECC-{evse}", v2g=True)
            await station.answer(signed, {"status": "Accepted"})
        await lab.until(lambda: _has_come_to(lab, station, "accepted"))
        assert len(await states(lab, station)) == 2


@pytest.mark.case("TC_A_13_CSMS")
async def test_a_13_renew_combined_certificate(lab: SecureLab) -> None:
    async with lab.station("2.0.1") as station:
        await trigger(lab, station, "SignCombinedCertificate")
        signed = await ask_for_certificate(station, station.ref.identity)
        assert set(signed.payload) == {"certificateChain"}
        check_chain(signed.payload["certificateChain"], lab, station.ref.identity)
        await station.answer(signed, {"status": "Accepted"})
        await lab.until(lambda: _has_come_to(lab, station, "accepted"))


@pytest.mark.case("TC_A_14_CSMS")
async def test_a_14_certificate_refused_by_the_station(lab: SecureLab) -> None:
    async with lab.station("2.0.1") as station:
        await trigger(lab, station, "SignChargingStationCertificate")
        signed = await ask_for_certificate(station, station.ref.identity, "ChargingStationCertificate")
        await station.answer(signed, {"status": "Rejected"})
        event = {"type": "InvalidChargingStationCertificate", "timestamp": "2026-11-22T10:00:00Z", "techInfo": "x"}
        assert await station.call("SecurityEventNotification", event) == {}
        kind = "security.invalid_charging_station_certificate"
        row = await lab.row(StationEvent, station_id=station.ref.id, kind=kind)
        assert (row.severity, row.details["techInfo"]) == ("warning", "x")
        await lab.until(lambda: _has_come_to(lab, station, "rejected"))
        # The same again lasts once: a station never takes a security event back.
        assert await station.call("SecurityEventNotification", event) == {}
        rows = await lab.rows(StationEvent, station_id=station.ref.id, kind=kind)
        assert [row.resolved_at is None for row in rows] == [False, True]


async def _has_come_to(lab: SecureLab, station: BenchStation, state: str) -> bool:
    return set(await states(lab, station)) == {state}


@pytest.mark.quirk(80)
async def test_quirk_80_what_is_no_request_is_rejected(lab: SecureLab) -> None:
    async with lab.station("2.0.1") as station:
        answer = await station.call("SignCertificate", {"csr": "adsad"})
        assert answer["status"] == "Rejected"
        assert answer["statusInfo"]["reasonCode"] == "InvalidCSR"
        assert await states(lab, station) == []


# ---- network profiles


def profile_of(profile: int, **more: Any) -> Json:
    """A SetNetworkProfile in slot 1."""
    data = {
        "messageTimeout": 30,
        "ocppCsmsUrl": "wss://localhost/ocpp",
        "ocppInterface": "Wired0",
        "ocppTransport": "JSON",
        "ocppVersion": "OCPP20",
        "securityProfile": profile,
    }
    return {"configurationSlot": 1, "connectionData": data | more}


@pytest.mark.case("TC_A_19_CSMS")
@pytest.mark.parametrize("profile", [1, 2])
async def test_a_19_upgrade_security_profile(lab: SecureLab, profile: int) -> None:
    ref = await lab.register(security_profile=profile)
    ways: dict[int, Any] = {1: (None, None), 2: (None, lab.tls()), 3: ({}, lab.tls(await lab.issue(ref)))}
    headers, tls = ways[profile + 1]
    async with lab.station("2.0.1", ref=ref, tls=ways[profile][1]) as station:
        wanted = profile_of(profile + 1)
        asked, _ = await lab.operate(station, "SetNetworkProfile", wanted, {"status": "Accepted"})
        assert asked.payload == wanted
        names = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "NetworkConfigurationPriority"}}
        variables = {"setVariableData": [{**names, "attributeValue": "1,0"}]}
        answer = {"setVariableResult": [{**names, "attributeStatus": "RebootRequired"}]}
        asked, _ = await lab.operate(station, "SetVariables", variables, answer)
        assert "1" in asked.payload["setVariableData"][0]["attributeValue"].split(",")
        await lab.operate(station, "Reset", {"type": "OnIdle"}, {"status": "Accepted"})
    async with lab.station("2.0.1", ref=ref, headers=headers, tls=tls, boot=False) as station:
        assert await is_served(station)
    assert await status(lab, ref, *ways[profile]) == 403
    async with lab.station("2.0.1", ref=ref, headers=headers, tls=tls, boot=False) as station:
        assert await is_served(station)
    assert (await lab.row(ChargingStation, id=ref.id)).security_profile == profile + 1


@pytest.mark.case("TC_B_42_CSMS")
async def test_b_42_set_network_profile(lab: SecureLab) -> None:
    vpn = {"server": "vpn.example.test", "user": "box", "password": "hidden-1", "key": "hidden-2", "type": "IKEv2"}
    async with lab.station("2.0.1") as station:
        wanted = profile_of(2, vpn=vpn)
        asked, result = await lab.operate(station, "SetNetworkProfile", wanted, {"status": "Accepted"})
        assert asked.payload == wanted
        assert result.succeeded
        row = await lab.row(NetworkProfile, station_id=station.ref.id)
        assert (row.slot, row.security_profile, row.status) == (1, 2, "Accepted")
        assert row.connection_data["ocppCsmsUrl"] == "wss://localhost/ocpp"
        assert "hidden" not in str(row.connection_data)


@pytest.mark.case("TC_B_44_CSMS")
async def test_b_44_set_network_profile_failed(lab: SecureLab) -> None:
    async with lab.station("2.0.1") as station:
        wanted = profile_of(2)
        asked, result = await lab.operate(station, "SetNetworkProfile", wanted, {"status": "Failed"})
        assert asked.payload == wanted
        assert result.answer_status == "Failed"
        assert result.error is not None
        assert (await lab.row(NetworkProfile, station_id=station.ref.id)).status == "Failed"
        assert (await lab.row(ChargingStation, id=station.ref.id)).pending_security_profile is None
