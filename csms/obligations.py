"""Every obligation: what must happen because of what was committed. Written by `work.owe`, met by csms.jobs.outbox.

Fields are plain JSON values (text, numbers, lists of them), for they are stored.
"""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """What every obligation can: become a row and come back."""

    def to_payload(self) -> dict[str, Any]:
        """Plain JSON that the class's constructor takes as keywords."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMail(Obligation):
    """A letter to a person: `paragraphs` of plain text, then a link, then small print. The tenant's brand frames it."""

    to: str
    subject: str
    paragraphs: list[str] = field(default_factory=list[str])
    link_label: str = ""
    link_url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverWebhook(Obligation):
    """A delivery, by its key, to the webhook it was written for."""

    key: str


KINDS: dict[str, type[Obligation]] = {kind.__name__: kind for kind in (SendMail, DeliverWebhook)}


def obligation_from(kind: str, payload: dict[str, Any]) -> Obligation:
    """The obligation of a row. Raises KeyError for a kind that this version does not know."""
    return KINDS[kind](**payload)
