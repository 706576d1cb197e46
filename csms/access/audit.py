"""The record of who did or asked what. Append-only, in the same commit as the deed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from csms.access.policy import Actor
from csms.cause import current_cause
from csms.work import Work
from models import AuditEntry


def record(
    work: Work, actor: Actor, action: str, subject: str, details: dict[str, Any] | None = None, *, at: datetime
) -> None:
    """Append an entry: `action` dotted (`station.reset`), `subject` in words (`station DE-BER-001`).

    The caller masks secrets in `details`. The current cause is noted with it.
    """
    work.append(
        AuditEntry,
        {
            "tenant_id": actor.tenant_id,
            "at": at,
            "actor": actor.words,
            "user_id": actor.user_id,
            "action": action,
            "subject": subject,
            "cause_id": current_cause(),
            "address": actor.address,
            "details": details or {},
        },
    )


def record_change(
    work: Work,
    actor: Actor,
    action: str,
    subject: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    at: datetime,
) -> None:
    """Append an entry with the fields that differ, as they were and as they are; a field on one side alone counts.

    The caller masks secrets. Nothing is written when nothing differs.
    """
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if names:
        details = {
            "before": {name: before[name] for name in names if name in before},
            "after": {name: after[name] for name in names if name in after},
        }
        record(work, actor, action, subject, details, at=at)
