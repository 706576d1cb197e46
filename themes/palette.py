"""The neutral surfaces a brand chooses from, and the status colours that are the same for everyone.

Every colour is a (light, dark) pair, so that one CSS variable serves both modes through `light-dark()`.
"""

from typing import Final

Pair = tuple[str, str]

TONES: Final[dict[str, dict[str, Pair]]] = {
    "slate": {
        "page": ("#f6f7f9", "#0c0f13"),
        "surface": ("#ffffff", "#13171d"),
        "raised": ("#ffffff", "#1a2028"),
        "sunken": ("#eff2f5", "#0f1317"),
        "hover": ("#f3f5f8", "#191e26"),
        "line": ("#e4e8ed", "#252c35"),
        "control": ("#828d9b", "#667281"),
        "ink": ("#12181f", "#eaeef3"),
        "muted": ("#525e6b", "#a3afbc"),
        "faint": ("#626e7b", "#8b98a6"),
        "water": ("#dbe3ec", "#0a0d11"),
        "land": ("#f7f8fa", "#171c23"),
        "border": ("#c6ced8", "#333d49"),
    },
    "sage": {
        "page": ("#f5f8f5", "#0b100d"),
        "surface": ("#ffffff", "#121814"),
        "raised": ("#ffffff", "#19211c"),
        "sunken": ("#edf2ed", "#0e1310"),
        "hover": ("#f1f6f1", "#18201b"),
        "line": ("#e0e7e1", "#242d27"),
        "control": ("#7c8c81", "#647368"),
        "ink": ("#111c15", "#e8efe9"),
        "muted": ("#4d5d52", "#a1b1a5"),
        "faint": ("#5d6d62", "#8a9a8e"),
        "water": ("#d3e4e6", "#0a1012"),
        "land": ("#f4f7f0", "#161d18"),
        "border": ("#c2cdc3", "#323d35"),
    },
    "navy": {
        "page": ("#f3f7fb", "#070d16"),
        "surface": ("#ffffff", "#0d1622"),
        "raised": ("#ffffff", "#14202f"),
        "sunken": ("#eaf0f7", "#09111b"),
        "hover": ("#eff4fa", "#132031"),
        "line": ("#dde6f0", "#1c2a3b"),
        "control": ("#7a8aa0", "#5a6f8a"),
        "ink": ("#0a1a2d", "#e6eef8"),
        "muted": ("#4a5d75", "#9db1c9"),
        "faint": ("#5a6c84", "#8399b3"),
        "water": ("#cfe2f2", "#060b13"),
        "land": ("#f5f8fb", "#121e2c"),
        "border": ("#bccbdc", "#2b3e55"),
    },
    "graphite": {
        "page": ("#f7f7f7", "#0f0f0f"),
        "surface": ("#ffffff", "#171717"),
        "raised": ("#ffffff", "#1f1f1f"),
        "sunken": ("#f2f2f2", "#121212"),
        "hover": ("#f5f5f5", "#1e1e1e"),
        "line": ("#e7e7e7", "#2b2b2b"),
        "control": ("#8c8c8c", "#717171"),
        "ink": ("#171717", "#ededed"),
        "muted": ("#5c5c5c", "#adadad"),
        "faint": ("#6c6c6c", "#969696"),
        "water": ("#d5e5ef", "#0a0d10"),
        "land": ("#f8f8f8", "#1c1c1c"),
        "border": ("#cdcdcd", "#3c3c3c"),
    },
    "sand": {
        "page": ("#f8f7f5", "#110e0a"),
        "surface": ("#ffffff", "#1a1610"),
        "raised": ("#ffffff", "#251e16"),
        "sunken": ("#f4f1ee", "#15120d"),
        "hover": ("#f7f4f2", "#231d15"),
        "line": ("#ebe7e2", "#312a21"),
        "control": ("#958a7c", "#7b6f5f"),
        "ink": ("#1c160f", "#f1ede8"),
        "muted": ("#655b4d", "#b6ac9e"),
        "faint": ("#756b5d", "#a09585"),
        "water": ("#d5e5ef", "#0a0d10"),
        "land": ("#f9f8f6", "#201b14"),
        "border": ("#d4ccc2", "#443a2e"),
    },
    "plum": {
        "page": ("#f8f6f8", "#110d12"),
        "surface": ("#ffffff", "#19151b"),
        "raised": ("#ffffff", "#231d26"),
        "sunken": ("#f3f1f4", "#141116"),
        "hover": ("#f6f4f7", "#211b24"),
        "line": ("#eae6ec", "#2f2833"),
        "control": ("#928797", "#786c7d"),
        "ink": ("#1b151d", "#f0ecf2"),
        "muted": ("#635868", "#b4a9b9"),
        "faint": ("#736878", "#9d92a3"),
        "water": ("#d5e5ef", "#0a0d10"),
        "land": ("#f9f7f9", "#1f1921"),
        "border": ("#d2cad5", "#423846"),
    },
}

TONE_NAMES: Final = {
    "slate": "Slate",
    "sage": "Sage",
    "navy": "Navy",
    "graphite": "Graphite",
    "sand": "Sand",
    "plum": "Plum",
}

# `fill` is a shape on any surface (3:1), `text` a word on its own tint (4.5:1), `tint` the chip behind the word.
STATUS: Final[dict[str, dict[str, Pair]]] = {
    "green": {"fill": ("#15924d", "#35c37a"), "text": ("#0c6a36", "#62d99b"), "tint": ("#e3f5ea", "#0f2a1c")},
    "blue": {"fill": ("#1f6feb", "#4d9bff"), "text": ("#1556bd", "#86bbff"), "tint": ("#e5effd", "#10243f")},
    "amber": {"fill": ("#b26a00", "#f0b13c"), "text": ("#875000", "#f3bf5f"), "tint": ("#fdf1dc", "#2e220c")},
    "violet": {"fill": ("#7a4fe0", "#a88bfa"), "text": ("#6236c9", "#bfa8fc"), "tint": ("#efe9fd", "#231a3d")},
    "teal": {"fill": ("#0d8a8f", "#2cc3c7"), "text": ("#08666a", "#5ed8db"), "tint": ("#ddf4f4", "#0b2a2c")},
    "red": {"fill": ("#d4342c", "#ff6b61"), "text": ("#b02019", "#ff8f87"), "tint": ("#fdeae8", "#361413")},
    "grey": {"fill": ("#697684", "#8f9dab"), "text": ("#4c5762", "#adb9c5"), "tint": ("#eceff2", "#20262d")},
}
