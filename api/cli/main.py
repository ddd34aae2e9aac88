"""The command line: one line for each command. Standard output is data, everything else goes to stderr.

Commands are loaded when they are asked for: ``reelog --help`` need not load what draws and serves.
"""

import api.cli.import_path  # noqa: F401, I001 - first of all, so that nothing strange is imported

import errno
import importlib
import os
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import click

COMMANDS = {
    "demo": ("api.cli.make", "Make one sample film on the emulator; needs no key"),
    "make": ("api.cli.make", "Make a film from a script, here and now, with no server"),
    "serve": ("api.cli.serve", "Serve the API and the page, and do the work"),
    "work": ("api.cli.serve", "Do the work on a Ray cluster, for servers elsewhere"),
    "emulate": ("api.cli.emulator", "Serve the Gemini emulator"),
    "submit": ("api.cli.jobs", "Submit a script to a server"),
    "watch": ("api.cli.jobs", "Follow a job to its end"),
    "ls": ("api.cli.read", "List jobs, newest first"),
    "show": ("api.cli.read", "Show a job, now or as it was at a past event"),
    "record": ("api.cli.record", "Save the requests and answers of a job as recordings"),
    "events": ("api.cli.read", "Print what happened to a job"),
    "cancel": ("api.cli.revise", "Stop a job"),
    "retry": ("api.cli.revise", "Go on with a failed or cancelled job"),
    "approve": ("api.cli.revise", "Let a job that waits for review go on"),
    "regenerate": ("api.cli.revise", "Make one asset of a job again, and what depends on it"),
    "scenes": ("api.cli.scenes", "Show a film's scenes, or edit words, pictures, voices and order"),
    "provide": ("api.cli.provide", "Put a file of your own in the place of an asset"),
    "get": ("api.cli.get", "Bring a finished film's files from a server"),
    "export": ("api.cli.export", "Write a finished film's edit, or all its files in one archive"),
    "link": ("api.cli.link", "Make an address at which anybody has an asset's bytes, for a while"),
    "fork": ("api.cli.revise", "Make a new job that keeps all that the changes do not touch"),
    "estimate": ("api.cli.plan", "Tell what a script would cost and take"),
    "presets": ("api.cli.presets", "Keep values of submissions by name, to be used again"),
    "casts": ("api.cli.presets", "Keep casts of characters by name, to be used again"),
    "batch": ("api.cli.batch", "Submit many scripts at once, with one estimate and one cap"),
    "keys": ("api.cli.keys", "Give keys to those who may ask a server, and revoke them"),
    "webhooks": ("api.cli.webhooks", "Have a server of yours told of jobs, and see what it was told"),
    "mcp": ("api.cli.mcp", "Let an agent make films, over standard input and output"),
    "models": ("api.cli.models", "List the models that there are, with price and health"),
    "prompts": ("api.cli.prompts", "List what models are told, compare and try other wordings"),
    "replay": ("api.cli.replay", "Relive a job in the terminal, free"),
    "explain": ("api.cli.replay", "Say what was decided for a job at a moment, and why"),
    "trace": ("api.cli.trace", "Show where a job's time went, as spans of a trace"),
    "audit": ("api.cli.audit", "Say whether today's workflow would have decided the same for a job"),
    "remake": ("api.cli.remake", "Edit a film again from what is stored, and compare, free"),
    "verify": ("api.cli.verify", "Build all read models from the log and compare them"),
    "rebuild": ("api.cli.verify", "Build all read models anew from the log"),
    "rename": ("api.cli.rename", "Call a film otherwise, for everybody who sees it"),
    "delete": ("api.cli.delete", "Remove the texts and files of one ended job"),
    "prune": ("api.cli.prune", "Remove texts and files of jobs that ended long ago"),
    "store": ("api.cli.store_copy", "Copy the log and its blobs to another store, and prove it"),
    "check": ("api.cli.check", "Measure a film and say what is wrong with it"),
    "doctor": ("api.cli.doctor", "Look whether this machine has all that it takes"),
}


ELSEWHERE = {
    "help": "--help",
    "version": "--version",
    "list": "ls",
    "jobs": "ls",
    "ps": "ls",
    "status": "show",
    "inspect": "show",
    "describe": "show",
    "log": "events",
    "logs": "events",
    "history": "events",
    "follow": "watch",
    "tail": "watch",
    "attach": "watch",
    "create": "submit",
    "send": "submit",
    "post": "submit",
    "render": "make",
    "build": "make",
    "generate": "make",
    "run": "make",
    "start": "serve",
    "server": "serve",
    "up": "serve",
    "worker": "work",
    "stop": "cancel",
    "kill": "cancel",
    "abort": "cancel",
    "resume": "retry",
    "continue": "retry",
    "redo": "regenerate",
    "download": "get",
    "fetch": "get",
    "upload": "provide",
    "replace": "provide",
    "name": "rename",
    "mv": "rename",
    "title": "rename",
    "share": "link",
    "copy": "fork",
    "clone": "fork",
    "price": "estimate",
    "cost": "estimate",
    "why": "explain",
    "remove": "delete",
    "rm": "delete",
    "clean": "prune",
}
"""What other tools call it, and what it is called here."""


class Interruptible(click.Group):
    """Ctrl-C ends a command with 130, also at a question: 1 would say that a job failed."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, click.Abort):
            click.echo(err=True)
            from api.cli.errors import Code, end

            end(Code.INTERRUPTED)


class Commands(Interruptible):
    """Loads a command's module when it is called or completed."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run a command, with all three standard streams there, as programs and libraries expect them."""
        _open_standard_streams()
        return super().main(*arguments, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; when nobody reads what it prints any longer, it ends without a word."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            if error.errno != errno.EPIPE:
                raise
            from api.cli.errors import Code, end

            _drop_what_is_unwritten()
            end(Code.UNREAD)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the same ones always
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(COMMANDS[cmd_name][0]), cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is named; where there is none, say which was probably meant."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            import difflib

            close = difflib.get_close_matches(name.lower(), [*COMMANDS, *ELSEWHERE], n=1)
            meant = ELSEWHERE.get(close[0], close[0]) if close else None
            did = f" Did you mean {meant!r}?" if meant else " `reelog --help` lists them."
            raise click.UsageError(f"No such command {name!r}.{did}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, told) for name, (_, told) in COMMANDS.items()])


def _open_standard_streams() -> None:
    """A stream that was closed (``2>&-``) leads nowhere: the next file opened would take its number."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        stream = getattr(sys, name)
        if stream is not None:
            # What this terminal cannot show is shown as a question mark; it is no reason to end.
            if number and hasattr(stream, "reconfigure") and stream.errors == "strict":
                stream.reconfigure(errors="replace")
            continue
        try:
            os.fstat(number)
        except OSError:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
        setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - until the end


def _drop_what_is_unwritten() -> None:
    """Python writes at the end what it still has, and complains when nobody takes it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def _version() -> str:
    try:
        return version("reelog")
    except PackageNotFoundError:
        return "unknown"


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 job failed, 2 usage or settings, 3 cancelled, 4 server unreachable or "
    "not allowed, 5 timed out, 6 waits for review; 130 interrupted, 141 nobody reads what it prints.",
)
@click.version_option(_version(), prog_name="reelog")
def main() -> None:
    """Script in, finished video out, every step on the record."""
