"""Whether a vehicle's contract certificate holds (ISO 15118 Plug & Charge: C07; C_50 to C_52)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

import structlog
from cryptography import x509
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from csms.certificates.hashdata import HashData, hash_data_of
from csms.certificates.ocsp import Ocsp, OcspError, read_answer
from csms.certificates.paths import ExpiredError, PathError, path_of
from csms.certificates.responders import is_vouched_for
from csms.certificates.x509 import common_name, read_certificates
from csms.errors import InvalidInputError

log = structlog.get_logger(__name__)


class ContractStatus(StrEnum):
    """OCPP's AuthorizeCertificateStatus, as far as we find it out."""

    ACCEPTED = "Accepted"
    EXPIRED = "CertificateExpired"
    REVOKED = "CertificateRevoked"
    UNVERIFIABLE = "CertChainError"
    CANCELLED = "ContractCancelled"
    """The certificate holds, but the contract's token does not."""


@dataclass(frozen=True, slots=True)
class AskAbout:
    """A certificate, and who can tell of it."""

    data: HashData
    responder_url: str


@dataclass(frozen=True, slots=True)
class Contract:
    """What a station showed of a contract: the chain itself, or hash data of its certificates, leaf first."""

    emaid: str
    chain: str | None = None
    hashes: Sequence[AskAbout] = ()


async def judge_contract(
    ocsp_client: Ocsp, contract: Contract, anchors: Sequence[x509.Certificate], at: datetime
) -> ContractStatus:
    """The verdict on a contract's certificates. Waits for responders; never raises. What cannot be told is a no."""
    helpers: Sequence[x509.Certificate] = ()
    about = list(contract.hashes)
    if contract.chain is not None:
        try:
            path = _path(contract, anchors, at)
        except ExpiredError:
            return ContractStatus.EXPIRED
        except (PathError, InvalidInputError) as error:
            log.info("contract certificate refused", why=str(error))
            return ContractStatus.UNVERIFIABLE
        helpers, about = path, _responders(path) or about
    if not about:
        return ContractStatus.UNVERIFIABLE
    for one in about:
        status = await _status(ocsp_client, one, helpers, anchors, at)
        if status is not ContractStatus.ACCEPTED:
            return status
    return ContractStatus.ACCEPTED


def _path(contract: Contract, anchors: Sequence[x509.Certificate], at: datetime) -> list[x509.Certificate]:
    leaf, *between = read_certificates(contract.chain or "")
    if not is_same_contract(contract.emaid, common_name(leaf.subject)):
        raise PathError("the certificate belongs to another contract")
    return path_of(leaf, between, anchors, at)


def is_same_contract(emaid: str, name: str) -> bool:
    """Whether an eMAID and a certificate's common name are one contract: hyphens and the check digit are optional."""
    short, long = sorted((text.replace("-", "").casefold() for text in (emaid, name)), key=len)
    return bool(short) and (short == long or (len(short) == 14 and long[:-1] == short))


def _responders(path: Sequence[x509.Certificate]) -> list[AskAbout]:
    """Whom the certificates themselves name; an authority that names nobody is taken for good, the contract is not."""
    about: list[AskAbout] = []
    for certificate, issuer in pairwise(path):
        url = _responder_url(certificate)
        if url is not None:
            about.append(AskAbout(hash_data_of(certificate, issuer, "SHA256"), url))
        elif certificate is path[0]:
            return []
    return about


def _responder_url(certificate: x509.Certificate) -> str | None:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, ValueError):
        return None
    for one in access:
        if one.access_method == AuthorityInformationAccessOID.OCSP:
            return str(one.access_location.value)
    return None


async def _status(
    ocsp_client: Ocsp,
    about: AskAbout,
    helpers: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    at: datetime,
) -> ContractStatus:
    try:
        der = await ocsp_client.ask(about.data, about.responder_url)
        answer = read_answer(der, about.data, at)
    except OcspError as error:
        log.info("contract certificate could not be checked", why=str(error))
        return ContractStatus.UNVERIFIABLE
    if not is_vouched_for(der, about.data, helpers, anchors, at):
        log.info("contract certificate could not be checked", why="nobody trusted signed the OCSP answer")
        return ContractStatus.UNVERIFIABLE
    match answer.certificate_status:
        case ocsp.OCSPCertStatus.GOOD:
            return ContractStatus.ACCEPTED
        case ocsp.OCSPCertStatus.REVOKED:
            return ContractStatus.REVOKED
        case _:
            return ContractStatus.UNVERIFIABLE
