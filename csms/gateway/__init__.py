"""Where charging stations connect: sockets, security, and the dialects of OCPP."""
