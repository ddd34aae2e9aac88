"""``batch``: many submissions at once, and how they stand."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import click

from api.cli.errors import JOB_CODES, Code, InputError, end
from api.cli.hints import Hints
from api.cli.jobs import client_of, idempotency_option, json_option, quiet_option, server_option
from api.cli.live import print_json, say
from api.cli.plan import in_words
from api.cli.presets import json_file
from api.cli.progress import counted
from api.cli.revise import dry_run_option
from api.cli.text import echo, fit, money, pad, printable
from api.durations import roughly

Json = dict[str, Any]


@click.command()
@click.argument("what", nargs=-1, required=True, metavar="FILE | show ID")
@dry_run_option
@idempotency_option
@server_option
@quiet_option
@json_option
def batch(
    what: tuple[str, ...],
    dry_run: bool,
    idempotency_key: str | None,
    url: str | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Submit what FILE (or - for standard input) holds, or show how a batch stands.

    FILE is JSON: {"common": {...}, "submissions": [{"script": ...}, ...], "max_cost_usd": 20}. What is common
    holds for all of them; what one of them gives goes before it. Either all are submitted or none. The cap is
    for all together. `batch show ID` ends with 0 while they go on and when all are completed, and with 6 when
    all that is left waits for review; when all have ended with 1 when one has failed, else with 3 when one
    was cancelled.
    """
    client = client_of(url)
    if what[0] == "show" and len(what) == 2:  # noqa: PLR2004 - the word and the id
        if dry_run or idempotency_key is not None:
            name = "--dry-run" if dry_run else "--idempotency-key"
            raise InputError(f"{name}: is of a FILE that is submitted; leave it out to show a batch")
        told = client.ask(lambda reelog: reelog.batches.get(what[1]))
        _print(told, _status_lines(told), as_json)
        end(JOB_CODES.get(told["status"], Code.DONE))
    if what == ("show",):
        raise InputError(
            "ID is missing: write `reelog batch show ID`, with what was printed when it was submitted",
            "A file of this name is ./show",
        )
    if len(what) != 1:
        raise InputError(f"batch: {' '.join(what)!r} is not understood; write FILE, or show and an ID")
    asked = json_file(what[0])
    if not isinstance(asked, dict):
        raise InputError(f"FILE: {what[0]} holds no object; write one with submissions")
    if dry_run:
        told = client.post("/v1/batches", asked | {"dry_run": True})
        _print(told, _price_lines(told), as_json)
        return
    told = client.post_once("/v1/batches", asked, idempotency_key or uuid4().hex)
    if "id" not in told:  # the file itself says that it is a dry run
        _print(told, _price_lines(told), as_json)
        return
    _print(told, [told["id"]], as_json)
    if not quiet:
        look = Hints.of_server(url).command(f"batch show {told['id']}")
        say(f"Submitted {counted(len(told['jobs']), 'job')}. Look: {look}")


def _print(told: Json, lines: "list[str] | Iterator[str]", as_json: bool) -> None:
    if as_json:
        print_json(told)
        return
    for line in lines:
        echo(line)


def _price_lines(told: Json) -> Iterator[str]:
    for number, one in enumerate(told["submissions"]):
        yield f"  {number:>3}  {counted(one['scenes'], 'scene')}, {in_words(one['cost'])}"
        for notice in one["notices"]:
            yield f"       Note: {printable(notice['message'])}"
    yield ""
    yield f"  Cost  {in_words(told['cost'])}"
    time = "not measured yet" if told["seconds"] is None else roughly(told["seconds"])
    yield f"  Time  {time}"


def _status_lines(told: Json) -> Iterator[str]:
    counts = ", ".join(f"{count} {status}" for status, count in told["counts"].items())
    cap = f" of at most {money(told['max_cost_usd'])}" if told["max_cost_usd"] is not None else ""
    yield f"{told['status']}: {counts}; {money(told['cost']['usd'])} spent{cap}"
    for job in told["jobs"]:
        title = printable(fit(job["title"] or "", 40))
        stands = f"{pad(job['status'], 15)} {job['progress']:>4.0%}  {money(job['cost_usd'])}"
        yield f"  {job['id']}  {stands}  {title}"
