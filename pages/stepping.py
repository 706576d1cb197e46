"""From one step of signing in to the next."""

from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from csms.access.service import Step, StepKind, sign_out
from pages.web.addresses import safe_next
from pages.web.cookies import give_step, give_token, take_step
from pages.web.visit import Visit


async def go_on(step: Step, target: str, visit: Visit) -> Response:
    """To the page that was asked for, or to what is asked before."""
    asked, settings = safe_next(target), visit.services.settings
    if step.kind is StepKind.IN:
        await end_earlier(visit)
        response = RedirectResponse(asked, 303, {"Cache-Control": "no-store"})
        give_token(response, step.token, settings)
        take_step(response, settings)
        return response
    path = f"/sign-in/{step.kind.value}"
    address = path if asked == "/" else f"{path}?next={quote(asked, safe='/')}"
    response = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
    give_step(response, step.token, settings)
    return response


async def end_earlier(visit: Visit) -> None:
    """A browser holds one sign-in: the one it came with ends when it is given another."""
    if visit.token is not None and visit.actor is not None:
        await sign_out(visit.services.committer, visit.services.clock, visit.token, visit.actor)
