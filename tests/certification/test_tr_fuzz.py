"""Mutated frames: the gateway stays up, its memory flat, and every CALL is answered exactly once (TR_40 to TR_51)."""

from collections.abc import Generator

import pytest

from csms.gateway.subprotocols import SERVED
from csms.ocpp.version import OcppVersion
from models import ChargingStation
from tests.certification.lab import Lab
from tests.fuzz.attack import UNBOUNDED, attack


@pytest.fixture
def unbounded(lab: Lab) -> Generator[None]:
    """Nobody is sent away for sending nonsense."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in UNBOUNDED.items():
            patch.setattr(lab.platform.settings, name, value)
        yield


@pytest.mark.slow
@pytest.mark.parametrize("version", SERVED)
async def test_every_call_is_answered_exactly_once(lab: Lab, unbounded: None, version: OcppVersion) -> None:
    report = await attack(lab, version, 1_500)
    assert report.results > report.sent / 10
    assert "InternalError" not in report.codes
    assert report.memory_mb == [] or max(report.memory_mb) - report.memory_mb[0] < 100
    gateway = lab.platform.gateway
    await lab.until(lambda: len(gateway._services.background) == 0)
    await lab.until(lambda: len(gateway._registry) == 0)

    async def all_offline() -> bool:
        return all(not station.is_online for station in await lab.rows(ChargingStation, tenant_id=lab.green.id))

    await lab.until(all_offline)
