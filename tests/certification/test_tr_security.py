"""Transport: passwords, security profiles, TLS (TR_10 to TR_15, TR_30 to TR_33)."""

import asyncio
import base64
import re
import ssl
from collections.abc import AsyncGenerator, Callable
from urllib.parse import quote

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidMessage, InvalidStatus
from websockets.http11 import Response

from csms.certificates.x509 import pem_of, read_certificates
from csms.commands.commands import SetVariable
from csms.gateway import admission
from csms.gateway.channel import Channels
from csms.gateway.tls import CIPHERS
from csms.stations.doctor import Cause
from csms.stations.ref import StationRef
from csms.stations.security import digest_password
from models import ChargingStation, FailedHandshake, Frame, StationEvent
from tests.certification.pki import (
    HOSTNAME,
    LONG_EXPIRED,
    authority,
    certificate_for,
    chain_pem,
    now,
)
from tests.certification.secure import SecureLab
from tests.csms.gateway.stations import SECRET_KEY, basic

HEX_KEY = "0001020304050607FFFFFFFFFFFFFFFFFFFFFFFF"
RAW_KEY = bytes.fromhex(HEX_KEY)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(secure_lab: SecureLab) -> AsyncGenerator[SecureLab]:
    yield secure_lab


async def knock(
    lab: SecureLab, ref: StationRef, headers: dict[str, str] | None = None, tls: ssl.SSLContext | None = None
) -> Response:
    """The answer to a handshake, whichever."""
    gateway = lab.platform.gateway
    try:
        async with connect(
            f"{'ws' if tls is None else 'wss'}://{HOSTNAME}/ocpp/{ref.identity}",
            host="127.0.0.1",
            port=gateway.port if tls is None else gateway.tls_port,
            ssl=tls,
            subprotocols=["ocpp1.6"],  # type: ignore[list-item]
            additional_headers=basic(ref.identity) if headers is None else headers,
            compression=None,
        ) as socket:
            assert socket.response is not None
            return socket.response
    except InvalidStatus as refused:
        return refused.response


async def status(*args: object, **options: object) -> int:
    return (await knock(*args, **options)).status_code  # type: ignore[arg-type]


# ---- passwords


@pytest.mark.case("TR_10")
@pytest.mark.quirk(10)
async def test_tr_10_the_key_opens_as_bytes_as_hex_and_in_either_case(lab: SecureLab) -> None:
    ref = await lab.register()
    async with lab.station(ref=ref) as station:
        asking = lab.ask(station, SetVariable("AuthorizationKey", HEX_KEY))
        asked = await station.expect("ChangeConfiguration")
        assert asked.payload == {"key": "AuthorizationKey", "value": HEX_KEY}
        await station.answer(asked, {"status": "Accepted"})
        assert (await asking).succeeded
    for password in (RAW_KEY, HEX_KEY, HEX_KEY.lower()):
        assert await status(lab, ref, basic(ref.identity, password)) == 101
    assert await status(lab, ref, basic(ref.identity, RAW_KEY[:-1])) == 401
    row = await lab.row(ChargingStation, id=ref.id)
    assert row.password_hash == digest_password(SECRET_KEY.encode(), RAW_KEY)
    assert HEX_KEY not in "".join(frame.text for frame in await lab.rows(Frame, station_id=ref.id))


@pytest.mark.case("TR_10")
@pytest.mark.parametrize("identity", ["AL1000"])
async def test_tr_10_the_specification_s_example(lab: SecureLab, identity: str) -> None:
    digest = digest_password(SECRET_KEY.encode(), bytes.fromhex("0001020304050607") + b"\xff" * 12)
    ref = await lab.register(identity=identity, identity_key=identity.casefold(), password_hash=digest)
    header = {"Authorization": "Basic QUwxMDAwOgABAgMEBQYH////////////////"}
    assert await status(lab, ref, header) == 101


@pytest.mark.case("TR_10")
async def test_tr_10_a_plain_key_of_16_to_20_characters(lab: SecureLab) -> None:
    ref = await lab.register(password="sixteen-letters!")
    assert await status(lab, ref, basic(ref.identity, "sixteen-letters!")) == 101


@pytest.mark.case("TR_11")
async def test_tr_11_a_password_string_is_taken_as_it_is(lab: SecureLab) -> None:
    password = "Pässwört/with:colon§"
    ref = await lab.register(password=password)
    assert await status(lab, ref, basic(ref.identity, password.encode())) == 101
    wrong = [password.swapcase(), password + " ", base64.b64encode(password.encode()).decode()]
    for one in wrong:
        assert await status(lab, ref, basic(ref.identity, one.encode())) == 401


@pytest.mark.case("TR_11")
@pytest.mark.parametrize("spelt", [HEX_KEY, HEX_KEY.lower(), RAW_KEY])
async def test_tr_11_a_key_of_1_6_survives_the_move_to_2_x(lab: SecureLab, spelt: str | bytes) -> None:
    ref = await lab.register(password_hash=digest_password(SECRET_KEY.encode(), RAW_KEY))
    async with lab.station("2.0.1", ref=ref, headers=basic(ref.identity, spelt)):
        pass


@pytest.mark.case("TR_11")
async def test_tr_11_more_than_40_characters_are_refused_when_setting(lab: SecureLab) -> None:
    async with lab.station("2.0.1") as station:
        for bad in ("x" * 41, "x" * 15):
            with pytest.raises(Exception, match="16 to 40 characters"):
                await lab.ask(station, SetVariable("BasicAuthPassword", bad, "SecurityCtrlr"))
        assert not station.was_asked("SetVariables")


@pytest.mark.case("TR_12")
async def test_tr_12_another_station_s_password_opens_nothing(lab: SecureLab) -> None:
    mine = await lab.register(password="password-of-mine-1")
    other = await lab.register(password="password-of-other-1")
    foreign = await lab.register(tenant=lab.blue, password="password-of-blue-1")
    for name, password in ((other, "password-of-other-1"), (foreign, "password-of-blue-1")):
        assert await status(lab, mine, basic(name.identity, password)) == 401
    await lab.until(lambda: _has_event(lab, mine, "station.wrong_password"))
    assert not await _has_event(lab, other, "station.wrong_password")


@pytest.mark.case("TR_13")
@pytest.mark.parametrize(
    "header",
    [None, "Basic !!!", "Basic " + base64.b64encode(b"no colon").decode(), "Bearer abc", "Basic", "Digest x"],
)
async def test_tr_13_missing_or_bad_credentials(lab: SecureLab, header: str | None) -> None:
    ref = await lab.register()
    answer = await knock(lab, ref, {} if header is None else {"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")


@pytest.mark.case("TR_13")
async def test_tr_13_too_many_are_slowed_and_nothing_is_kept_of_the_header(
    lab: SecureLab, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(admission, "_SLOW_ANSWER_S", 0.0)
    monkeypatch.setattr(lab.platform.settings, "ocpp_refusals_before_slow", 3)
    lab.platform.gateway._admission._refused.clear()  # pyright: ignore[reportPrivateUsage]
    ref = await lab.register()
    headers = basic(ref.identity, "guess-number-twelve")
    answers = [await knock(lab, ref, headers) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
    assert "Retry-After" in answers[-1].headers
    assert await status(lab, ref) == 101  # whoever knows the password is not kept out by who does not
    lab.platform.gateway._admission._refused.clear()  # pyright: ignore[reportPrivateUsage]
    await lab.until(lambda: _has_failures(lab, ref))
    kept = " ".join(str(row.model_dump()) for row in await lab.rows(FailedHandshake, station_id=ref.id))
    for secret in ("guess-number-twelve", headers["Authorization"].partition(" ")[2]):
        assert secret not in kept + caplog.text


@pytest.mark.case("TR_15")
@pytest.mark.parametrize("comes_with", ["old", "new"])
async def test_tr_15_the_connection_drops_before_the_answer(lab: SecureLab, comes_with: str) -> None:
    old, new = "password-before-1", "password-after-22"
    ref = await lab.register(password=old)
    async with lab.station(ref=ref, headers=basic(ref.identity, old)) as station:
        asking = lab.ask(station, SetVariable("AuthorizationKey", new))
        await station.expect("ChangeConfiguration")
        row = await lab.row(ChargingStation, id=ref.id)
        assert row.pending_password_hash == digest_password(SECRET_KEY.encode(), new.encode())  # before it was sent
        station.socket.transport.abort()
    assert not (await asking).succeeded
    first, second = (old, new) if comes_with == "old" else (new, old)
    async with lab.station(ref=ref, headers=basic(ref.identity, first)):
        pass
    assert await status(lab, ref, basic(ref.identity, second)) == 401
    assert await status(lab, ref, basic(ref.identity, first)) == 101


@pytest.mark.case("TR_15")
@pytest.mark.parametrize(("answer", "opens", "shuts"), [("Accepted", "new", "old"), ("Rejected", "old", "new")])
async def test_tr_15_the_answer_settles_it_at_once(lab: SecureLab, answer: str, opens: str, shuts: str) -> None:
    passwords = {"old": "password-before-1", "new": "password-after-22"}
    ref = await lab.register(password=passwords["old"])
    async with lab.station(ref=ref, headers=basic(ref.identity, passwords["old"])) as station:
        asking = lab.ask(station, SetVariable("AuthorizationKey", passwords["new"]))
        await station.answer(await station.expect("ChangeConfiguration"), {"status": answer})
        await asking
    assert await status(lab, ref, basic(ref.identity, passwords[shuts])) == 401
    assert await status(lab, ref, basic(ref.identity, passwords[opens])) == 101


# ---- profiles


@pytest.mark.case("TR_14")
async def test_tr_14_only_the_profile_of_the_station(lab: SecureLab) -> None:
    one, two, three = [await lab.register(security_profile=profile) for profile in (1, 2, 3)]
    chain = await lab.issue(three)
    assert await status(lab, one, tls=lab.tls()) == 403
    assert await status(lab, two) == 403
    assert await status(lab, three) == 403
    assert await status(lab, three, tls=lab.tls()) == 403  # the password does not stand in for the certificate
    assert await status(lab, three, tls=lab.tls(chain)) == 101  # a password beside it does no harm
    assert await status(lab, one) == 101
    assert await status(lab, two, tls=lab.tls()) == 101
    assert await status(lab, two, {}, tls=lab.tls()) == 401


@pytest.mark.case("TR_14")
async def test_tr_14_no_authentication_only_by_flag(lab: SecureLab) -> None:
    without = await lab.register(security_profile=0)
    assert await status(lab, without, {}) == 101
    assert await status(lab, await lab.register(), {}) == 401


# ---- TLS


async def openssl(lab: SecureLab, *options: str) -> str:
    """What the `openssl` command says of a connection to us."""
    process = await asyncio.create_subprocess_exec(
        "openssl",
        "s_client",
        "-connect",
        f"127.0.0.1:{lab.platform.gateway.tls_port}",
        "-servername",
        HOSTNAME,
        *options,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return output.decode(errors="replace")


@pytest.mark.case("TR_30")
@pytest.mark.parametrize("suite", CIPHERS.split(":"))
async def test_tr_30_each_suite_alone(lab: SecureLab, suite: str) -> None:
    said = await openssl(lab, "-tls1_2", "-cipher", suite)
    assert f"Cipher is {suite}" in said
    assert "Protocol  : TLSv1.2" in said
    assert "Compression: NONE" in said
    peer = "ECDSA" if "ECDSA" in suite else "RSA"
    public_key_bits = {"ECDSA": 256, "RSA": 2048}[peer]
    assert f"Server public key is {public_key_bits} bit" in said


@pytest.mark.case("TR_30")
def test_tr_30_the_four_that_must_work_are_among_them() -> None:
    must = {
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "AES128-GCM-SHA256",
        "AES256-GCM-SHA384",
    }
    assert must <= set(CIPHERS.split(":"))


@pytest.mark.case("TR_30")
@pytest.mark.parametrize("old", ["-tls1_1", "-tls1"])
async def test_tr_30_old_versions_are_refused(lab: SecureLab, old: str) -> None:
    said = await openssl(lab, old, "-cipher", "ALL:@SECLEVEL=0")
    assert "Cipher is (NONE)" in said
    assert "BEGIN CERTIFICATE" not in said


@pytest.mark.case("TR_30")
async def test_tr_30_weak_suites_are_refused_and_tls_1_3_works(lab: SecureLab) -> None:
    assert "Cipher is (NONE)" in await openssl(lab, "-tls1_2", "-cipher", "AES128-SHA:ECDHE-RSA-AES128-SHA")
    assert "New, TLSv1.3" in await openssl(lab, "-tls1_3")


@pytest.mark.case("TR_31")
@pytest.mark.parametrize("suite", ["ECDHE-ECDSA-AES128-GCM-SHA256", "AES128-GCM-SHA256"])
async def test_tr_31_server_certificates(lab: SecureLab, suite: str) -> None:
    said = await openssl(lab, "-tls1_2", "-cipher", suite)
    [certificate, *_] = read_certificates(re.search("-----BEGIN.*?END CERTIFICATE-----\n", said, re.S)[0])  # type: ignore[index]
    [name] = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    [organization] = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert (name.value, organization.value) == (HOSTNAME, "Bench")
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [HOSTNAME]
    assert certificate.serial_number.bit_length() > 64
    assert certificate.public_key().key_size >= (2048 if suite.startswith("AES") else 224)  # type: ignore[union-attr]
    assert len(certificate.public_bytes(Encoding.DER)) <= 2048


@pytest.mark.case("TR_31")
async def test_tr_31_renewed_without_dropping_a_socket(lab: SecureLab) -> None:
    ref = await lab.register(security_profile=2)
    async with lab.station(ref=ref, tls=lab.tls()) as station:
        before = await _serial_served(lab)
        lab.renew_server_certificates()
        await lab.platform.gateway.reload_certificates()
        assert await _serial_served(lab) != before
        await station.call("Heartbeat")
        (lab.folder / "tls" / "ecdsa.crt").write_text("half-written")
        with pytest.raises(ssl.SSLError):
            await lab.platform.gateway.reload_certificates()
        await _serial_served(lab)  # what was in use stays in use
        lab.renew_server_certificates()
        await lab.platform.gateway.reload_certificates()
        await station.call("Heartbeat")


async def _serial_served(lab: SecureLab) -> int:
    _, writer = await asyncio.open_connection(
        "127.0.0.1", lab.platform.gateway.tls_port, ssl=lab.tls(), server_hostname=HOSTNAME
    )
    der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return x509.load_der_x509_certificate(der).serial_number


# ---- client certificates


@pytest.mark.case("TR_32")
async def test_tr_32_the_serial_number_or_the_name_set_for_it(lab: SecureLab) -> None:
    by_serial = await lab.register(security_profile=3, serial_number="SN-4711")
    assert await status(lab, by_serial, {}, lab.tls(await lab.issue(by_serial, "sn-4711"))) == 101
    by_name = await lab.register(security_profile=3, serial_number="SN-1", certificate_name="box-9")
    assert await status(lab, by_name, {}, lab.tls(await lab.issue(by_name, "box-9"))) == 101
    assert await status(lab, by_name, {}, lab.tls(await lab.issue(by_name, "SN-1"))) == 403


@pytest.mark.case("TR_32")
async def test_tr_32_swapped_certificates_are_refused(lab: SecureLab) -> None:
    mine, other = await lab.register(security_profile=3), await lab.register(security_profile=3)
    assert await status(lab, mine, {}, lab.tls(await lab.issue(other))) == 403
    # Nor one that bears the right name, but was made for another: who may say of himself what his serial number is?
    assert await status(lab, mine, {}, lab.tls(await lab.issue(other, mine.identity))) == 403
    await lab.until(lambda: _has_event(lab, mine, "station.certificate_rejected"))


@pytest.mark.case("TR_32")
async def test_tr_32_revoked_certificates_are_refused(lab: SecureLab) -> None:
    ref = await lab.register(security_profile=3)
    context = lab.tls(await lab.issue(ref))
    assert await status(lab, ref, {}, context) == 101
    await lab.revoke(ref)
    answer = await knock(lab, ref, {}, context)
    assert answer.status_code == 403
    assert b"revoked" in (answer.body or b"")


@pytest.mark.case("TR_32")
@pytest.mark.parametrize("kind", ["foreign", "expired"])
async def test_tr_32_what_does_not_lead_to_us_ends_in_tls(lab: SecureLab, kind: str) -> None:
    ref = await lab.register(security_profile=3)
    signer = authority() if kind == "foreign" else lab.office.signer
    at = now() - LONG_EXPIRED if kind == "expired" else None
    chain = chain_pem(certificate_for(signer, "Green", ref.identity, at=at), signer)
    with pytest.raises((ssl.SSLError, ConnectionError, InvalidMessage)):
        await status(lab, ref, {}, lab.tls(chain))


@pytest.mark.case("TR_32")
async def test_tr_32_an_operator_s_own_authority_counts_for_its_stations_alone(lab: SecureLab) -> None:
    signer = authority("Green's own")
    await lab.trust(lab.green.id, pem_of([signer.certificate]))
    green = await lab.register(security_profile=3)
    blue = await lab.register(security_profile=3, tenant=lab.blue)
    good = chain_pem(certificate_for(signer, "Green Energy Ltd", green.identity), signer)
    assert await status(lab, green, {}, lab.tls(good)) == 101
    of_another_operator = chain_pem(certificate_for(signer, "Somebody Else", green.identity), signer)
    assert await status(lab, green, {}, lab.tls(of_another_operator)) == 403
    for_blue = chain_pem(certificate_for(signer, "Blue", blue.identity), signer)
    assert await status(lab, blue, {}, lab.tls(for_blue)) == 403


# ---- what ends in TLS, as the doctor tells it


async def noted(lab: SecureLab, cause: Cause) -> FailedHandshake:
    """What the doctor kept of a handshake that failed for `cause`; it belongs to nobody."""
    await lab.until(lambda: _is_noted(lab, cause))
    row = await lab.row(FailedHandshake, cause=cause, address="127.0.0.1")
    assert (row.tenant_id, row.identity) == (None, "")
    return row


async def _is_noted(lab: SecureLab, cause: Cause) -> bool:
    return bool(await lab.rows(FailedHandshake, cause=cause, address="127.0.0.1"))


async def say(lab: SecureLab, words: bytes) -> None:
    """Send bytes to the TLS port and wait until it hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", lab.platform.gateway.tls_port)
    writer.write(words)
    await reader.read()
    writer.close()


@pytest.mark.case("TR_30", "TR_32")
async def test_tr_30_tr_32_the_doctor_tells_why_encryption_failed(lab: SecureLab) -> None:
    ref = await lab.register(security_profile=3)
    await openssl(lab, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
    before = (await noted(lab, Cause.TLS_VERSION)).count
    await openssl(lab, "-tls1_2", "-cipher", "AES128-SHA")
    await lab.until(lambda: _has_grown(lab, Cause.TLS_VERSION, before))
    foreign, expired = (
        chain_pem(certificate_for(signer, "Green", ref.identity, at=at), signer)
        for signer, at in ((authority(), None), (lab.office.signer, now() - LONG_EXPIRED))
    )
    for chain, cause, detail in (
        (foreign, Cause.CERTIFICATE_FOREIGN, "self-signed"),
        (expired, Cause.CERTIFICATE_EXPIRED, "expired"),
    ):
        with pytest.raises((ssl.SSLError, ConnectionError, InvalidMessage)):
            await status(lab, ref, {}, lab.tls(chain))
        assert detail in (await noted(lab, cause)).detail
    await openssl(lab, "-verify_return_error")  # it says why it leaves, which not every client does
    await noted(lab, Cause.SERVER_CERTIFICATE_REFUSED)
    await say(lab, b"GET /ocpp/X HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await noted(lab, Cause.NOT_TLS)


async def _has_grown(lab: SecureLab, cause: Cause, before: int) -> bool:
    return (await noted(lab, cause)).count > before


@pytest.mark.case("TR_07")
async def test_tr_07_who_says_nothing_before_tls_is_a_health_check(lab: SecureLab) -> None:
    before = {row.cause for row in await lab.rows(FailedHandshake)}
    _, writer = await asyncio.open_connection("127.0.0.1", lab.platform.gateway.tls_port)
    writer.close()
    await writer.wait_closed()
    await say(lab, b"no TLS")
    await noted(lab, Cause.NOT_TLS)  # written later than anything of the first would be
    assert {row.cause for row in await lab.rows(FailedHandshake)} <= before | {Cause.NOT_TLS}


# ---- behind a proxy


def _forwarded(chain: str, form: str) -> str:
    certificate = read_certificates(chain)[0]
    if form == "nginx":
        return quote(pem_of([certificate]))
    text = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    return f":{text}:" if form == "rfc9440" else text


@pytest.fixture
def proxied(lab: SecureLab, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Says from which addresses proxies may come."""

    def set_proxies(addresses: str) -> None:
        handshake = lab.platform.gateway._handshake  # pyright: ignore[reportPrivateUsage]
        monkeypatch.setattr(handshake, "_channels", Channels(addresses, "X-Client-Cert"))

    return set_proxies


@pytest.mark.case("TR_33")
@pytest.mark.parametrize("form", ["nginx", "haproxy", "rfc9440"])
async def test_tr_33_a_listed_proxy_is_believed(lab: SecureLab, proxied: Callable[[str], None], form: str) -> None:
    proxied("10.0.0.0/8, 127.0.0.0/8")
    three, two = await lab.register(security_profile=3), await lab.register(security_profile=2)
    chain = await lab.issue(three)
    headers = {"X-Forwarded-Proto": "https", "X-Client-Cert": _forwarded(chain, form)}
    assert await status(lab, three, headers) == 101
    assert await status(lab, two, basic(two.identity) | {"X-Forwarded-Proto": "wss"}) == 101
    assert await status(lab, two, basic(two.identity)) == 403  # the proxy took it in without TLS
    other = await lab.register(security_profile=3)
    assert await status(lab, other, headers) == 403  # identity checks are the same


@pytest.mark.case("TR_33")
@pytest.mark.parametrize("listed", ["", "192.0.2.1", "2001:db8::/32"])
async def test_tr_33_from_anywhere_else_the_headers_mean_nothing(
    lab: SecureLab, proxied: Callable[[str], None], listed: str
) -> None:
    proxied(listed)
    three, two = await lab.register(security_profile=3), await lab.register(security_profile=2)
    headers = {"X-Forwarded-Proto": "https", "X-Client-Cert": _forwarded(await lab.issue(three), "haproxy")}
    assert await status(lab, three, headers) == 403
    assert await status(lab, three, headers, lab.tls()) == 403
    assert await status(lab, two, basic(two.identity) | headers) == 403


async def _has_event(lab: SecureLab, ref: StationRef, kind: str) -> bool:
    return bool(await lab.rows(StationEvent, station_id=ref.id, kind=kind))


async def _has_failures(lab: SecureLab, ref: StationRef) -> bool:
    return bool(await lab.rows(FailedHandshake, station_id=ref.id))
