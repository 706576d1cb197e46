"""Tenants: hostname to tenant, and what a tenant is called and looks like."""
