"""audit: would the workflow of today have decided the same for a job, event by event, and where not? Free."""

import sys
from collections.abc import Iterator

import click

from api.cases.audit import Audit, AuditRequest
from api.cli.errors import Code, end
from api.cli.jobs import job_argument, json_option
from api.cli.live import print_json, say
from api.cli.read import source_of, source_option
from api.cli.source import job_named
from api.cli.text import Theme, echo, pad_left, printable, theme_of

OTHER_VERSION = "Where another version of Reelog ran the job, this may be what the upgrade changed."


@click.command()
@job_argument
@source_option
@json_option
def audit(job: str, url: str | None, as_json: bool) -> None:
    """Say whether the workflow of this version would have decided the same for JOB, and where not.

    Each decision on record (a stage begun or completed, an asset requested or given up, the job's end) is
    held against what the workflow decides from the events before it. Exit code 0: all agree; 1: not all do.
    Where another version of Reelog ran the job, a difference may be what the upgrade changed.
    """
    with source_of(url) as source:
        job_id = job_named(source, job)
        found = source.audit(AuditRequest(job_id))
        aside = source.job(job_id).get("set_aside")
    if as_json:
        for difference in found.differences:
            print_json(difference.to_json())
        print_json(found.to_json())
    else:
        theme = theme_of(sys.stdout)
        for line in audit_lines(found, theme):
            echo(line, color=theme.colour)
    if aside:
        say(f"The job is set aside at event {aside['position']}: what comes from there on is not audited.")
    if not found.agrees:
        say(OTHER_VERSION)
        end(Code.JOB_FAILED)


def audit_lines(found: Audit, theme: Theme) -> Iterator[str]:
    """A line for each difference, then what it all comes to."""
    for difference in found.differences:
        today = " ".join(difference.decides) or "nothing."
        position = pad_left(str(difference.event["position"]), 6)
        yield printable(f"{position}  {difference.event['message']}; today: {today}")
    many = f"{found.decisions} decision" + ("s" if found.decisions != 1 else "")
    if found.agrees:
        yield f"{many} up to position {found.until}, all as the workflow of today would decide."
    else:
        other = len(found.differences)
        verdict = theme.paint(f"{other} otherwise than the workflow of today would decide", "bad")
        yield f"{many} up to position {found.until}, {verdict}."
