"""A charging station and an electric vehicle that speak OCPP: demo, test partner and load in one."""
