"""Mutated frames against a running gateway: `make fuzz` at length, tests/certification/test_tr_fuzz.py in brief."""
