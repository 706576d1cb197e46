"""News: what has happened, told to whoever listens. May be lost when a node dies, and nobody is poorer."""
