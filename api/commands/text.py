"""How values look in a terminal: colour, width, time and money.

Nothing here knows what a job is. Rejected: rich; a table, a bar and five colours do not carry a dependency.
"""

import os
import sys
import unicodedata
from dataclasses import dataclass
from typing import IO, Any, Literal

import click

Role = Literal["good", "bad", "warn", "busy", "dim", "strong", "plain"]

_STYLES: dict[Role, dict[str, Any]] = {
    "good": {"fg": "green"},
    "bad": {"fg": "red"},
    "warn": {"fg": "yellow"},
    "busy": {"fg": "cyan"},
    "dim": {"dim": True},
    "strong": {"bold": True},
    "plain": {},
}
_HARMLESS = "\n\t\u200c\u200d"
"""Joiners are spelling in some scripts."""
_MINUTE = 60
_HOUR = 3600
_SMALL_USD = 1.0


@dataclass(frozen=True)
class Theme:
    """``colour`` paints; ``unicode`` draws. Without them the same is said in plain ASCII."""

    colour: bool = False
    unicode: bool = True

    def paint(self, text: str, role: Role) -> str:
        return click.style(text, **_STYLES[role]) if self.colour and text and role != "plain" else text

    def mark(self, symbol: str) -> str:
        return symbol if self.unicode else "".join(_ASCII.get(character, character) for character in symbol)


# One cell for one cell, so that whatever is aligned stays aligned.
_ASCII = {
    "✓": "+", "✗": "x", "·": ".", "●": "#", "○": "o", "◐": "*", "↻": "~", "–": "-", "━": "=", "─": "-",
    "◜": "*", "◝": "*", "◞": "*", "◟": "*", "▲": "!", "×": "x", "…": ".",
}  # fmt: skip


def theme_of(stream: IO[Any]) -> Theme:
    """What a stream can show: colour on a terminal, and nowhere or everywhere where that is asked for.

    NO_COLOR (https://no-color.org) goes before FORCE_COLOR and CLICOLOR_FORCE; a 0 in those asks for nothing.
    """
    encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "")
    forced = any(os.environ.get(name, "") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE"))
    colour = (forced or is_terminal(stream)) and not os.environ.get("NO_COLOR")
    return Theme(colour=colour, unicode=encoding.startswith("utf"))


def is_terminal(stream: IO[Any] | None = None) -> bool:
    """Whether a stream (standard error by default) can be drawn on."""
    stream = sys.stderr if stream is None else stream
    return stream.isatty() and os.environ.get("TERM", "") != "dumb"


def cells(text: str) -> int:
    """The columns that a text takes: wide characters two, combining ones none."""
    return sum(_cells_of(character) for character in click.unstyle(text))


def _cells_of(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf", "Cc"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def fit(text: str, width: int) -> str:
    """One line of at most ``width`` columns; what is cut off is marked. For text without colour."""
    text = " ".join(printable(text).split())
    if cells(text) <= width:
        return text
    kept, used = [], 0
    for character in text:
        used += _cells_of(character)
        if used > width - 1:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…" if width > 0 else ""


def printable(text: str) -> str:
    """Without control characters: what a provider or a script says must not steer the terminal."""
    return "".join(
        c if unicodedata.category(c) not in {"Cc", "Cf"} or c in "\n\t\u200c\u200d" else " " for c in text
    )


def pad(text: str, width: int) -> str:
    """Fill up with spaces to ``width`` columns; colour takes no room."""
    return text + " " * max(0, width - cells(text))


def pad_left(text: str, width: int) -> str:
    return " " * max(0, width - cells(text)) + text


def seconds(value: float | None) -> str:
    """``4.2 s``, ``1:03``, ``2:05:00``; ``–`` when it is not known."""
    if value is None:
        return "–"
    if value < _MINUTE:
        return f"{value:.1f} s"
    return clock(value)


def clock(value: float) -> str:
    """``0:31``, ``1:03``, ``2:05:00``."""
    whole = max(0, int(value))
    minutes, rest = divmod(whole, _MINUTE)
    if whole >= _HOUR:
        return f"{minutes // _MINUTE}:{minutes % _MINUTE:02}:{rest:02}"
    return f"{minutes}:{rest:02}"


def money(usd: float | None) -> str:
    """Dollars with as many digits as matter; ``–`` when it is not known."""
    if usd is None:
        return "–"
    return f"${usd:.4f}" if 0 < usd < _SMALL_USD else f"${usd:.2f}"


def size(count: float) -> str:
    """Bytes in the units that file managers show."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":  # noqa: PLR2004 - decimal units
            break
        count /= 1000
    return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
