"""Reading a script from a file or a pipe, and saying what is wrong with it.

The length and emptiness of a script are checked by ``Submission``, as everywhere; here it is only that bytes
become text. Encodings are not guessed: a guess that is wrong would be spoken aloud in the film.
"""

import sys
from pathlib import Path

from api.cli.errors import InputError
from domain.script import MAX_SCRIPT_CHARACTERS

_MOST_BYTES = MAX_SCRIPT_CHARACTERS * 4 + 3
"""No character takes more than four bytes of UTF-8; three more for a byte order mark."""


def read_script(argument: str) -> str:
    """The text of a file, or of standard input for ``-``. InputError says why it cannot be read."""
    name = "standard input" if argument == "-" else argument
    data = _read(argument)
    if len(data) > _MOST_BYTES:
        raise InputError(
            f"SCRIPT: {name} holds over {MAX_SCRIPT_CHARACTERS:,} characters; "
            f"at most {MAX_SCRIPT_CHARACTERS:,} are taken"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(
            f"SCRIPT: {name} is not UTF-8 text: byte 0x{data[error.start]:02x} at offset {error.start} "
            f"(line {line}); save it as UTF-8"
        ) from None


def _read(argument: str) -> bytes:
    if argument == "-":
        return sys.stdin.buffer.read(_MOST_BYTES + 1)
    try:
        with Path(argument).open("rb") as file:
            return file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise InputError(
            f"SCRIPT: there is no file {argument!r}; name a text file, or - to read standard input"
        ) from None
    except IsADirectoryError:
        raise InputError(f"SCRIPT: {argument!r} is a folder; name a text file, or -") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(
            f"SCRIPT: {argument!r} cannot be read: {reason}; name a readable text file, or -"
        ) from None
