"""The commands that prove the read models: verify builds anew and compares, rebuild builds and switches."""

import sys
from collections.abc import Callable

import click

from api.cli.errors import Code, UnreachableError, end
from api.cli.jobs import json_option
from api.cli.live import print_json, say
from api.cli.store import reading_system, settings_of
from api.cli.text import echo, is_terminal
from projections.bulk import processes_here
from projections.rebuild import rebuild as rebuild_all
from projections.rebuild import verify as verify_all


@click.command()
@json_option
def verify(as_json: bool) -> None:
    """Build all read models from the log beside the live ones, and name any difference. Changes nothing."""
    with reading_system(settings_of()) as system:
        try:
            found = verify_all(system.database, system.store, system.log, _progress(), processes_here())
        except LookupError as error:
            raise UnreachableError(str(error), "`reelog doctor` says more.") from None
    if as_json:
        print_json(
            {
                "equal": found.equal,
                "position": found.position,
                "events": found.events,
                "differences": found.differences,
            }
        )
    elif found.equal:
        echo(f"Equal: {found.events} events up to position {found.position} fold to what is shown.")
    else:
        for table, count in found.differences.items():
            echo(f"{table}: {count} rows differ")
        say("Build them anew with `reelog rebuild`.")
    if not found.equal:
        end(Code.JOB_FAILED)


@click.command()
@json_option
def rebuild(as_json: bool) -> None:
    """Build all read models anew from the log, beside the live ones, and switch to them."""
    with reading_system(settings_of()) as system:
        built = rebuild_all(
            system.database, system.store, system.log, _progress(), processes=processes_here()
        )
    if as_json:
        print_json({"generation": built.generation, "position": built.position, "events": built.events})
    else:
        echo(f"Built from {built.events} events up to position {built.position}.")


def _progress() -> Callable[[int, int], None] | None:
    if not is_terminal(sys.stderr):
        return None
    return lambda position, head: click.echo(f"\r{position} of {head}", nl=position >= head, err=True)
