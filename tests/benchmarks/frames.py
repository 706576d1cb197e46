"""The frames that are measured, as stations send them."""

from datetime import UTC, datetime, timedelta

_START = datetime(2026, 1, 1, tzinfo=UTC)


def boot(message_id: str) -> str:
    """OCPP 1.6 BootNotification."""
    return f'[2,"{message_id}","BootNotification",{{"chargePointVendor":"Bench","chargePointModel":"One"}}]'


def heartbeat(message_id: str, _number: int) -> str:
    """OCPP 1.6 Heartbeat."""
    return f'[2,"{message_id}","Heartbeat",{{}}]'


def meter_values(message_id: str, number: int) -> str:
    """OCPP 1.6 MeterValues with six sampled values; `number` sets time and register, so that no two are alike."""
    at = (_START + timedelta(seconds=10 * number)).strftime("%Y-%m-%dT%H:%M:%SZ")
    samples = (
        f'{{"value":"{1_000_000 + number * 30}","context":"Sample.Periodic",'
        '"measurand":"Energy.Active.Import.Register","unit":"Wh"}',
        '{"value":"10890.0","context":"Sample.Periodic","measurand":"Power.Active.Import","unit":"W"}',
        '{"value":"15.8","context":"Sample.Periodic","measurand":"Current.Import","phase":"L1","unit":"A"}',
        '{"value":"15.7","context":"Sample.Periodic","measurand":"Current.Import","phase":"L2","unit":"A"}',
        '{"value":"15.9","context":"Sample.Periodic","measurand":"Current.Import","phase":"L3","unit":"A"}',
        '{"value":"230.1","context":"Sample.Periodic","measurand":"Voltage","phase":"L1-N","unit":"V"}',
    )
    return (
        f'[2,"{message_id}","MeterValues",{{"connectorId":1,"transactionId":TX,"meterValue":'
        f'[{{"timestamp":"{at}","sampledValue":[{",".join(samples)}]}}]}}]'
    )


def start_transaction(message_id: str, number: int) -> str:
    """OCPP 1.6 StartTransaction on connector 1."""
    at = (_START + timedelta(seconds=10 * number)).strftime("%Y-%m-%dT%H:%M:%SZ")
    payload = f'{{"connectorId":1,"idTag":"BENCH","meterStart":1000000,"timestamp":"{at}"}}'
    return f'[2,"{message_id}","StartTransaction",{payload}]'
