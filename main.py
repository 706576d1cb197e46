"""Wires everything, once, and starts it: the command line of Voltdeck."""

import asyncio
import contextlib
import gc
import signal
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import structlog
import typer
import uvicorn
import uvloop

from csms.acceptance.service import Acceptance, give_up_unfinished
from csms.access import service as access
from csms.access.limiting import Limiter
from csms.access.oidc import OpenId
from csms.access.outgoing import Outgoing
from csms.access.policy import Actor
from csms.access.second_factor import forget_factor_of
from csms.access.single_sign_on import SingleSignOn
from csms.automation.limits import LimitGuard
from csms.automation.local_lists import ListKeeper
from csms.automation.reactions import REACTIONS
from csms.automation.service import Automation, Hands
from csms.bus.bus import Bus
from csms.bus.events import SignInsChanged, StationChanged, StationRemoved, TransactionRepaired
from csms.certificates import desk
from csms.clock import Clock, SystemClock
from csms.commands.service import Commands, give_up_unanswered
from csms.config import Settings
from csms.errors import NotFoundError, VoltdeckError
from csms.gateway.server import Gateway
from csms.jobs.contradictions import Contradictions
from csms.jobs.demo import demo_notes, seed_demo
from csms.jobs.domains import DomainWatch
from csms.jobs.outbox import PAUSES, Claim, Handler, Outbox
from csms.jobs.registration import NewStation, command_line, first_location, register_stations
from csms.jobs.retention import Retention
from csms.live.board import Board
from csms.logs import configure_logging
from csms.notify.mail import Mailer
from csms.notify.webhooks.delivery import Deliveries
from csms.notify.webhooks.service import Webhooks
from csms.notify.webhooks.subscriptions import Subscriptions
from csms.notify.webhooks.targets import networks
from csms.obligations import DeliverWebhook, Obligation, SendMail
from csms.sealing import Sealer
from csms.simulator.fleet import Fleet
from csms.simulator.plan import StationPlan as SimulatedPlan
from csms.simulator.presets import plan_from, plans_for
from csms.simulator.replay import read_recording, replay
from csms.stations.addresses import station_url
from csms.stations.frames import export_frames, frame_search
from csms.stations.managing import Added, StationPlan
from csms.stations.managing import add_station as add_station_to
from csms.stations.security import digest_password
from csms.stations.service import mark_all_offline
from csms.tenants.directory import TenantDirectory
from csms.tenants.main_host import main_host_of
from csms.tenants.service import Domains, NewTenant, found_tenant
from csms.transactions.service import Transactions
from csms.work import Committer, Work
from models import CertificateUse, Role
from models.db import Database, wait_until_reachable
from models.row_security import is_held_back
from models.scope import PLATFORM, platform_scope, tenant_scope
from pages.app import create_app
from pages.services import Services
from pages.tabs import show_out
from themes.builtin import BLUE_WAVE, GREEN_ENERGY

log = structlog.get_logger(__name__)
cli = typer.Typer(help="Voltdeck: white-label EV charging.", no_args_is_help=True, add_completion=False)
tenant_cli = typer.Typer(help="Tenants (charge point operators).", no_args_is_help=True)
user_cli = typer.Typer(help="People who sign in.", no_args_is_help=True)
frames_cli = typer.Typer(help="The log of raw frames.", no_args_is_help=True)
station_cli = typer.Typer(help="Charging stations.", no_args_is_help=True)
ca_cli = typer.Typer(help="Certificates: our own authority, servers, stations.", no_args_is_help=True)
cli.add_typer(ca_cli, name="ca")
cli.add_typer(tenant_cli, name="tenant")
cli.add_typer(user_cli, name="user")
cli.add_typer(station_cli, name="station")
cli.add_typer(frames_cli, name="frames")


@dataclass(slots=True)
class Platform:
    """The running whole: engine, gateway and web."""

    settings: Settings
    clock: Clock
    database: Database
    bus: Bus
    committer: Committer
    directory: TenantDirectory
    board: Board
    gateway: Gateway
    commands: Commands
    retention: Retention
    contradictions: Contradictions
    automation: Automation
    outbox: Outbox
    acceptance: Acceptance
    domain_watch: DomainWatch
    entrance: access.Entrance
    single_sign_on: SingleSignOn
    subscriptions: Subscriptions
    webhooks: Webhooks

    async def open(self) -> None:
        """Reach the database, bring it up to date and start committing."""
        await wait_until_reachable(self.database)
        await self.database.migrate()
        await self._check_role()
        self.committer.start()
        await self.directory.load()
        await self.subscriptions.load()

    async def _check_role(self) -> None:
        """Say when the database would let any query of ours see every tenant."""
        async with self.database.reader.connect() as connection:
            if not await is_held_back(connection):
                log.warning(
                    "this database role may see every tenant's rows: row-level security does not stand behind us",
                    help="connect as a role that is no superuser and has no BYPASSRLS, and that owns the database",
                )

    async def start(self) -> None:
        """Let stations in."""
        with platform_scope():
            await self.committer.run(lambda work: mark_all_offline(work, self.clock.now()))
            await self.committer.run(lambda work: give_up_unanswered(work, self.clock.now()))
            await self.committer.run(lambda work: give_up_unfinished(work, self.clock.now()))
            await self.board.rebuild()
        self.automation.start()
        await self.gateway.start()
        self.retention.start()
        self.contradictions.start()
        self.outbox.start()
        self.directory.start()
        self.domain_watch.start()

    async def stop(self) -> None:
        """Send stations away in good order, commit what waits, and close."""
        await self.domain_watch.stop()
        await self.directory.stop()
        await self.outbox.stop()
        await self.contradictions.stop()
        await self.retention.stop()
        await self.acceptance.stop()
        await self.automation.stop()
        await self.gateway.stop()
        await self.close()

    async def close(self) -> None:
        """Commit what waits and return the connections."""
        await self.committer.stop()
        await self.database.close()

    def web(self) -> Any:
        """The ASGI application of dashboard and API."""
        return create_app(
            Services(
                settings=self.settings,
                clock=self.clock,
                database=self.database,
                committer=self.committer,
                directory=self.directory,
                board=self.board,
                commands=self.commands,
                acceptance=self.acceptance,
                bus=self.bus,
                entrance=self.entrance,
                single_sign_on=self.single_sign_on,
                webhooks=self.webhooks,
            )
        )


def build(settings: Settings) -> Platform:
    """Choose the real parts: one process, SQLite or PostgreSQL by URL."""
    clock = SystemClock()
    database = Database(settings.resolved_database_url())
    bus = Bus()
    committer = Committer(database, bus)
    transactions = Transactions(database)
    bus.subscribe(TransactionRepaired, transactions.take_over)
    directory = TenantDirectory(database, settings.resolved_platform_domain())
    gateway = Gateway(settings, database, committer, clock, transactions, directory)
    bus.subscribe(StationChanged, gateway.station_changed)
    bus.subscribe(StationRemoved, gateway.station_removed)
    bus.subscribe(SignInsChanged, show_out)
    key = settings.resolved_secret_key()
    commands = Commands(committer, database, clock, gateway, key)
    entrance = access.Entrance(
        committer,
        database,
        clock,
        key,
        hours=settings.sign_in_hours,
        owners_second_factor=settings.owners_second_factor,
        limiter=Limiter(settings.redis_url),
    )
    outgoing = Outgoing(private_hosts=settings.sso_private_hosts, plain_loopback=not settings.secure_cookies)
    sealer = Sealer(key, "webhooks")
    subscriptions, reachable = Subscriptions(database), networks(settings.webhook_networks)
    committer.oblige(subscriptions.oblige)
    deliveries = Deliveries(committer, database, clock, sealer, subscriptions, reachable)
    return Platform(
        settings=settings,
        clock=clock,
        database=database,
        bus=bus,
        committer=committer,
        directory=directory,
        board=Board(database, bus, clock),
        gateway=gateway,
        commands=commands,
        retention=Retention(committer, clock, settings),
        contradictions=Contradictions(database, committer, commands, clock),
        acceptance=Acceptance(bus, committer, database, clock, commands),
        domain_watch=DomainWatch(Domains(committer, database, directory, clock, settings)),
        automation=Automation(
            bus,
            Hands(commands, committer, database, clock, settings),
            REACTIONS,
            (LimitGuard(), ListKeeper(settings.local_list_quiet_s, settings.local_list_retry_s)),
        ),
        outbox=Outbox(committer, clock, handlers(Mailer(settings, directory), deliveries)),
        subscriptions=subscriptions,
        webhooks=Webhooks(committer, clock, sealer, subscriptions, reachable),
        entrance=entrance,
        single_sign_on=SingleSignOn(entrance, OpenId(outgoing, clock)),
    )


def handlers(mailer: Mailer, deliveries: Deliveries) -> dict[type[Obligation], Handler]:
    """What meets each kind of obligation."""

    async def send(letter: SendMail, claim: Claim) -> None:
        await mailer.send(letter, claim.tenant_id)

    async def deliver(owed: DeliverWebhook, claim: Claim) -> None:
        await deliveries.deliver(owed, is_last=claim.attempts >= len(PAUSES))

    return {SendMail: send, DeliverWebhook: deliver}


async def serve_until_told(platform: Platform, beside: Callable[[], Coroutine[Any, Any, None]] | None = None) -> None:
    """Serve until SIGINT or SIGTERM, with `beside` running next to it."""
    settings = platform.settings
    config = uvicorn.Config(
        platform.web(),
        host=settings.web_host,
        port=settings.web_port,
        ws="websockets-sansio",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=[one.strip() for one in settings.web_proxies.split(",") if one.strip()],
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    # Once uvicorn has ended, it raises the signal that ended it again; the engine still has its own ending to do.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_signal: None)
    await platform.start()
    spare_garbage_collection()
    companion = asyncio.create_task(beside()) if beside is not None else None
    try:
        await server.serve()
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever is impatient may still leave at once
        if companion is not None:
            companion.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await companion
        await platform.stop()


async def with_platform(work: Callable[[Platform], Coroutine[Any, Any, None]]) -> None:
    """Open the platform for one job from the shell."""
    platform = build(Settings())
    configure_logging("WARNING", platform.settings.log_format)
    await platform.open()
    try:
        with platform_scope():
            await work(platform)
    except VoltdeckError as error:
        raise SystemExit(f"{error}") from error
    finally:
        await platform.close()


def spare_garbage_collection() -> None:
    """Leave what start-up made, and nobody will drop, out of every garbage collection; and collect more rarely."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def run(job: Coroutine[Any, Any, None]) -> None:
    """Run to the end, or to Ctrl-C."""
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(job)


@cli.command()
def serve() -> None:
    """Serve dashboard and charging stations."""
    run(_serve())


async def _serve() -> None:
    settings = Settings()
    configure_logging(settings.log_level, settings.log_format)
    platform = build(settings)
    await platform.open()
    async with platform.database.reading() as session:
        is_owned = await access.has_platform_owner(session)
    if not is_owned:
        token = await access.create_link(platform.committer, platform.clock, access.FIRST_OWNER)
        address = settings.address_of(settings.platform_host)
        print(f"\nNobody owns this platform yet. Open this once, within a day:\n\n  {address}/setup?token={token}\n")
    await serve_until_told(platform)


@cli.command()
def demo() -> None:
    """Serve two demo tenants with a fleet of simulated stations."""
    run(_demo())


async def _demo() -> None:
    settings = Settings()
    configure_logging("WARNING" if settings.log_level == "INFO" else settings.log_level, settings.log_format)
    platform = build(settings)
    await platform.open()
    print("Preparing the demo …", flush=True)
    world = await seed_demo(
        platform.committer,
        platform.database,
        platform.clock,
        settings.resolved_secret_key(),
        {brand.key: brand.to_tokens() for brand in (GREEN_ENERGY, BLUE_WAVE)},
    )
    await platform.directory.load()
    url = f"ws://127.0.0.1:{settings.ocpp_port}/ocpp"
    plans = [plan_from(station.plan) for station in world.stations]
    fleet = Fleet(plans, url, platform.clock, settings.data_dir / "simulator")
    print(demo_notes(world, settings), flush=True)
    await serve_until_told(platform, fleet.run)


@cli.command()
def simulate(
    url: Annotated[str, typer.Option(help="Where to connect, without the identity.")] = "ws://127.0.0.1:9000/ocpp",
    stations: Annotated[int, typer.Option(help="How many stations.")] = 10,
    prefix: Annotated[str, typer.Option(help="Identities are PREFIX-0001 and so on.")] = "SIM",
    password: Annotated[str, typer.Option(help="Basic-auth password of every station.")] = "simulated-station",  # noqa: S107 - opens nothing but simulated stations
    version: Annotated[str, typer.Option(help="1.6, 2.0.1 or mixed.")] = "mixed",
    register: Annotated[
        str | None, typer.Option(help="First make them known to this tenant, in the database of the settings.")
    ] = None,
) -> None:
    """Connect simulated stations, with cars that come and go."""
    plans = plans_for(stations, prefix=prefix, version=version, password=password)
    if register is not None:
        uvloop.run(with_platform(lambda platform: _register(platform, register, plans)))
    configure_logging("INFO", "console")
    run(Fleet(plans, url, SystemClock()).run())


async def _register(platform: Platform, key: str, plans: list[SimulatedPlan]) -> None:
    secret = platform.settings.resolved_secret_key()
    added = await register_stations(
        platform.committer,
        tenant_of(platform, key),
        platform.clock,
        [
            NewStation(
                identity=plan.identity,
                password_hash=digest_password(secret, (plan.password or "").encode()),
                powers_w=tuple(evse.max_power_w for evse in plan.evses),
                current_type=plan.current_type,
                tokens=plan.tokens,
            )
            for plan in plans
        ],
    )
    print(f"{added} stations were new to {key}; {len(plans) - added} were known.")


@cli.command()
def migrate() -> None:
    """Bring the database's schema up to date; `serve` does so by itself."""
    run(with_platform(_nothing))


async def _nothing(_platform: Platform) -> None:
    print("The database is up to date.")


@tenant_cli.command("add")
def add_tenant(
    key: Annotated[str, typer.Argument(help="Short name, such as greenenergy.")],
    name: Annotated[str, typer.Argument(help="Name as people read it.")],
    host: Annotated[
        list[str] | None, typer.Option(help="Hostname beside KEY.<platform domain>; may be given several times.")
    ] = None,
    currency: Annotated[str, typer.Option(help="ISO 4217 code.")] = "EUR",
    time_zone: Annotated[str, typer.Option(help="IANA name.")] = "Europe/Berlin",
) -> None:
    """Add a tenant. A running server takes it in within seconds."""

    async def job(platform: Platform) -> None:
        shell = Actor(None, "command line", "", PLATFORM, access.PLATFORM_OWNER)
        form = NewTenant(name, currency, time_zone, key=key, hostnames=tuple(host or ()))
        await found_tenant(platform.committer, platform.directory, platform.clock, platform.settings, shell, form, None)
        hosts = next(tenant.hosts for tenant in platform.directory.all() if tenant.key == key)
        print(f"{name} answers at {', '.join(hosts)}.")

    run(with_platform(job))


@user_cli.command("add")
def add_user(
    email: Annotated[str, typer.Argument()],
    name: Annotated[str, typer.Argument()],
    tenant: Annotated[str, typer.Option(help="Key of the tenant.")],
    role: Annotated[Role, typer.Option()] = Role.OPERATOR,
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)] = "",
) -> None:
    """Add a person to a tenant."""

    async def job(platform: Platform) -> None:
        password_hash = await access.hash_password(password, email, name)

        async def unit(work: Work) -> None:
            session = work.session()
            user = await access.create_user(
                session, email=email, name=name, password_hash=password_hash, now=platform.clock.now()
            )
            await access.add_membership(session, user.id or 0, role)

        with tenant_scope(tenant_of(platform, tenant)):
            await platform.committer.run(unit)
        print(f"{email} is {role.value} of {tenant}.")

    run(with_platform(job))


@user_cli.command("forget-second-factor")
def forget_second_factor(email: Annotated[str, typer.Argument()]) -> None:
    """Let a person sign in by password alone again: their phone and recovery codes are lost."""

    async def job(platform: Platform) -> None:
        found = await platform.committer.run(lambda work: forget_factor_of(work, email))
        print(f"{email} signs in by password alone now." if found else f"{email} had no second factor.")

    run(with_platform(job))


@station_cli.command("add")
def add_station(
    identity: Annotated[str, typer.Argument(help="Last segment of the address it connects to.")],
    tenant: Annotated[str, typer.Option(help="Key of the tenant.")],
) -> None:
    """Make a station known and print its password, once."""

    async def job(platform: Platform) -> None:
        tenant_id, secret = tenant_of(platform, tenant), platform.settings.resolved_secret_key()

        async def unit(work: Work) -> Added:
            location_id = await first_location(work, tenant_id, platform.clock)
            plan = StationPlan(identity, location_id=location_id)
            return await add_station_to(work, command_line(tenant_id), plan, secret, platform.clock.now())

        with tenant_scope(tenant_id):
            added = await platform.committer.run(unit)
        info = platform.directory.by_id(tenant_id)
        host = main_host_of(info) if info is not None else ""
        print(f"Address   {station_url(platform.settings, host, identity)}")
        print(f"User name {identity}\nPassword  {added.password}")

    run(with_platform(job))


@ca_cli.command("create")
def create_authority(
    organization: Annotated[str, typer.Option(help="Who signs.")] = "Voltdeck",
    use: Annotated[CertificateUse, typer.Option(help="station: for our door; v2g: for vehicles.")] = (
        CertificateUse.STATION
    ),
) -> None:
    """Make a root and a sub-authority, and print the root that stations are to trust."""

    async def job(platform: Platform) -> None:
        key, now = platform.settings.resolved_secret_key(), platform.clock.now()
        print(await platform.committer.run(lambda work: desk.create(work, key, organization, use, now)), end="")

    run(with_platform(job))


@ca_cli.command("show")
def show_authorities() -> None:
    """List the authorities and print their roots."""

    async def job(platform: Platform) -> None:
        async with platform.database.reading() as session:
            print(await desk.show(session))

    run(with_platform(job))


@ca_cli.command("server")
def make_server_certificates(
    hostname: Annotated[str, typer.Argument(help="Name or address that stations connect to.")],
    organization: Annotated[str, typer.Option(help="Whose server it is.")] = "Voltdeck",
    days: Annotated[int, typer.Option(help="Days until they end.")] = 397,
) -> None:
    """Make the ECDSA and the RSA certificate of the TLS port; a running server takes up renewed ones."""

    async def job(platform: Platform) -> None:
        settings = platform.settings
        async with platform.database.reading() as session:
            written = await desk.make_server(
                session,
                settings.resolved_secret_key(),
                settings.data_dir / "tls",
                hostname,
                organization,
                platform.clock.now(),
                days,
            )
        print("\n".join(str(path) for path in written))
        print(f"Stations connect to wss://{hostname}:{settings.ocpp_tls_port}/ocpp/<identity>")

    run(with_platform(job))


@ca_cli.command("sign")
def sign_request(
    identity: Annotated[str, typer.Argument(help="The station it is for.")],
    csr: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Its request, PKCS#10 in PEM.")],
) -> None:
    """Sign a station's request and print the certificate chain."""

    async def job(platform: Platform) -> None:
        settings, text = platform.settings, csr.read_text()
        key, now, days = settings.resolved_secret_key(), platform.clock.now(), settings.certificate_days
        print(await platform.committer.run(lambda work: desk.sign(work, key, identity, text, now, days)), end="")

    run(with_platform(job))


@ca_cli.command("revoke")
def revoke_certificates(
    identity: Annotated[str, typer.Argument(help="The station whose certificates are taken back.")],
    reason: Annotated[str, typer.Option(help="As RFC 5280 calls it: keyCompromise, superseded …")] = "unspecified",
) -> None:
    """Take back every certificate of a station. Holds at once, for its next connection."""

    async def job(platform: Platform) -> None:
        now = platform.clock.now()
        count = await platform.committer.run(lambda work: desk.take_back(work, identity, reason, now))
        print(f"{count} certificates of {identity} are revoked.")

    run(with_platform(job))


@ca_cli.command("crl")
def print_revocation_list() -> None:
    """Print the revocation list of our authority."""

    async def job(platform: Platform) -> None:
        key = platform.settings.resolved_secret_key()
        async with platform.database.reading() as session:
            print(await desk.revocation_list(session, key, platform.clock.now()), end="")

    run(with_platform(job))


@ca_cli.command("trust")
def trust_authority(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Certificates of authorities, PEM.")],
    tenant: Annotated[str, typer.Option(help="Key of the tenant.")],
    use: Annotated[CertificateUse, typer.Option(help="station, v2g, or mo for contracts of vehicles.")] = (
        CertificateUse.STATION
    ),
) -> None:
    """Let a tenant trust authorities of its own choice."""

    async def job(platform: Platform) -> None:
        tenant_id, pem, now = tenant_of(platform, tenant), file.read_text(), platform.clock.now()
        added = await platform.committer.run(lambda work: desk.trust(work, tenant_id, pem, use, now))
        print("\n".join(f"{tenant} now trusts {subject}" for subject in added) or "They were trusted already.")

    run(with_platform(job))


@ca_cli.command("bind")
def bind_station(
    identity: Annotated[str, typer.Argument()],
    profile: Annotated[int | None, typer.Option(min=0, max=3, help="Security profile it must use.")] = None,
    name: Annotated[str | None, typer.Option(help="Common name of its certificate; empty: serial or identity.")] = None,
) -> None:
    """Set how a station proves itself."""

    async def job(platform: Platform) -> None:
        print(await platform.committer.run(lambda work: desk.bind(work, identity, profile, name)))

    run(with_platform(job))


@frames_cli.command("export")
def export(
    tenant: Annotated[str, typer.Option(help="Key of the tenant.")],
    station: Annotated[str, typer.Option(help="Identity of the station; not needed with --transaction.")] = "",
    transaction: Annotated[int | None, typer.Option(help="Only what lies around this session.")] = None,
    since: Annotated[datetime | None, typer.Option(help="UTC.")] = None,
    until: Annotated[datetime | None, typer.Option(help="UTC.")] = None,
    text: Annotated[str, typer.Option(help="Only frames that hold this.")] = "",
    action: Annotated[str, typer.Option(help="Only this OCPP action.")] = "",
) -> None:
    """Write frames to standard output as JSON lines, for `frames replay` or any other program. Secrets are masked."""

    async def job(platform: Platform) -> None:
        with tenant_scope(tenant_of(platform, tenant)):
            async with platform.database.reading() as session:
                search = await frame_search(session, station, transaction)
                bounds = {"since": since and since.replace(tzinfo=UTC), "until": until and until.replace(tzinfo=UTC)}
                given = {name: at for name, at in bounds.items() if at is not None}
                async for line in export_frames(session, replace(search, text=text, action=action, **given)):
                    print(line)

    run(with_platform(job))


@frames_cli.command("replay")
def replay_frames(
    file: Annotated[Path, typer.Argument(help="What `frames export` wrote.")],
    url: Annotated[str, typer.Option(help="Where to connect, without the identity.")] = "ws://127.0.0.1:9000/ocpp",
    identity: Annotated[str | None, typer.Option(help="Another station than the one recorded.")] = None,
    password: Annotated[str | None, typer.Option(help="Basic-auth password of the station.")] = None,
) -> None:
    """Say again what a station once said, against any central system, and print the answers."""
    recording = read_recording(file.read_text().splitlines())
    outcome = uvloop.run(replay(recording, url, identity=identity, password=password))
    for said, answer in outcome.exchanges:
        print(f"{said}\n  {'no answer' if answer is None else orjson.dumps(answer).decode()}")


def tenant_of(platform: Platform, key: str) -> int:
    """Id of the tenant with this key. Raises NotFoundError naming those there are."""
    for tenant in platform.directory.all():
        if tenant.key == key:
            return tenant.id
    known = ", ".join(tenant.key for tenant in platform.directory.all()) or "none yet"
    raise NotFoundError(f"There is no tenant {key!r}; known: {known}.")


if __name__ == "__main__":
    cli()
