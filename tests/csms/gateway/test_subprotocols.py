"""The choice of the OCPP version (TR_01, TR_02)."""

import pytest

from csms.gateway.subprotocols import choose_version, offered_in
from csms.ocpp.version import OcppVersion


@pytest.mark.parametrize(
    ("lines", "version"),
    [
        (["ocpp1.6"], OcppVersion.V16),
        (["ocpp2.0.1"], OcppVersion.V201),
        (["ocpp1.6, ocpp2.0.1"], OcppVersion.V16),
        (["ocpp2.0.1", "ocpp1.6"], OcppVersion.V201),
        (["ocpp2.1, ocpp2.0.1, ocpp1.6"], OcppVersion.V201),
        (["ocpp0.1", "ocpp1.6"], OcppVersion.V16),
    ],
)
def test_tr_01_the_station_s_order_decides(lines: list[str], version: OcppVersion) -> None:
    assert choose_version(offered_in(lines), optional=False) is version


@pytest.mark.parametrize("lines", [[], ["ocpp0.1"], ["ocpp2.0.1.1"], ["OCPP1.6"], ["ocpp2.1"]])
def test_tr_02_no_common_version(lines: list[str]) -> None:
    assert choose_version(offered_in(lines), optional=False) is None


def test_a_station_flagged_so_may_offer_nothing_but_not_nonsense() -> None:
    assert choose_version([], optional=True) is OcppVersion.V16
    assert choose_version(["ocpp0.1"], optional=True) is None
