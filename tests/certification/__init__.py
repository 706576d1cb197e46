"""What certification asks of a central system: a test per case, named by its id, driven at the socket by raw frames."""
