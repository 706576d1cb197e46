"""Nobody fills the memory by sending more than a form, or a file, needs."""

from collections.abc import AsyncGenerator

from pages.web.bodies import MOST, OF_A_STRANGER
from tests.pages.conftest import Visitor, sign_in

FORM = {"Origin": "http://green.localhost", "Content-Type": "application/x-www-form-urlencoded"}


async def _endless(most: int) -> AsyncGenerator[bytes]:
    for _ in range(most // 16_384 + 2):
        yield b"email=" + b"x" * 16_384


async def test_a_form_of_a_stranger_is_short(visitor: Visitor) -> None:
    answer = await visitor().post("/sign-in", content=b"email=" + b"x" * OF_A_STRANGER, headers=FORM)
    assert answer.status_code == 413


async def test_a_body_that_does_not_say_how_long_it_is_ends_all_the_same(visitor: Visitor) -> None:
    answer = await visitor().post("/sign-in", content=_endless(OF_A_STRANGER), headers=FORM)
    assert answer.status_code == 413


async def test_not_even_who_has_signed_in_sends_without_end(visitor: Visitor) -> None:
    browser = visitor()
    await sign_in(browser, "admin@green.example")
    answer = await browser.post("/data/brand/mark", content=b"x" * (MOST + 1), headers=FORM)
    assert answer.status_code == 413
