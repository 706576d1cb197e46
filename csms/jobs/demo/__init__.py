"""Two demo tenants with a past, a present and stations to simulate."""

from csms.jobs.demo.notes import demo_notes
from csms.jobs.demo.seed import seed_demo
from csms.jobs.demo.world import DemoStation, DemoTenant, DemoWorld

__all__ = ["DemoStation", "DemoTenant", "DemoWorld", "demo_notes", "seed_demo"]
