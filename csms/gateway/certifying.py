"""What both dialects do about certificates: the same nouns under slightly different names."""

from typing import Any, cast

from csms.certificates.hashdata import HashData
from csms.certificates.installed import Reported, note_deleted, note_installed, note_report
from csms.certificates.service import settle_chain
from csms.gateway.asking import Asked, Json
from csms.work import Work


async def learn_signed(work: Work, asked: Asked) -> None:
    """A02, TC_074: the station took the certificate it had asked for, or did not (A_14, TC_077)."""
    chain, status = str(asked.payload.get("certificateChain", "")), str(asked.answer.get("status", ""))
    await settle_chain(work, asked.ref, chain, status)


async def learn_installed(work: Work, asked: Asked) -> None:
    """M05, TC_075: what was accepted, the station keeps; Rejected and Failed change nothing."""
    if asked.answer.get("status") == "Accepted":
        kind, pem = str(asked.payload.get("certificateType", "")), str(asked.payload.get("certificate", ""))
        await note_installed(work, asked.ref, kind, pem, asked.at)


async def learn_deleted(work: Work, asked: Asked) -> None:
    """M04, TC_076: gone, or never there. Failed: it is still there."""
    if asked.answer.get("status") in ("Accepted", "NotFound"):
        data = _hash_data(asked.payload.get("certificateHashData"))
        if data is not None:
            await note_deleted(work, asked.ref, data)


async def learn_kept_16(work: Work, asked: Asked) -> None:
    """TC_075: what the station keeps of one type; NotFound means none."""
    kind = str(asked.payload.get("certificateType", ""))
    found = (_hash_data(one) for one in cast(list[Json], asked.answer.get("certificateHashData") or []))
    reported = [Reported(kind, data) for data in found if data is not None]
    await note_report(work, asked.ref, [kind], reported, asked.at)


async def learn_kept(work: Work, asked: Asked) -> None:
    """M03: what the station keeps of the types asked for, or of all; NotFound means none."""
    asked_types = cast(list[str], asked.payload.get("certificateType") or [])
    chains = cast(list[Json], asked.answer.get("certificateHashDataChain") or [])
    reported = [one for one in map(_chain, chains) if one is not None]
    await note_report(work, asked.ref, asked_types, reported, asked.at)


def _chain(chain: Json) -> Reported | None:
    data = _hash_data(chain.get("certificateHashData"))
    if data is None:
        return None
    children = (_hash_data(child) for child in cast(list[Any], chain.get("childCertificateHashData") or []))
    return Reported(str(chain["certificateType"]), data, tuple(child for child in children if child is not None))


def _hash_data(fields: Any) -> HashData | None:
    try:
        return HashData.read(fields)
    except (KeyError, TypeError):
        return None


LESSONS = {
    "CertificateSigned": learn_signed,
    "DeleteCertificate": learn_deleted,
    "InstallCertificate": learn_installed,
}
