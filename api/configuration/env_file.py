"""The ``.env`` file: its values, or one sentence that names it and says what is wrong with it.

It may be anybody's: a folder somebody stands in has one for another program, written by another editor. What
cannot be read is refused rather than left out, because a key may be in it.
"""

import codecs
import io
import stat
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

LARGEST = 1_000_000
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # UTF-32's marks begin with the first, or with NULs


class EnvFileError(ValueError):
    """What is wrong with the file, and the way out."""


def read_env_file(path: Path) -> dict[str, str]:
    """Its names and values; none when there is no such file. EnvFileError when it cannot be read."""
    text = _text(path)
    _refuse_what_is_no_setting(text)
    named = dotenv_values(stream=io.StringIO(text))
    return {name: value for name, value in named.items() if value is not None}


def _refuse_what_is_no_setting(text: str) -> None:
    """The lines are told by their numbers alone: a key may be in them."""
    wrong = []
    for statement in parse_stream(io.StringIO(text)):
        if statement.error:
            read = statement.original.string
            blank = read[: len(read) - len(read.lstrip())].count("\n")
            wrong.append(str(statement.original.line + blank))
    if wrong:
        lines = f"line {wrong[0]}" if len(wrong) == 1 else f"lines {', '.join(wrong)}"
        raise EnvFileError(f"{lines} cannot be read; write NAME=VALUE, or NAME='VALUE', each on a line")


def _text(path: Path) -> str:
    try:
        if stat.S_ISDIR(path.stat().st_mode):
            if (path / "pyvenv.cfg").exists():
                return ""  # a virtual environment of that name
            raise EnvFileError("it is a folder; remove it, or rename it")
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        raise EnvFileError(f"it cannot be read: {error.strerror}") from None
    if len(data) > LARGEST:
        raise EnvFileError("it is larger than a megabyte; this is no file of settings")
    if data.startswith(_UTF_16):
        raise EnvFileError("it is UTF-16 text, as PowerShell's > writes it; save it as UTF-8")
    if b"\0" in data:
        raise EnvFileError("it holds NUL bytes and is no text; save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise EnvFileError(
            f"it is not UTF-8 text: the byte 0x{data[error.start]:02x} in line {line}; save it as UTF-8"
        ) from None
