"""Every request of a 2.1 station and who serves it, and every answer of one that teaches us something.

What 2.0.1 has is served by its own handlers: payloads of 2.1 are the same with fields added.
"""

from csms.gateway.asking import Lesson
from csms.gateway.dispatch import Route
from csms.gateway.v21 import authorize, batteries, der, dynamic, payment, streams, tariffs, transactions
from csms.gateway.v201.routes import LESSONS as LESSONS_201
from csms.gateway.v201.routes import ROUTES as ROUTES_201

ROUTES: dict[str, Route] = {
    **ROUTES_201,
    **transactions.ROUTES,
    **payment.ROUTES,
    **authorize.ROUTES,
    **batteries.ROUTES,
    **der.ROUTES,
    **dynamic.ROUTES,
    **streams.ROUTES,
}

LESSONS: dict[str, Lesson] = {
    **LESSONS_201,
    **tariffs.LESSONS,
    **batteries.LESSONS,
    **der.LESSONS,
    **dynamic.LESSONS,
    **streams.LESSONS,
}
