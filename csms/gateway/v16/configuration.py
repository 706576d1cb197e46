"""OCPP 1.6: what the answers to requests about configuration keys teach (TC_019, TC_021)."""

from typing import cast

from csms.gateway.asking import Asked, Json
from csms.stations.service import VariableReport, store_pending, store_variables
from csms.work import Work


async def learn_keys(work: Work, asked: Asked) -> None:
    """TC_019: every key the station tells of is kept."""
    reports = [
        VariableReport(
            variable=entry["key"],
            value=entry.get("value"),
            mutability="ReadOnly" if entry["readonly"] else "ReadWrite",
            characteristics={},
        )
        for entry in cast(list[Json], asked.answer.get("configurationKey") or [])
    ]
    await store_variables(work, asked.ref, reports, asked.at)


async def learn_change(work: Work, asked: Asked) -> None:
    """TC_021: a value is in force once accepted, or at the next boot (RebootRequired); else it stays (TC_040)."""
    report = VariableReport(variable=str(asked.payload.get("key", "")), value=str(asked.payload.get("value", "")))
    status = asked.answer.get("status")
    if status == "Accepted":
        await store_variables(work, asked.ref, [report], asked.at, written=True)
    elif status == "RebootRequired":
        await store_pending(work, asked.ref, [report], asked.at)


LESSONS = {"GetConfiguration": learn_keys, "ChangeConfiguration": learn_change}
