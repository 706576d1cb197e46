"""Tells programs of a tenant what happened, by signed POST requests that are repeated until they arrive."""
