"""The choice of the OCPP version (TR_01, TR_02)."""

import pytest

from csms.gateway.subprotocols import Agreed, agree, choose_version, offered_in
from csms.ocpp.version import OcppVersion


@pytest.mark.parametrize(
    ("lines", "version"),
    [
        (["ocpp1.6"], OcppVersion.V16),
        (["ocpp2.0.1"], OcppVersion.V201),
        (["ocpp1.6, ocpp2.0.1"], OcppVersion.V16),
        (["ocpp2.0.1", "ocpp1.6"], OcppVersion.V201),
        (["ocpp0.1", "ocpp1.6"], OcppVersion.V16),
    ],
)
def test_tr_01_the_station_s_order_decides(lines: list[str], version: OcppVersion) -> None:
    assert choose_version(offered_in(lines), optional=False) is version


@pytest.mark.quirk(2)
@pytest.mark.parametrize(
    ("lines", "agreed"),
    [
        (["ocpp2.0.1.1"], Agreed(OcppVersion.V201, "ocpp2.0.1.1")),
        (["ocpp1.6j"], Agreed(OcppVersion.V16, "ocpp1.6j")),
        (["ocpp2.0.1.1, ocpp1.6"], Agreed(OcppVersion.V16, "ocpp1.6")),
    ],
)
def test_an_invented_name_is_understood_where_no_real_one_is_offered(lines: list[str], agreed: Agreed) -> None:
    assert agree(offered_in(lines), optional=False) == agreed


@pytest.mark.parametrize("lines", [[], ["ocpp0.1"], ["ocpp1.66"], ["ocpp1.6-x"], ["OCPP1.6"], ["ocpp3.0"]])
def test_tr_02_no_common_version(lines: list[str]) -> None:
    assert choose_version(offered_in(lines), optional=False) is None


def test_a_station_flagged_so_may_offer_nothing_but_not_nonsense() -> None:
    assert choose_version([], optional=True) is OcppVersion.V16
    assert choose_version(["ocpp0.1"], optional=True) is None
