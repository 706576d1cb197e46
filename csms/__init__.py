"""The engine: an OCPP central system that runs headless. Nouns of charging, stacked in ranks."""
