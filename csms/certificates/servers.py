"""The two certificates of the TLS listener, made by our own authority, where the listener looks (TR_30, TR_31)."""

import os
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from csms.certificates.issuing import Signer, issue_server, new_ec_key, new_rsa_key
from csms.certificates.x509 import PrivateKey, pem_of, subject


def write_server_certificates(
    folder: Path,
    hostname: str,
    signer: Signer,
    *,
    organization: str,
    now: datetime,
    days: int,
    ec_key: PrivateKey | None = None,
    rsa_key: PrivateKey | None = None,
) -> list[Path]:
    """Make an ECDSA and an RSA certificate for `hostname`, with new keys unless given. Returns the files' paths.

    Keys can be read by their owner only. A listener that runs takes the files up by itself.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    written: list[Path] = []
    for name, key in (("ecdsa", ec_key or new_ec_key()), ("rsa", rsa_key or new_rsa_key())):
        certificate = issue_server(subject(organization, hostname), hostname, key, signer, now, days)
        chain = pem_of((certificate, signer.certificate, *signer.above[:-1]))
        written += [_write(folder / f"{name}.key", _key_pem(key)), _write(folder / f"{name}.crt", chain.encode())]
    return written


def _key_pem(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes) -> Path:
    """Whole or not at all, and never readable by others, not even for a moment."""
    draft = path.with_suffix(path.suffix + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)
    return path
