"""OCPP 2.1, block M: certificates, as far as they differ from 2.0.1."""

from collections.abc import AsyncGenerator

import httpx
import orjson
import pytest
import pytest_asyncio

from csms.certificates.provider import HttpProvider
from models import InstalledCertificate
from tests.certification.certifying import check_chain, some_root, states
from tests.certification.pki import csr_for
from tests.certification.secure import SecureLab


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(secure_lab: SecureLab) -> AsyncGenerator[SecureLab]:
    yield secure_lab


@pytest.mark.case("TC_M_101_CSMS")
async def test_m_101_install_oem_root(lab: SecureLab) -> None:
    pem, _ = some_root()
    wanted = {"certificateType": "OEMRootCertificate", "certificate": pem}
    async with lab.station("2.1") as station:
        asked, result = await lab.operate(station, "InstallCertificate", wanted, {"status": "Accepted"})
        assert asked.payload == wanted
        assert result.succeeded
        row = await lab.row(InstalledCertificate, station_id=station.ref.id)
        assert (row.certificate_type, row.certificate) == ("OEMRootCertificate", pem)


@pytest.mark.case("TC_M_100_CSMS")
async def test_m_100_several_contract_certificates(lab: SecureLab, monkeypatch: pytest.MonkeyPatch) -> None:
    chains = ["Zmlyc3Q=", "c2Vjb25k", "dGhpcmQ="]
    asked: list[dict[str, object]] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(orjson.loads(request.content))
        left = len(chains) - len(asked)
        answer = {"status": "Accepted", "exiResponse": chains[len(asked) - 1], "remainingContracts": left}
        return httpx.Response(200, json=answer)

    helpers = lab.platform.gateway._services.certificates  # pyright: ignore[reportPrivateUsage]
    provider = HttpProvider("https://cps.example.test/", None, 5.0, httpx.MockTransport(handle))
    monkeypatch.setattr(helpers, "provider", provider)
    request = {
        "iso15118SchemaVersion": "urn:iso:std:iso:15118:-20:CommonMessages",
        "action": "Install",
        "exiRequest": "ZXhp",
        "maximumContractCertificateChains": 3,
        "prioritizedEMAIDs": ["DEGENC0000001"],
    }
    async with lab.station("2.1") as station:
        answers = [await station.call("Get15118EVCertificate", request) for _ in chains]
    assert [answer["status"] for answer in answers] == ["Accepted"] * 3
    assert [answer["exiResponse"] for answer in answers] == chains
    assert [answer["remainingContracts"] for answer in answers] == [2, 1, 0]
    assert asked == [request] * 3


async def test_the_station_s_number_of_a_request_comes_back(lab: SecureLab) -> None:
    async with lab.station("2.1") as station:
        demand = {"csr": csr_for("DE-SECC-20"), "certificateType": "V2G20Certificate", "requestId": 77}
        assert (await station.call("SignCertificate", demand))["status"] == "Accepted"
        signed = await station.expect("CertificateSigned")
        assert (signed.payload["certificateType"], signed.payload["requestId"]) == ("V2G20Certificate", 77)
        check_chain(signed.payload["certificateChain"], lab, "DE-SECC-20", v2g=True)
        await station.answer(signed, {"status": "Accepted"})

        async def is_accepted() -> bool:
            return await states(lab, station) == ["accepted"]

        await lab.until(is_accepted)
