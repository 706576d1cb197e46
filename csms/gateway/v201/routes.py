"""Every request of a 2.0.1 station and who serves it, and every answer of one that teaches us something."""

from csms.gateway.asking import Lesson
from csms.gateway.dispatch import Route
from csms.gateway.v201 import core, local_list, reservations, variables

ROUTES: dict[str, Route] = {**core.ROUTES, **reservations.ROUTES}

LESSONS: dict[str, Lesson] = {**variables.LESSONS, **local_list.LESSONS, **reservations.LESSONS}
