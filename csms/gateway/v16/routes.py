"""Every request of a 1.6 station and who serves it, and every answer of one that teaches us something."""

from csms.gateway.asking import Lesson
from csms.gateway.dispatch import Route
from csms.gateway.v16 import (
    configuration,
    core,
    iso15118,
    local_list,
    maintenance,
    reservations,
    security,
    smart_charging,
)

ROUTES: dict[str, Route] = {**core.ROUTES, **iso15118.ROUTES, **maintenance.ROUTES, **security.ROUTES}

LESSONS: dict[str, Lesson] = {
    **configuration.LESSONS,
    **local_list.LESSONS,
    **maintenance.LESSONS,
    **reservations.LESSONS,
    **security.LESSONS,
    **smart_charging.LESSONS,
}
