"""`make fuzz`: 100,000 mutated frames per version against a platform of its own."""

import argparse
import asyncio
import tempfile
from pathlib import Path

from csms.gateway.subprotocols import SERVED
from csms.logs import configure_logging
from csms.ocpp.version import OcppVersion
from main import build
from models.scope import platform_scope
from tests.certification.lab import Lab
from tests.csms.gateway.stations import settings
from tests.fuzz.attack import UNBOUNDED, attack
from tests.tenancy import found_two_tenants


async def fuzz(versions: list[OcppVersion], frames: int, seed: int) -> None:
    """Start, attack, report."""
    with tempfile.TemporaryDirectory() as folder:
        platform = build(settings(data_dir=Path(folder), **UNBOUNDED))
        await platform.open()
        tenants = await found_two_tenants(platform.database)
        with platform_scope():
            await platform.board.rebuild()
        await platform.gateway.start()
        for version in versions:
            report = await attack(Lab(platform, tenants), version, frames, seed)
            memory, caches = told(report.memory_mb), told(report.caches_mb)
            print(f"OCPP {version}: {report.sent} frames, {report.answered} answers, {report.results} results")
            print(
                f"  {dict(report.codes.most_common())}\n  memory in MB: {memory}\n  of which SQLite: {caches}",
                flush=True,
            )
        await platform.gateway.stop()
        await platform.close()


def told(samples: list[float]) -> str:
    """Ten or so of them, in a line."""
    return ", ".join(f"{each:.0f}" for each in samples[:: max(1, len(samples) // 10)])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--version", choices=[str(version) for version in SERVED])
    given = parser.parse_args()
    configure_logging("ERROR", "console")
    chosen = [version for version in SERVED if given.version in (None, str(version))]
    asyncio.run(fuzz(chosen, given.frames, given.seed))
