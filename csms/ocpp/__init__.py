"""The protocol as a value: OCPP-J frames, RPC and schemas without any I/O."""
