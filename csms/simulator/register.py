"""A meter's register: whole watt-hours that only ever grow."""


class MeterRegister:
    """Counts energy. The part below one watt-hour is kept, so that no energy is lost to rounding."""

    __slots__ = ("_part_wh", "_whole_wh")

    def __init__(self, energy_wh: int = 0, part_wh: float = 0.0) -> None:
        self._whole_wh = energy_wh
        self._part_wh = part_wh

    @property
    def energy_wh(self) -> int:
        """What the display shows."""
        return self._whole_wh

    @property
    def exact_wh(self) -> float:
        """With the part the display does not show."""
        return self._whole_wh + self._part_wh

    def add(self, energy_wh: float) -> None:
        """Count energy. Raises ValueError for a negative amount: this meter has no reverse."""
        if energy_wh < 0:
            raise ValueError(f"a register cannot count {energy_wh} Wh")
        self._part_wh += energy_wh
        whole = int(self._part_wh)
        self._whole_wh += whole
        self._part_wh -= whole
