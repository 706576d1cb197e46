"""How hard it is to guess a password from what is stored."""

import pytest
from pwdlib import PasswordHash


@pytest.mark.slow
def test_the_effort_is_what_rfc_9106_advises_where_memory_is_scarce(earnest_hasher: PasswordHash) -> None:
    stored = earnest_hasher.hash("a password of the tests")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert earnest_hasher.verify("a password of the tests", stored)
