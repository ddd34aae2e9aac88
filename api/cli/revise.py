"""The commands that change a job or begin work again: cancel, and retry, regenerate and fork, which may cost.

Those tell the price first. All ask a server, or record it in the store where none runs (``target.py``).
"""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import click

from api.cli.errors import Code, InputError, end
from api.cli.jobs import (
    check_waits,
    follow,
    idempotency_option,
    job_argument,
    json_option,
    quiet_option,
    say_secret,
    target_option,
    timeout_option,
    webhook_option,
)
from api.cli.live import print_json, say
from api.cli.options import body, job_options
from api.cli.plan import in_words
from api.cli.progress import counted
from api.cli.script import read_script
from api.cli.source import job_named, told_of
from api.cli.target import Target, target_of
from api.cli.text import echo, printable
from domain.asset import AssetKey
from domain.statuses import JobStatus

Json = dict[str, Any]
Ask = Callable[[Json, str], Json]
"""Asks with a body and an idempotency key; gives a preview for a dry run, else the job."""
Option = Callable[[Any], Any]

_HOW = ("idempotency_key", "dry_run", "yes", "and_watch", "timeout", "url", "quiet", "as_json")

dry_run_option = click.option("--dry-run", is_flag=True, help="Only tell what would be done, and the price")
yes_option = click.option("-y", "--yes", is_flag=True, help="Do not ask, even in a terminal")
watch_option = click.option("--watch", "and_watch", is_flag=True, help="Follow the job to its end")
repeat_option = click.option(
    "--idempotency-key", metavar="KEY",
    help="The same key and request again begin nothing more [default: a new one each time]",
)  # fmt: skip


def begin_options(key_option: Option) -> Option:
    """How work is begun by each command that may cost: told first, asked, followed, by whom. See ``_HOW``."""
    options = (
        *(key_option, dry_run_option, yes_option, watch_option, timeout_option),
        *(target_option, quiet_option, json_option),
    )

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@click.command()
@job_argument
@target_option
@json_option
def cancel(job: str, url: str | None, as_json: bool) -> None:
    """Stop JOB: nothing new is started, calls in flight are ended, what is made is kept.

    Where no server runs it is recorded in the store here, and `reelog serve` or `reelog work` ends the job.
    """
    with target_of(url) as target:
        answer = target.cancel(job_named(target.source, job))
        if as_json:
            print_json(answer)
        elif JobStatus(answer["status"]).ended:
            say(f"It had ended before: {answer['status']}.")
            return
        else:
            say("Cancellation requested: nothing new is started.")
        _say_note(target, answer)


@click.command()
@job_argument
@click.option(
    "--max-cost", type=click.FloatRange(min=0, min_open=True), metavar="USD",
    help="A new budget for all runs together [default: as it was]",
)  # fmt: skip
@begin_options(repeat_option)
def retry(job: str, max_cost: float | None, **how: Any) -> None:
    """Go on with a failed or cancelled JOB from the work that is missing. It may cost money.

    Where no server runs it is recorded in the store here, and `reelog serve` or `reelog work` carries it out.
    """
    asked: Json = {} if max_cost is None else {"max_cost_usd": max_cost}
    with target_of(how["url"]) as target:
        job_id = job_named(target.source, job)
        preview_and_begin(target, lambda body, key: target.retry(job_id, body, key), asked, **how)


@click.command()
@job_argument
@click.option(
    "--max-cost", type=click.FloatRange(min=0, min_open=True), metavar="USD",
    help="A new budget for the whole job [default: as it was]",
)  # fmt: skip
@begin_options(repeat_option)
def approve(job: str, max_cost: float | None, **how: Any) -> None:
    """Let a JOB that waits for review go on, with all that was changed meanwhile. It may cost money.

    Where no server runs it is recorded in the store here, and `reelog serve` or `reelog work` carries it out.
    """
    asked: Json = {} if max_cost is None else {"max_cost_usd": max_cost}
    with target_of(how["url"]) as target:
        job_id = job_named(target.source, job)
        preview_and_begin(target, lambda body, key: target.approve(job_id, body, key), asked, **how)


@click.command()
@job_argument
@click.argument("asset", metavar="KIND[:SCENE]")
@click.option("--prompt", metavar="TEXT", help="Ask for this instead of the recorded prompt")
@click.option("--prompt-file", metavar="FILE", help="The same, from a file (- for standard input)")
@click.option(
    "--max-cost", type=click.FloatRange(min=0, min_open=True), metavar="USD",
    help="A new budget for all runs together [default: as it was]",
)  # fmt: skip
@begin_options(repeat_option)
def regenerate(
    job: str,
    asset: str,
    prompt: str | None,
    prompt_file: str | None,
    max_cost: float | None,
    **how: Any,
) -> None:
    """Make one asset of JOB again (KIND[:SCENE], such as image:2) and all made from it. It may cost money.

    Where no server runs it is recorded in the store here, and `reelog serve` or `reelog work` carries it out.
    """
    if prompt is not None and prompt_file is not None:
        raise InputError("--prompt: give it or --prompt-file, not both")
    try:
        wanted = AssetKey.parse(asset)
    except ValueError as error:
        raise InputError(f"KIND[:SCENE]: {error}") from None
    asked: Json = {} if max_cost is None else {"max_cost_usd": max_cost}
    if prompt is not None or prompt_file is not None:
        asked["prompt"] = prompt if prompt is not None else read_script(prompt_file or "")
    with target_of(how["url"]) as target:
        job_id = job_named(target.source, job)
        with told_of(wanted.id_in(job_id), asset):
            preview_and_begin(
                target, lambda body, key: target.regenerate(job_id, wanted, body, key), asked, **how
            )


@click.command()
@job_argument
@click.option(
    "--at", type=click.IntRange(min=1), metavar="N", help="From position N of the log [default: now]"
)
@click.option("--script", metavar="FILE", help="Another script (- for standard input)")
@click.option("--prompt", "prompts", multiple=True, metavar="KIND[:SCENE]=TEXT",
              help="A prompt of your own, such as image:2='A red boat'. May be repeated")  # fmt: skip
@click.option("--cast-voice", "cast_voices", multiple=True, metavar="NAME=VOICE",
              help="Another voice for a character, such as Mara=Puck. May be repeated")  # fmt: skip
# A preset's values are the source's, put together when that was submitted.
@partial(job_options, without={"preset"}, of_fork=True)
@webhook_option
@begin_options(idempotency_option)
def fork(
    job: str,
    at: int | None,
    script: str | None,
    prompts: tuple[str, ...],
    cast_voices: tuple[str, ...],
    webhook: str | None,
    **options: Any,
) -> None:
    """Make a new job from JOB that keeps all that the changes do not touch. It may cost money.

    Where no server runs it is recorded in the store here, and `reelog serve` or `reelog work` carries it out.
    """
    how = {name: options.pop(name) for name in _HOW}
    changes = body("", options)
    del changes["script"]
    if script is not None:
        changes["script"] = read_script(script)
    if prompts:
        changes["prompts"] = dict(_pair("--prompt", "image:2='A red boat'", pair) for pair in prompts)
    if cast_voices:
        pairs = [_pair("--cast-voice", "Mara=Puck", pair) for pair in cast_voices]
        changes["cast"] = [{"name": name, "voice": voice} for name, voice in pairs]
    asked: Json = {"changes": changes} | ({} if at is None else {"at": at})
    if webhook is not None:
        asked["webhook"] = {"url": webhook}
    with target_of(how["url"]) as target:
        job_id = job_named(target.source, job)
        preview_and_begin(target, lambda body, key: target.fork(job_id, body, key), asked, **how)


def _pair(option: str, example: str, pair: str) -> tuple[str, str]:
    name, equals, text = pair.partition("=")
    if not equals or not text:
        raise InputError(f"{option}: {pair!r} is no pair; write it as {example}")
    return name, text


def preview_and_begin(
    target: Target,
    ask: Ask,
    asked: Json,
    *,
    idempotency_key: str | None,
    dry_run: bool,
    yes: bool,
    and_watch: bool,
    timeout: float | None,
    url: str | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Tell the price, then begin. A terminal is asked first, a script is not."""
    check_waits(timeout, and_watch=and_watch)
    key = idempotency_key or uuid4().hex
    preview = ask({**asked, "dry_run": True}, key)
    if dry_run and as_json:
        print_json(preview)
        return
    for line in _preview_lines(preview):
        say(line)
    if dry_run:
        return
    if not yes and sys.stdin.isatty() and not click.confirm("Go on?", err=True):
        end(Code.CANCELLED)
    job = ask(asked, key)
    if as_json:
        print_json(job)
    else:
        echo(job["id"])
        say_secret(job)
    _say_note(target, job)
    hints = target.hints(url, job)
    if and_watch:
        # What the runs before had to tell was told.
        after = job["position"] - 1 if job["run"] > 1 else 0
        follow(
            target.source,
            UUID(job["id"]),
            after=after,
            timeout=timeout,
            quiet=quiet,
            as_json=as_json,
            hints=hints,
            is_worked_on=lambda: target.is_worked_on(job),
            approve=lambda body, key: target.approve(UUID(job["id"]), body, key),
        )
    if not quiet:
        say(f"Watch it: {hints.watch(job['id'])}")


def _say_note(target: Target, job: Json) -> None:
    note = target.note(job)
    if note:
        say(note)


def _preview_lines(preview: Json) -> Iterator[str]:
    # How many scenes there will be is not known before the analysis.
    rest = ", and all that follows from it" if preview["redone"] == ["analysis"] else ""
    yield from (f"Fitted: {printable(change)}." for change in preview.get("changes", ()))
    yield from (f"Edited: {printable(change)}." for change in preview.get("edits", ()))
    yield f"Made: {', '.join(preview['redone']) or 'nothing'}{rest}."
    if preview["reused"]:
        yield f"Kept: {counted(len(preview['reused']), 'asset')}."
    yield f"Cost: {in_words(preview['cost'])}."
    yield from (f"Note: {printable(notice['message'])}" for notice in preview.get("notices", ()))
