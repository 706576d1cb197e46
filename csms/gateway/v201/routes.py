"""Every request of a 2.0.1 station and who serves it, and every answer of one that teaches us something."""

from csms.gateway.asking import Lesson
from csms.gateway.dispatch import Route
from csms.gateway.v201 import (
    core,
    customers,
    displays,
    iso15118,
    local_list,
    maintenance,
    monitoring,
    reports,
    reservations,
    security,
    smart_charging,
    transactions,
    variables,
)

ROUTES: dict[str, Route] = {
    **core.ROUTES,
    **customers.ROUTES,
    **displays.ROUTES,
    **iso15118.ROUTES,
    **maintenance.ROUTES,
    **monitoring.ROUTES,
    **reports.ROUTES,
    **reservations.ROUTES,
    **security.ROUTES,
    **smart_charging.ROUTES,
}

LESSONS: dict[str, Lesson] = {
    **variables.LESSONS,
    **customers.LESSONS,
    **displays.LESSONS,
    **maintenance.LESSONS,
    **monitoring.LESSONS,
    **reports.LESSONS,
    **local_list.LESSONS,
    **reservations.LESSONS,
    **security.LESSONS,
    **smart_charging.LESSONS,
    **transactions.LESSONS,
}
