"""What the platform asks of stations by itself, as reactions to what happened."""
