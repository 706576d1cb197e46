"""What people see: one file per address, by reader."""
