"""The operator dashboard of one tenant."""
