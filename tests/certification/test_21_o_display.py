"""OCPP 2.1, O: messages in the driver's language."""

import pytest

from models import DisplayMessage
from tests.certification.lab import Lab
from tests.certification.station import Json

ENGLISH = {"format": "UTF8", "language": "en", "content": "Wear gloves"}
GERMAN = {"format": "UTF8", "language": "de", "content": "Handschuhe tragen"}
SHOWN: Json = {"id": 1, "priority": "NormalCycle", "message": ENGLISH, "messageExtra": [GERMAN]}


@pytest.mark.parametrize(
    ("status", "kept"),
    [
        pytest.param("LanguageNotSupported", 0, marks=pytest.mark.case("TC_O_100_CSMS")),
        pytest.param("Accepted", 1, marks=pytest.mark.case("TC_O_101_CSMS")),
    ],
)
async def test_o_100_o_101_languages(lab: Lab, status: str, kept: int) -> None:
    async with lab.station("2.1") as station:
        asked, result = await lab.operate(station, "SetDisplayMessage", {"message": SHOWN}, {"status": status})
        assert asked.payload == {"message": SHOWN}
        assert (result.answer_status, result.succeeded) == (status, kept == 1)
        rows = await lab.rows(DisplayMessage, station_id=station.ref.id)
        assert [row.details["messageExtra"] for row in rows] == [[GERMAN]] * kept
