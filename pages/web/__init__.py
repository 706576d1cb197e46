"""What every request passes on its way to a page: which host, whose browser, which headers."""
