"""The bench with TLS: an authority of the platform's own, two server certificates, client certificates at will."""

import ssl
from typing import Any

from csms.certificates.authorities import Office, create_authorities
from csms.certificates.csr import read_csr
from csms.certificates.servers import write_server_certificates
from csms.certificates.service import chain_of, issue, revoke
from csms.certificates.trust import add_anchors
from csms.certificates.x509 import PrivateKey, pem_of
from csms.stations.ref import StationRef
from csms.work import Work
from models import CertificateUse, IssuedCertificate
from models.scope import platform_scope, tenant_scope
from tests.certification.lab import Lab
from tests.certification.pki import HOSTNAME, client, csr_for, now, rsa_key
from tests.csms.gateway.stations import SECRET_KEY

SECURE: dict[str, Any] = {
    "ocpp_tls_port": 0,
    "ocsp_hosts": "ocsp.example.test",
    "ocpp16_iso15118": True,
    "ocpp_refusals_before_slow": 1_000,
    "ocpp_proxies": "192.0.2.1",
}


class SecureLab(Lab):
    """A lab whose gateway listens for TLS too."""

    office: Office
    v2g: Office

    async def prepare(self) -> None:
        """Authorities for stations and V2G, and the server's certificates."""

        async def unit(work: Work) -> tuple[Office, Office]:
            key, session = SECRET_KEY.encode(), work.session()
            one = await create_authorities(session, key, organization="Bench", use=CertificateUse.STATION, now=now())
            return one, await create_authorities(session, key, organization="Bench", use=CertificateUse.V2G, now=now())

        with platform_scope():
            self.office, self.v2g = await self.platform.committer.run(unit)
        self.folder = self.platform.settings.data_dir
        self.renew_server_certificates()

    def renew_server_certificates(self) -> None:
        """Write new ones where the listener looks."""
        write_server_certificates(
            self.folder / "tls",
            HOSTNAME,
            self.office.signer,
            organization="Bench",
            now=now(),
            days=30,
            rsa_key=rsa_key(),
        )

    @property
    def root(self) -> str:
        """The root that stations trust, in PEM."""
        return pem_of([self.office.signer.above[-1]])

    def tls(self, chain: str | None = None) -> ssl.SSLContext:
        """A TLS client that trusts us, with a client certificate or none."""
        return client(self.root, chain, self.folder)

    async def issue(self, ref: StationRef, name: str | None = None, key: PrivateKey | None = None) -> str:
        """A client certificate for a station by our own authority; returns its chain."""
        csr = read_csr(csr_for(name or ref.identity, key))

        async def unit(work: Work) -> str:
            issued = await issue(work, ref, self.office, csr, certificate_type="", now=now(), days=30)
            return chain_of(issued, self.office)

        with tenant_scope(ref.tenant_id):
            return await self.platform.committer.run(unit)

    async def revoke(self, ref: StationRef) -> None:
        """Take back the station's certificate."""
        issued = await self.row(IssuedCertificate, station_id=ref.id)
        with tenant_scope(ref.tenant_id):
            await self.platform.committer.run(lambda work: revoke(work, issued, "keyCompromise", now()))

    async def trust(self, tenant_id: int, pem: str, use: CertificateUse = CertificateUse.STATION) -> None:
        """Let a tenant trust an authority."""
        with tenant_scope(tenant_id):
            await self.platform.committer.run(lambda work: add_anchors(work.session(), pem, use, now()))
        await self.platform.gateway.reload_certificates()
