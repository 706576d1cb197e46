"""The acceptance check: tries a new station step by step before drivers do, and keeps what came of it as a report."""
