"""What is sealed opens with the same key, purpose and place, and with nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csms.sealing import Sealer, SealingError

KEY = b"the platform's secret key"


@given(st.text(max_size=60), st.text(max_size=10))
def test_there_and_back(text: str, about: str) -> None:
    sealed = Sealer(KEY, "webhooks").seal(text, about)
    assert Sealer(KEY, "webhooks").open(sealed, about) == text
    assert len(text) < 8 or text not in sealed


def test_nothing_else_opens_it() -> None:
    sealed = Sealer(KEY, "webhooks").seal("a secret", "1")
    for sealer, value, about in (
        (Sealer(b"another key", "webhooks"), sealed, "1"),
        (Sealer(KEY, "totp"), sealed, "1"),
        (Sealer(KEY, "webhooks"), sealed, "2"),
        (Sealer(KEY, "webhooks"), sealed[:-6] + "AAAA==", "1"),
        (Sealer(KEY, "webhooks"), "nonsense", "1"),
        (Sealer(KEY, "webhooks"), "", "1"),
    ):
        with pytest.raises(SealingError):
            sealer.open(value, about)


def test_the_same_text_is_sealed_differently_each_time() -> None:
    sealer = Sealer(KEY, "webhooks")
    assert sealer.seal("a") != sealer.seal("a")
