"""What comes in and goes out: camelCase outside, snake_case inside."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from fastapi import Path
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

T = TypeVar("T")


class Shape(BaseModel):
    """What is answered."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, from_attributes=True)
    volatile: ClassVar[frozenset[str]] = frozenset()
    """Fields that move by themselves, at any depth, as they are called outside: If-Match does not look at them."""

    def document(self) -> dict[str, Any]:
        """As JSON sees it."""
        return self.model_dump(mode="json", by_alias=True)


class Body(BaseModel):
    """What is asked: a field that it does not know is refused."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=False, extra="forbid")


class Listed(Shape, Generic[T]):
    """One page of a list."""

    data: list[T]
    next: str | None = Field(default=None, examples=["/api/v1/stations?limit=50&cursor=WyJkZS1iZXItMDAxIiw3XQ"])
    """Address of the next page; null on the last one."""


Whole = Annotated[int, Field(strict=True)]
"""A number in a body; `"1"` is none."""
Real = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Flag = Annotated[bool, Field(strict=True)]

_NO_NUL = r"^[^\u0000]*$"

RowId = Annotated[int, Path(ge=1, le=2**31 - 1, examples=[1])]
"""A number of ours in a path."""
BigRowId = Annotated[int, Path(ge=1, le=2**53 - 1, examples=[1])]
"""The same of a table that may outgrow 31 bits."""
Identity = Annotated[
    str, Path(min_length=1, max_length=255, pattern=_NO_NUL, examples=["DE-BER-001"], description="The station's.")
]
"""A station's identity in a path, in any case."""
TokenValue = Annotated[str, Path(min_length=1, max_length=255, pattern=_NO_NUL, examples=["04A2B3C4D5E680"])]
"""The value of an id-token in a path."""
Number = Annotated[int, Path(ge=1, le=9999, examples=[1])]
"""An EVSE's or a connector's number in a path."""

Text = Annotated[str, Field(max_length=255, pattern=_NO_NUL)]
"""A short text without NUL, which databases do not keep."""
LongText = Annotated[str, Field(max_length=2000, pattern=_NO_NUL)]


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("This time is beyond what there is in UTC.") from None


def _written(value: Any) -> Any:
    """A number is no time here, although it could be read as seconds since 1970."""
    if isinstance(value, datetime) or (isinstance(value, str) and _TIME.match(value)):
        return value
    raise ValueError("A time reads like 2026-01-31T12:00:00Z (RFC 3339).")


_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")
Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_in_utc)]
"""A time with its zone; told in UTC."""
