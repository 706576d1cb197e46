"""The fields of a location: its name, address, place on the map, time zone and whom to call."""

from nicegui import ui

from components.place_map import PlaceMap
from csms.errors import InvalidInputError
from csms.stations.places import LocationPlan, time_zones
from models import Location
from pages.operator.forms import text_field
from pages.session import PageContext
from themes.markup import Tag

_FAR, _NEAR = 5, 14


class LocationFields:
    """Shown empty for a new location, or filled in. The map and the two numbers say the same."""

    def __init__(self, context: PageContext, location: Location | None = None) -> None:
        known, tenant = location, context.tenant
        with Tag("div", classes="charger-fields"):
            self._name = text_field("Location name", known.name if known else "", example="North car park", wide=True)
            self._address = text_field("Street and number", known.address if known else "", wide=True)
            self._postal_code = text_field("Postal code", known.postal_code if known else "")
            self._city = text_field("City", known.city if known else "")
            self._country = text_field("Country", known.country if known else "", example="DEU")
            zones = sorted(time_zones())
            zone = known.time_zone if known else tenant.time_zone
            self._zone = ui.select(zones, label="Time zone", value=zone if zone in zones else "UTC", with_input=True)
            self._zone.props("outlined").classes("w-full")
            with Tag("div", classes="wide vd-stack vd-stack--tight"):
                Tag("span", "Click the map where it is, or type the coordinates.", "charger-hint")
                settings = context.services.settings
                self._map = PlaceMap(
                    center=(known.latitude, known.longitude) if known else (tenant.map_latitude, tenant.map_longitude),
                    zoom=_NEAR if known else max(_FAR, tenant.map_zoom),
                    marked=known is not None,
                    on_place=self._placed,
                    tile_url=settings.map_tile_url or "",
                    attribution=settings.map_tile_attribution,
                )
            self._tariff_id = known.tariff_id if known else None
            self._latitude = text_field("Latitude", f"{known.latitude:g}" if known else "", example="52.5206")
            self._longitude = text_field("Longitude", f"{known.longitude:g}" if known else "", example="13.4098")
            self._phone = text_field("Support phone", known.support_phone if known else "", example="+49 30 123456")
            self._phone.props["hint"] = "On labels and drivers' pages, if another one than yours"
        for field in (self._latitude, self._longitude):
            field.on("blur", self._typed)

    def read(self) -> LocationPlan:
        """The location as entered. Raises InvalidInputError for coordinates that are no numbers."""
        return LocationPlan(
            name=self._name.value or "",
            latitude=_degrees("Latitude", self._latitude.value),
            longitude=_degrees("Longitude", self._longitude.value),
            time_zone=str(self._zone.value or ""),
            address=self._address.value or "",
            city=self._city.value or "",
            postal_code=self._postal_code.value or "",
            country=self._country.value or "",
            support_phone=self._phone.value or "",
            tariff_id=self._tariff_id,
        )

    def _placed(self, latitude: float, longitude: float) -> None:
        self._latitude.set_value(f"{latitude:.6f}")
        self._longitude.set_value(f"{longitude:.6f}")

    def _typed(self) -> None:
        try:
            latitude = _degrees("Latitude", self._latitude.value)
            longitude = _degrees("Longitude", self._longitude.value)
        except InvalidInputError:
            return  # said when the form is sent
        if -90 <= latitude <= 90 and -180 <= longitude <= 180:
            self._map.place(latitude, longitude)


def _degrees(what: str, text: str | None) -> float:
    try:
        return float((text or "").strip().replace(",", "."))
    except ValueError:
        raise InvalidInputError(f"{what}: click the map, or enter a number such as 52.5206.") from None
