"""Charging profiles and what follows from them."""
