"""Which Chromium the tests drive, and how."""

import os
import shutil
from typing import Any

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch_options() -> dict[str, Any]:
    """For `chromium.launch`: the distribution's where there is one ($VOLTDECK_CHROMIUM), else Playwright's own."""
    path = os.environ.get("VOLTDECK_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    return {"args": FLAGS, **({"executable_path": path} if path else {})}
