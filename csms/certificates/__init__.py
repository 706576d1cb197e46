"""Certificates of stations and of vehicles: who signs them, who holds them, whether they still hold."""
