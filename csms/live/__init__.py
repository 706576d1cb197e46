"""One in-memory picture per node, kept by events, followed by browser tabs."""
