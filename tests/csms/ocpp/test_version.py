from csms.ocpp.version import OcppVersion


def test_each_version_has_its_subprotocol_and_back():
    names = {version: version.subprotocol for version in OcppVersion}
    assert list(names.values()) == ["ocpp1.6", "ocpp2.0.1", "ocpp2.1"]
    assert all(OcppVersion.from_subprotocol(name) is version for version, name in names.items())


def test_other_subprotocols_are_no_version():
    assert OcppVersion.from_subprotocol("OCPP1.6") is None
    assert OcppVersion.from_subprotocol("ocpp2.0.1.1") is None
    assert OcppVersion.from_subprotocol("") is None
