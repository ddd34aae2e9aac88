"""``serve`` (API, page and actors in one command) and ``work`` (actors alone, on a Ray cluster)."""

import contextlib
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import click

from actors.work.crew_status import STANDING_BY
from api.cli.crew import announced
from api.cli.emulator import check_emulated, emulate_option, emulated, like_google_option, pace_option
from api.cli.errors import InputError, UnreachableError, cannot_listen
from api.cli.jobs import json_option
from api.cli.live import print_json, say
from api.cli.log_lines import adopt, log_to_stderr
from api.cli.stopping import stops_in_order
from api.cli.store import cli_errors, settings_of
from api.cli.text import echo, theme_of
from api.composition import System, open_cluster, open_system
from api.settings import Settings

_BACKLOG = 2048
_LOOK_S = 0.5
_SAID = {
    "ready": "Working for {} at {}.",
    STANDING_BY: "Standing by for {} at {}: another one works, and this one takes over when that ends.",
}


@click.command()
@emulate_option
@like_google_option
@pace_option
@click.option("--no-actors", is_flag=True, help="Only the API and the page; `reelog work` does the work")
@click.option("--host", help="Where to listen [default: REELOG_HOST, else 127.0.0.1]")
@click.option("--port", type=int, help="0 picks a free one [default: REELOG_PORT, else 8080]")
@json_option
def serve(
    emulate: bool,
    like_google: bool,
    pace: float,
    no_actors: bool,
    host: str | None,
    port: int | None,
    as_json: bool,
) -> None:
    """Serve the API and the page, and do the work."""
    check_emulated(emulate=emulate, like_google=like_google, pace=pace)
    if emulate and no_actors:
        raise InputError(
            "--emulate: the emulator beside this server would have nobody to ask it (--no-actors)",
            "Start `reelog emulate` where the workers reach it, and set REELOG_GEMINI_BASE_URL for all.",
        )
    settings = settings_of(HOST=host, PORT=port)
    if settings.missing_key and not emulate and not no_actors:
        raise InputError(settings.missing_key, "Only to look at what was made: reelog serve --no-actors")
    log_to_stderr(settings.log)
    emulation = emulated(settings, chosen=emulate, like_google=like_google, pace=pace)
    with listening(settings) as listener, emulation as chosen:
        with cli_errors():
            system = open_system(chosen, with_actors=not no_actors, traced=True)
        adopt("ray")
        with contextlib.ExitStack() as stack:
            if system.actors is not None:
                stack.enter_context(announced(system, system.actors))
            _run(system, listener, as_json=as_json)


def _run(system: System, listener: socket.socket, *, as_json: bool) -> None:
    from api.http.app import build_app
    from api.http.server import Server

    def ready(url: str) -> None:
        if as_json:
            print_json({"url": url, "provider": system.provider})
        else:
            echo(url)
        if system.provider == "emulator":
            say(theme_of(sys.stderr).paint("EMULATOR: what is made here is made by no AI model.", "warn"))
        say(f"Reelog at {url}, data in {system.settings.where}. Stop it: Ctrl-C")

    with stops_in_order():
        Server(build_app(system), system.settings, ready).run(sockets=[listener])


@contextlib.contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """The bound socket, had before anything else is begun. InputError when it cannot be had."""
    host = settings.host.strip("[]")
    with contextlib.ExitStack() as stack:
        try:
            family, kind, proto, _, address = socket.getaddrinfo(
                host, settings.port, type=socket.SOCK_STREAM
            )[0]
            listener = stack.enter_context(socket.socket(family, kind, proto))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(_BACKLOG)
        except OSError as error:
            raise cannot_listen(settings.host, settings.port, error, _named(settings)) from None
        yield listener


def _named(settings: Settings) -> tuple[str, str]:
    """What gave the host and the port: an option, the environment or ``.env``; of defaults, the option."""
    typed = click.get_current_context().params
    host, port = (typed.get(name) is None for name in ("host", "port"))
    return (
        "REELOG_HOST" if host and settings.host != Settings.host else "--host",
        "REELOG_PORT" if port and settings.port != Settings.port else "--port",
    )


@click.command()
@click.option("--address", metavar="ADDRESS", help="The Ray cluster [default: REELOG_RAY_ADDRESS, else auto]")
@json_option
def work(address: str | None, as_json: bool) -> None:
    """Join a Ray cluster and do the work there, for servers that share store and blobs."""
    settings = settings_of(RAY_ADDRESS=address)
    if settings.missing_key:
        raise InputError(settings.missing_key)
    log_to_stderr(settings.log)
    with cli_errors():
        # Opened for the store and the provider; the server is the one that projects.
        system = open_system(replace(settings, ray_address=settings.ray_address or "auto"))
    try:
        _work(system, as_json=as_json)
    finally:
        system.close()


def _work(system: System, *, as_json: bool) -> None:
    actors = open_cluster(system.settings, system.provider, system.prices, None)
    adopt("ray")
    ending = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ending.set())
    actors.start()
    output = sys.stdout
    with contextlib.ExitStack() as stack:
        # Ray prints there what happens to its processes, and whoever reads --json would stumble over it.
        stack.enter_context(contextlib.redirect_stdout(sys.stderr))
        stack.callback(actors.stop)
        stack.enter_context(announced(system, actors))
        told, awaited, begun = "", None, False
        while not ending.wait(_LOOK_S):
            status: dict[str, Any] = actors.status()
            state = status["state"]
            if not begun and state == "starting" and status.get("awaited") != awaited:
                awaited = status.get("awaited")
                say(f"Waiting for {awaited} at {system.settings.ray_address}.")
            if not begun and state == "failed":
                raise UnreachableError(str(status["error"]), "--address names another cluster.")
            if state == "failed":
                told = ""  # what it does once it is back is said again
            if state in _SAID and state != told:
                told, begun = state, True
                if as_json:
                    with contextlib.redirect_stdout(output):
                        print_json(status)
                said = _SAID[state].format(system.provider, system.settings.ray_address)
                say(f"{said} Stop it: Ctrl-C")
