"""The station's identity in the URL (TR_03 to TR_05)."""

import pytest

from csms.gateway.identity import identity_of


@pytest.mark.case("TR_04")
@pytest.mark.quirk(6, 7, 8)
@pytest.mark.parametrize(
    ("path", "identity"),
    [
        ("/ocpp/GREEN-1", "GREEN-1"),
        ("/GREEN-1", "GREEN-1"),
        ("/any/prefix/1.6/GREEN-1", "GREEN-1"),
        ("/ocpp/GREEN-1/", "GREEN-1"),
        ("/ocpp/GREEN-1?token=x/y", "GREEN-1"),
        ("/ocpp/RDAM%20123", "RDAM 123"),
        ("/ocpp/A%7CB", "A|B"),
        ("/ocpp/caf%C3%A9", "café"),
        ("/ocpp/A%2FB", "A/B"),
        ("/ocpp/ws://192.168.1.2:9000/CP_1/SERIAL", "SERIAL"),
        ("/ocpp/" + "x" * 255, "x" * 255),
    ],
)
def test_tr_04_the_last_segment_is_decoded_after_splitting(path: str, identity: str) -> None:
    assert identity_of(path) == identity


@pytest.mark.case("TR_05")
@pytest.mark.parametrize("path", ["", "/", "//", "/ocpp/%3A", "/ocpp/a:b", "/ocpp/%FF", "/ocpp/a%00b", "/" + "x" * 256])
def test_tr_05_what_cannot_be_an_identity_is_none(path: str) -> None:
    assert identity_of(path) is None
