"""From one step of signing in to the next."""

from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from csms.access.service import Step, StepKind
from csms.config import Settings
from pages.web.addresses import safe_next
from pages.web.cookies import give_step, give_token, take_step


def go_on(step: Step, target: str, settings: Settings) -> Response:
    """To the page that was asked for, or to what is asked before."""
    asked = safe_next(target)
    if step.kind is StepKind.IN:
        response = RedirectResponse(asked, 303, {"Cache-Control": "no-store"})
        give_token(response, step.token, settings)
        take_step(response, settings)
        return response
    path = f"/sign-in/{step.kind.value}"
    address = path if asked == "/" else f"{path}?next={quote(asked, safe='/')}"
    response = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
    give_step(response, step.token, settings)
    return response
