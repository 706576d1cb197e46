"""OCPP 2.0.1, block M: certificates on stations, OCSP, contract certificates; and C07, who may charge by them."""

import base64
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from csms.certificates.hashdata import hash_data_of
from csms.certificates.issuing import Signer
from csms.certificates.ocsp import Ocsp
from csms.certificates.provider import HttpProvider
from csms.certificates.x509 import pem_of, subject
from models import CertificateUse, Frame, InstalledCertificate
from tests.certification.certifying import check_chain, reported, some_root
from tests.certification.pki import authority, csr_for, now, station_key
from tests.certification.secure import SecureLab
from tests.certification.station import BenchStation, Json

RESPONDER = "http://ocsp.example.test/status"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(secure_lab: SecureLab) -> AsyncGenerator[SecureLab]:
    yield secure_lab


# ---- certificates on stations


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("CSMSRootCertificate", marks=pytest.mark.case("TC_M_01_CSMS")),
        pytest.param("ManufacturerRootCertificate", marks=pytest.mark.case("TC_M_02_CSMS")),
        pytest.param("V2GRootCertificate", marks=pytest.mark.case("TC_M_03_CSMS")),
        pytest.param("MORootCertificate", marks=pytest.mark.case("TC_M_04_CSMS")),
    ],
)
async def test_m_01_to_m_04_install(lab: SecureLab, kind: str) -> None:
    pem, _ = some_root()
    async with lab.station("2.0.1") as station:
        wanted = {"certificateType": kind, "certificate": pem}
        asked, result = await lab.operate(station, "InstallCertificate", wanted, {"status": "Accepted"})
        assert asked.payload == wanted
        assert result.succeeded
        row = await lab.row(InstalledCertificate, station_id=station.ref.id)
        assert (row.certificate_type, row.certificate) == (kind, pem)


@pytest.mark.case("TC_M_05_CSMS")
@pytest.mark.parametrize("status", ["Failed", "Rejected"])
async def test_m_05_install_failed(lab: SecureLab, status: str) -> None:
    pem, _ = some_root()
    async with lab.station("2.0.1") as station:
        wanted = {"certificateType": "CSMSRootCertificate", "certificate": pem}
        asked, result = await lab.operate(station, "InstallCertificate", wanted, {"status": status})
        assert asked.payload == wanted
        assert result.answer_status == status
        assert result.error is not None
        assert not await lab.rows(InstalledCertificate, station_id=station.ref.id)


ROOTS = ["CSMSRootCertificate", "ManufacturerRootCertificate", "V2GRootCertificate", "MORootCertificate"]


@pytest.mark.parametrize(
    ("kinds", "algorithm"),
    [
        pytest.param(["CSMSRootCertificate"], "SHA256", marks=pytest.mark.case("TC_M_12_CSMS")),
        pytest.param(["ManufacturerRootCertificate"], "SHA384", marks=pytest.mark.case("TC_M_13_CSMS")),
        pytest.param(["V2GRootCertificate"], "SHA512", marks=pytest.mark.case("TC_M_14_CSMS")),
        pytest.param(["V2GCertificateChain"], "SHA256", marks=pytest.mark.case("TC_M_15_CSMS")),
        pytest.param(["MORootCertificate"], "SHA256", marks=pytest.mark.case("TC_M_16_CSMS")),
        pytest.param(ROOTS[:2], "SHA256", marks=pytest.mark.case("TC_M_17_CSMS")),
        pytest.param([], "SHA256", marks=pytest.mark.case("TC_M_18_CSMS")),
    ],
)
async def test_m_12_to_m_18_installed_certificates(lab: SecureLab, kinds: list[str], algorithm: str) -> None:
    told = kinds or ["V2GCertificateChain", *ROOTS]
    certificates = {kind: some_root()[1] for kind in told}
    chains: list[Json] = [
        {"certificateType": kind, "certificateHashData": reported(certificate, algorithm)}
        for kind, certificate in certificates.items()
    ]
    for chain in chains:
        if chain["certificateType"] == "V2GCertificateChain":
            chain["childCertificateHashData"] = [reported(some_root()[1], algorithm) for _ in range(2)]
    wanted: Json = {"certificateType": kinds} if kinds else {}
    answer = {"status": "Accepted", "certificateHashDataChain": chains}
    async with lab.station("2.0.1") as station:
        asked, result = await lab.operate(station, "GetInstalledCertificateIds", wanted, answer)
        assert asked.payload == wanted
        assert result.succeeded
        rows = await lab.rows(InstalledCertificate, station_id=station.ref.id)
        assert [row.certificate_type for row in rows] == told
        for row, chain in zip(rows, chains, strict=True):
            assert hash_fields(row) == chain["certificateHashData"]
            children = [
                {
                    "hashAlgorithm": child["algorithm"],
                    "issuerNameHash": child["issuer_name_hash"],
                    "issuerKeyHash": child["issuer_key_hash"],
                    "serialNumber": child["serial_number"],
                }
                for child in row.children
            ]
            assert children == chain.get("childCertificateHashData", [])


def hash_fields(row: InstalledCertificate) -> Json:
    """What identifies it towards the station."""
    return {
        "hashAlgorithm": row.hash_algorithm,
        "issuerNameHash": row.issuer_name_hash,
        "issuerKeyHash": row.issuer_key_hash,
        "serialNumber": row.serial_number,
    }


@pytest.mark.case("TC_M_19_CSMS")
async def test_m_19_none_installed(lab: SecureLab) -> None:
    pem, _ = some_root()
    async with lab.station("2.0.1") as station:
        installed = {"certificateType": "CSMSRootCertificate", "certificate": pem}
        await lab.operate(station, "InstallCertificate", installed, {"status": "Accepted"})
        await lab.operate(
            station, "InstallCertificate", installed | {"certificateType": "MORootCertificate"}, {"status": "Accepted"}
        )
        wanted = {"certificateType": ["CSMSRootCertificate"]}
        asked, result = await lab.operate(station, "GetInstalledCertificateIds", wanted, {"status": "NotFound"})
        assert asked.payload == wanted
        assert result.answer_status == "NotFound"
        [left] = await lab.rows(InstalledCertificate, station_id=station.ref.id)
        assert left.certificate_type == "MORootCertificate"


@pytest.mark.case("TC_M_20_CSMS")
@pytest.mark.parametrize("algorithm", ["SHA256", "SHA384", "SHA512"])
async def test_m_20_delete(lab: SecureLab, algorithm: str) -> None:
    async with lab.station("2.0.1") as station:
        data = await keeps_one(lab, station, algorithm)
        wanted = {"certificateHashData": data}
        asked, result = await lab.operate(station, "DeleteCertificate", wanted, {"status": "Accepted"})
        assert asked.payload == wanted
        assert result.succeeded
        assert not await lab.rows(InstalledCertificate, station_id=station.ref.id)


@pytest.mark.case("TC_M_21_CSMS")
@pytest.mark.parametrize(("status", "left"), [("Failed", 1), ("NotFound", 0)])
async def test_m_21_delete_failed(lab: SecureLab, status: str, left: int) -> None:
    async with lab.station("2.0.1") as station:
        wanted = {"certificateHashData": await keeps_one(lab, station, "SHA256")}
        asked, result = await lab.operate(station, "DeleteCertificate", wanted, {"status": status})
        assert asked.payload == wanted
        assert result.answer_status == status
        assert result.error is not None
        assert len(await lab.rows(InstalledCertificate, station_id=station.ref.id)) == left


async def keeps_one(lab: SecureLab, station: BenchStation, algorithm: str) -> Json:
    """The station told of a root; what it told, as we keep it."""
    chain = {"certificateType": "CSMSRootCertificate", "certificateHashData": reported(some_root()[1], algorithm)}
    answer = {"status": "Accepted", "certificateHashDataChain": [chain]}
    await lab.operate(station, "GetInstalledCertificateIds", {}, answer)
    return hash_fields(await lab.row(InstalledCertificate, station_id=station.ref.id))


# ---- OCSP


class Responder:
    """A real OCSP responder (RFC 6960), reached without a network."""

    def __init__(self, signer: Signer) -> None:
        self.signer = signer
        self.revoked: set[int] = set()
        self.answers_by: Signer | None = None
        self.requests: list[httpx.Request] = []

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        asked = ocsp.load_der_ocsp_request(request.content)
        is_revoked = asked.serial_number in self.revoked
        by = self.answers_by or self.signer
        answer = (
            ocsp.OCSPResponseBuilder()
            .add_response_by_hash(
                issuer_name_hash=asked.issuer_name_hash,
                issuer_key_hash=asked.issuer_key_hash,
                serial_number=asked.serial_number,
                algorithm=asked.hash_algorithm,
                cert_status=ocsp.OCSPCertStatus.REVOKED if is_revoked else ocsp.OCSPCertStatus.GOOD,
                this_update=now() - timedelta(minutes=1),
                next_update=now() + timedelta(hours=1),
                revocation_time=now() - timedelta(days=1) if is_revoked else None,
                revocation_reason=None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, by.certificate)
            .sign(by.key, hashes.SHA256())  # type: ignore[arg-type]
        )
        return httpx.Response(200, content=answer.public_bytes(Encoding.DER))


@pytest_asyncio.fixture(loop_scope="module")
async def responder(lab: SecureLab) -> AsyncGenerator[Responder]:
    """Answers for a mobility operator's authority, which Green trusts."""
    responder = Responder(authority("Mobility operator"))
    await lab.trust(lab.green.id, pem_of([responder.signer.certificate]), CertificateUse.MO)
    helpers = lab.platform.gateway._services.certificates  # pyright: ignore[reportPrivateUsage]
    before, clock = helpers.ocsp, lab.platform.clock
    helpers.ocsp = Ocsp("ocsp.example.test", 5.0, clock, httpx.MockTransport(responder.handle))
    yield responder
    helpers.ocsp = before


def contract(
    responder: Responder, name: str, *, days: int = 30, url: str | None = RESPONDER
) -> tuple[x509.Certificate, Json]:
    """A contract certificate, and OCSPRequestData about it."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject("MO", name))
        .issuer_name(responder.signer.certificate.subject)
        .public_key(station_key().public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=60))
        .not_valid_after(now() + timedelta(days=days))
    )
    if url is not None:
        place = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(url))
        builder = builder.add_extension(x509.AuthorityInformationAccess([place]), critical=False)
    certificate = builder.sign(responder.signer.key, hashes.SHA256())
    data = hash_data_of(certificate, responder.signer.certificate, "SHA256")
    fields = {
        "hashAlgorithm": data.algorithm,
        "issuerNameHash": data.issuer_name_hash,
        "issuerKeyHash": data.issuer_key_hash,
        "serialNumber": data.serial_number,
        "responderURL": RESPONDER,
    }
    return certificate, fields


@pytest.mark.case("TC_M_24_CSMS")
async def test_m_24_certificate_status(lab: SecureLab, responder: Responder) -> None:
    certificate, data = contract(responder, "DEGENC0000001")
    async with lab.station("2.0.1") as station:
        for _ in range(2):
            answer = await station.call("GetCertificateStatus", {"ocspRequestData": data})
            assert answer["status"] == "Accepted"
            der = base64.b64decode(answer["ocspResult"], validate=True)
            read = ocsp.load_der_ocsp_response(der)
            assert read.serial_number == certificate.serial_number
            assert read.certificate_status == ocsp.OCSPCertStatus.GOOD
        [request] = responder.requests  # the second time it was remembered
        assert request.headers["Content-Type"] == "application/ocsp-request"


@pytest.mark.case("TC_M_24_CSMS")
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://169.254.169.254/latest",
        "http://ocsp.example.test:8080/",
        "http://ocsp.example.test@internal/",
        "http://user@ocsp.example.test/",
        "file:///etc/passwd",
        "ftp://ocsp.example.test/",
        "http://[",
        "",
    ],
)
async def test_m_24_only_listed_hosts_are_asked(lab: SecureLab, responder: Responder, url: str) -> None:
    _, data = contract(responder, "DEGENC0000001")
    async with lab.station("2.0.1") as station:
        answer = await station.call("GetCertificateStatus", {"ocspRequestData": data | {"responderURL": url}})
        assert answer["status"] == "Failed"
        assert answer["statusInfo"]["reasonCode"] == "NoOcspAnswer"
        assert responder.requests == []


async def authorize(station: BenchStation, token: str, **more: Any) -> Json:
    """Authorize with an eMAID; status and certificateStatus of the answer."""
    answer = await station.call("Authorize", {"idToken": {"idToken": token, "type": "eMAID"}, **more})
    return {"status": answer["idTokenInfo"]["status"], "certificate": answer.get("certificateStatus")}


@pytest.mark.case("TC_C_50_CSMS")
async def test_c_50_hash_data_good(lab: SecureLab, responder: Responder) -> None:
    token = await lab.token(type="eMAID")
    _, data = contract(responder, token)
    async with lab.station("2.0.1") as station:
        answer = await authorize(station, token, iso15118CertificateHashData=[data])
        assert answer == {"status": "Accepted", "certificate": "Accepted"}
        assert len(responder.requests) == 1


@pytest.mark.case("TC_C_51_CSMS")
async def test_c_51_hash_data_revoked(lab: SecureLab, responder: Responder) -> None:
    token = await lab.token(type="eMAID")
    certificate, data = contract(responder, token)
    responder.revoked.add(certificate.serial_number)
    async with lab.station("2.0.1") as station:
        answer = await authorize(station, token, iso15118CertificateHashData=[data])
        assert answer == {"status": "Invalid", "certificate": "CertificateRevoked"}


@pytest.mark.case("TC_C_52_CSMS")
async def test_c_52_full_certificate(lab: SecureLab, responder: Responder) -> None:
    token = await lab.token(type="eMAID")
    certificate, _ = contract(responder, token)
    expired, _ = contract(responder, token, days=-1)
    revoked, _ = contract(responder, token)
    responder.revoked.add(revoked.serial_number)
    of_another, _ = contract(responder, "DEXYZC0000009")
    without_responder, _ = contract(responder, token, url=None)
    foreign, _ = contract(Responder(authority("Unknown operator")), token)
    async with lab.station("2.0.1") as station:
        verdicts = [
            await authorize(station, token, certificate=pem_of([one]))
            for one in (certificate, expired, revoked, of_another, without_responder, foreign)
        ]
        unverifiable = {"status": "Invalid", "certificate": "CertChainError"}
        assert verdicts == [
            {"status": "Accepted", "certificate": "Accepted"},
            {"status": "Expired", "certificate": "CertificateExpired"},
            {"status": "Invalid", "certificate": "CertificateRevoked"},
            unverifiable,
            unverifiable,
            unverifiable,
        ]
        assert await authorize(station, token, certificate="no PEM at all") == unverifiable


@pytest.mark.case("TC_C_50_CSMS")
async def test_c_50_a_good_certificate_does_not_save_a_bad_token(lab: SecureLab, responder: Responder) -> None:
    token = await lab.token(type="eMAID", status="Blocked")
    _, data = contract(responder, token)
    async with lab.station("2.0.1") as station:
        answer = await authorize(station, token, iso15118CertificateHashData=[data])
        assert answer == {"status": "Blocked", "certificate": "ContractCancelled"}
        assert (await authorize(station, token))["certificate"] is None


@pytest.mark.case("TC_C_50_CSMS")
async def test_c_50_an_answer_that_anybody_signed_is_none(lab: SecureLab, responder: Responder) -> None:
    token = await lab.token(type="eMAID")
    _, data = contract(responder, token)
    responder.answers_by = authority("Forger")
    unverifiable = {"status": "Invalid", "certificate": "CertChainError"}
    async with lab.station("2.0.1") as station:
        assert await authorize(station, token, iso15118CertificateHashData=[data]) == unverifiable
    async with lab.station("2.0.1", tenant=lab.blue) as station:  # who does not trust Green's mobility operator
        assert (await authorize(station, token, iso15118CertificateHashData=[data]))["certificate"] == "CertChainError"


# ---- contract certificates


@pytest.fixture
def service(lab: SecureLab, monkeypatch: pytest.MonkeyPatch) -> list[Json]:
    """A provisioning service; what it was asked."""
    asked: list[Json] = []

    def handle(request: httpx.Request) -> httpx.Response:
        body = orjson.loads(request.content)
        asked.append(body | {"authorization": request.headers.get("Authorization")})
        if body["exiRequest"] == "bm90aGluZw==":
            return httpx.Response(200, json={"status": "Failed"})
        return httpx.Response(200, json={"status": "Accepted", "exiResponse": "ZXhpIGFuc3dlcg=="})

    helpers = lab.platform.gateway._services.certificates  # pyright: ignore[reportPrivateUsage]
    provider = HttpProvider("https://cps.example.test/", "token", 5.0, httpx.MockTransport(handle))
    monkeypatch.setattr(helpers, "provider", provider)
    return asked


@pytest.mark.parametrize(
    "action",
    [
        pytest.param("Install", marks=pytest.mark.case("TC_M_26_CSMS")),
        pytest.param("Update", marks=pytest.mark.case("TC_M_28_CSMS")),
    ],
)
async def test_m_26_m_28_contract_certificate(lab: SecureLab, service: list[Json], action: str) -> None:
    request = {"iso15118SchemaVersion": "urn:iso:15118:2:2013:MsgDef", "action": action, "exiRequest": "ZXhp"}
    async with lab.station("2.0.1") as station:
        answer = await station.call("Get15118EVCertificate", request)
        assert answer == {"status": "Accepted", "exiResponse": "ZXhpIGFuc3dlcg=="}
        assert service == [request | {"authorization": "Bearer token"}]
        refused = await station.call("Get15118EVCertificate", request | {"exiRequest": "bm90aGluZw=="})
        assert (refused["status"], refused["statusInfo"]["reasonCode"]) == ("Failed", "NoCertificate")
        kept = "".join(frame.answer_text or "" for frame in await lab.rows(Frame, station_id=station.ref.id))
        assert "ZXhpIGFuc3dlcg==" not in kept  # it holds the vehicle's private key


@pytest.mark.case("TC_M_26_CSMS")
async def test_m_26_without_a_service(lab: SecureLab) -> None:
    request = {"iso15118SchemaVersion": "urn:iso:15118:2:2013:MsgDef", "action": "Install", "exiRequest": "ZXhp"}
    async with lab.station("2.0.1") as station:
        answer = await station.call("Get15118EVCertificate", request)
        assert (answer["status"], answer["exiResponse"]) == ("Failed", "")


# ---- the same in 1.6

VENDOR = "org.openchargealliance.iso15118pnc"


async def transfer(station: BenchStation, message: str, inner: Json) -> Json:
    """A message inside a DataTransfer; what is inside the answer."""
    payload = {"vendorId": VENDOR, "messageId": message, "data": orjson.dumps(inner).decode()}
    answer = await station.call("DataTransfer", payload)
    assert answer["status"] == "Accepted", answer
    return orjson.loads(answer["data"])


@pytest.mark.case("X16_22")
async def test_x16_22_iso_15118_in_data_transfer(lab: SecureLab, responder: Responder, service: list[Json]) -> None:
    token = await lab.token(type="eMAID", value="DEGENC0000014")
    certificate, data = contract(responder, token)
    async with lab.station() as station:
        answer = await transfer(station, "Authorize", {"idToken": token, "certificate": pem_of([certificate])})
        assert answer["certificateStatus"] == "Accepted"
        assert answer["idTokenInfo"]["status"] == "Accepted"
        answer = await transfer(station, "GetCertificateStatus", {"ocspRequestData": data})
        assert ocsp.load_der_ocsp_response(base64.b64decode(answer["ocspResult"])).serial_number
        request = {"iso15118SchemaVersion": "urn:iso:15118:2:2013:MsgDef", "action": "Install", "exiRequest": "ZXhp"}
        answer = await transfer(station, "Get15118EVCertificate", request)
        assert answer["exiResponse"] == "ZXhpIGFuc3dlcg=="
        answer = await transfer(station, "SignCertificate", {"csr": csr_for("DE-SECC-9")})
        assert answer == {"status": "Accepted"}
        signed = await station.expect("DataTransfer")
        assert (signed.payload["vendorId"], signed.payload["messageId"]) == (VENDOR, "CertificateSigned")
        check_chain(orjson.loads(signed.payload["data"])["certificateChain"], lab, "DE-SECC-9", v2g=True)
        await station.answer(signed, {"status": "Accepted", "data": '{"status":"Accepted"}'})


@pytest.mark.case("X16_22")
@pytest.mark.parametrize(("message", "data"), [("Authorize", "no json"), ("Authorize", "{}"), ("Authorize", "[1]")])
async def test_x16_22_what_cannot_be_read_is_rejected(lab: SecureLab, message: str, data: str) -> None:
    async with lab.station() as station:
        payload = {"vendorId": VENDOR, "messageId": message, "data": data}
        assert await station.call("DataTransfer", payload) == {"status": "Rejected"}
        unknown = {"vendorId": VENDOR, "messageId": "Nothing", "data": "{}"}
        assert await station.call("DataTransfer", unknown) == {"status": "UnknownMessageId"}


@pytest.mark.case("X16_22")
async def test_x16_22_only_if_claimed(lab: SecureLab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab.platform.settings, "ocpp16_iso15118", False)
    async with lab.station() as station:
        payload = {"vendorId": VENDOR, "messageId": "Authorize", "data": '{"idToken":"X"}'}
        assert await station.call("DataTransfer", payload) == {"status": "UnknownVendorId"}


@pytest.mark.case("X16_22")
async def test_x16_22_the_operator_may_speak_it(lab: SecureLab) -> None:
    async with lab.station() as station:
        wanted = {
            "vendorId": VENDOR,
            "messageId": "TriggerMessage",
            "data": '{"requestedMessage":"SignV2GCertificate"}',
        }
        asked, result = await lab.operate(station, "DataTransfer", wanted, {"status": "Accepted"})
        assert asked.payload == wanted
        assert result.succeeded
