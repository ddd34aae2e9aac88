"""``export``: a finished film's edit for an editing program, or all of its files in one archive."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import click

from actors.work import temporary_files
from api.cases.export import FORMS, Form
from api.cli.errors import InputError
from api.cli.jobs import job_argument, json_option
from api.cli.live import print_json, say
from api.cli.output import UNFINISHED, prepare
from api.cli.read import source_of, source_option
from api.cli.source import job_named
from api.cli.text import printable, size


@click.command()
@job_argument
@click.option(
    "--as", "form", type=click.Choice(FORMS), default="zip", show_default=True,
    help="An edit (OpenTimelineIO) for an editing program, or all files and the edit in one archive",
)  # fmt: skip
@click.option("--out", metavar="FILE", help="Where to write it [default: JOB.otio or JOB.zip, here]")
@source_option
@json_option
def export(job: str, form: Form, out: str | None, url: str | None, as_json: bool) -> None:
    """Write JOB's finished film for use elsewhere.

    The edit has pictures or shots, clips, captions, narration and music on their tracks, and a marker for
    each scene; it names the files as the archive holds them, so it opens where that is unpacked.
    """
    with source_of(url) as source:
        job_id = job_named(source, job)
        target = _target(job_id, form, out)
        written = _write(source.export(job_id, form), target)
    if as_json:
        print_json({"job_id": str(job_id), "as": form, "file": str(target), "bytes": written})
    else:
        say(f"Written: {printable(str(target))} ({size(written)}).")


def _target(job_id: UUID, form: Form, out: str | None) -> Path:
    target = Path(out).absolute() if out else Path.cwd() / f"{job_id}.{form}"
    if target.is_dir():
        raise InputError(f"--out: {out!r} is a folder; name a file in it")
    prepare(str(target.parent))
    return target


def _write(chunks: Iterator[bytes], target: Path) -> int:
    """Whole or not at all; gives the number of bytes."""
    temporary_files.sweep(target.parent, prefix=UNFINISHED)
    descriptor, unfinished = temporary_files.create(target.parent, prefix=UNFINISHED)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
            written = file.tell()
        unfinished.replace(target)
    except OSError as error:
        raise InputError(f"--out: {str(target)!r} cannot be written: {error.strerror}") from None
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink()
    return written
