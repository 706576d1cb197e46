"""A real Caddy on loopback with the product's own Caddyfile, its certificates from an authority made for the test."""

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path

import httpx

from tests.processes import ROOT, free_port
from tests.services import skip_or_fail

_OPTIONS = "local_certs\nskip_install_trust\ndefault_bind 127.0.0.1\nservers {\nprotocols h1 h2\n}"


class Caddy:
    """Ends TLS on `https_port` in front of a web server and a gateway."""

    def __init__(self, folder: Path, web_port: int, ocpp_port: int) -> None:
        program = shutil.which("caddy")
        if program is None:
            skip_or_fail("There is no Caddy; install it (apt-get install caddy) to test certificates for domains")
        self.https_port, self.http_port = free_port(), free_port()
        self.root = folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        environment = {
            **os.environ,
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
            "VOLTDECK_CADDY_ADMIN": "off",
            "VOLTDECK_CADDY_WEB": f"127.0.0.1:{web_port}",
            "VOLTDECK_CADDY_GATEWAY": f"127.0.0.1:{ocpp_port}",
            "VOLTDECK_CADDY_HTTP": str(self.http_port),
            "VOLTDECK_CADDY_HTTPS": str(self.https_port),
            "VOLTDECK_CADDY_OPTIONS": _OPTIONS,
        }
        arguments = [program, "run", "--config", str(ROOT / "deploy" / "Caddyfile"), "--adapter", "caddyfile"]
        self._log = (folder / "caddy.log").open("wb")
        self._process = subprocess.Popen(arguments, env=environment, stdout=self._log, stderr=self._log)
        self._wait(folder)

    def trust(self) -> ssl.SSLContext:
        """What a browser that knows this authority trusts."""
        return ssl.create_default_context(cafile=self.root)

    def get(self, host: str, path: str = "/") -> httpx.Response:
        """What a browser finds at https://host: the name in TLS and in HTTP is `host`. Raises httpx.ConnectError when
        no certificate is served that it trusts for that name."""
        with httpx.Client(verify=self.trust(), trust_env=False, timeout=20) as client:
            return client.get(
                f"https://127.0.0.1:{self.https_port}{path}",
                headers={"Host": f"{host}:{self.https_port}"},
                extensions={"sni_hostname": host},
            )

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(20)
        self._log.close()

    def _wait(self, folder: Path) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"Caddy ended: {(folder / 'caddy.log').read_text()[-2000:]}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.https_port), 0.5):
                if self.root.exists():
                    return
            time.sleep(0.02)  # another process: there is no event to wait for
        raise RuntimeError("Caddy did not open its port")
