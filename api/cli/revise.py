"""The commands that do work again, and may cost: regenerate and fork. They tell the price first."""

import sys
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import click

from api.cli.client import Client
from api.cli.errors import Code, InputError, end
from api.cli.jobs import (
    client_of,
    follow,
    idempotency_option,
    job_argument,
    json_option,
    quiet_option,
    server_option,
    timeout_option,
)
from api.cli.live import print_json, say
from api.cli.options import body, job_options
from api.cli.plan import in_words
from api.cli.script import read_script
from api.cli.source import ServerSource, job_named
from api.cli.text import echo, printable
from domain.asset import AssetKey

Json = dict[str, Any]

_HOW = ("dry_run", "yes", "and_watch", "timeout", "url", "quiet", "as_json")

dry_run_option = click.option("--dry-run", is_flag=True, help="Only tell what would be done, and the price")
yes_option = click.option("-y", "--yes", is_flag=True, help="Do not ask, even in a terminal")
watch_option = click.option("--watch", "and_watch", is_flag=True, help="Follow the job to its end")


@click.command()
@job_argument
@click.argument("asset", metavar="KIND[:SCENE]")
@click.option("--prompt", metavar="TEXT", help="Ask for this instead of the recorded prompt")
@click.option("--prompt-file", metavar="FILE", help="The same, from a file (- for standard input)")
@dry_run_option
@yes_option
@watch_option
@timeout_option
@server_option
@quiet_option
@json_option
def regenerate(
    job: str,
    asset: str,
    prompt: str | None,
    prompt_file: str | None,
    **how: Any,
) -> None:
    """Make one asset of JOB again (KIND[:SCENE], such as image:2) and all made from it. It may cost money."""
    if prompt is not None and prompt_file is not None:
        raise InputError("--prompt: give it or --prompt-file, not both")
    try:
        key = AssetKey.parse(asset)
    except ValueError as error:
        raise InputError(f"KIND[:SCENE]: {error}") from None
    asked: Json = {}
    if prompt is not None or prompt_file is not None:
        asked["prompt"] = prompt if prompt is not None else read_script(prompt_file or "")
    client = client_of(how["url"])
    job_id = job_named(ServerSource(client), job)
    _price_and_begin(client, f"/v1/assets/{key.id_in(job_id)}/regenerate", asked, **how)


@click.command()
@job_argument
@click.option(
    "--at", type=click.IntRange(min=1), metavar="N", help="From position N of the log [default: now]"
)
@click.option("--script", metavar="FILE", help="Another script (- for standard input)")
@click.option("--prompt", "prompts", multiple=True, metavar="KIND[:SCENE]=TEXT",
              help="A prompt of your own, such as image:2='A red boat'. May be repeated")  # fmt: skip
@job_options
@idempotency_option
@dry_run_option
@yes_option
@watch_option
@timeout_option
@server_option
@quiet_option
@json_option
def fork(
    job: str,
    at: int | None,
    script: str | None,
    prompts: tuple[str, ...],
    idempotency_key: str | None,
    **options: Any,
) -> None:
    """Make a new job from JOB that keeps all that the changes do not touch. It may cost money."""
    how = {name: options.pop(name) for name in _HOW}
    changes = body("", options)
    del changes["script"]
    if script is not None:
        changes["script"] = read_script(script)
    if prompts:
        changes["prompts"] = dict(_pair(pair) for pair in prompts)
    asked: Json = {"changes": changes} | ({} if at is None else {"at": at})
    client = client_of(how["url"])
    job_id = job_named(ServerSource(client), job)
    key = idempotency_key or uuid4().hex
    _price_and_begin(client, f"/v1/jobs/{job_id}/fork", asked, key=key, **how)


def _pair(pair: str) -> tuple[str, str]:
    name, equals, text = pair.partition("=")
    if not equals or not text:
        raise InputError(f"--prompt: {pair!r} is no pair; write it as image:2='A red boat'")
    return name, text


def _price_and_begin(
    client: Client,
    path: str,
    asked: Json,
    *,
    key: str | None = None,
    dry_run: bool,
    yes: bool,
    and_watch: bool,
    timeout: float | None,
    url: str | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Tell the price, then begin. A terminal is asked first, a script is not."""
    told = client.post(path, {**asked, "dry_run": True})
    if dry_run and as_json:
        print_json(told)
        return
    for line in _preview(told):
        say(line)
    if dry_run:
        return
    if not yes and sys.stdin.isatty() and not click.confirm("Go on?", err=True):
        end(Code.CANCELLED)
    job = client.post_once(path, asked, key) if key else client.post(path, asked)
    if as_json:
        print_json(job)
    else:
        echo(job["id"])
    at = f" --url {url}" if url else ""
    if and_watch:
        # What the runs before had to tell was told.
        after = job["position"] - 1 if job["run"] > 1 else 0
        source, job_id = ServerSource(client), UUID(job["id"])
        follow(source, job_id, after=after, timeout=timeout, quiet=quiet, as_json=as_json, at=at)
    if not quiet:
        say(f"Watch it: reelog watch {job['id']}{at}")


def _preview(told: Json) -> Iterator[str]:
    yield f"Made again: {', '.join(told['redone']) or 'nothing'}."
    if told["reused"]:
        yield f"Kept: {len(told['reused'])} assets."
    yield f"Cost: {in_words(told['cost'])}."
    yield from (f"Note: {printable(notice['message'])}" for notice in told.get("notices", ()))
