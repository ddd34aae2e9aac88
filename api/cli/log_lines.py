"""Where log lines go: one JSON object a line for machines, plain lines for people, a file beside a picture.

Only our own words are let through at INFO; libraries speak when something is wrong.
"""

import contextlib
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

from api.cli.text import escaped, is_terminal, json_line
from api.http.access_log import context_of

_OURS = ("reelog", "api", "actors", "projections", "domain")
_EXPECTED = (
    "Couldn't find ffmpeg",  # pydub looks for a program that nothing here needs
    "SIGTERM handler is not set",  # Ray starts in a thread for this very reason: the signal is the server's
)


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **context_of(record),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json_line(line)


class TextLines(logging.Formatter):
    """A line for each record, whatever was said in it; a traceback follows indented, and so is no record."""

    def format(self, record: logging.LogRecord) -> str:
        when = self.formatTime(record, self.datefmt)
        line = f"{when} {record.levelname:7} {escaped(record.getMessage())}"
        traceback = self.formatException(record.exc_info) if record.exc_info else ""
        return "\n".join([line, *(f"  {escaped(below)}" for below in traceback.splitlines())])


def log_to_stderr(look: str | None = None) -> None:
    """For a command that serves: log lines are what it has to show, as ``json`` or as ``text``."""
    handler = logging.StreamHandler(sys.stderr)
    plain = TextLines(datefmt="%H:%M:%S")
    as_text = is_terminal(sys.stderr) if look is None else look == "text"
    handler.setFormatter(plain if as_text else JsonLines())
    _configure(handler)


class _LogFile(logging.FileHandler):
    """What a full disk has no room for is not logged: the command says by itself what it cannot do."""

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError):  # the file is opened with the first line
            super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        if not isinstance(sys.exception(), OSError):
            super().handleError(record)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            super().close()


def log_to_file(folder: Path) -> None:
    """For a command that draws on the terminal: log lines would tear the picture."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = _LogFile(folder / "reelog.log", encoding="utf-8", delay=True)
    handler.setFormatter(TextLines())
    _configure(handler)


def adopt(name: str) -> None:
    """Let a library that writes to the terminal by itself (Ray does, once imported) log like everybody."""
    logger = logging.getLogger(name)
    logger.handlers.clear()
    logger.propagate = True


def _configure(handler: logging.Handler) -> None:
    logging.captureWarnings(capture=True)
    handler.addFilter(lambda record: not any(said in record.getMessage() for said in _EXPECTED))
    root = logging.getLogger()
    for former in root.handlers[:]:
        root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.INFO)
