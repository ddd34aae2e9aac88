"""``webhooks``: endpoints that a server tells of its jobs, and what it told them."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import click

from api.cli.errors import Code, InputError, end
from api.cli.jobs import client_of, json_option, server_option
from api.cli.live import print_json, say
from api.cli.text import echo, pad, printable
from api.durations import duration
from api.webhooks.deliveries import STATUSES
from domain.webhook import DEFAULT_EVENTS, EVENT_TYPES

if TYPE_CHECKING:
    from reelog_client.kept_operations import DeliveryStatus
    from reelog_client.resources import Webhooks

Json = dict[str, Any]

LISTED = 50
endpoint_argument = click.argument("webhook", metavar="WEBHOOK")
delivery_argument = click.argument("delivery", metavar="DELIVERY")
events_option = click.option(
    "--event", "events", multiple=True, type=click.Choice(EVENT_TYPES),
    help=f"What it is told of; may be repeated [default: {', '.join(DEFAULT_EVENTS)}]",
)  # fmt: skip


@click.group()
def webhooks() -> None:
    """Have a server of yours told of jobs: signed, in order, and again until it answers.

    WEBHOOK is the id of an endpoint, as `reelog webhooks add` and `ls` print it.
    """


def _ask(url: str | None, ask: "Callable[[Webhooks], Any]") -> Any:
    return client_of(url).ask(lambda reelog: ask(reelog.webhooks))


def _print(told: Json, line: str, as_json: bool) -> None:
    if as_json:
        print_json(told)
    else:
        echo(printable(line))


@webhooks.command()
@click.argument("address", metavar="ADDRESS")
@events_option
@server_option
@json_option
def add(address: str, events: tuple[str, ...], url: str | None, as_json: bool) -> None:
    """Have jobs told to ADDRESS; print the endpoint's id and its secret, which is shown this once."""
    told = _ask(url, lambda webhooks: webhooks.add(address, events=events or None))
    _print(told, f"{told['id']}  {told['secret']}", as_json)
    say("Keep the secret: signatures are checked with it, and it is not shown again.")


@webhooks.command()
@server_option
@json_option
def ls(url: str | None, as_json: bool) -> None:
    """List the endpoints that are told of all jobs."""
    there = _ask(url, lambda webhooks: list(webhooks.list()))
    for one in there:
        _print(one, f"{one['id']}  {pad(_state(one), 8)}  {one['url']}", as_json)
    if not there:
        say("No endpoint is told of all jobs. Add one: reelog webhooks add URL")


@webhooks.command()
@endpoint_argument
@server_option
@json_option
def show(webhook: str, url: str | None, as_json: bool) -> None:
    """Show the endpoint WEBHOOK."""
    one = _ask(url, lambda webhooks: webhooks.get(webhook))
    if as_json:
        print_json(one)
        return
    echo(printable(f"{one['id']}  {_state(one)}  {one['url']}"))
    echo(f"  told of {', '.join(one['events'])}")
    if one["job_id"]:
        echo(f"  of job {one['job_id']} alone")


@webhooks.command()
@endpoint_argument
@click.option("--address", metavar="ADDRESS", help="Send there from now on")
@events_option
@click.option(
    "--enable/--disable", "enabled", default=None, help="Go on sending, or stop and drop what waits"
)
@server_option
@json_option
def change(
    webhook: str,
    address: str | None,
    events: tuple[str, ...],
    enabled: bool | None,
    url: str | None,
    as_json: bool,
) -> None:
    """Change the endpoint WEBHOOK; what is not named stays as it is."""
    one = _ask(
        url,
        lambda webhooks: webhooks.change(webhook, url=address, events=events or None, enabled=enabled),
    )
    _print(one, f"{one['id']}  {_state(one)}  {one['url']}", as_json)


@webhooks.command()
@endpoint_argument
@server_option
@json_option
def secret(webhook: str, url: str | None, as_json: bool) -> None:
    """Give the endpoint WEBHOOK a new secret; for a day the old one signs as well."""
    told = _ask(url, lambda webhooks: webhooks.rotate_secret(webhook))
    _print(told, told["secret"], as_json)


@webhooks.command()
@endpoint_argument
@server_option
@json_option
def ping(webhook: str, url: str | None, as_json: bool) -> None:
    """Send WEBHOOK a signed message now, once, and say what came of it; ends with 1 when it was not taken."""
    told = _ask(url, lambda webhooks: webhooks.ping(webhook))
    said = f"answered {told['status']}" if told["delivered"] else told["error"]
    _print(told, f"{said}, after {duration(told['elapsed_s'])}", as_json)
    if not told["delivered"]:
        end(Code.JOB_FAILED)


@webhooks.command()
@endpoint_argument
@click.argument("delivery", required=False)
@click.option("--status", type=click.Choice(STATUSES), help="Only those with this status")
@click.option("--limit", type=click.IntRange(1, 1000), help=f"The most that are listed [default: {LISTED}]")
@server_option
@json_option
def deliveries(
    webhook: str,
    delivery: str | None,
    status: str | None,
    limit: int | None,
    url: str | None,
    as_json: bool,
) -> None:
    """List what was and is to be told to WEBHOOK, newest first; or each try of one DELIVERY."""
    if delivery is not None:
        if status is not None or limit is not None:
            name = "--status" if status is not None else "--limit"
            raise InputError(f"{name}: is of a list, and DELIVERY shows one; leave one of them out")
        one = _ask(url, lambda webhooks: webhooks.delivery(webhook, delivery))
        _print(one, _line(one), as_json)
        for tried in [] if as_json else one["tries"]:
            said = tried["error"] or f"it answered {tried['status']}"
            which = f"try {tried['number']}" + (f" of turn {tried['turn']}" if tried["turn"] > 1 else "")
            echo(printable(f"  {tried['at']}  {which}: {said}, after {duration(tried['elapsed_s'])}"))
        return
    wanted = cast("DeliveryStatus | None", status)
    for one in _ask(
        url, lambda webhooks: list(webhooks.deliveries(webhook, status=wanted, limit=limit or LISTED))
    ):
        _print(one, _line(one), as_json)


@webhooks.command()
@endpoint_argument
@delivery_argument
@server_option
@json_option
def redeliver(webhook: str, delivery: str, url: str | None, as_json: bool) -> None:
    """Send WEBHOOK the delivery DELIVERY again, now."""
    one = _ask(url, lambda webhooks: webhooks.redeliver(webhook, delivery))
    _print(one, _line(one), as_json)


@webhooks.command()
@endpoint_argument
@server_option
@json_option
def rm(webhook: str, url: str | None, as_json: bool) -> None:
    """Remove the endpoint WEBHOOK; what waits for it is dropped."""
    _ask(url, lambda webhooks: webhooks.remove(webhook))
    say("Removed.")
    if as_json:
        print_json({"id": webhook, "deleted": True})


def _state(one: Json) -> str:
    return "enabled" if one["enabled"] else "gone" if one["disabled_for"] == "gone" else "disabled"


def _line(one: Json) -> str:
    again = f", again at {one['next_try_at']}" if one["next_try_at"] and one["tried"] else ""
    return f"{one['id']}  {pad(one['status'], 9)}  {pad(one['type'], 20)}  {one['job_id']}{again}"
