"""The dialect of OCPP 2.1: that of 2.0.1, and what came after it."""
