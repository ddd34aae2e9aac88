"""The emulator, alone (``reelog emulate``) or beside a command that was asked to use it (``--emulate``)."""

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import replace

import click

from api.cli.errors import InputError, cannot_listen
from api.cli.jobs import json_option
from api.cli.live import print_json, say
from api.cli.stopping import stops_in_order
from api.cli.text import echo, theme_of
from api.settings import Settings

MOST_LATENCY_S = 3600.0
DEFAULT_PACE = 1.0

emulate_option = click.option(
    "--emulate", is_flag=True, help="Start the Gemini emulator beside and use it: no key, no cost, no AI"
)

like_google_option = click.option(
    "--like-google",
    is_flag=True,
    help="The emulator answers as slowly and as imperfectly as real models: limits, refusals, flaws",
)
pace_option = click.option(
    "--pace",
    type=click.FloatRange(min=0, min_open=True),
    default=DEFAULT_PACE,
    show_default=True,
    help="With --like-google: how long all durations are; 0.1 is ten times as fast",
)


class Range(click.ParamType[tuple[float, float]]):
    """``2-6`` or ``2``: seconds."""

    name = "seconds"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float]:
        if isinstance(value, tuple):
            return value
        least, _, most = str(value).partition("-")
        try:
            low, high = float(least), float(most or least)
        except ValueError:
            low, high = 1.0, 0.0
        if not 0 <= low <= high <= MOST_LATENCY_S:
            self.fail(f"{value!r} is no range of seconds; write one such as 2-6, or one number", param, ctx)
        return low, high


latency_option = click.option(
    "--latency",
    type=Range(),
    default="0",
    metavar="2-6",
    help="Seconds that each answer takes besides its making",
)
faults_option = click.option(
    "--faults",
    metavar="FILE",
    help='Scripted faults, a JSON list such as [{"fault": "429", "kind": "image"}]. Their names: '
    "actors/emulator/README.md; of shots and songs: actors/emulator/interactions/README.md",
)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), required=True, help="0 picks a free one")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on")
@latency_option
@faults_option
@click.option("--seed", type=int, default=0, show_default=True, help="Of all that is left to chance")
@like_google_option
@pace_option
@json_option
def emulate(
    port: int,
    host: str,
    latency: tuple[float, float],
    faults: str | None,
    seed: int,
    like_google: bool,
    pace: float,
    as_json: bool,
) -> None:
    """Serve the Gemini emulator: the same HTTP, no AI. Point REELOG_GEMINI_BASE_URL at it."""
    from actors.emulator.faults import BadFault, load
    from actors.emulator.like_google import LikeGoogle
    from actors.emulator.server import EmulatorSettings, run

    check_emulated(emulate=True, like_google=like_google, pace=pace)
    try:
        scripted = load(faults) if faults else ()
    except BadFault as error:
        raise InputError(f"--faults: {error}") from None

    def ready(url: str) -> None:
        if as_json:
            print_json({"url": url, "provider": "emulator"})
        else:
            echo(url)
        say(theme_of(sys.stderr).paint("EMULATOR: answers here are made by no AI model.", "warn"))
        say(f"  Use it:  REELOG_GEMINI_BASE_URL={url} reelog serve")
        say(f"  Asked:   {url}/emulator/requests    Stop it: Ctrl-C")

    try:
        with stops_in_order():
            ways = LikeGoogle(pace=pace) if like_google else None
            settings = EmulatorSettings(latency=latency, faults=scripted, seed=seed, like_google=ways)
            run(host, port, settings, ready)
    except OSError as error:
        raise cannot_listen(host, port, error) from None


def check_emulated(*, emulate: bool, like_google: bool, pace: float) -> None:
    """Raises InputError when the emulator is to be like Google, or of some pace, and nobody chose it."""
    if like_google and not emulate:
        raise InputError("--like-google: says how the emulator answers; add --emulate, or leave it out")
    if pace != DEFAULT_PACE and not like_google:
        raise InputError("--pace: is of the durations of --like-google; add it, or leave --pace out")


@contextlib.contextmanager
def emulated(
    settings: Settings, *, chosen: bool = True, like_google: bool = False, pace: float = DEFAULT_PACE
) -> Iterator[Settings]:
    """The settings with the gateway pointed at an emulator that runs meanwhile, if that is ``chosen``.

    The key of the real provider is left out: what is made by the emulator must not even hold it.
    """
    if not chosen:
        yield settings
        return
    from actors.emulator.like_google import LikeGoogle
    from actors.emulator.server import EmulatorSettings, EmulatorThread

    ways = LikeGoogle(pace=pace) if like_google else None
    with EmulatorThread(EmulatorSettings(like_google=ways)) as emulator:
        yield replace(settings, gemini_base_url=emulator.url, gemini_api_key=None)
