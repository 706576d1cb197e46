"""Charging stations and EVs that speak real OCPP; an honest stranger to the engine."""
