"""The record of a command: row and audit entry before it is sent, the outcome after; each announced."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import col

from csms.access import audit
from csms.access.policy import Actor
from csms.bus.events import CommandChanged
from csms.cause import current_cause
from csms.commands.catalog import action_name, audit_action, written
from csms.commands.commands import RawRequest, RequestStart, StationCommand
from csms.commands.outcome import Outcome
from csms.stations.ref import StationRef
from csms.work import Work
from models import Command, CommandState

_table: Any = getattr(Command, "__table__")  # noqa: B009 - SQLModel's types do not know it
_CONCLUDE = (
    update(_table)
    .where(_table.c.id == bindparam("of_id"), _table.c.tenant_id == bindparam("of_tenant"))
    .values(
        state=bindparam("new_state"),
        answered_at=bindparam("new_at"),
        answer_status=bindparam("new_status"),
        answer=bindparam("new_answer"),
        error_code=bindparam("new_error_code"),
    )
)
_CONCLUDE_SENT = _CONCLUDE.values(action=bindparam("new_action"), payload=bindparam("new_payload"))


async def record_asked(work: Work, actor: Actor, ref: StationRef, command: StationCommand, at: datetime) -> int:
    """Write who asks what of which station. Returns the command's id."""
    row = Command(
        cause_id=current_cause() or "",
        station_id=ref.id,
        tenant_id=ref.tenant_id,
        user_id=actor.user_id,
        action=action_name(command),
        payload=written(command),
        asked_at=at,
        remote_start_id=remote_start_id_of(command),
        max_cost=command.max_cost if isinstance(command, RequestStart) else None,
    )
    session = work.session()
    session.add(row)
    await session.flush()
    command_id = row.id or 0
    details = {"command_id": command_id, **row.payload}
    audit.record(work, actor, audit_action(command), f"station {ref.identity}", details, at=at)
    _announce(work, ref, command_id, command, Outcome(CommandState.ASKED), at)
    return command_id


def record_outcome(
    work: Work, ref: StationRef, command_id: int, command: StationCommand, outcome: Outcome, at: datetime
) -> None:
    """Write what became of it; what went over the wire, where known, replaces our own words."""
    values: dict[str, Any] = {"of_id": command_id, "of_tenant": ref.tenant_id, "new_at": at}
    values |= {"new_state": outcome.state, "new_status": outcome.answer_status, "new_error_code": outcome.code}
    values["new_answer"] = outcome.answer if outcome.call_error is None else outcome.call_error
    if outcome.sent:
        sent = {"new_action": outcome.sent["action"], "new_payload": outcome.sent["payload"]}
        work.append(_CONCLUDE_SENT, values | sent)
    else:
        work.append(_CONCLUDE, values)
    _announce(work, ref, command_id, command, outcome, at)


async def give_up_unanswered(work: Work, at: datetime) -> None:
    """Requests that a stopped process left unanswered have an unknown outcome. At start only, platform scope."""
    await work.session().execute(
        update(Command)
        .where(col(Command.state) == CommandState.ASKED)
        .values(state=CommandState.UNKNOWN, answered_at=at)
        .execution_options(synchronize_session=False)
    )


def remote_start_id_of(command: StationCommand) -> int | None:
    """The number that links a remote start with its transaction."""
    if isinstance(command, RequestStart):
        return command.remote_start_id
    told: object = None
    if isinstance(command, RawRequest) and command.action == "RequestStartTransaction":
        told = command.payload.get("remoteStartId")
    return told if isinstance(told, int) and not isinstance(told, bool) and 0 <= told < 2**31 else None


def _announce(
    work: Work, ref: StationRef, command_id: int, command: StationCommand, outcome: Outcome, at: datetime
) -> None:
    work.announce(
        CommandChanged(
            tenant_id=ref.tenant_id,
            station_id=ref.id,
            at=at,
            cause_id=current_cause(),
            command_id=command_id,
            action=outcome.sent.get("action") or action_name(command),
            state=outcome.state,
            answer_status=outcome.answer_status,
            remote_start_id=remote_start_id_of(command),
        )
    )
