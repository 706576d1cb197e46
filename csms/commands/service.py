"""The one door to the stations: permission, then the record, both durable before anything is sent; then the outcome."""

import asyncio
import secrets
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

import structlog
from sqlalchemy import select
from sqlmodel import col

from csms.access.policy import Actor, require
from csms.cause import because_of, current_cause, new_cause
from csms.clock import Clock
from csms.commands.catalog import permission_for
from csms.commands.commands import (
    CancelReservation,
    ChangeAvailability,
    ClearCache,
    GetLocalListVersion,
    GetVariables,
    RawRequest,
    RequestStart,
    RequestStop,
    ReserveNow,
    Reset,
    SetVariable,
    SetVariables,
    StationCommand,
    TriggerMessage,
    UnlockConnector,
    VariableName,
)
from csms.commands.local_lists import ListResult, LocalLists
from csms.commands.log import give_up_unanswered, record_asked, record_outcome, remote_start_id_of
from csms.commands.outcome import Outcome, outcome_of_answer, outcome_of_error
from csms.commands.parts import parts_for, second_try
from csms.commands.passwords import is_for_later, password_in, verdict
from csms.commands.port import CommandPort, Delivery
from csms.commands.reservation_ids import free_reservation_id
from csms.commands.splitting import joined_answer
from csms.errors import ConflictError, InvalidInputError, NotFoundError, StationRefusedError, VoltdeckError
from csms.stations.passwords import offer_password, settle_password
from csms.stations.ref import StationRef
from csms.stations.security import digest_password
from csms.work import Committer, Work
from models import ChargingStation, CommandState, Transaction
from models.db import Database
from models.scope import tenant_scope

__all__ = ["CommandResult", "Commands", "give_up_unanswered"]

log = structlog.get_logger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a request went. `error` is the sentence for people, None when the station does what was asked."""

    command_id: int
    state: str
    """As models.CommandState: answered, refused, unknown or undelivered."""
    answer_status: str | None
    answer: dict[str, Any] | None
    error: str | None
    remote_start_id: int | None = None
    code: str = ""
    """Dotted name of what went wrong, as csms.errors; empty where the station answered with a result."""
    call_error: dict[str, Any] | None = None
    """The CALLERROR, when that was the answer: errorCode, errorDescription, errorDetails."""

    @property
    def succeeded(self) -> bool:
        """Whether the station said it does what was asked."""
        return self.error is None


class Commands:
    """Asks things of stations on behalf of people and programs. Pages, REST and the rest all come through here.

    Every verb returns a CommandResult whatever the station does, and raises PermissionDeniedError when the actor may
    not, NotFoundError for a station or transaction that is not the actor's tenant's.
    """

    def __init__(
        self, committer: Committer, database: Database, clock: Clock, port: CommandPort, secret_key: bytes
    ) -> None:
        """`secret_key` is the platform's, for digests of station passwords."""
        self._secret_key = secret_key
        self._committer = committer
        self._database = database
        self._clock = clock
        self._port = port
        self._running: set[asyncio.Task[Any]] = set()
        self._local_lists = LocalLists(self.request, database, clock)

    async def request(self, actor: Actor, station: str | int, command: StationCommand) -> CommandResult:
        """Ask `command` of the station with this identity (text, any case) or id (number), and wait for the outcome.

        The outcome is recorded also when whoever asked stops waiting. Raises InvalidInputError for a password that
        the station could not take.
        """
        require(actor, permission_for(command))
        digest = self._digest_in(command)
        with tenant_scope(actor.tenant_id), because_of(current_cause() or new_cause()):
            ref = await self._find(station)
            return await self._finish(self._ask_in_parts(actor, ref, command, digest))

    async def begin(self, actor: Actor, station: str | int, command: StationCommand) -> int:
        """Ask as `request` does, but wait only until it is recorded. Returns the id under which the outcome is found.

        Of a command that takes several requests it is the first one's.
        """
        require(actor, permission_for(command))
        digest = self._digest_in(command)
        with tenant_scope(actor.tenant_id), because_of(current_cause() or new_cause()):
            ref = await self._find(station)
            recorded: asyncio.Future[int] = asyncio.get_running_loop().create_future()
            asking = asyncio.create_task(self._ask_in_parts(actor, ref, command, digest, recorded))
        self._running.add(asking)
        asking.add_done_callback(self._running.discard)
        await asyncio.wait((asking, recorded), return_when=asyncio.FIRST_COMPLETED)
        return recorded.result() if recorded.done() else (await asking).command_id

    async def request_start(
        self,
        actor: Actor,
        station: str | int,
        evse_number: int | None,
        id_token: str,
        id_token_type: str = "ISO14443",  # noqa: S107 - the kind of token, not a secret
        *,
        additional_info: Sequence[dict[str, str]] = (),
        max_cost: Decimal | None = None,
    ) -> CommandResult:
        """Begin a transaction (F01, F02); the result's `remote_start_id` is found again on it.

        An ad hoc payment (2.1, C24) is a token of type DirectPayment, the card's last digits in `additional_info`, and
        `max_cost`, what was paid or reserved in advance. Raises InvalidInputError for an amount that is none.
        """
        if max_cost is not None and not (max_cost.is_finite() and 0 < max_cost < 10**9):
            raise InvalidInputError(f"What was paid in advance is an amount of more than 0; got {max_cost}.")
        command = RequestStart(
            evse_number,
            id_token,
            id_token_type,
            secrets.randbelow(2**31 - 1) + 1,
            additional_info=tuple(additional_info),
            max_cost=max_cost,
        )
        return await self.request(actor, station, command)

    async def request_stop(self, actor: Actor, transaction_id: int) -> CommandResult:
        """End an open transaction (F03). Raises ConflictError when it has ended."""
        require(actor, permission_for(RequestStop("")))
        with tenant_scope(actor.tenant_id):
            async with self._database.reading() as session:
                transaction = await session.get(Transaction, transaction_id)
        if transaction is None:
            raise NotFoundError(f"There is no session {transaction_id}.")
        if not transaction.is_open:
            raise ConflictError(f"Session {transaction_id} has ended already.")
        command = RequestStop(transaction.ocpp_id or str(transaction_id))
        return await self.request(actor, transaction.station_id, command)

    async def change_availability(
        self,
        actor: Actor,
        station: str | int,
        *,
        operative: bool,
        evse_number: int | None = None,
        connector_number: int | None = None,
    ) -> CommandResult:
        """Put the station or a part of it in or out of service (G03, G04)."""
        return await self.request(actor, station, ChangeAvailability(evse_number, connector_number, operative))

    async def reset(
        self, actor: Actor, station: str | int, *, immediate: bool, evse_number: int | None = None
    ) -> CommandResult:
        """Restart (B11, B12); not immediate lets running transactions finish or end in good order."""
        return await self.request(actor, station, Reset(immediate, evse_number))

    async def unlock_connector(
        self, actor: Actor, station: str | int, evse_number: int, connector_number: int = 1
    ) -> CommandResult:
        """Release a cable (F05)."""
        return await self.request(actor, station, UnlockConnector(evse_number, connector_number))

    async def trigger_message(
        self,
        actor: Actor,
        station: str | int,
        message: str,
        evse_number: int | None = None,
        connector_number: int | None = None,
    ) -> CommandResult:
        """Have the station send `message` now (F06)."""
        return await self.request(actor, station, TriggerMessage(message, evse_number, connector_number))

    async def get_variables(self, actor: Actor, station: str | int, *names: VariableName) -> CommandResult:
        """Read variables or configuration keys; without names, all. What comes back is kept with the station."""
        return await self.request(actor, station, GetVariables(names))

    async def set_variable(self, actor: Actor, station: str | int, variable: SetVariable) -> CommandResult:
        """Write a variable or configuration key (B05)."""
        return await self.request(actor, station, variable)

    async def set_variables(self, actor: Actor, station: str | int, *variables: SetVariable) -> CommandResult:
        """Write several variables or configuration keys (B05), in as many requests as the station's limits ask for."""
        return await self.request(actor, station, SetVariables(variables))

    async def clear_cache(self, actor: Actor, station: str | int) -> CommandResult:
        """Have the station forget remembered authorizations (C11)."""
        return await self.request(actor, station, ClearCache())

    async def update_local_list(
        self, actor: Actor, station: str | int, id_token_ids: Sequence[int] | None = None
    ) -> ListResult:
        """Make the station's local list hold these tokens, or all of the tenant's, and no others (D01, D02)."""
        require(actor, permission_for(GetLocalListVersion()))
        with tenant_scope(actor.tenant_id), because_of(current_cause() or new_cause()):
            ref = await self._find(station)
            return await self._finish(self._local_lists.update(actor, ref, id_token_ids))

    async def reserve_now(
        self,
        actor: Actor,
        station: str | int,
        id_token: str,
        expires_at: datetime,
        *,
        id_token_type: str = "ISO14443",  # noqa: S107 - the kind of token, not a secret
        evse_number: int | None = None,
        connector_type: str | None = None,
        group: str | None = None,
    ) -> CommandResult:
        """Keep an EVSE, or any of the station, for a token and its group (H01)."""
        require(actor, permission_for(CancelReservation(0)))
        with tenant_scope(actor.tenant_id):
            ref = await self._find(station)
            async with self._database.reading() as session:
                reservation_id = await free_reservation_id(session, ref.id)
        command = ReserveNow(reservation_id, expires_at, id_token, id_token_type, evse_number, connector_type, group)
        return await self.request(actor, ref.id, command)

    async def cancel_reservation(self, actor: Actor, station: str | int, reservation_id: int) -> CommandResult:
        """Give a reservation up (H02). `reservation_id` is the one on the wire."""
        return await self.request(actor, station, CancelReservation(reservation_id))

    async def send_raw(
        self, actor: Actor, station: str | int, action: str, payload: dict[str, Any], *, validate: bool = True
    ) -> CommandResult:
        """Send any request of the station's OCPP version, checked against its schema unless told not to."""
        return await self.request(actor, station, RawRequest(action, payload, validate))

    def _digest_in(self, command: StationCommand) -> str | None:
        """Of the password that the command gives to the station, if it does. Raises InvalidInputError."""
        password = password_in(command)
        return None if password is None else digest_password(self._secret_key, password)

    async def _find(self, station: str | int) -> StationRef:
        key = col(ChargingStation.id) == station
        if isinstance(station, str):
            key = col(ChargingStation.identity_key) == station.casefold()
        async with self._database.reading() as session:
            query = select(ChargingStation).where(key, col(ChargingStation.decommissioned_at).is_(None))
            found = (await session.execute(query)).scalar_one_or_none()
        if found is None or found.id is None:
            raise NotFoundError(f"There is no station {station}.")
        return StationRef(found.id, found.tenant_id, found.location_id, found.identity)

    async def _finish(self, asking: Coroutine[Any, Any, T]) -> T:
        """Wait for the outcome, but see it through also when the waiting is given up."""
        task = asyncio.create_task(asking)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def _ask_in_parts(
        self,
        actor: Actor,
        ref: StationRef,
        command: StationCommand,
        digest: str | None,
        recorded: "asyncio.Future[int] | None" = None,
    ) -> CommandResult:
        """Ask as often as the station's limits make necessary, until one part finds no answer; the results as one.

        `recorded` is told the id of the first as soon as there is one.
        """
        results: list[CommandResult] = []
        parts = await parts_for(self._database, ref, command)
        for part in parts:
            results.append(await self._ask(actor, ref, part, digest, recorded))
            if results[-1].state != CommandState.ANSWERED:
                break
        again = await second_try(self._database, ref, command, results[-1].answer_status)
        return await self._ask(actor, ref, again, digest) if again is not None else _joined(results, len(parts))

    async def _ask(
        self,
        actor: Actor,
        ref: StationRef,
        command: StationCommand,
        digest: str | None,
        recorded: "asyncio.Future[int] | None" = None,
    ) -> CommandResult:
        """`digest` is of the password that the command gives to the station, if it does."""

        async def record(work: Work) -> int:
            if digest is not None:
                offer_password(work, ref, digest, stays=is_for_later(command))
            return await record_asked(work, actor, ref, command, self._clock.now())

        def conclude(work: Work) -> None:
            taken = verdict(command, outcome)
            if digest is not None and taken is not None:
                settle_password(work, ref, digest, taken=taken)
            record_outcome(work, ref, command_id, command, outcome, self._clock.now())

        command_id = await self._committer.run(record)
        if recorded is not None and not recorded.done():
            recorded.set_result(command_id)
        outcome = await self._deliver(ref, command)
        await self._committer.run(conclude)
        if outcome.late is not None:
            outcome.late(partial(self._amend, ref, command_id, command, digest))
        return CommandResult(
            command_id,
            outcome.state,
            outcome.answer_status,
            outcome.answer,
            outcome.error,
            remote_start_id_of(command),
            outcome.code,
            outcome.call_error,
        )

    def _amend(
        self,
        ref: StationRef,
        command_id: int,
        command: StationCommand,
        digest: str | None,
        came: Delivery | StationRefusedError,
    ) -> None:
        """TR_52: the station answered after it had been given up; the outcome is known now."""
        is_delivered = isinstance(came, Delivery)
        outcome = outcome_of_answer(ref.identity, came) if is_delivered else outcome_of_error(ref.identity, came)

        def unit(work: Work) -> None:
            taken = verdict(command, outcome)
            if digest is not None and taken is not None:
                settle_password(work, ref, digest, taken=taken)
            record_outcome(work, ref, command_id, command, outcome, self._clock.now())

        with tenant_scope(ref.tenant_id):
            task = asyncio.create_task(self._committer.run(unit))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _deliver(self, ref: StationRef, command: StationCommand) -> Outcome:
        try:
            return outcome_of_answer(ref.identity, await self._port.deliver(ref, command))
        except VoltdeckError as error:
            return outcome_of_error(ref.identity, error)
        except Exception:
            log.exception("delivery failed", station=ref.identity, command=type(command).__name__)
            text = f"Something went wrong here while asking {ref.identity}. It may have acted: check its status."
            return Outcome(CommandState.UNKNOWN, error=text)


def _joined(results: Sequence[CommandResult], asked: int) -> CommandResult:
    """The results of the parts as one: what went wrong first, or the word they agree on."""
    first, last = results[0], results[-1]
    if len(results) == 1 and asked == 1:
        return first
    statuses = {result.answer_status for result in results}
    error = next((result.error for result in results if result.error), None)
    if error and asked > len(results):
        error = f"{error} {len(results) - 1} of {asked} requests had been answered before."
    answer = joined_answer([result.answer for result in results])
    status = statuses.pop() if len(statuses) == 1 else None
    result = CommandResult(first.command_id, last.state, status, answer, error)
    return replace(result, code=last.code, call_error=last.call_error)
