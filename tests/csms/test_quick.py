"""A quick dataclass is the same value as a frozen one."""

from dataclasses import dataclass, field, replace

import pytest

from csms.quick import quick


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    tenant: int
    cause: str | None = None


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class Derived(Base):
    energy: int = 0


@quick
@dataclass(frozen=True, slots=True)
class Ordered:
    first: int
    second: tuple[int, ...] = ()


def test_it_is_made_by_keyword_or_by_place_with_defaults() -> None:
    made = Derived(tenant=1, energy=5)
    assert (made.tenant, made.cause, made.energy) == (1, None, 5)
    assert Ordered(1, (2,)).second == (2,)
    with pytest.raises(TypeError):
        Derived(1)  # type: ignore[misc]  # pyright: ignore[reportCallIssue]


def test_it_is_compared_hashed_and_replaced_like_any_frozen_one() -> None:
    assert Ordered(1) == Ordered(1) != Ordered(2)
    assert len({Ordered(1), Ordered(1)}) == 1
    assert replace(Derived(tenant=1), energy=7) == Derived(tenant=1, energy=7)
    assert repr(Ordered(1)) == "Ordered(first=1, second=())"
    assert not hasattr(Ordered(1), "__dict__")


def test_what_it_cannot_do_it_refuses() -> None:
    with pytest.raises(TypeError, match="remarks"):

        @quick
        @dataclass(frozen=True, slots=True)
        class _WithFactory:
            remarks: list[str] = field(default_factory=list[str])
