"""Tells people and programs outside what happened: which news to whom, over which channel."""
