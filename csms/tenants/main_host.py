"""Which of a tenant's hostnames stands in the addresses that we give to people and chargers."""

from csms.tenants.directory import TenantInfo


def main_host_of(tenant: TenantInfo) -> str:
    """The tenant's main hostname, else its first one; empty where it has none."""
    return str(getattr(tenant, "main_host", "")) or next(iter(tenant.hosts), "")
