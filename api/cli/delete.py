"""``delete``: remove the texts and files of one job that has ended; the record of what happened stays."""

import click

from api.cli.jobs import job_argument, json_option, target_option
from api.cli.live import print_json, say
from api.cli.prune import ask_to_remove
from api.cli.source import job_named
from api.cli.target import target_of
from api.cli.text import printable


@click.command()
@job_argument
@click.option("-y", "--yes", is_flag=True, help="Do not ask; needed where there is no terminal")
@target_option
@json_option
def delete(job: str, yes: bool, url: str | None, as_json: bool) -> None:
    """Remove the texts and files of a JOB that has ended; what happened and what it cost stays on record.

    Files that other jobs use are kept. What is removed cannot be had back, so it asks.
    """
    with target_of(url) as target:
        job_id = job_named(target.source, job)
        page = target.source.job(job_id)
        called = page["title"] or page["text"]
        if page["pruned_at"] is None:
            say(printable(f"{job_id}  {page['status']}{f'  {called}' if called else ''}"))
            ask_to_remove("Add --yes to remove it.", yes=yes)
        answer = target.delete(job_id)
    if as_json:
        print_json(answer)
    else:
        say("Its texts and files are removed; its record stays.")
        say("  Bytes that others may be about to use go within some hours, while a server runs.")
