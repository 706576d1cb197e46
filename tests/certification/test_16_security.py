"""OCPP 1.6, the security extension."""

import re
import ssl
from collections.abc import AsyncGenerator

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from csms.certificates.x509 import read_certificates
from csms.commands.commands import SetVariable
from csms.stations.security import digest_password
from models import ChargingStation, Frame, InstalledCertificate, StationEvent
from tests.certification.certifying import ask_for_certificate, check_chain, issued, reported, some_root, states
from tests.certification.pki import HOSTNAME, csr_for
from tests.certification.secure import SecureLab
from tests.certification.test_tr_security import openssl, status
from tests.csms.gateway.stations import SECRET_KEY, basic

NEW_KEY = "00112233445566778899AABBCCDDEEFF"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(secure_lab: SecureLab) -> AsyncGenerator[SecureLab]:
    yield secure_lab


@pytest.mark.case("TC_073_CSMS")
@pytest.mark.parametrize(("answer", "opens"), [("Accepted", "new"), ("Rejected", "old"), ("NotSupported", "old")])
async def test_tc_073_update_password(lab: SecureLab, answer: str, opens: str) -> None:
    ref = await lab.register(password="password-before-1")
    headers = {"old": basic(ref.identity, "password-before-1"), "new": basic(ref.identity, bytes.fromhex(NEW_KEY))}
    async with lab.station(ref=ref, headers=headers["old"]) as station:
        asking = lab.ask(station, SetVariable("AuthorizationKey", NEW_KEY))
        asked = await station.expect("ChangeConfiguration")
        assert asked.payload == {"key": "AuthorizationKey", "value": NEW_KEY}
        assert re.fullmatch("[0-9A-F]{32,40}", asked.payload["value"])
        await station.answer(asked, {"status": answer})
        await asking
    async with lab.station(ref=ref, headers=headers[opens]):
        pass
    assert await status(lab, ref, headers["new" if opens == "old" else "old"]) == 401
    row = await lab.row(ChargingStation, id=ref.id)
    password = bytes.fromhex(NEW_KEY) if opens == "new" else b"password-before-1"
    assert row.password_hash == digest_password(SECRET_KEY.encode(), password)
    assert NEW_KEY not in "".join(frame.text for frame in await lab.rows(Frame, station_id=ref.id))


@pytest.mark.case("TC_074_CSMS")
async def test_tc_074_update_certificate(lab: SecureLab) -> None:
    ref = await lab.register(security_profile=3, serial_number="CP-SERIAL-1", certificate_name="CP-SERIAL-1")
    first = await lab.issue(ref, "CP-SERIAL-1")
    async with lab.station(ref=ref, tls=lab.tls(first), headers={}) as station:
        trigger = {"requestedMessage": "SignChargePointCertificate"}
        asked, result = await lab.operate(station, "ExtendedTriggerMessage", trigger, {"status": "Accepted"})
        assert asked.payload == trigger  # without connectorId
        assert result.succeeded
        signed = await ask_for_certificate(station, "CP-SERIAL-1")
        assert set(signed.payload) == {"certificateChain"}
        check_chain(signed.payload["certificateChain"], lab, "CP-SERIAL-1")
        await station.answer(signed, {"status": "Accepted"})
        await lab.until(lambda: _is(lab, station, "accepted"))
    async with lab.station(ref=ref, tls=lab.tls(signed.payload["certificateChain"]), headers={}) as again:
        await again.call("Heartbeat")
    assert [row.station_id for row in await issued(lab, station)] == [ref.id, ref.id]


async def _is(lab: SecureLab, station: object, state: str) -> bool:
    return await states(lab, station) == [state]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("ManufacturerRootCertificate", marks=pytest.mark.case("TC_075_1_CSMS")),
        pytest.param("CentralSystemRootCertificate", marks=[pytest.mark.case("TC_075_2_CSMS"), pytest.mark.quirk(15)]),
    ],
)
async def test_tc_075_install_root(lab: SecureLab, kind: str) -> None:
    pem, certificate = some_root()
    async with lab.station() as station:
        wanted = {"certificateType": kind, "certificate": pem}
        asked, result = await lab.operate(station, "InstallCertificate", wanted, {"status": "Accepted"})
        assert asked.payload == wanted
        assert result.succeeded
        answer = {"status": "Accepted", "certificateHashData": [reported(certificate, "SHA384")]}
        asked, _ = await lab.operate(station, "GetInstalledCertificateIds", {"certificateType": kind}, answer)
        assert asked.payload == {"certificateType": kind}
        row = await lab.row(InstalledCertificate, station_id=station.ref.id)
        data = reported(certificate, "SHA384")
        assert (row.certificate_type, row.hash_algorithm, row.certificate) == (kind, "SHA384", pem)
        assert [row.issuer_name_hash, row.issuer_key_hash, row.serial_number] == list(data.values())[1:]
        assert not await lab.rows(InstalledCertificate, tenant_id=lab.blue.id)


@pytest.mark.case("TC_076_CSMS")
@pytest.mark.parametrize("algorithm", ["SHA256", "SHA384", "SHA512"])
async def test_tc_076_delete_certificate(lab: SecureLab, algorithm: str) -> None:
    kind, (pem, certificate) = "ManufacturerRootCertificate", some_root()
    data = reported(certificate, algorithm)
    async with lab.station() as station:
        await lab.operate(
            station, "InstallCertificate", {"certificateType": kind, "certificate": pem}, {"status": "Accepted"}
        )
        answer = {"status": "Accepted", "certificateHashData": [data]}
        await lab.operate(station, "GetInstalledCertificateIds", {"certificateType": kind}, answer)
        row = await lab.row(InstalledCertificate, station_id=station.ref.id)
        wanted = {
            "certificateHashData": {
                "hashAlgorithm": row.hash_algorithm,
                "issuerNameHash": row.issuer_name_hash,
                "issuerKeyHash": row.issuer_key_hash,
                "serialNumber": row.serial_number,
            }
        }
        assert wanted == {"certificateHashData": data}
        asked, result = await lab.operate(station, "DeleteCertificate", wanted, {"status": "Failed"})
        assert result.answer_status == "Failed"
        assert await lab.rows(InstalledCertificate, station_id=station.ref.id)
        asked, result = await lab.operate(station, "DeleteCertificate", wanted, {"status": "Accepted"})
        assert asked.payload == wanted
        assert not await lab.rows(InstalledCertificate, station_id=station.ref.id)


@pytest.mark.case("TC_077_CSMS")
async def test_tc_077_certificate_refused_by_the_station(lab: SecureLab) -> None:
    async with lab.station() as station:
        signed = await ask_for_certificate(station, station.ref.identity)
        await station.answer(signed, {"status": "Rejected"})
        await lab.until(lambda: _is(lab, station, "rejected"))
        kind = "security.invalid_charge_point_certificate"
        await _security_event(lab, station, "InvalidChargePointCertificate", kind)
        assert not station.was_asked("CertificateSigned")


@pytest.mark.case("TC_078_CSMS")
async def test_tc_078_root_refused_by_the_station(lab: SecureLab) -> None:
    pem, _ = some_root()
    async with lab.station() as station:
        wanted = {"certificateType": "CentralSystemRootCertificate", "certificate": pem}
        _, result = await lab.operate(station, "InstallCertificate", wanted, {"status": "Rejected"})
        assert result.answer_status == "Rejected"
        assert not await lab.rows(InstalledCertificate, station_id=station.ref.id)
        kind = "security.invalid_central_system_certificate"
        await _security_event(lab, station, "InvalidCentralSystemCertificate", kind)


async def _security_event(lab: SecureLab, station: object, type_: str, kind: str) -> None:
    payload = {"type": type_, "timestamp": "2026-11-22T10:00:00Z", "techInfo": "chain of length 1"}
    assert await station.call("SecurityEventNotification", payload) == {}  # type: ignore[attr-defined]
    row = await lab.row(StationEvent, station_id=station.ref.id, kind=kind)  # type: ignore[attr-defined]
    assert (row.at.isoformat(), row.severity) == ("2026-11-22T10:00:00+00:00", "warning")
    assert row.details == {"type": type_, "techInfo": "chain of length 1"}


@pytest.mark.case("TC_083_CSMS")
@pytest.mark.parametrize("profile", [1, 2])
async def test_tc_083_upgrade_security_profile(lab: SecureLab, profile: int) -> None:
    ref = await lab.register(security_profile=profile)
    chain = await lab.issue(ref)
    ways = {1: (None, None), 2: (None, lab.tls()), 3: ({}, lab.tls(chain))}
    headers, tls = ways[profile + 1]
    assert await status(lab, ref, headers, tls) in (401, 403)  # not before it was told to
    async with lab.station(ref=ref, tls=ways[profile][1]) as station:
        change = {"key": "SecurityProfile", "value": str(profile + 1)}
        await lab.operate(station, "ChangeConfiguration", change, {"status": "Accepted"})
        await lab.operate(station, "Reset", {"type": "Hard"}, {"status": "Accepted"})
    async with lab.station(ref=ref, tls=ways[profile][1]):
        pass  # it may fall back as long as it has not managed
    async with lab.station(ref=ref, headers=headers, tls=tls) as station:
        await station.call("Heartbeat")
    assert await status(lab, ref, *ways[profile]) == 403
    assert await status(lab, ref, headers, tls) == 101
    row = await lab.row(ChargingStation, id=ref.id)
    assert (row.security_profile, row.pending_security_profile) == (profile + 1, None)


@pytest.mark.case("TC_083_CSMS")
async def test_tc_083_told_to_lower_it_a_station_is_refused(lab: SecureLab) -> None:
    ref = await lab.register(security_profile=2)
    async with lab.station(ref=ref, tls=lab.tls()) as station:
        change = {"key": "SecurityProfile", "value": "1"}
        await lab.operate(station, "ChangeConfiguration", change, {"status": "Accepted"})
    assert await status(lab, ref) == 403


@pytest.mark.case("TC_085_CSMS")
@pytest.mark.parametrize("password", ["plain-sixteen-ch", bytes(range(1, 17)), bytes(range(1, 17)).hex().encode()])
async def test_tc_085_basic_authentication(lab: SecureLab, password: str | bytes) -> None:
    raw = password.encode() if isinstance(password, str) else bytes(range(1, 17))
    ref = await lab.register(password_hash=digest_password(SECRET_KEY.encode(), raw))
    assert await status(lab, ref, {}) == 401
    async with lab.station(ref=ref, headers=basic(ref.identity, password)) as station:
        payload = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
        assert await station.call("StatusNotification", payload) == {}


@pytest.mark.case("TC_086_CSMS")
async def test_tc_086_server_certificate(lab: SecureLab) -> None:
    for suite in (
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "AES128-GCM-SHA256",
        "AES256-GCM-SHA384",
    ):
        said = await openssl(lab, "-tls1_2", "-cipher", suite)
        assert f"Cipher is {suite}" in said
        certificate = read_certificates(said[said.index("-----BEGIN") :])[0]
        [name] = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        assert name.value == HOSTNAME
        assert certificate.serial_number > 0
        key = certificate.public_key()
        assert key.key_size >= (2048 if isinstance(key, rsa.RSAPublicKey) else 224)  # type: ignore[union-attr]
        assert len(certificate.public_bytes(Encoding.DER)) <= 2048
    async with lab.station(security_profile=2, tls=lab.tls()) as station:
        assert station.socket.transport.get_extra_info("ssl_object").version() in ("TLSv1.2", "TLSv1.3")
        payload = {"connectorId": 0, "errorCode": "NoError", "status": "Available"}
        assert await station.call("StatusNotification", payload) == {}


@pytest.mark.case("TC_087_CSMS")
async def test_tc_087_client_certificate(lab: SecureLab) -> None:
    ref = await lab.register(security_profile=3)
    context = lab.tls(await lab.issue(ref))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    for suite in ("ECDHE-ECDSA-AES128-GCM-SHA256", "AES256-GCM-SHA384"):
        context.set_ciphers(suite)
        async with lab.station(ref=ref, headers={}, tls=context) as station:
            assert station.socket.transport.get_extra_info("cipher")[0] == suite
            await station.call("Heartbeat")
    assert await status(lab, ref, {}, lab.tls()) == 403


@pytest.mark.case("TC_088_CSMS")
async def test_tc_088_subprotocol(lab: SecureLab) -> None:
    ref = await lab.register()
    url = f"ws://127.0.0.1:{lab.platform.gateway.port}/ocpp/{ref.identity}"
    with pytest.raises(InvalidStatus):
        async with connect(url, subprotocols=["ocpp0.1"], additional_headers=basic(ref.identity)):  # type: ignore[list-item]
            pass
    async with connect(url, subprotocols=["ocpp0.1", "ocpp1.6"], additional_headers=basic(ref.identity)) as socket:  # type: ignore[list-item]
        assert socket.response is not None
        assert socket.response.headers.get_all("Sec-WebSocket-Protocol") == ["ocpp1.6"]


@pytest.mark.quirk(80)
@pytest.mark.parametrize(
    "csr", ["adsad", "", "-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----"]
)
async def test_quirk_80_what_is_no_request_is_rejected(lab: SecureLab, csr: str) -> None:
    async with lab.station() as station:
        assert await station.call("SignCertificate", {"csr": csr}) == {"status": "Rejected"}
        assert await states(lab, station) == []
        await lab.row(StationEvent, station_id=station.ref.id, kind="security.certificate_request_refused")


async def test_weak_keys_and_other_stations_names_are_rejected(lab: SecureLab) -> None:
    other = await lab.register(serial_number="SN-OF-ANOTHER")
    async with lab.station() as station:
        weak = rsa.generate_private_key(65537, 1024)
        for csr in (csr_for(station.ref.identity, weak), csr_for("SN-OF-ANOTHER"), csr_for(other.identity)):
            assert await station.call("SignCertificate", {"csr": csr}) == {"status": "Rejected"}
        assert await states(lab, station) == []
        assert not station.was_asked("CertificateSigned")


@pytest.mark.quirk(81)
async def test_quirk_81_security_event_between_boot_and_first_status(lab: SecureLab) -> None:
    async with lab.station() as station:
        payload = {"type": "StartupOfTheDevice", "timestamp": "2026-11-22T10:00:00.123456Z"}
        assert await station.call("SecurityEventNotification", payload) == {}
        assert await station.call("LogStatusNotification", {"status": "Idle", "requestId": 1_234_567}) == {}
        status_ = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
        assert await station.call("StatusNotification", status_) == {}
        row = await lab.row(StationEvent, station_id=station.ref.id, kind="security.startup_of_the_device")
        assert row.severity == "info"
        assert row.resolved_at is not None
