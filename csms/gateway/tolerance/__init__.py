"""Lenient in (TR_50): what breaks its schema but can be understood is repaired on a copy; see docs/decisions/0005."""
