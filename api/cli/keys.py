"""``keys``: who may ask a server besides its administrator."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any, Protocol

import click

from api.cases.keys import AddKeyRequest, add_key, get_key, list_keys, revoke_key
from api.cli.client import Client
from api.cli.jobs import client_of, json_option, target_option
from api.cli.live import print_json, say
from api.cli.refusals import refusals
from api.cli.store import cli_errors, settings_of
from api.cli.text import echo, money, printable
from api.composition import System, open_system, shipped_catalogue
from api.model_directory import ModelDirectory

Json = dict[str, Any]

MOST_LISTED = 1000


class KeyTarget(Protocol):
    """Where keys are kept; all give the JSON of the HTTP API."""

    def add(self, body: Json) -> Json: ...

    def all(self) -> list[Json]: ...

    def show(self, name: str) -> Json: ...

    def revoke(self, name: str) -> Json: ...


class ServerKeys:
    """Asks over HTTP, with the administrator's key."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def add(self, body: Json) -> Json:
        told: Json = self._client.ask(lambda reelog: reelog.keys.add(**body))
        return told

    def all(self) -> list[Json]:
        told: list[Json] = self._client.ask(lambda reelog: reelog.keys.list())
        return told

    def show(self, name: str) -> Json:
        told: Json = self._client.ask(lambda reelog: reelog.keys.get(name))
        return told

    def revoke(self, name: str) -> Json:
        told: Json = self._client.ask(lambda reelog: reelog.keys.revoke(name))
        return told


class StoreKeys:
    """Asks the cases, on an open system: servers on its store know within a second."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._where = system.settings.where

    def add(self, body: Json) -> Json:
        with refusals(self._where):
            return self._told(add_key(self._system, AddKeyRequest(body)))

    def all(self) -> list[Json]:
        with refusals(self._where):
            return [self._told(page) for page in list_keys(self._system, MOST_LISTED)[0]]

    def show(self, name: str) -> Json:
        with refusals(self._where):
            return self._told(get_key(self._system, name))

    def revoke(self, name: str) -> Json:
        with refusals(self._where):
            return self._told(revoke_key(self._system, name))

    @staticmethod
    def _told(page: bytes) -> Json:
        told: Json = json.loads(page)
        return told


@contextlib.contextmanager
def _keys_at(url: str | None) -> Iterator[KeyTarget]:
    """The server that is named, else the one at the default address if it is there, else the store here."""
    settings = settings_of()
    client = client_of(url, settings)
    if url or settings.url_is_given or client.is_there():
        yield ServerKeys(client)
        return
    with cli_errors():
        system = open_system(settings, provider="gemini", models=ModelDirectory(shipped_catalogue))
    try:
        yield StoreKeys(system)
    finally:
        system.close()


@click.group()
def keys() -> None:
    """Give keys to those who may ask a server, and take them back.

    Each has a name, under which its jobs are listed, and sees its own alone. They count where the server has
    REELOG_API_KEY, which stays the administrator's. Asked is the server at --url or REELOG_URL, else one at
    the default address if it is there, else the store here.
    """


@keys.command()
@click.argument("name")
@click.option(
    "--scope",
    type=click.Choice(["read", "submit", "all"]),
    default="submit",
    show_default=True,
    help="read looks; submit makes films, too; all may delete, too, and have webhooks and batches",
)
@click.option("--rate", type=click.IntRange(min=1), metavar="N", help="Requests a minute [default: no limit]")
@click.option(
    "--usd-per-day",
    type=click.FloatRange(min=0, min_open=True),
    metavar="USD",
    help="What its jobs may cost a day (UTC) [default: no limit]",
)
@target_option
@json_option
def add(
    name: str, scope: str, rate: int | None, usd_per_day: float | None, url: str | None, as_json: bool
) -> None:
    """Give a key to NAME and print it: it is shown this once."""
    body = {"name": name, "scope": scope, "rate": rate, "usd_per_day": usd_per_day}
    with _keys_at(url) as target:
        told = target.add(body)
    if as_json:
        print_json(told)
    else:
        echo(told["key"])
        say(f"The key of {told['name']} ({_about(told)}). Keep it: it is not shown again.")
    if told["notice"]:
        say(f"Warning: {told['notice']}")


@keys.command(name="ls")
@target_option
@json_option
def list_(url: str | None, as_json: bool) -> None:
    """List the keys by name, those that were revoked among them."""
    with _keys_at(url) as target:
        there = list(target.all())
    for told in there:
        _print(told, as_json=as_json)
    if not there:
        say("No keys. Make one: reelog keys add NAME")


@keys.command()
@click.argument("name")
@target_option
@json_option
def show(name: str, url: str | None, as_json: bool) -> None:
    """Show what the key of NAME is for, and what is left of its budget."""
    with _keys_at(url) as target:
        _print(target.show(name), as_json=as_json)


@keys.command()
@click.argument("name")
@target_option
@json_option
def revoke(name: str, url: str | None, as_json: bool) -> None:
    """Let nobody in with the key of NAME any more; its jobs stay, and go on."""
    with _keys_at(url) as target:
        told = target.revoke(name)
    if as_json:
        print_json(told)
    else:
        say(f"Revoked the key of {told['name']}; open streams end within a second.")


def _print(told: Json, *, as_json: bool) -> None:
    if as_json:
        print_json(told)
    else:
        echo(printable(f"{told['name']}  {_about(told)}"))


def _about(told: Json) -> str:
    parts = [told["scope"]]
    if told["rate"] is not None:
        parts.append(f"{told['rate']} requests a minute")
    if told["usd_per_day"] is not None:
        parts.append(f"{money(told['usd_per_day'])} a day, {money(told['left_today_usd'])} left")
    if told["revoked_at"] is not None:
        parts.append(f"revoked on {told['revoked_at'][:10]}")
    return ", ".join(parts)
