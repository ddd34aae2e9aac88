"""The command that tells the price before anything is spent: estimate what a script would cost and take."""

import sys
import textwrap
from collections.abc import Iterator
from typing import Any

import click

from api.cli.jobs import client_of, json_option, server_option
from api.cli.live import print_json
from api.cli.options import body, job_options, submission
from api.cli.own_scenes import OwnMaterial, own_material_options
from api.cli.progress import STAGE_NAMES, counted
from api.cli.render import width
from api.cli.text import Theme, echo, fit, money, pad, pad_left, printable, theme_of
from api.durations import duration, roughly

Json = dict[str, Any]

_BASIS = {"measured": "measured", "list": "by list", None: ""}


@click.command()
@job_options
@own_material_options
@server_option
@json_option
def estimate(
    own: OwnMaterial,
    url: str | None,
    as_json: bool,
    **job: Any,
) -> None:
    """Tell what SCRIPT (a file, or - for standard input) would cost and take. Nothing is begun."""
    submission(own.script, job, own.unsent)
    client = client_of(url)
    asked = body(own.script, job, own.sent(lambda file: client.upload(file)["digest"]))
    told = client.post("/v1/estimate", asked)
    if as_json:
        print_json(told)
        return
    theme = theme_of(sys.stdout)
    for line in estimate_lines(told, theme):
        echo(line, color=theme.colour)


def estimate_lines(told: Json, theme: Theme) -> Iterator[str]:
    found = f"{counted(told['scenes'], 'scene')}, {counted(told['images'], 'picture')}"
    yield theme.paint(f"About {found}, made with {told['provider']}", "strong")
    for stage in told["stages"]:
        made = f"{stage['requests']} x {stage['model']}" if stage["requests"] else "made here"
        cost = price(stage["cost"]) if stage["requests"] else ""
        yield "  ".join(
            (
                f"  {pad(STAGE_NAMES[stage['name']], 16)}",
                pad(fit(made, 34), 34),
                pad_left(duration(stage["seconds"]), 11),
                pad_left(cost, 10),
                theme.paint(_BASIS[stage["basis"]], "dim"),
            )
        ).rstrip()
    yield ""
    yield f"  Cost  {in_words(told['cost'])}"
    filmed = any(stage["name"] == "video_generation" for stage in told["stages"])
    if told["motion"] is not None and not filmed:
        yield f"  Shots {in_words(told['motion']['cost'])}, beside it, with --motion generated"
    time = "not measured yet" if told["seconds"] is None else roughly(told["seconds"])
    yield f"  Time  {time}"
    if told["basis"] == "list":
        yield theme.paint(
            "  Figures by list: they are corrected once films were made with these models.", "dim"
        )
    for notice in told["notices"]:
        yield ""
        yield from textwrap.wrap(
            f"Note: {printable(notice['message'])}", width(), initial_indent="  ", subsequent_indent="  "
        )


def price(cost: Json) -> str:
    return "unpriced" if cost["usd"] is None else money(cost["usd"])


def in_words(cost: Json) -> str:
    """``about $0.12, at most $1.90``; what has no price is named."""
    if cost["usd"] is None:
        return f"not known: {counted(cost['unpriced'], 'call')} to models without a known price"
    told = f"about {money(cost['usd'])}"
    if cost["unpriced"]:
        return f"{told}, and {counted(cost['unpriced'], 'call')} to models without a known price"
    return f"{told}, at most {money(cost['at_most_usd'])} if no call must be repeated"
