"""What programs are told of an event: names that are dotted and unique, bodies that are JSON, no tenant."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import orjson

from csms.access.policy import Permission
from csms.bus.events import CommandChanged, ReservationChanged, TransactionEnded
from csms.bus.outside import BY_NAME, OUTSIDE, said


def test_names_are_dotted_unique_and_need_a_permission_that_exists() -> None:
    assert len(BY_NAME) == len(OUTSIDE)
    for name, outside in BY_NAME.items():
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", name)
        assert outside.permission in set(Permission)
        assert outside.text.endswith((".", "…"))


def test_a_body_is_plain_json() -> None:
    event = ReservationChanged(
        tenant_id=7, station_id=3, at=datetime(2026, 1, 1, tzinfo=UTC), reservation_id=5, evse_number=1, state="made"
    )
    assert said(event) == {
        "stationId": 3,
        "reservationId": 5,
        "evseNumber": 1,
        "state": "made",
        "transactionId": None,
    }


def test_amounts_are_text_and_times_iso() -> None:
    values = dict.fromkeys(TransactionEnded.__dataclass_fields__)
    values |= {"cost": Decimal("1.20"), "ended_at": datetime(2026, 1, 1, tzinfo=UTC)}
    body = said(TransactionEnded(**values))  # type: ignore[arg-type]
    assert orjson.loads(orjson.dumps(body)) == body
    assert (body["cost"], body["endedAt"]) == ("1.20", "2026-01-01T00:00:00+00:00")
    assert CommandChanged in OUTSIDE
