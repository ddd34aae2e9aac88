"""How a command ends: exit codes, and the errors that carry them.

Scripts branch on the code, people read the message, so each error is one of each:

    CliError
    ├── InputError         2  what was typed or set cannot be used; names field, value and what would do
    ├── UnreachableError   4  no server answers, or what answers is not one
    │   └── NotAllowedError   it answers, and does not let us in
    └── TimedOutError      5  the time given with --timeout is over

A job that failed (1) or was cancelled (3) is a result, no error of the command.
"""

import errno
import sys
from collections.abc import Iterable
from enum import IntEnum
from typing import IO, Any, NoReturn

import click

from api.cli.text import echo


class Code(IntEnum):
    DONE = 0
    JOB_FAILED = 1
    USAGE = 2
    CANCELLED = 3
    UNREACHABLE = 4
    TIMED_OUT = 5
    AWAITING_REVIEW = 6
    INTERRUPTED = 130
    """Ctrl-C; what shells expect of a program that was interrupted."""
    UNREAD = 141
    """Nobody reads what is printed any longer (``| head``); what shells expect of such a program."""


JOB_CODES = {
    "completed": Code.DONE,
    "failed": Code.JOB_FAILED,
    "cancelled": Code.CANCELLED,
    "awaiting_review": Code.AWAITING_REVIEW,
}


class CliError(click.ClickException):
    """``message`` says what is wrong, ``hint`` what a person can do."""

    exit_code = Code.USAGE

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def show(self, file: IO[Any] | None = None) -> None:
        echo(f"Error: {self.message}", file=file or sys.stderr)
        if self.hint:
            echo(f"  {self.hint}", file=file or sys.stderr)


class InputError(CliError):
    """What was typed or set cannot be used."""

    @classmethod
    def of_all(cls, faults: Iterable[str]) -> "InputError":
        """One error that names every fault, so that nobody mends them one by one."""
        first, *others = faults
        return cls("\n  ".join([first, *others]))


class UnreachableError(CliError):
    exit_code = Code.UNREACHABLE


class NotAllowedError(UnreachableError):
    pass


class TimedOutError(CliError):
    exit_code = Code.TIMED_OUT


def cannot_listen(
    host: str, port: int, error: OSError, named: tuple[str, str] = ("--host", "--port")
) -> InputError:
    """Why nobody can reach a server there; ``named`` is what gave its host and its port."""
    host_name, port_name = named
    of_port = error.errno in {errno.EADDRINUSE, errno.EACCES}
    way_out = f"set {port_name} to another port, or " if port_name != "--port" else ""
    return InputError(
        f"{port_name if of_port else host_name}: {host}:{port} cannot be listened at: {error.strerror}",
        f"Another server may be there; {way_out}--port 0 takes any free port."
        if of_port
        else f"Set {host_name} to an address of this machine.",
    )


def end(code: Code) -> NoReturn:
    """End the command with ``code``."""
    raise click.exceptions.Exit(int(code))


def set_aside(job: dict[str, Any]) -> UnreachableError:
    """Why nothing more is told of a job; ``job`` is its page."""
    aside = job["set_aside"]
    return UnreachableError(
        f"job {job['id']} is set aside: event {aside['position']} ({aside['type']}) cannot be folded: "
        f"{aside['reason']}",
        "Update Reelog, or run `reelog rebuild` once the cause is mended.",
    )
