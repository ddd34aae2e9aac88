"""How values look in a terminal: colour, width and money.

Whatever is printed or logged as text goes through here, because what a server, a provider or a script
says must not steer the terminal: ``echo`` for what a command says, ``escaped`` for a line of a log,
``json_line`` for data.

Nothing here knows what a job is. Rejected: rich; a table, a bar and five colours do not carry a dependency.
"""

import json
import os
import re
import sys
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
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
_JOINERS = "\u200c\u200d"
"""They are spelling in some scripts."""
_STEERING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Controls, also of writing direction, halves of characters, and line ends that only some programs know."""
_COLOURS = re.compile(r"(\x1b\[(?:[012]|3[0-7])m)")
"""What ``Theme.paint`` writes; it moves nothing and hides nothing."""
_SMALL_USD = 1.0
_LEAST_USD = 0.00005


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
    """Without control characters, each of which is a space; line ends and tabs are kept."""
    return "".join(" " if _steers(c) and c not in "\n\t" else c for c in text)


def escaped(text: str) -> str:
    """On one line, control characters written out: for logs, where each line is a record."""
    if text.isprintable():
        return text
    return "".join(repr(c)[1:-1] if _steers(c) else c for c in text)


def json_line(value: Any) -> str:
    """One line of JSON that any program reads as one line, and that a terminal shows as it is."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if text.isprintable():
        return text
    return "".join(_unicode_escape(c) if _steers(c) else c for c in text)


def _unicode_escape(character: str) -> str:
    return json.dumps(character)[1:-1] if character > "\uffff" else f"\\u{ord(character):04x}"


def echo(text: object = "", **how: Any) -> None:
    """``click.echo`` of what ``shown`` lets through."""
    click.echo(shown(str(text)), **how)


def shown(text: str) -> str:
    """What has no more control over the terminal than our own colours."""
    parts = _COLOURS.split(text)
    return "".join(part if number % 2 else printable(part) for number, part in enumerate(parts))


def _steers(character: str) -> bool:
    return unicodedata.category(character) in _STEERING and character not in _JOINERS


def pad(text: str, width: int) -> str:
    """Fill up with spaces to ``width`` columns; colour takes no room."""
    return text + " " * max(0, width - cells(text))


def pad_left(text: str, width: int) -> str:
    return " " * max(0, width - cells(text)) + text


def money(usd: float | None) -> str:
    """Dollars with as many digits as matter; ``–`` when it is not known."""
    if usd is None:
        return "–"
    if 0 < usd < _LEAST_USD:  # with four digits it would be nothing
        return f"${Decimal(f'{usd:.1g}'):f}"
    return f"${usd:.4f}" if 0 < usd < _SMALL_USD else f"${usd:.2f}"


def size(count: float) -> str:
    """Bytes in the units that file managers show."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":  # noqa: PLR2004 - decimal units
            break
        count /= 1000
    return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
