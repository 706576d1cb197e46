"""Breaks frames in the ways firmware does, and in ways it does not. The same seed breaks them the same way."""

import copy
import json
import random
from collections.abc import Callable
from typing import Any

_STRANGE: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**31,
    10**30,
    0.1,
    -1e308,
    "",
    " ",
    "x" * 300,
    "x" * 5000,
    "\x00",
    "12 kWh",
    "1e999999",
    "NaN",
    "1970-01-01T00:00:00Z",
    "9999-12-31T23:59:59+14:00",
    "😀\u202e",
    "'; DROP TABLE frame; --",
    [],
    {},
    [[[[]]]],
    {"a": {"b": {"c": [1, None]}}},
)
Frame = list[Any]


def mutated(action: str, payload: Any, message_id: str, rng: random.Random) -> str:
    """The text of a frame made of these, broken or not."""
    frame: Frame = [2, message_id, action, copy.deepcopy(payload)]
    roll = rng.random()
    if roll < 0.10:
        return json.dumps(frame)
    if roll < 0.80:
        for _ in range(rng.randint(1, 3)):
            frame[3] = _in_payload(frame[3], rng)
        return json.dumps(frame)
    if roll < 0.90:
        return json.dumps(rng.choice(_FRAME)(frame, rng))
    return rng.choice(_TEXT)(json.dumps(frame), rng)


def _in_payload(value: Any, rng: random.Random) -> Any:
    """The payload with one place changed."""
    if isinstance(value, dict) and value and rng.random() < 0.85:
        name = rng.choice(list(value))
        roll = rng.random()
        if roll < 0.15:
            del value[name]
        elif roll < 0.25:
            value[rng.choice(("more", "vendorExtra", "\x00", "x" * 200))] = _strange(rng)
        elif roll < 0.30:
            value[name.swapcase()] = value.pop(name)
        else:
            value[name] = _in_payload(value[name], rng)
        return value
    if isinstance(value, list) and value and rng.random() < 0.8:
        place = rng.randrange(len(value))
        if rng.random() < 0.2:
            return value * rng.randint(0, 20)
        value[place] = _in_payload(value[place], rng)
        return value
    if isinstance(value, int | float) and rng.random() < 0.5:
        return rng.choice((str(value), float(value), [value]))
    if isinstance(value, str) and rng.random() < 0.4:
        return rng.choice((value.upper(), f" {value} ", value * 10, value[:-1], [value]))
    return _strange(rng)


def _strange(rng: random.Random) -> Any:
    return copy.deepcopy(rng.choice(_STRANGE))


_FRAME: tuple[Callable[[Frame, random.Random], Any], ...] = (
    lambda frame, rng: frame[: rng.randint(0, 3)],
    lambda frame, rng: [*frame, rng.choice(_STRANGE)],
    lambda frame, rng: [rng.choice((0, 3, 4, 5, 6, 7, "2", 2.0, None, -2)), *frame[1:]],
    lambda frame, rng: [frame[0], rng.choice(_STRANGE), *frame[2:]],
    lambda frame, rng: [*frame[:2], rng.choice((*_STRANGE, "heartbeat", "Reset", "Nonsense")), frame[3]],
    lambda frame, rng: [*frame[:3], rng.choice(_STRANGE)],
    lambda frame, _: {"frame": frame},
    lambda frame, _: [frame],
)
_TEXT: tuple[Callable[[str, random.Random], str], ...] = (
    lambda text, rng: text[: rng.randrange(len(text))],
    lambda text, rng: text[rng.randrange(len(text)) :],
    lambda text, rng: _changed(text, rng),
    lambda text, _: text + text,
    lambda text, _: f"\ufeff{text}",
    lambda text, _: f"  {text}\n",
    lambda text, _: text.replace('"', "'"),
    lambda _text, rng: "[" * rng.randint(1, 3000),
    lambda _text, _rng: "",
)


def _changed(text: str, rng: random.Random) -> str:
    place = rng.randrange(len(text))
    return text[:place] + rng.choice('{}[]",:0eE\\u\x00x') + text[place + 1 :]
