"""Work on a schedule or at start-up, not for anyone waiting."""
