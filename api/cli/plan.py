"""The commands that tell before anything is spent: estimate what a script would cost, list the models."""

import contextlib
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from api.cli.jobs import client_of, json_option, server_option
from api.cli.live import print_json, say
from api.cli.options import body, job_options, submission
from api.cli.progress import STAGE_NAMES
from api.cli.read import source_option
from api.cli.render import width
from api.cli.script import read_script
from api.cli.store import catch_up, cli_errors, nothing_yet, settings_of
from api.cli.text import Role, Theme, echo, fit, money, pad, pad_left, printable, seconds, theme_of

Json = dict[str, Any]

_BASIS = {"measured": "measured", "list": "by list", None: ""}


@click.command()
@click.argument("script")
@job_options
@server_option
@json_option
def estimate(script: str, url: str | None, as_json: bool, **job: Any) -> None:
    """Tell what SCRIPT (a file, or - for standard input) would cost and take. Nothing is begun."""
    text = read_script(script)
    submission(text, job)
    told = client_of(url).post("/v1/estimate", body(text, job))
    if as_json:
        print_json(told)
        return
    theme = theme_of(sys.stdout)
    for line in estimate_lines(told, theme):
        echo(line, color=theme.colour)


def estimate_lines(told: Json, theme: Theme) -> Iterator[str]:
    scenes = f"{told['scenes']} scene" + ("s" if told["scenes"] != 1 else "")
    yield theme.paint(f"About {scenes}, made with {told['provider']}", "strong")
    for stage in told["stages"]:
        made = f"{stage['requests']} x {stage['model']}" if stage["requests"] else "made here"
        cost = price(stage["cost"]) if stage["requests"] else ""
        yield "  ".join(
            (
                f"  {pad(STAGE_NAMES[stage['name']], 16)}",
                pad(fit(made, 34), 34),
                pad_left(seconds(stage["seconds"]), 8),
                pad_left(cost, 10),
                theme.paint(_BASIS[stage["basis"]], "dim"),
            )
        ).rstrip()
    yield ""
    yield f"  Cost  {in_words(told['cost'])}"
    time = "not measured yet" if told["seconds"] is None else f"about {seconds(told['seconds'])}"
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
        return f"not known: {cost['unpriced']} calls to models without a known price"
    told = f"about {money(cost['usd'])}"
    if cost["unpriced"]:
        return f"{told}, and {cost['unpriced']} calls to models without a known price"
    return f"{told}, at most {money(cost['at_most_usd'])} if no call must be repeated"


@click.command()
@source_option
@json_option
def models(url: str | None, as_json: bool) -> None:
    """List the models of each stage: what they can do and cost, how they have been doing, why not."""
    told = client_of(url).get("/v1/models") if url else _here()
    if as_json:
        for model in told["data"]:
            print_json(model)
        return
    theme = theme_of(sys.stdout)
    for line in models_table(told, theme):
        echo(line, color=theme.colour)
    say("Prices are for a million tokens.")
    if told["source"] == "shipped":
        say("By the shipped list: the provider's own could not be had (is GEMINI_API_KEY set?).")


def _here() -> Json:
    """The list as a server with these settings would tell it."""
    from actors.work import temporary
    from api.composition import open_system
    from api.http.model_list import models_page
    from api.model_directory import PATIENCE_S

    settings = settings_of()
    with contextlib.ExitStack() as stack:
        if nothing_yet(settings):
            # There is no record to read, and asking for models must not begin one.
            aside = temporary.workspace(Path(tempfile.gettempdir()), prefix="reelog-models-")
            folder = stack.enter_context(aside)
            settings = replace(
                settings,
                data_dir=folder,
                store=f"sqlite:///{folder}/events.db",
                blobs=f"file://{folder}/blobs",
            )
        with cli_errors():
            system = open_system(settings)
        stack.callback(system.close)
        system.projector.start()
        catch_up(system)
        return models_page(system, PATIENCE_S)


def models_table(told: Json, theme: Theme) -> Iterator[str]:
    kinds = dict.fromkeys(stage["kind"] for stage in told["stages"])
    for kind in kinds:
        stages = [STAGE_NAMES[stage["stage"]] for stage in told["stages"] if stage["kind"] == kind]
        yield theme.paint(f"{kind}: {', '.join(stages)}", "strong")
        mine = [model for model in told["data"] if kind in model["kinds"]]
        for model in sorted(mine, key=lambda m: (not m["available"], not m["default"])):
            yield from _model(model, theme)
        yield ""


def _model(model: Json, theme: Theme) -> Iterator[str]:
    """One line of figures; below it, where there is something to know, a sentence or two."""
    role: Role = "plain" if model["available"] else "dim"
    symbol = theme.mark("✓" if model["available"] else "–")
    name = model["id"] + (" (default)" if model["default"] else "")
    head = f"  {symbol} {pad(name, 33)} {pad(_price(model['price']), 21)} "
    health = _health(model["health"]) if model["available"] else ""
    yield theme.paint(head + fit(health, max(24, width() - 60)), role).rstrip()
    following = (model["price"] or {}).get("next")
    told = [
        (model["reason"] or "").removeprefix(f"{model['id']} "),
        model["state"] if model["state"] not in ("stable", "unknown") else "",
        model["note"] or "",
        f"from {following['since']} on {_price(following)}" if following else "",
    ]
    sentences = ". ".join(sentence[0].upper() + sentence[1:] for sentence in told if sentence)
    for line in textwrap.wrap(sentences, max(40, width() - 6)):
        yield theme.paint(f"      {line}", "dim")


def _price(cost: Json | None) -> str:
    """Dollars for a million tokens: in, and out in the dearest modality."""
    if cost is None:
        return "unpriced"
    out = max(cost["output"].values())
    return f"${cost['input']:.2f} in, ${out:.2f} out"


def _health(health: Json) -> str:
    if not health["calls"]:
        return "never called here"
    failed = sum(health["errors"].values())
    told = f"{health['calls']} calls, {failed} failed"
    if health["median_latency_s"] is not None:
        told += f", {seconds(health['median_latency_s'])}"
    return told
