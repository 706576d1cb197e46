"""OCPP 2.0.1: what the answers to requests about variables teach (B05, B06)."""

from csms.gateway.asking import Asked
from csms.gateway.device_model import variables_read, variables_written
from csms.stations.service import store_pending, store_variables
from csms.work import Work


async def learn_read(work: Work, asked: Asked) -> None:
    """B06: what was read is kept."""
    await store_variables(work, asked.ref, variables_read(asked.answer["getVariableResult"]), asked.at)


async def learn_written(work: Work, asked: Asked) -> None:
    """B05: a value is in force once its own result is Accepted, or at the next boot (RebootRequired)."""
    written, results = asked.payload["setVariableData"], asked.answer["setVariableResult"]
    await store_variables(work, asked.ref, variables_written(written, results), asked.at, written=True)
    await store_pending(work, asked.ref, variables_written(written, results, "RebootRequired"), asked.at)


LESSONS = {"GetVariables": learn_read, "SetVariables": learn_written}
