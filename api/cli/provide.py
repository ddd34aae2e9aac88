"""``provide``: a file of one's own takes the place of an asset. The price of what follows is told first."""

from pathlib import Path
from typing import Any
from uuid import UUID

import click

from api.cli.client import Client
from api.cli.errors import InputError
from api.cli.jobs import client_of, json_option, quiet_option, server_option, timeout_option
from api.cli.live import say
from api.cli.revise import dry_run_option, preview_and_begin, repeat_option, watch_option, yes_option
from api.cli.script import read_script
from api.cli.source import asset_named, told_of
from api.cli.target import ServerTarget
from api.cli.text import printable
from domain.script import Kind


@click.command()
@click.argument("asset", metavar="ASSET")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@repeat_option
@dry_run_option
@yes_option
@watch_option
@timeout_option
@server_option
@quiet_option
@json_option
def provide(asset: str, file: Path, url: str | None, **how: Any) -> None:
    """Put FILE in the place of ASSET: a picture, a clip, a voice-over, a song or a script of your own.

    ASSET is JOB/KIND[:SCENE], such as latest/image:2, latest/narration:1 or latest/music; or an asset's id.
    In the place of a script that was written on a topic (latest/script) FILE is a text. Any other is sent
    to the server, checked there, and kept without personal metadata. What is made from the asset is made
    again, and nothing else; that is told first.
    """
    if not file.is_file():
        raise InputError(f"FILE: {file} is no file")
    client = client_of(url)
    target = ServerTarget(client)
    asset_id = asset_named(target.source, asset)
    if _is_script(client, asset, asset_id):
        given = {"text": read_script(str(file))}
    else:
        try:
            sent = client.upload(file)
        except InputError as error:
            raise InputError(f"FILE: {file}: {error.message}", error.hint) from None
        for note in sent["notes"]:
            say(f"Sent: {printable(note)}.")
        given = {"file": sent["digest"]}
    with told_of(asset_id, asset):
        preview_and_begin(
            target, lambda body, key: target.provide(asset_id, body, key), given, url=url, **how
        )


def _is_script(client: Client, asset: str, asset_id: UUID) -> bool:
    """Whether words take its place; an id says nothing of that, so the server is asked."""
    if "/" in asset:
        return asset.endswith(f"/{Kind.SCRIPT}")
    try:
        return bool(client.get(f"/v1/assets/{asset_id}")["kind"] == Kind.SCRIPT)
    except InputError:
        return False  # it was never begun; what may take its place is judged with what is sent
