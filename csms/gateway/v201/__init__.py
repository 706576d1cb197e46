"""The dialect of OCPP 2.0.1: what its stations say and are asked."""
