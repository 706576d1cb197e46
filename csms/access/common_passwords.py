"""Which passwords everybody tries first: those built around a usual word, a run on the keyboard, or a repetition."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

_FILE: Final = Path(__file__).with_name("common_words.txt")
_LEET: Final = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
_ROWS: Final = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "yxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "qazwsxedcrfvtgbyhnujm",
    "1q2w3e4r5t6y7u8i9o0p",
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "1234567890",
)
_SHORTEST_RUN: Final = 4


def is_common(password: str) -> bool:
    """Whether guessing programs would find it among their first tries, however it is decorated."""
    plain = password.casefold()
    if _repeats(plain) or _is_runs(plain):
        return True
    return not common_words().isdisjoint(
        {_core(plain), _core(plain.translate(_LEET)), _core(_bare(plain).translate(_LEET))}
    )


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """The bundled list, one word a line."""
    return frozenset(_FILE.read_text().split())


def _core(text: str) -> str:
    """The word without the digits and signs put around it: `Password123!` and `2024password` are both `password`."""
    return re.sub(r"[^a-z]+", "", re.sub(r"^[^a-z]+|[^a-z]+$", "", text))


def _bare(text: str) -> str:
    """Without what is put after it, while it may still hold digits for letters: `p4ssw0rd2024` is `p4ssw0rd`."""
    return re.sub(r"[^a-z]+$", "", text)


def _repeats(text: str) -> bool:
    """abcabcabcabc, aaaaaaaaaa, 1212121212: a short piece over and over, with a piece of it at the end."""
    for size in range(1, min(6, len(text) // 2 + 1)):
        piece = text[:size]
        if (piece * (len(text) // size + 1)).startswith(text) and len(text) >= 2 * size:
            return True
    return False


def _is_runs(text: str) -> bool:
    """Nothing but runs along the keyboard, the alphabet or the digits, either way: qwertyuiop12345."""
    rows = [*_ROWS, *(row[::-1] for row in _ROWS)]
    position = 0
    while position < len(text):
        longest = 0
        for row in rows:
            start = row.find(text[position : position + _SHORTEST_RUN])
            if start >= 0 and len(text) - position >= _SHORTEST_RUN:
                length = 0
                while text[position + length : position + length + 1] == row[start + length : start + length + 1] != "":
                    length += 1
                longest = max(longest, length)
        if not longest:
            return len(text) - position < _SHORTEST_RUN and text[position:].isdigit() and position > 0
        position += longest
    return True
