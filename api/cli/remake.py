"""remake: the film edited again from what is stored, and compared with the one on record. Free."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import click

from api.cli.errors import Code, InputError, end
from api.cli.jobs import job_argument, json_option
from api.cli.live import print_json, say
from api.cli.source import job_named
from api.cli.store import StoreSource, reading_system, settings_of
from api.cli.text import echo, theme_of
from api.composition import BlobError, System
from domain.failures import AttemptFailedError
from domain.script import Kind
from domain.store import JobNotFoundError


@click.command()
@job_argument
@click.option("--verify", is_flag=True, help="Exit with 1 when anything differs from what is on record")
@click.option("--out", metavar="FILE", type=click.Path(dir_okay=False), help="Write the film made again here")
@json_option
def remake(job: str, verify: bool, out: str | None, as_json: bool) -> None:
    """Edit JOB's film again from stored assets, with no provider call, and compare digests."""
    with reading_system(settings_of()) as system:
        job_id = job_named(StoreSource(system), job)
        try:
            made = system.studio.job(job_id)
        except JobNotFoundError:
            raise InputError(f"JOB: there is no job {job_id} here", "`reelog ls` lists them.") from None
        differing = asyncio.run(_remake(system, made, Path(out) if out else None, as_json=as_json))
    if differing and verify:
        end(Code.JOB_FAILED)


async def _remake(system: System, job: Any, out: Path | None, *, as_json: bool) -> int:
    """Make every asset again and tell of each; gives how many are neither the same nor alike."""
    from actors.work.remake import remakable
    from actors.work.remake import remake as make_again

    assets = system.studio.assets(job)
    keys = remakable(job, assets)
    if not keys:
        raise InputError("JOB: nothing of it was made that could be made again")
    theme, elsewhere, differing = theme_of(sys.stdout), False, 0
    for key in keys:
        keep = out if key.kind is Kind.VIDEO else None
        try:
            made = await make_again(
                key, job, assets, stages=system.planning.stages, blobs=system.blobs, keep=keep
            )
        except AttemptFailedError as error:
            raise InputError(
                f"{key.name} cannot be made again: {error.failure.message}", error.failure.hint
            ) from None
        except BlobError as error:
            raise InputError(f"{key.name} cannot be made again: {error}") from None
        elsewhere |= not made.same_environment
        alike = made.same or (not made.same_environment and made.alike)
        differing += not alike
        if as_json:
            print_json(
                {
                    "asset": key.name,
                    "same": made.same,
                    "recorded": made.recorded,
                    "made": made.made,
                    "same_environment": made.same_environment,
                    "difference": made.difference,
                    "signed": made.signed,
                }
            )
            continue
        mark = theme.mark(theme.paint("✓", "good") if alike else theme.paint("✗", "bad"))
        echo(f"{mark} {key.name:14} {_verdict(made)}", color=theme.colour)
    if elsewhere:
        say("This is another environment than the one that made it (build, threads or processor): bytes may")
        say("differ, so what can be seen and heard was compared.")
    return differing


def _verdict(made: Any) -> str:
    if made.same:
        return f"same bytes   {made.made}" + (" (under its signature)" if made.signed else "")
    if made.difference is None:
        return f"differs      {made.recorded} on record, {made.made} now"
    return f"other bytes, decoded samples differ by {made.difference:.3f} of 256 on average"
