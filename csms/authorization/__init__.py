"""Who may charge: the decision on an IdToken."""
