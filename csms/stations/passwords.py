"""Changing a station's password without locking it out (A01, TR_15).

The new one is kept as pending before it is sent; both open the door until it is certain which one the station holds.
"""

from typing import Any

from sqlalchemy import bindparam, update

from csms.stations.ref import StationRef
from csms.stations.tables import STATION
from csms.work import Work

_THIS = (STATION.c.id == bindparam("of_station")) & (STATION.c.tenant_id == bindparam("of_tenant"))
_PENDING = _THIS & (STATION.c.pending_password_hash == bindparam("of_digest"))
_OFFER = (
    update(STATION)
    .where(_THIS)
    .values(pending_password_hash=bindparam("new_digest"), pending_password_stays=bindparam("new_stays"))
)
_ACCEPT = update(STATION).where(_PENDING).values(password_hash=bindparam("new_digest"), pending_password_hash=None)
_DROP = update(STATION).where(_PENDING).values(pending_password_hash=None)


def offer_password(work: Work, ref: StationRef, digest: str, *, stays: bool = False) -> None:
    """`digest` is of a password about to be sent to the station.

    With `stays` it is good until it is used, however often the old one is used before.
    """
    work.append(_OFFER, {**_this(ref), "new_digest": digest, "new_stays": stays})


def settle_password(work: Work, ref: StationRef, digest: str, *, taken: bool) -> None:
    """The station took the pending password of this digest, so only that one counts now; or did not: the old stays.

    Does nothing when another password is pending by now.
    """
    if taken:
        work.append(_ACCEPT, {**_this(ref), "of_digest": digest, "new_digest": digest})
    else:
        work.append(_DROP, {**_this(ref), "of_digest": digest})


def _this(ref: StationRef) -> dict[str, Any]:
    return {"of_station": ref.id, "of_tenant": ref.tenant_id}
