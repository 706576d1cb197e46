"""The TLS side of the OCPP port: two server certificates on one listener, renewed while stations stay connected (TR_30,
TR_31; security profiles 2 and 3)."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from csms.certificates.trust import Anchor
from csms.certificates.x509 import pem_of
from csms.config import Settings

log = structlog.get_logger(__name__)

CIPHERS = ":".join(
    (
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES256-GCM-SHA384",
        # Without forward secrecy, but OCPP demands that a station may have nothing else.
        "AES128-GCM-SHA256",
        "AES256-GCM-SHA384",
    )
)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Files of a certificate chain and its private key, both PEM."""

    certificate: Path
    key: Path

    @property
    def changed_at(self) -> tuple[int, int]:
        """When each was last written, in nanoseconds."""
        return self.certificate.stat().st_mtime_ns, self.key.stat().st_mtime_ns


def key_pairs(settings: Settings) -> list[KeyPair]:
    """The server certificates there are: those set, or those in the data folder. None: no TLS."""
    folder, given = settings.data_dir / "tls", settings
    pairs = [
        KeyPair(
            given.ocpp_tls_ecdsa_certificate or folder / "ecdsa.crt",
            given.ocpp_tls_ecdsa_key or folder / "ecdsa.key",
        ),
        KeyPair(
            given.ocpp_tls_rsa_certificate or folder / "rsa.crt",
            given.ocpp_tls_rsa_key or folder / "rsa.key",
        ),
    ]
    return [pair for pair in pairs if pair.certificate.exists() and pair.key.exists()]


class ServerTls:
    """The context of the TLS listener: always the same one, which hands each handshake over to the newest."""

    def __init__(self, pairs: Sequence[KeyPair]) -> None:
        """Raises OSError or ssl.SSLError for certificates that cannot be used."""
        self._pairs = pairs
        self._anchors: list[Anchor] = []
        self._seen: list[tuple[int, int]] = []
        self._current = _empty_context()
        self.context = _empty_context()
        self.context.sni_callback = self._hand_over
        self.reload([])

    @property
    def anchors(self) -> Sequence[Anchor]:
        """Whom client certificates are checked against."""
        return self._anchors

    def reload(self, anchors: Sequence[Anchor]) -> bool:
        """Take up renewed files and changed trust, for the handshakes to come. False when nothing has changed.

        Raises OSError or ssl.SSLError and goes on with what it had.
        """
        seen = [pair.changed_at for pair in self._pairs]
        if seen == self._seen and list(anchors) == self._anchors:
            return False
        current = _empty_context()
        for pair in self._pairs:
            current.load_cert_chain(pair.certificate, pair.key)
        _trust(current, anchors)
        self._current, self._anchors, self._seen = current, list(anchors), seen
        # The mode is settled before the newest context takes over: asked for a certificate only if we can judge one.
        self.context.verify_mode = current.verify_mode
        return True

    def _hand_over(self, connection: Any, _name: str | None, _context: ssl.SSLContext) -> None:
        connection.context = self._current


def _empty_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    # No tickets: a resumed session would be let in by what was true of its certificate long ago.
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    return context


def _trust(context: ssl.SSLContext, anchors: Sequence[Anchor]) -> None:
    if not anchors:
        return
    context.verify_mode = ssl.CERT_OPTIONAL  # profile 2 has none; who needs one is known only after the request
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # an operator may trust a sub-authority alone
    context.load_verify_locations(cadata=pem_of(anchor.certificate for anchor in anchors))
