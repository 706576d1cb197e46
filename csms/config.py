"""Every setting of Voltdeck: read from VOLTDECK_* variables or a .env file, each with a working default."""

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an operator of the platform may choose; docs/settings.md describes each one."""

    model_config = SettingsConfigDict(env_prefix="VOLTDECK_", env_file=".env", extra="ignore")

    data_dir: Path = Field(
        default=Path("data"), description="Folder for the SQLite file, the secret key and simulator memory."
    )
    database_url: str | None = Field(
        default=None, description="`postgresql://user@host/name`; without it, SQLite in the data folder."
    )
    secret_key: SecretStr | None = Field(
        default=None, description="Signs cookies and keys password digests; without it, one is made in the data folder."
    )

    web_host: str = Field(default="0.0.0.0", description="Address the web server listens on.")  # noqa: S104 - a server listens
    web_port: int = Field(default=8080, description="Port of dashboard and API.")
    ocpp_host: str = Field(default="0.0.0.0", description="Address the OCPP gateway listens on.")  # noqa: S104 - a server listens
    ocpp_port: int = Field(default=9000, description="Port on which charging stations connect.")

    platform_host: str = Field(default="localhost", description="Hostname of the platform owner's own pages.")
    secure_cookies: bool = Field(default=False, description="Set `Secure` on cookies; turn on behind HTTPS.")
    sign_in_hours: int = Field(default=12, description="Hours until a sign-in must be repeated.")
    sign_in_idle_minutes: int = Field(
        default=0, ge=0, description="Minutes of not using a sign-in, tabs open or not, after which it ends; 0: none."
    )
    owners_second_factor: bool = Field(
        default=False, description="Ask a second step of platform owners on the platform's own pages."
    )
    hsts_subdomains: bool = Field(
        default=False, description="Let HSTS, sent with secure cookies, bind the subdomains of our hostnames as well."
    )

    public_port: int | None = Field(
        default=None,
        description="Port in addresses we tell people; without it 443 with secure cookies, else the web port.",
    )
    platform_domain: str | None = Field(
        default=None, description="Tenants answer at `<slug>.<this domain>`; without it, the platform's own hostname."
    )
    sign_up: Literal["closed", "open", "invited"] = Field(
        default="closed",
        description="Who may make a tenant of their own at `/sign-up`: nobody (`closed`), everybody (`open`), or whom "
        "a platform owner sends a link (`invited`).",
    )
    dns_server: str | None = Field(
        default=None,
        description="`address` or `address:port` that is asked about custom domains; without it, this machine's own.",
    )
    web_proxies: str = Field(
        default="127.0.0.1,::1",
        description="Addresses or networks, comma-separated, of proxies whose word on a visitor's address and scheme "
        "is taken, and that may ask which certificates to get.",
    )
    redis_url: str | None = Field(
        default=None,
        description="`redis://…`: rate limits and tries at signing in shared by several processes; without it, each "
        "counts alone.",
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="`smtp://user:password@host:587` (STARTTLS where offered) or `smtps://…`; without it, mails are "
        "files in `mail` of the data folder.",
    )
    mail_from: str = Field(default="no-reply@localhost", description="Address that mails come from.")

    sso_private_hosts: str = Field(
        default="",
        description="Hosts, comma-separated, of OpenID providers in private networks; others need public addresses.",
    )
    webhook_networks: str = Field(
        default="",
        description="Private networks, comma-separated, that webhooks may reach, also over plain HTTP; else none.",
    )

    metrics_token: SecretStr | None = Field(
        default=None, description="Whoever bears it may read `/metrics`; without it, only this machine may."
    )

    api_requests_per_minute: int = Field(
        default=600, description="Requests to the API per minute of one credential; an address may make twice as many."
    )
    api_sign_ins_per_minute: int = Field(
        default=30, description="Requests to `/api/v1/auth` per minute of one address."
    )

    map_tile_url: str | None = Field(
        default=None, description="Street tiles over the built-in vector map, as `https://…/{z}/{x}/{y}.png`."
    )
    map_tile_attribution: str = Field(default="", description="Credit line that the tile provider asks for.")

    heartbeat_interval_s: int = Field(
        default=300, description="Seconds between heartbeats asked of stations, before jitter."
    )
    ocpp_public_url: str | None = Field(
        default=None,
        description="Where stations reach the gateway from outside, such as `wss://{host}/ocpp` behind a proxy; "
        "`{host}` is the tenant's hostname.",
    )
    ocpp_ping_interval_s: float = Field(default=45.0, description="Seconds between WebSocket pings to a station.")
    ocpp_ping_timeout_s: float = Field(
        default=45.0, description="Seconds a pong may take before the socket counts as dead."
    )
    ocpp_max_message_bytes: int = Field(default=1_048_576, description="Largest frame accepted from a station.")
    ocpp_max_message_bytes_before_boot: int = Field(
        default=65_536, description="Largest frame accepted from a station whose registration is not accepted."
    )
    ocpp_opening_per_address: int = Field(
        default=1_000, description="Connections one address may hold open before their first request is complete."
    )
    ocpp_opening_total: int = Field(
        default=10_000, description="Connections all addresses together may hold open before their first request."
    )
    ocpp_accepts_per_s: float = Field(default=2_000.0, description="Stations that may sign in per second.")
    ocpp_refusals_before_slow: int = Field(
        default=20, description="Wrong passwords of an address or identity in ten minutes before it is answered slowly."
    )
    ocpp_messages_per_s: float = Field(default=100.0, description="Messages a station may send per second on average.")
    ocpp_message_burst: float = Field(
        default=500.0, description="Messages a station may send at once before it is slowed."
    )
    ocpp_flood_s: float = Field(
        default=60.0, description="Seconds without a pause that a station is slowed before its socket is closed."
    )
    ocpp_malformed_limit: int = Field(
        default=10, description="Malformed frames in a row after which a socket is closed."
    )
    ocpp_call_timeout_s: float = Field(default=30.0, description="Seconds a station may take to answer a request.")
    authorize_without_database: bool = Field(
        default=False, description="Accept every token that a station asks about while the database cannot be reached."
    )
    ocpp_drain_s: float = Field(
        default=10.0, description="Seconds over which a large fleet is sent away at shutdown; a small one goes at once."
    )
    quirks_file: Path | None = Field(
        default=None, description="TOML file of quirk profiles that add to the built-in ones."
    )

    ocpp_tls_port: int = Field(
        default=9443, description="Port on which stations connect over TLS (wss://), where there is a certificate."
    )
    ocpp_tls_ecdsa_certificate: Path | None = Field(
        default=None, description="PEM chain of the ECDSA server certificate; else `tls/ecdsa.crt` in the data folder."
    )
    ocpp_tls_ecdsa_key: Path | None = Field(
        default=None, description="Its private key, unencrypted PEM; else `tls/ecdsa.key` in the data folder."
    )
    ocpp_tls_rsa_certificate: Path | None = Field(
        default=None, description="PEM chain of the RSA server certificate; else `tls/rsa.crt` in the data folder."
    )
    ocpp_tls_rsa_key: Path | None = Field(
        default=None, description="Its private key, unencrypted PEM; else `tls/rsa.key` in the data folder."
    )
    ocpp_tls_reload_s: float = Field(
        default=60.0, description="Seconds between looks for renewed certificates and changed trust."
    )
    ocpp_proxies: str = Field(
        default="", description="Addresses or networks, comma-separated, of proxies that end TLS for the plain port."
    )
    ocpp_proxy_certificate_header: str = Field(
        default="X-Client-Cert", description="Header in which such a proxy passes on the client certificate."
    )
    certificate_days: int = Field(default=397, description="Days that certificates signed for stations are valid.")
    ocsp_hosts: str = Field(
        default="", description="Hosts, comma-separated, that may be asked by OCSP whether a certificate is good."
    )
    ocsp_timeout_s: float = Field(default=5.0, description="Seconds such a host may take to answer.")
    iso15118_provider_url: str | None = Field(
        default=None, description="Certificate provisioning service for contract certificates (ISO 15118)."
    )
    iso15118_provider_token: SecretStr | None = Field(
        default=None, description="Bearer token for the certificate provisioning service."
    )
    iso15118_timeout_s: float = Field(
        default=10.0, description="Seconds the certificate provisioning service may take to answer."
    )
    ocpp16_iso15118: bool = Field(
        default=False, description="Serve ISO 15118 Plug & Charge to OCPP 1.6 stations, inside DataTransfer."
    )

    local_list_quiet_s: float = Field(
        default=10.0,
        description="Seconds without a change of cards before stations' local lists are brought up to date.",
    )
    local_list_retry_s: float = Field(
        default=900.0,
        description="Seconds until a station whose local list could not be brought up to date is tried again.",
    )
    unknown_card_days: int = Field(
        default=30, description="Days that an unknown card is offered for adoption after it was last seen."
    )
    read_capabilities: bool = Field(
        default=True, description="Ask stations for their configuration, once per firmware version."
    )
    customer_information_days: int = Field(
        default=30, description="Days that customer information told by stations is kept; it is personal data."
    )
    frame_retention_days: int = Field(default=30, description="Days that raw frames are kept.")
    frame_retention_mb: int = Field(
        default=20_000, description="Megabytes of raw frames that are kept; the oldest go first."
    )
    failure_retention_days: int = Field(
        default=30, description="Days that failed handshakes are kept after they last happened."
    )
    log_level: str = Field(default="INFO", description="Least severe log level written.")
    log_format: str = Field(default="console", description="`console` for people, `json` for machines.")

    def resolved_database_url(self) -> str:
        """The URL as set, or that of the SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{self.data_dir / 'voltdeck.sqlite3'}"

    def resolved_secret_key(self) -> bytes:
        """The platform's key; made once and kept in the data folder (mode 600) when none is set."""
        if self.secret_key is not None:
            return self.secret_key.get_secret_value().encode()
        path = self.data_dir / "secret.key"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(32))
        return path.read_text().strip().encode()

    @property
    def sign_in_idle(self) -> timedelta | None:
        """How long a sign-in holds without being used; None: as long as it lasts."""
        return timedelta(minutes=self.sign_in_idle_minutes) if self.sign_in_idle_minutes else None

    def address_of(self, hostname: str) -> str:
        """Where people reach a hostname of ours: scheme, name and, where it is not the usual one, port."""
        scheme, usual = ("https", 443) if self.secure_cookies else ("http", 80)
        port = self.public_port or (443 if self.secure_cookies else self.web_port)
        return f"{scheme}://{hostname}" + ("" if port == usual else f":{port}")

    def resolved_platform_domain(self) -> str:
        """The domain below which tenants have their slugs."""
        return (self.platform_domain or self.platform_host).strip().strip(".").casefold()
