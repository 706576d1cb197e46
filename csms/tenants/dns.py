"""What DNS says of a custom domain: whether its owner has agreed, and whether it leads here."""

import asyncio
from dataclasses import asdict, dataclass
from typing import Any, Final, cast

from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.resolver import NXDOMAIN, NoAnswer

PREFIX: Final = "_voltdeck"
PATIENCE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Found:
    """What was found. Nothing in it is trusted to be anything but text."""

    texts: tuple[str, ...] = ()
    """TXT records of `_voltdeck.<hostname>`."""
    alias: str = ""
    """What the hostname is a CNAME of."""
    addresses: tuple[str, ...] = ()
    """Where it leads."""
    ours: tuple[str, ...] = ()
    """Where the name leads that it should be an alias of."""
    is_proved: bool = False
    """Whether the token was among the texts."""
    leads_here: bool = False
    is_silent: bool = False
    """Whether DNS could not be asked: then the rest means nothing."""

    @property
    def is_right(self) -> bool:
        return self.is_proved and self.leads_here

    @property
    def is_nothing(self) -> bool:
        """Whether there is no record yet that could be wrong."""
        return not (self.texts or self.alias or self.addresses)

    def to_json(self) -> dict[str, Any]:
        """For the database; `Found(**…)` reads it back."""
        return asdict(self)


class Lookup:
    """Asks DNS: the server at `address` or `address:port`, or this machine's own."""

    def __init__(self, server: str | None = None) -> None:
        self._resolver = Resolver(configure=not server)
        self._resolver.lifetime = PATIENCE_S
        if server:
            address, _, port = server.rpartition(":") if server.count(":") == 1 else (server, "", "53")
            self._resolver.nameservers = [address]
            self._resolver.port = int(port)

    async def look(self, hostname: str, token: str, target: str) -> Found:
        """What DNS says of `hostname`, which should be an alias of `target` and bear `token`."""
        try:
            texts, aliases, addresses, ours = await asyncio.gather(
                self._ask(f"{PREFIX}.{hostname}", "TXT"),
                self._ask(hostname, "CNAME"),
                self.addresses(hostname),
                self.addresses(target),
            )
        except (DNSException, OSError):
            return Found(is_silent=True)
        alias = aliases[0] if aliases else ""
        return Found(
            texts=texts,
            alias=alias,
            addresses=addresses,
            ours=ours,
            is_proved=token in texts,
            # A name at the top of a domain cannot be an alias: it leads here when its addresses are ours.
            leads_here=alias == target or (bool(addresses) and set(addresses) <= set(ours)),
        )

    async def addresses(self, hostname: str) -> tuple[str, ...]:
        """IPv4 and IPv6 addresses of a name, aliases followed. Raises DNSException when DNS cannot be asked."""
        four, six = await asyncio.gather(self._ask(hostname, "A"), self._ask(hostname, "AAAA"))
        return four + six

    async def _ask(self, name: str, kind: str) -> tuple[str, ...]:
        try:
            answer = await self._resolver.resolve(f"{name}.", kind)
        except (NXDOMAIN, NoAnswer):
            return ()
        records = cast(list[Any], list(answer.rrset or ()))
        return tuple(sorted(_text(record) for record in records)[:20])


def _text(record: Any) -> str:
    if hasattr(record, "strings"):
        return b"".join(record.strings).decode(errors="replace")[:255]
    return str(record).rstrip(".").casefold()
