"""How every route answers: errors as problem details, ETags on what is read, POST once for each Idempotency-Key."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

import orjson
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from csms.api.call import call_of
from csms.api.etags import etag_of, is_known
from csms.api.idempotency import HEADER, begin, conclude
from csms.api.problems import problem_of
from csms.api.shapes import Shape

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_TAGGED: Final = frozenset({"GET", "PUT", "PATCH", "POST"})


class ApiRoute(APIRoute):
    """A route of a resource."""

    def get_route_handler(self) -> Handler:
        handle = _said_calmly(super().get_route_handler())

        async def serve(request: Request) -> Response:
            response = await (_once(handle, request) if HEADER in request.headers else handle(request))
            return self._tagged(request, response)

        return serve

    def _tagged(self, request: Request, response: Response) -> Response:
        """With an ETag; 304 without a body when the program has this very state already."""
        is_json = response.headers.get("content-type", "").partition(";")[0] == "application/json"
        if request.method not in _TAGGED or response.status_code not in (200, 201) or not is_json:
            return response
        if "no-store" in response.headers.get("cache-control", ""):
            return response
        model = self.response_model
        volatile = model.volatile if isinstance(model, type) and issubclass(model, Shape) else frozenset[str]()
        etag = etag_of(orjson.loads(response.body), volatile)
        response.headers["ETag"] = etag
        if request.method == "GET" and is_known(request.headers.get("if-none-match"), etag):
            kept = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
            return Response(status_code=304, headers=kept)
        return response


class UnrepeatableRoute(ApiRoute):
    """A route whose answers are never kept: those that give tokens away."""

    def get_route_handler(self) -> Handler:
        return _said_calmly(APIRoute.get_route_handler(self))


def new_router(tag: str, prefix: str = "", *, keeps_answers: bool = True) -> APIRouter:
    """A router for a resource. `tag` is its heading in the documentation."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=ApiRoute if keeps_answers else UnrepeatableRoute)


async def _once(handle: Handler, request: Request) -> Response:
    call = call_of(request.scope)
    if request.method != "POST" or call.actor_or_none is None:
        return await handle(request)
    key = request.headers[HEADER]
    try:
        found = await begin(call, request, key)
    except Exception as error:
        return problem_of(error)
    if isinstance(found, Response):
        return found
    response = await handle(request)
    await conclude(call, found, key, response)
    return response


def _said_calmly(handle: Handler) -> Handler:
    async def serve(request: Request) -> Response:
        try:
            return await handle(request)
        except Exception as error:
            return problem_of(error)

    return serve
