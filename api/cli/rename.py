"""``rename``: what a film is called, for everybody who sees it."""

import click

from api.cli.jobs import job_argument, json_option, target_option
from api.cli.live import print_json, say
from api.cli.source import job_named
from api.cli.target import target_of
from api.cli.text import printable


@click.command()
@job_argument
@click.argument("name")
@target_option
@json_option
def rename(job: str, name: str, url: str | None, as_json: bool) -> None:
    """Call the film of JOB by NAME, at any time; '' calls it as its analysis does again.

    Everybody who may see the job sees the name and finds it by that; nothing is made anew. Where no server
    runs it is recorded in the store here.
    """
    with target_of(url) as target:
        answer = target.rename(job_named(target.source, job), {"title": name})
    if as_json:
        print_json(answer)
    elif answer["title"] is None:
        say("It has no name until its analysis gives it one.")
    else:
        say(printable(f"It is called {answer['title']}."))
