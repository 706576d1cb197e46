"""The certificate authority as the shell uses it, on both databases, for two tenants."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from sqlmodel import select

from csms.certificates import desk
from csms.certificates.authorities import open_office
from csms.certificates.clients import CertificateRefusedError, Claimed, check_client
from csms.certificates.paths import path_of
from csms.certificates.trust import anchors_for
from csms.certificates.x509 import pem_of, read_certificates
from csms.clock import SystemClock
from csms.errors import ConflictError, InvalidInputError, NotFoundError
from csms.work import Committer
from models import CertificateAuthority, CertificateUse, ChargingStation, IssuedCertificate, RevokedCertificate
from models.db import Database
from models.scope import platform_scope, tenant_scope
from tests.certification.pki import authority, csr_for, now
from tests.tenancy import TwoTenants

KEY = b"platform key"
STATION = CertificateUse.STATION


async def created(committer: Committer) -> x509.Certificate:
    with platform_scope():
        pem = await committer.run(lambda work: desk.create(work, KEY, "Bench", STATION, now()))
    [root] = read_certificates(pem)
    return root


async def test_an_authority_is_made_once_and_its_keys_are_encrypted(database: Database, committer: Committer) -> None:
    await created(committer)
    with platform_scope():
        with pytest.raises(ConflictError, match="already"):
            await committer.run(lambda work: desk.create(work, KEY, "Bench", STATION, now()))
        async with database.reading() as session:
            rows = (await session.execute(select(CertificateAuthority))).scalars().all()
            assert [row.private_key.splitlines()[0] for row in rows] == ["-----BEGIN ENCRYPTED PRIVATE KEY-----"] * 2
            with pytest.raises(ConflictError, match="VOLTDECK_SECRET_KEY"):
                await open_office(session, b"another key", STATION)
            shown = await desk.show(session)
    assert shown.count("BEGIN CERTIFICATE") == 1
    assert "PRIVATE" not in shown


async def test_without_an_authority_it_says_what_to_do(
    database: Database, committer: Committer, two_tenants: TwoTenants
) -> None:
    identity = two_tenants.green.station.identity
    with platform_scope():
        with pytest.raises(NotFoundError, match="ca create"):
            await committer.run(lambda work: desk.sign(work, KEY, identity, csr_for(identity), now(), 30))
        async with database.reading() as session:
            assert "ca create" in await desk.show(session)


async def test_a_signed_certificate_opens_the_door_until_it_is_revoked(
    database: Database, committer: Committer, two_tenants: TwoTenants
) -> None:
    root = await created(committer)
    green, blue = two_tenants.green.station, two_tenants.blue.station
    with platform_scope():
        chain = await committer.run(
            lambda work: desk.sign(work, KEY, green.identity.lower(), csr_for(green.identity), now(), 30)
        )
    leaf, *between = read_certificates(chain)
    assert path_of(leaf, between, [root], now())[-1] == root
    assert leaf.not_valid_after_utc > now() + timedelta(days=29)

    async def check(ref_id: int, tenant_id: int, name: str) -> None:
        with platform_scope():
            async with database.reading() as session:
                anchors = await anchors_for(session, STATION)
        with tenant_scope(tenant_id):
            async with database.reading() as session:
                claimed = Claimed(ref_id, tenant_id, frozenset({name.casefold()}))
                await check_client(session, claimed, leaf, between, anchors, now())

    await check(green.id, green.tenant_id, green.identity)
    with pytest.raises(CertificateRefusedError, match="another station"):
        await check(blue.id, blue.tenant_id, green.identity)
    with platform_scope():
        revoked = await committer.run(lambda work: desk.take_back(work, green.identity, "keyCompromise", now()))
        again = await committer.run(lambda work: desk.take_back(work, green.identity, "keyCompromise", now()))
        assert (revoked, again) == (1, 1)
        async with database.reading() as session:
            [row] = (await session.execute(select(RevokedCertificate))).scalars()
            assert row.tenant_id == green.tenant_id
            crl = x509.load_pem_x509_crl((await desk.revocation_list(session, KEY, now())).encode())
    assert crl.get_revoked_certificate_by_serial_number(leaf.serial_number) is not None
    with pytest.raises(CertificateRefusedError, match="keyCompromise"):
        await check(green.id, green.tenant_id, green.identity)


async def test_what_cannot_be_signed_or_taken_back(committer: Committer, two_tenants: TwoTenants) -> None:
    await created(committer)
    identity = two_tenants.green.station.identity
    with platform_scope():
        for csr, words in (("x", "no PKCS#10"), (csr_for(two_tenants.blue.station.identity), "may be called")):
            with pytest.raises(InvalidInputError, match=words):
                await committer.run(lambda work, csr=csr: desk.sign(work, KEY, identity, csr, now(), 30))
        with pytest.raises(NotFoundError):
            await committer.run(lambda work: desk.take_back(work, "nobody", "keyCompromise", now()))
        await committer.run(lambda work: desk.sign(work, KEY, identity, csr_for(identity), now(), 30))
        with pytest.raises(InvalidInputError, match="no reason"):
            await committer.run(lambda work: desk.take_back(work, identity, "because", now()))


async def test_trust_is_a_tenant_s_own(database: Database, committer: Committer, two_tenants: TwoTenants) -> None:
    root = authority()
    pem, green, blue = pem_of([root.certificate]), two_tenants.green.id, two_tenants.blue.id
    with platform_scope():
        for expected in (1, 0):
            added = await committer.run(lambda work: desk.trust(work, green, pem, STATION, now()))
            assert len(added) == expected
    for tenant_id, count in ((green, 1), (blue, 0)):
        with tenant_scope(tenant_id):
            async with database.reading() as session:
                assert len(await anchors_for(session, STATION)) == count


async def test_binding_a_station(committer: Committer, database: Database, two_tenants: TwoTenants) -> None:
    identity = two_tenants.green.station.identity
    with platform_scope():
        said = await committer.run(lambda work: desk.bind(work, identity, 3, "SN-77"))
        assert said == f"{identity} uses security profile 3; its certificate bears: sn-77."
        async with database.reading() as session:
            row = await session.get_one(ChargingStation, two_tenants.green.station.id)
            assert (row.security_profile, row.certificate_name) == (3, "SN-77")
            assert (await session.get_one(ChargingStation, two_tenants.blue.station.id)).security_profile == 1


async def test_server_certificates_are_readable_by_their_owner_only(
    database: Database, committer: Committer, tmp_path: Path
) -> None:
    root = await created(committer)
    with platform_scope():
        async with database.reading() as session:
            at = SystemClock().now()
            written = await desk.make_server(session, KEY, tmp_path / "tls", "10.0.0.7", "Bench", at, 30)
    assert [path.name for path in written] == ["ecdsa.key", "ecdsa.crt", "rsa.key", "rsa.crt"]
    assert {path.stat().st_mode & 0o777 for path in written} == {0o600}
    leaf, *between = read_certificates(written[1].read_text())
    assert path_of(leaf, between, [root], now())[-1] == root
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["10.0.0.7"]
    assert not await _issued(database)


async def _issued(database: Database) -> list[IssuedCertificate]:
    with platform_scope():
        async with database.reading() as session:
            return list((await session.execute(select(IssuedCertificate))).scalars())
