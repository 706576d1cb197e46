"""How hard it is to guess a password from what is stored."""

import pytest
from pwdlib import PasswordHash

from csms.access.passwords import check_new_password
from csms.errors import InvalidInputError


@pytest.mark.slow
def test_the_effort_is_what_rfc_9106_advises_where_memory_is_scarce(earnest_hasher: PasswordHash) -> None:
    stored = earnest_hasher.hash("a password of the tests")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert earnest_hasher.verify("a password of the tests", stored)


@pytest.mark.parametrize(
    "password",
    [
        "horse ear tree 9",
        "nur kleine buchstaben",
        "\u5145\u7535\u7ad9\u7684\u5bc6\u7801\u662f\u8fd9\u4e00\u4e2a",
        "  spaces around it  ",
        "w0W!" * 2 + "long and mixed" * 16,
    ],
)
def test_any_characters_will_do(password: str) -> None:
    check_new_password(password, "Nina Novak", "nina@green.example")


@pytest.mark.parametrize(
    "password",
    ["short one", "P@ssw0rd2024!", "qwertyuiop12345", "abcabcabcabc", "Voltdeck2026!", "Charging!!2026", "1234567890"],
)
def test_what_everybody_tries_first_is_refused(password: str) -> None:
    with pytest.raises(InvalidInputError):
        check_new_password(password)


def test_nobody_is_their_own_password() -> None:
    for password in ("Nina Novakova", "nina.novak@green.example", "NINA.NOVAK"):
        with pytest.raises(InvalidInputError):
            check_new_password(password, "Nina Novakova", "nina.novak@green.example")
