import pytest

from csms.ocpp.errors import ErrorCode, read_code, wire_code
from csms.ocpp.version import OcppVersion

CODES_IN_ALL = {
    "GenericError",
    "InternalError",
    "NotImplemented",
    "NotSupported",
    "PropertyConstraintViolation",
    "ProtocolError",
    "SecurityError",
    "TypeConstraintViolation",
}
CODES_16 = CODES_IN_ALL | {"FormationViolation", "OccurenceConstraintViolation"}
CODES_2X = CODES_IN_ALL | {
    "FormatViolation",
    "MessageTypeNotSupported",
    "OccurrenceConstraintViolation",
    "RpcFrameworkError",
}


@pytest.mark.parametrize(
    ("version", "codes"), [(OcppVersion.V16, CODES_16), (OcppVersion.V201, CODES_2X), (OcppVersion.V21, CODES_2X)]
)
def test_only_codes_of_the_version_are_sent(version, codes):
    assert {wire_code(code, version) for code in ErrorCode} == codes


@pytest.mark.quirk(82)
@pytest.mark.parametrize("text", sorted(CODES_16 | CODES_2X))
def test_either_spelling_is_read(text):
    assert read_code(text) is not None


def test_both_spellings_mean_the_same():
    assert read_code("FormationViolation") is read_code("FormatViolation")
    assert read_code("OccurenceConstraintViolation") is read_code("OccurrenceConstraintViolation")
    assert read_code("MyVendorError") is None
