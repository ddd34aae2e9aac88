"""``link``: a signed address of an asset's bytes, for another site or somebody without a key."""

import click

from api.cases.links import HOUR_S, LONGEST_S
from api.cli.jobs import client_of, json_option, server_option
from api.cli.live import print_json, say
from api.cli.source import ServerSource, asset_named, told_of
from api.cli.text import echo


@click.command()
@click.argument("asset", metavar="ASSET")
@click.option(
    "--expires-in", type=click.IntRange(1, LONGEST_S), default=HOUR_S, show_default=True, metavar="SECONDS",
    help="For how long it is good, at most a week",
)  # fmt: skip
@click.option(
    "--revision", type=click.IntRange(min=1), metavar="N",
    help="Always this revision [default: the latest, whenever the link is used]",
)  # fmt: skip
@click.option("--download", is_flag=True, help="To be kept as a file named after the film")
@server_option
@json_option
def link(
    asset: str, expires_in: int, revision: int | None, download: bool, url: str | None, as_json: bool
) -> None:
    """Print an address at which anybody has the bytes of ASSET, for a while and without a key.

    ASSET is JOB/KIND[:SCENE], such as latest/video or latest/image:2; or an asset's id. A <video> or <img>
    of any page may show it. It ends earlier where the key is revoked that REELOG_API_KEY holds.
    """
    client = client_of(url)
    asset_id = asset_named(ServerSource(client), asset)
    with told_of(asset_id, asset):
        told = client.ask(
            lambda reelog: reelog.assets.link(
                asset_id, expires_in_s=expires_in, revision=revision, download=download
            )
        )
    if as_json:
        print_json(told)
    else:
        echo(told["url"])
        say(f"Good until {told['expires_at']}, for whoever has it.")
