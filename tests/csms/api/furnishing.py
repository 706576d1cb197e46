"""One of everything that a path can name, for a tenant."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from csms.access import audit
from csms.access.programs import create_key
from csms.work import Work
from models import (
    AcceptanceCheck,
    AcceptanceStep,
    AuditEntry,
    BrandVersion,
    CheckState,
    Command,
    CommandState,
    CustomDomain,
    FailedHandshake,
    Frame,
    Invitation,
    Knock,
    LocalList,
    Membership,
    MeterValue,
    Reservation,
    Role,
    Severity,
    StationEvent,
    StationRemark,
    StationVariable,
    TokenGroup,
    TokenSighting,
    Transaction,
    User,
    Vehicle,
    Webhook,
)
from models.scope import tenant_scope
from tests.csms.api.conftest import World, access_actor
from tests.tenancy import SmallTenant

AT = datetime(2025, 12, 31, 12, tzinfo=UTC)


async def furnish(world: World, tenant: SmallTenant) -> dict[str, Any]:
    """A session with a meter value, a command, a reservation, a frame, an API key and an audit entry; the ids by the
    names that paths give them."""
    station, key = tenant.station, tenant.key
    admin = access_actor(tenant)

    async def unit(work: Work) -> dict[str, Any]:
        session = work.session()
        transaction = Transaction(
            station_id=station.id,
            location_id=station.location_id,
            evse_number=1,
            ocpp_id=f"{key}-ocpp",
            start_key=f"{key}-start",
            id_token=tenant.token,
            authorization_status="Accepted",
            started_at=AT,
            start_received_at=AT,
            start_energy_wh=1000,
            currency=tenant.currency,
            tariff_version_id=tenant.tariff_version_id,
        )
        command = Command(
            cause_id="c",
            station_id=station.id,
            action="Reset",
            payload={"of": key},
            asked_at=AT,
            state=CommandState.UNKNOWN,
        )
        reservation = Reservation(
            station_id=station.id,
            ocpp_id=7,
            id_token=tenant.token,
            answered_at=AT,
            answer_status="Accepted",
            expires_at=datetime(2030, 1, 1, tzinfo=UTC),
        )
        webhook = Webhook(
            key=f"{key}-webhook", url="http://127.0.0.1:9/", events=[], sealed_secret=f"{key}-sealed", created_at=AT
        )
        invitation = Invitation(
            email=f"guest@{key}.example",
            role=Role.VIEWER,
            token_hash=f"{key}-invited",
            invited_by=admin.name,
            sent_at=AT,
            expires_at=AT + timedelta(days=7),
        )
        knock = Knock(identity=f"{key}-STRANGER", identity_key=f"{key}-stranger", first_at=AT, last_at=AT)
        check = AcceptanceCheck(station_id=station.id, state=CheckState.PASSED, asked_by=f"of {key}", started_at=AT)
        session.add_all([transaction, command, reservation, webhook, invitation, knock, check])
        of_the_tenant = _tenant_rows(tenant)
        session.add_all(of_the_tenant.values())
        await session.flush()
        session.add_all(_facts(tenant, check.id or 0))
        session.add_all(
            [
                MeterValue(
                    station_id=station.id,
                    evse_number=1,
                    transaction_id=transaction.id,
                    sampled_at=AT + timedelta(minutes=5),
                    received_at=AT,
                    energy_wh=3000,
                    transaction_energy_wh=2000,
                ),
                Frame(station_id=station.id, at=AT, from_station=True, action="Heartbeat", text=f'[2,"{key}"]'),
            ]
        )
        made = await create_key(work, admin, name=f"{key} key", scopes=["stations.view"], expires_at=None, at=AT)
        audit.record(work, admin, "test.deed", f"thing of {key}", {}, at=AT)
        user = select(col(User.id)).join(Membership, col(Membership.user_id) == col(User.id))
        user_id = await session.scalar(user.where(col(Membership.role) == Role.VIEWER))
        return {
            "transaction_id": transaction.id,
            "command_id": command.id,
            "reservation_id": reservation.ocpp_id,
            "key_id": made.row.id,
            "user_id": user_id,
            "webhook_id": webhook.id,
            "invitation_id": invitation.id,
            "knock_id": knock.id,
            "check_id": check.id,
            **{name: row.number if name == "version" else row.id for name, row in of_the_tenant.items()},
        }

    with tenant_scope(tenant.id):
        ids = await world.services.committer.run(unit)
        async with world.database.reading() as session:
            entry_id = await session.scalar(select(col(AuditEntry.id)).order_by(col(AuditEntry.id)).limit(1))
    return ids | {
        "entry_id": entry_id,
        "location_id": tenant.location_id,
        "station_id": station.id,
        "identity": station.identity,
        "number": 1,
        "connector": 1,
        "value": tenant.token,
        "driver_id": tenant.driver_id,
        "tariff_id": tenant.tariff_id,
        "action": "Heartbeat",
    }


def _facts(tenant: SmallTenant, check_id: int) -> list[Any]:
    """What is known of the tenant's first station beyond its row."""
    station, name = tenant.station, f"of {tenant.key}"
    return [
        AcceptanceStep(check_id=check_id, position=0, key="boot", state=CheckState.PASSED, text=name),
        StationVariable(station_id=station.id, variable="HeartbeatInterval", value=name, reported_at=AT),
        StationEvent(
            station_id=station.id, at=AT, kind="connector.faulted", severity=Severity.PROBLEM, evse_number=1, text=name
        ),
        StationRemark(
            station_id=station.id, kind="clock", subject="clock", text=name, count=2, first_at=AT, last_at=AT
        ),
        FailedHandshake(
            tenant_id=tenant.id,
            station_id=station.id,
            cause="wrong_credentials",
            identity=station.identity,
            detail=name,
            first_at=AT,
            last_at=AT,
        ),
        LocalList(station_id=station.id, version=7, synced_at=AT, sync_error=name),
    ]


def _tenant_rows(tenant: SmallTenant) -> dict[str, Any]:
    """What belongs to the tenant's own side, by the names that paths give its ids."""
    key, station = tenant.key, tenant.station
    sighting = {"value": f"{key}-unknown", "value_key": f"{key}-unknown", "type": "ISO14443", "station_id": station.id}
    return {
        "domain_id": CustomDomain(hostname=f"charge.{key}.example", token=f"of {key}", created_at=AT, due_at=AT),
        "vehicle_id": Vehicle(driver_id=tenant.driver_id, name=f"Car of {key}", created_at=AT),
        "group_id": TokenGroup(value=f"{key}-fleet", name=f"Fleet of {key}", created_at=AT),
        "sighting_id": TokenSighting(**sighting, first_seen_at=AT, last_seen_at=AT),
        "version": BrandVersion(
            number=100 * tenant.id, tokens={"tagline": f"of {key}"}, author=f"admin@{key}.example", published_at=AT
        ),
    }
