"""``presets`` and ``casts``: what a server keeps by name, to be used again."""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from api.cli.errors import InputError
from api.cli.jobs import client_of, json_option, server_option
from api.cli.live import print_json, say
from api.cli.text import echo, printable

Json = dict[str, Any]


def json_file(name: str) -> Any:
    """What a file, or standard input for ``-``, holds as JSON."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        return json.loads(text)
    except OSError as error:
        raise InputError(f"FILE: {name} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise InputError(f"FILE: {name} is not JSON: {error}") from None


def _none_of(there: Sequence[Any], kind: str) -> None:
    if not there:
        say(f"No {kind}s. Keep one: reelog {kind}s put NAME FILE")


def _group(kind: str, field: str, summary: str, example: str) -> click.Group:
    def kept(url: str | None, ask: Callable[[Any], Any]) -> Any:
        return client_of(url).ask(lambda reelog: ask(getattr(reelog, f"{kind}s")))

    @click.group(name=f"{kind}s", help=f"{summary}\n\nFILE holds JSON such as {example}")
    def group() -> None: ...

    @group.command("list", help=f"List the {kind}s by name.")
    @server_option
    @json_option
    def list_(url: str | None, as_json: bool) -> None:
        there = kept(url, lambda them: list(them.list()))
        for one in there:
            _print(one, f"{one['name']}  version {one['version']}  {_short(one[field])}", as_json)
        _none_of(there, kind)

    @group.command(help=f"Print what is kept under NAME, as `reelog {kind}s put` takes it.")
    @click.argument("name")
    @server_option
    @json_option
    def show(name: str, url: str | None, as_json: bool) -> None:
        one = kept(url, lambda them: them.get(name))
        _print(one, json.dumps(one[field], ensure_ascii=False), as_json)

    @group.command(help=f"Keep what FILE (or - for standard input) holds as the {kind} NAME.")
    @click.argument("name")
    @click.argument("file")
    @server_option
    @json_option
    def put(name: str, file: str, url: str | None, as_json: bool) -> None:
        one = kept(url, lambda them: them.put(name, json_file(file)))
        say(f"Kept {one['name']}, version {one['version']}.")
        if as_json:
            print_json(one)

    @group.command(help=f"Forget the {kind} NAME; jobs that used it stay as they are.")
    @click.argument("name")
    @server_option
    @json_option
    def delete(name: str, url: str | None, as_json: bool) -> None:
        kept(url, lambda them: them.remove(name))
        say(f"Forgot {name}.")
        if as_json:
            print_json({"name": name, "deleted": True})

    return group


def _print(one: Json, line: str, as_json: bool) -> None:
    if as_json:
        print_json(one)
    else:
        echo(printable(line))


def _short(value: Any) -> str:
    names = [one["name"] for one in value] if isinstance(value, list) else list(value)
    return ", ".join(map(str, names))


presets = _group(
    "preset",
    "values",
    "Keep values of submissions by name; `reelog submit SCRIPT --preset NAME` uses them.",
    '{"options": {"aspect_ratio": "9:16"}}.',
)
casts = _group(
    "cast",
    "cast",
    "Keep casts of characters by name; a preset, or a submission over HTTP, uses them.",
    '[{"name": "Ada", "look": "a tall woman in a yellow coat"}].',
)
