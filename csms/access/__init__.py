"""Who acts: sign-in, roles and permissions, and the audit record."""
