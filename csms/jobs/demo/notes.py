"""What `demo` prints at its start: what to open, how to sign in, how to connect a charger of one's own."""

from csms.config import Settings
from csms.jobs.demo.world import DemoTenant, DemoWorld


def demo_notes(world: DemoWorld, settings: Settings) -> str:
    """A text for the terminal. It names the demo's fixed sign-ins; nothing else in it is secret."""
    parts = [_tenant_notes(tenant, settings) for tenant in world.tenants]
    own = [_own_notes(tenant, settings) for tenant in world.tenants if tenant.own_charger]
    ending = f"{len(world.stations)} simulated stations connect now. Ctrl-C stops; the next start continues."
    return "\n".join(["", *parts, *own, ending, ""])


def _tenant_notes(tenant: DemoTenant, settings: Settings) -> str:
    lines = [f"  {tenant.name:14} http://{tenant.hostname}:{settings.web_port}"]
    lines += [f"    {person.role:9} {person.email:32} {person.password}" for person in tenant.people]
    return "\n".join(lines) + "\n"


def _own_notes(tenant: DemoTenant, settings: Settings) -> str:
    identity, password = tenant.own_charger or ("", "")
    return (
        f"  A charger of your own ({tenant.name}):\n"
        f"    ws://<this machine>:{settings.ocpp_port}/ocpp/{identity}\n"
        f"    user name {identity}, password {password}\n"
    )
