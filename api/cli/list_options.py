"""Which jobs a list holds, as options of a command; and as the parameters of the HTTP API."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import click

from api.cases.moments import moment
from domain.statuses import JobStatus
from projections.job_filter import JobFilter
from projections.wire import iso

F = TypeVar("F", bound=Callable[..., Any])


def _pair(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    found = []
    for value in values:
        key, sign, text = value.partition("=")
        if not sign or not key:
            raise click.BadParameter(f"{value!r} is no condition; write KEY=VALUE, such as project=autumn")
        found.append((key, text))
    return tuple(found)


def _moment(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        return moment(value, zone=None)
    except ValueError:
        raise click.BadParameter(
            f"{value!r} is no time; write a day or a time, such as 2026-11-22 or 2026-11-22T10:00"
        ) from None


def filter_options(command: F) -> F:
    """The options of which `taken` makes a filter."""
    usd = click.FloatRange(min=0)
    options = (
        click.option(
            "--status", type=click.Choice([status.value for status in JobStatus]),
            help="Only jobs with this status",
        ),
        click.option(
            "--metadata", callback=_pair, multiple=True, metavar="KEY=VALUE",
            help="Only jobs with this in their metadata; may be given several times",
        ),
        click.option("--caller", metavar="NAME", help="Only jobs that this key submitted"),
        click.option("--model", metavar="MODEL", help="Only jobs with this model, for whatever stage"),
        click.option("--provider", type=click.Choice(["gemini", "emulator"]), help="Only its jobs"),
        click.option("--since", callback=_moment, metavar="TIME", help="Only jobs submitted then or later"),
        click.option("--until", callback=_moment, metavar="TIME", help="Only jobs submitted before"),
        click.option("--min-cost", type=usd, metavar="USD", help="Only jobs that have cost at least this"),
        click.option("--max-cost", type=usd, metavar="USD", help="Only jobs that have cost at most this"),
        click.option(
            "--search", metavar="WORDS", help="Only jobs with these words in title, first words or metadata"
        ),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def taken(options: dict[str, Any]) -> JobFilter:
    """The filter that these options are."""
    return JobFilter(
        status=options["status"],
        metadata=options["metadata"],
        caller=options["caller"],
        model=options["model"],
        provider=options["provider"],
        created_from=options["since"],
        created_to=options["until"],
        cost_min=options["min_cost"],
        cost_max=options["max_cost"],
        search=options["search"],
    )


def query_of(wanted: JobFilter) -> dict[str, Any]:
    """The parameters with which a server is asked for these jobs."""
    return {
        "status": wanted.status,
        "id": wanted.beginning,
        **{f"metadata[{key}]": value for key, value in wanted.metadata},
        "caller": wanted.caller,
        "model": wanted.model,
        "provider": wanted.provider,
        "created_from": iso(wanted.created_from),
        "created_to": iso(wanted.created_to),
        "cost_min": wanted.cost_min,
        "cost_max": wanted.cost_max,
        "q": wanted.search,
    }
