"""``trace``: a job's spans, made of its events: a tree for a person, OTLP for what reads such files."""

import sys
from collections.abc import Iterator, Sequence

import click

from api.cli.jobs import job_argument, json_option
from api.cli.live import print_json, say
from api.cli.read import source_of, source_option
from api.cli.source import job_named
from api.cli.text import Theme, echo, theme_of
from projections.span import Span
from projections.spans import spans_of


@click.command()
@job_argument
@source_option
@json_option
def trace(job: str, url: str | None, as_json: bool) -> None:
    """Show where JOB's time went: its runs, stages and attempts, as spans of a trace.

    With --json as one document of OTLP, as a collector would be sent it; what has not ended is not in it.
    """
    from api.traces.otlp_json import otlp_json
    from projections.retelling import retold

    with source_of(url) as source:
        told = list(source.events(job_named(source, job), 0))
    spans = spans_of(recorded.event for recorded in retold(told))
    if as_json:
        print_json(otlp_json(spans))
        return
    if not spans:
        say("Nothing of it has ended yet, so there is no span.")
        return
    theme = theme_of(sys.stdout)
    for line in _tree(spans, theme):
        echo(line, color=theme.colour)


def _tree(spans: Sequence[Span], theme: Theme) -> Iterator[str]:
    """Each below the one that it is part of, in the order in which they began; first, of which trace.

    A run that others asked for may be of another trace than the one before.
    """
    ids, began = {span.span_id for span in spans}, min(span.started_at for span in spans)
    below: dict[str | None, list[Span]] = {}
    for span in sorted(spans, key=lambda one: one.started_at):
        below.setdefault(span.parent_span_id if span.parent_span_id in ids else None, []).append(span)
    left, trace = [(span, 0) for span in reversed(below[None])], ""
    while left:
        span, depth = left.pop()
        if span.trace_id != trace:
            trace = span.trace_id
            yield f"trace {trace}"
        at_s = (span.started_at - began).total_seconds()
        took_s = (span.ended_at - span.started_at).total_seconds()
        what = theme.paint(_said(span), "bad") if span.error else _said(span)
        yield f"{at_s:10.3f} s {took_s:10.3f} s  {'  ' * depth}{what}"
        left += [(one, depth + 1) for one in reversed(below.get(span.span_id, []))]


def _said(span: Span) -> str:
    told = span.attributes
    parts = [span.name]
    if "reelog.asset" in told:
        parts.append(str(told["reelog.asset"]))
    if int(told.get("reelog.attempt", 1)) > 1:  # type: ignore[arg-type]  # it is a number
        parts.append(f"attempt {told['reelog.attempt']}")
    if "gen_ai.usage.output_tokens" in told:
        parts.append(f"{told['gen_ai.usage.input_tokens']}+{told['gen_ai.usage.output_tokens']} tokens")
    if told.get("reelog.cost_usd"):
        parts.append(f"${told['reelog.cost_usd']:.4f}")
    parts += [moment.name for moment in span.moments]
    if span.error:
        parts.append(span.error)
    return "  ".join(parts)
