"""Names and secrets that the demo works out anew at each start instead of keeping them."""

import hashlib
import hmac
import string

from csms.jobs.demo.scenery import TenantScene

_LETTERS = string.ascii_letters + string.digits
TOKENS_PER_STATION = 3


def identity_of(scene: TenantScene, place: str, number: int) -> str:
    """A station's identity: DE-BHBF-01."""
    return f"{scene.party[:2]}-{place}-{number:02d}"


def evse_id_of(scene: TenantScene, place: str, number: int, evse_number: int) -> str:
    """The eMI3 text on the sticker: DE*GEN*EBHBF01*1."""
    return f"{scene.party}*E{place}{number:02d}*{evse_number}"


def password_of(secret_key: bytes, identity: str) -> str:
    """Long and random to anyone without the platform's key, the same at each start to us."""
    digest = hmac.new(secret_key, f"demo station {identity}".encode(), hashlib.sha256).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:20])


def token_values(scene: TenantScene) -> list[str]:
    """RFID numbers of good standing, three per station so that no two stations share a driver at a time."""
    return [_rfid(scene, f"card {number}") for number in range(len(scene.stations) * TOKENS_PER_STATION)]


def lost_token(scene: TenantScene) -> str:
    """A card reported lost, and blocked."""
    return _rfid(scene, "lost")


def lapsed_token(scene: TenantScene) -> str:
    """A card whose contract has ended."""
    return _rfid(scene, "lapsed")


def unknown_token(scene: TenantScene) -> str:
    """A card that nobody registered."""
    return _rfid(scene, "unknown")


def _rfid(scene: TenantScene, what: str) -> str:
    """Seven bytes, the first a card maker's, as ISO 14443 readers print them."""
    return "04" + hashlib.sha256(f"{scene.key} {what}".encode()).hexdigest()[:12].upper()
