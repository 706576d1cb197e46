"""A DNS server on loopback that answers from a dictionary: what tests set in the zone is what resolvers find."""

import socket
from threading import Thread

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class NameServer:
    """`zone[name, "TXT"] = ["…"]`; names without a final dot, lower case. Aliases are followed as a resolver would."""

    def __init__(self) -> None:
        self.zone: dict[tuple[str, str], list[str]] = {}
        self.is_silent = False
        self.asked: list[tuple[str, str]] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """As VOLTDECK_DNS_SERVER takes it."""
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    def stop(self) -> None:
        """Answer no more."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self._socket.getsockname())
        self._thread.join(5)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            wire, client = self._socket.recvfrom(4096)
            if not wire:
                return
            answer = self._answer(dns.message.from_wire(wire))
            if not self.is_silent:
                self._socket.sendto(answer.to_wire(), client)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        question = query.question[0]
        name, kind = question.name.to_text().rstrip(".").casefold(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        while kind != "CNAME" and (target := self.zone.get((name, "CNAME"))):
            response.answer.append(_records(name, "CNAME", [f"{target[0]}."]))
            name = target[0]
        found = self.zone.get((name, kind), [])
        if found:
            dotted = kind in ("CNAME", "ANAME")
            response.answer.append(_records(name, kind, [f"{one}." if dotted else one for one in found]))
        elif not any(known == name for known, _ in self.zone):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response


def _records(name: str, kind: str, values: list[str]) -> dns.rrset.RRset:
    quoted = [f'"{value}"' if kind == "TXT" else value for value in values]
    return dns.rrset.from_text(f"{name}.", 60, "IN", kind, *quoted)
