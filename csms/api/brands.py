"""A tenant's brand, as far as the API has to do with it. What a brand may hold is known to the face alone, which fills
this in where it mounts the API."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from csms.access.policy import Actor
from csms.tenants.brand_queries import Published
from csms.tenants.branding import Branding
from csms.tenants.directory import TenantInfo


@dataclass(frozen=True, slots=True)
class Brands:
    """The same verbs that the brand editor has."""

    verbs: Branding
    shown: Callable[[TenantInfo, Published], dict[str, Any]]
    """All tokens of a version, as its tenant shows it."""
    take_mark: Callable[[Actor, bytes], Awaitable[dict[str, str]]]
    """Reads the file of a logo: answers `svg`, the drawing, or `image`, the name of the picture it was stored as.
    Raises PermissionDeniedError, and InvalidInputError for what is neither."""
