"""From a command to the socket of its station, and back with the answer."""

from collections.abc import Callable

from csms.commands.commands import StationCommand
from csms.commands.port import Delivery, LateAnswer
from csms.errors import StationOfflineError, StationRefusedError, StationTimeoutError
from csms.gateway.asking import Asking
from csms.gateway.context import Services, Station
from csms.gateway.registration import require_welcome
from csms.gateway.registry import Registry
from csms.gateway.requests import Question
from csms.gateway.v16 import commands as commands_16
from csms.gateway.v16.routes import LESSONS as LESSONS_16
from csms.gateway.v21.routes import LESSONS as LESSONS_21
from csms.gateway.v201 import commands as commands_201
from csms.gateway.v201.routes import LESSONS as LESSONS_201
from csms.gateway.wire import status_in
from csms.ocpp.frames import CallError, CallResult
from csms.ocpp.version import OcppVersion
from csms.stations.ref import StationRef


class Router:
    """Delivers commands to the stations connected here."""

    def __init__(self, registry: Registry, services: Services) -> None:
        self._registry = registry
        self._services = services

    async def deliver(self, ref: StationRef, command: StationCommand) -> Delivery:
        """Encode, send, wait and read the answer; raises as CommandPort.deliver says."""
        connection = self._registry.locate(ref.id)
        if connection is None or connection.station.ref.tenant_id != ref.tenant_id:
            raise StationOfflineError(f"{ref.identity} is not connected")
        station = connection.station
        question = self._encode(station, command)
        require_welcome(station, question.action, question.payload)
        try:
            return _delivery(question, await connection.requests.call(question))
        except StationTimeoutError as error:
            raise StationTimeoutError(str(error), _translated(question, error)) from None

    def _encode(self, station: Station, command: StationCommand) -> Question:
        encode, lessons = _DIALECTS[station.version]
        timeout_s = self._services.settings.ocpp_call_timeout_s
        return encode(command, Asking(station.ref, self._services.clock, timeout_s, lessons))


def _delivery(question: Question, answer: CallResult | CallError) -> Delivery:
    if isinstance(answer, CallError):
        raise StationRefusedError(answer.code, answer.description, answer.details)
    return Delivery(question.action, question.payload, status_in(answer.payload), answer.payload)


def _translated(question: Question, error: StationTimeoutError) -> LateAnswer | None:
    """TR_52: who waits for a late answer is told what `deliver` would have returned or raised."""
    late = error.late
    if late is None:
        return None

    def tell(listener: Callable[[Delivery | StationRefusedError], None]) -> None:
        def hear(answer: CallResult | CallError) -> None:
            try:
                listener(_delivery(question, answer))
            except StationRefusedError as refused:
                listener(refused)

        late(hear)

    return tell


_DIALECTS = {
    OcppVersion.V16: (commands_16.encode, LESSONS_16),
    OcppVersion.V201: (commands_201.encode, LESSONS_201),
    OcppVersion.V21: (commands_201.encode, LESSONS_21),
}
