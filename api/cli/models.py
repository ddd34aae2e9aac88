"""The command that lists the models: what they can do and cost, how they have been doing."""

import sys
import textwrap
from collections.abc import Iterator
from typing import Any

import click

from api.cli.jobs import json_option
from api.cli.live import print_json, say
from api.cli.progress import STAGE_NAMES
from api.cli.read import source_of, source_option
from api.cli.render import width
from api.cli.store import provider_system
from api.cli.text import Role, Theme, echo, fit, pad, theme_of
from api.cli.voices import voices_summary, voices_table
from api.durations import duration

Json = dict[str, Any]


@click.command()
@source_option
@click.option("--voices", "only_voices", is_flag=True, help="List all voices instead, one a line")
@json_option
def models(url: str | None, only_voices: bool, as_json: bool) -> None:
    """List the models of each stage: what they can do and cost, how they have been doing, why not.

    And the voices of the speech models, by who they sound like.
    """
    with source_of(url, provider_system) as source:
        page = source.models()
    if as_json:
        for listed in page["voices"] if only_voices else page["data"]:
            print_json(listed)
        return
    theme = theme_of(sys.stdout)
    if only_voices:
        for line in voices_table(page["voices"], theme):
            echo(line, color=theme.colour)
        return
    for line in (*models_table(page, theme), *voices_summary(page["voices"], theme), ""):
        echo(line, color=theme.colour)
    say("Prices are for a million tokens, of music for a song.")
    if page["source"] == "shipped":
        say("By the shipped list: the provider's own could not be had (is GEMINI_API_KEY set?).")


def models_table(page: Json, theme: Theme) -> Iterator[str]:
    kinds = dict.fromkeys(
        [*(stage["kind"] for stage in page["stages"]), *(k for model in page["data"] for k in model["kinds"])]
    )
    for kind in kinds:
        stages = [STAGE_NAMES[stage["stage"]] for stage in page["stages"] if stage["kind"] == kind]
        yield theme.paint(f"{kind}: {', '.join(stages)}" if stages else kind, "strong")
        mine = [model for model in page["data"] if kind in model["kinds"]]
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
    remarks = [
        (model["reason"] or "").removeprefix(f"{model['id']} "),
        model["state"] if model["state"] not in ("stable", "unknown") else "",
        model["note"] or "",
        _per_second(model["price"]),
        f"from {following['since']} on {_price(following)}" if following else "",
    ]
    sentences = ". ".join(sentence[0].upper() + sentence[1:] for sentence in remarks if sentence)
    for line in textwrap.wrap(sentences, max(40, width() - 6)):
        yield theme.paint(f"      {line}", "dim")


def _price(cost: Json | None) -> str:
    """Dollars for a million tokens: in, and out in the dearest modality; or for an item."""
    if cost is None:
        return "unpriced"
    if cost.get("item") is not None:
        return f"${cost['item']:.2f} each"
    out = max(cost["output"].values())
    return f"${cost['input']:.2f} in, ${out:.2f} out"


def _per_second(cost: Json | None) -> str:
    rates = (cost or {}).get("per_second") or {}
    return ", ".join(f"{resolution} ${usd:.3f} a second" for resolution, usd in rates.items())


def _health(health: Json) -> str:
    if not health["calls"]:
        return "never called here"
    failed = sum(health["errors"].values())
    record = f"{health['calls']} calls, {failed} failed"
    if health["median_latency_s"] is not None:
        record += f", {duration(health['median_latency_s'])}"
    return record
