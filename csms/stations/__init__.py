"""Charging stations: how they register, what they are made of, what they report and what befalls them."""
