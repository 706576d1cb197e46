"""The archive of raw frames: what is kept, what is hidden, what is told."""

import pytest

from csms.bus.events import Event, FrameLogged
from csms.gateway.archive import shown
from csms.gateway.server import Gateway
from models.db import Database
from tests.csms.gateway.stations import frames_of, station_at
from tests.tenancy import TwoTenants


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[2,"a","Heartbeat",{}]', '[2,"a","Heartbeat",{}]'),
        (
            '[2,"a","ChangeConfiguration",{"key":"AuthorizationKey","value":"s3cret"}]',
            '[2,"a","ChangeConfiguration",{"key":"AuthorizationKey","value":"***"}]',
        ),
        (
            '[2,"a","SetVariables",{"setVariableData":[{"attributeValue":"s3cret",'
            '"component":{"name":"SecurityCtrlr"},"variable":{"name":"BasicAuthPassword"}}]}]',
            '[2,"a","SetVariables",{"setVariableData":[{"attributeValue":"***",'
            '"component":{"name":"SecurityCtrlr"},"variable":{"name":"BasicAuthPassword"}}]}]',
        ),
        (
            '[2,"a","X",{"connectionData":{"basicAuthPassword":"s3cret"}}]',
            '[2,"a","X",{"connectionData":{"basicAuthPassword":"***"}}]',
        ),
        ('{"password": "cut o', "***"),
        ("a\0b", "a\N{REPLACEMENT CHARACTER}b"),
    ],
)
def test_secrets_are_not_shown(text: str, expected: str) -> None:
    assert shown(text) == expected


async def test_an_exchange_is_one_row_and_one_event(
    gateway: Gateway, database: Database, tenants: TwoTenants, told: list[Event]
) -> None:
    async with station_at(gateway, "GREEN-1") as station, station_at(gateway, "BLUE-1") as other:
        await station.call("Heartbeat", {}, "m1")
        await other.call("Heartbeat", {}, "m2")
    [frame] = await frames_of(database, tenants.green.station)
    assert (frame.tenant_id, frame.message_id, frame.action) == (tenants.green.id, "m1", "Heartbeat")
    assert (frame.from_station, frame.outcome) == (True, "result")
    assert frame.text == '[2,"m1","Heartbeat",{}]'
    assert frame.answer_text is not None
    assert frame.answer_text.startswith('[3,"m1",{"currentTime":"')
    assert frame.latency_ms is not None
    events = [event for event in told if isinstance(event, FrameLogged)]
    assert [(event.tenant_id, event.frame["message_id"]) for event in events] == [
        (tenants.green.id, "m1"),
        (tenants.blue.id, "m2"),
    ]
