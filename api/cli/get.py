"""``get``: a finished film's files, brought from a server."""

import sys
import time
from typing import TYPE_CHECKING

import click

from api.cli.errors import JOB_CODES, InputError, end
from api.cli.hints import Hints
from api.cli.jobs import client_of, job_argument, json_option, quiet_option, server_option
from api.cli.live import print_json, say
from api.cli.output import prepare
from api.cli.source import ServerSource, job_named
from api.cli.text import echo, is_terminal, pad, printable, size, theme_of

if TYPE_CHECKING:
    from reelog_client import Progress

_BAR = 30
_FRAME_S = 0.1


@click.command()
@job_argument
@click.option("-o", "--out", metavar="DIR", help="Where to write them [default: a folder named like the job]")
@server_option
@quiet_option
@json_option
def get(job: str, out: str | None, url: str | None, quiet: bool, as_json: bool) -> None:
    """Bring JOB's film from a server: video.mp4, captions.vtt, captions.srt, poster.jpg, manifest.json.

    What was cut goes on where it was when it is asked for again, and each file is held by the digest that is
    on record. Either all of them are there in the end, or those of before.
    """
    client = client_of(url)
    source = ServerSource(client)
    job_id = job_named(source, job)
    page = source.job(job_id)
    if page["pruned_at"]:
        raise InputError(f"JOB: {job_id} was pruned at {page['pruned_at']}: its files are gone")
    if page["status"] in ("queued", "running"):
        watch = Hints.of_server(url).watch(job_id)
        raise InputError(f"JOB: {job_id} is {page['status']}; follow it with `{watch}`")
    if page["status"] != "completed":
        say(f"Job {job_id} has no film: it is {page['status'].replace('_', ' ')}.")
        end(JOB_CODES[page["status"]])
    folder = prepare(out or str(job_id))
    bar = Bar(drawn=not quiet and is_terminal(sys.stderr))
    try:
        files = client.download(page, folder, bar.show)
    except OSError as error:
        raise InputError(f"--out: {str(folder)!r} cannot be written: {error.strerror}") from None
    finally:
        bar.close()
    for name, path in files.items():
        if as_json:
            print_json({"job_id": str(job_id), "file": name, "path": str(path), "bytes": path.stat().st_size})
        else:
            echo(printable(str(path)))
    if not quiet:
        say(f"Brought {len(files)} files ({size(sum(path.stat().st_size for path in files.values()))}).")


class Bar:
    """How far a download has come, on one line of a terminal that is drawn over."""

    def __init__(self, *, drawn: bool) -> None:
        self._drawn = drawn
        self._theme = theme_of(sys.stderr)
        self._at = 0.0
        self._wrote = False

    def show(self, progress: "Progress") -> None:
        """Draw it, ten times a second at most."""
        done = progress.received >= progress.total
        if not self._drawn or (time.monotonic() - self._at < _FRAME_S and not done):
            return
        self._at = time.monotonic()
        share = progress.received / progress.total if progress.total else 1.0
        full = round(share * _BAR)
        bar = self._theme.mark("━" * full) + " " * (_BAR - full)
        line = f"  {pad(progress.file, 13)} {bar} {share:4.0%}  {size(progress.received)}"
        click.echo(f"\r{line}\x1b[K", nl=False, err=True)
        self._wrote = True

    def close(self) -> None:
        if self._wrote:
            click.echo(err=True)
