"""Firmware updates, logs and what else takes a station a while: jobs that it reports on."""
