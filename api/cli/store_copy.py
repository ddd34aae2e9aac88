"""``store copy``: moves a log, and its blobs, from one store to another, and proves it.

Blobs go first, and what has arrived is not sent again, so a copy that was stopped goes on where it was; the
log comes last, in one transaction: the new store is whole, or still empty.
"""

import contextlib
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import click

from actors.blobs.copying import copy_blobs
from actors.blobs.errors import BlobError
from actors.blobs.opening import open_blobs
from api.cli.crew import serving_name
from api.cli.errors import InputError
from api.cli.jobs import json_option
from api.cli.live import print_json, say
from api.cli.store import settings_of
from api.cli.text import echo, size
from api.composition import bucket_access
from api.configuration import values
from api.configuration.link_keys import FILE as LINK_KEY
from api.webhooks.opening import KEY_FILE as WEBHOOK_KEY
from domain.ports import BlobStore
from domain.store import (
    CopyRefusedError,
    EventStore,
    StoreUnavailableError,
    Studio,
    copy_log,
    open_event_store,
)
from domain.tombstones import digests_in
from projections.projector import LEASE as PROJECTOR

CHUNK = 500


@click.group()
def store() -> None:
    """What can be done with the event store as a whole."""


@store.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option("--blobs", nargs=2, metavar="FROM TO", help="Copy the bytes that the log names, too")
@json_option
def copy(source: str, target: str, blobs: tuple[str, str] | None, as_json: bool) -> None:
    """Copy the log of store FROM into the empty store TO, and its blobs, and prove that all has arrived.

    Stores are written as REELOG_STORE is, blobs as REELOG_BLOBS. Nothing may work on either store meanwhile.
    FROM stays as it is. A password need not stand in the command: PostgreSQL's own PGPASSFILE is read.
    """
    for url in (source, target):
        _check(url, values.store_url)
    if source.startswith("sqlite:///") and not Path(source.removeprefix("sqlite:///")).exists():
        raise InputError(f"FROM: there is no event store at {source.removeprefix('sqlite:///')}")
    try:
        with _idle(source, "FROM") as old, _idle(target, "TO") as new:
            sent = _copy_blobs(old, *blobs) if blobs else None
            chunks = list(copy_log(old, new))
    except CopyRefusedError as error:
        raise InputError(error.reason, error.hint) from None
    except StoreUnavailableError as error:
        raise InputError(f"{error.url}: {error.reason}", error.hint) from None
    except BlobError as error:
        raise InputError(error.reason, error.hint) from None
    proof = sha256("".join(chunk.digest for chunk in chunks).encode()).hexdigest()
    done = {
        "events": sum(chunk.events for chunk in chunks),
        "position": chunks[-1].last if chunks else 0,
        "chunks": len(chunks),
        "digest": f"sha256:{proof}",
        "blobs": sent,
    }
    _say_keys(source)
    if as_json:
        print_json(done)
        return
    echo(
        f"Copied {done['events']} events up to position {done['position']}: equal in both, {done['digest']}."
    )
    if sent is not None:
        echo(
            f"Copied {sent['copied']} blobs ({size(sent['bytes'])}), {sent['there']} were there before; "
            f"each was read back. {sent['absent']} that the log names are not in {blobs[0] if blobs else ''}."
        )
    echo("Set REELOG_STORE" + (" and REELOG_BLOBS" if blobs else "") + " to the new ones, and start again.")


def _say_keys(source: str) -> None:
    """What was made from the keys beside the old log is good only with them."""
    beside = Path(source.removeprefix("sqlite:///")).parent
    made = {WEBHOOK_KEY: "secrets of webhooks", LINK_KEY: "links that are out"}
    for name in made if source.startswith("sqlite:///") else ():
        if not (beside / name).exists():
            continue
        setting = f"REELOG_{name.upper().replace('-', '_')}"
        say(
            f"{made[name].capitalize()} were made with the key in {beside / name}: keep it in the folder of "
            f"REELOG_DATA_DIR, or set {setting} to it."
        )


def _check(url: str, convert: object) -> None:
    try:
        convert(url)  # type: ignore[operator]
    except ValueError as error:
        raise InputError(f"{url.partition(':')[0]}:…: {error}") from None


@contextlib.contextmanager
def _idle(url: str, name: str) -> Iterator[EventStore]:
    """The store, in which nobody works, and nobody begins to until the block ends."""
    # Loading what acts takes a while.
    from actors.work.crew_status import LEASE as DIRECTOR

    event_store = open_event_store(url)
    leases = [event_store.presence(lease) for lease in (DIRECTOR, PROJECTOR)]
    try:
        serving = [p for p in ("gemini", "emulator") if event_store.is_present(serving_name(p))]
        if serving or not all(lease.acquire(0) for lease in leases):
            raise InputError(
                f"{name}: somebody works on {event_store.shown_url}",
                "End `reelog serve`, `reelog work` and all commands on it first, then copy.",
            )
        yield event_store
    finally:
        for lease in leases:
            lease.release()
        event_store.close()


def _copy_blobs(log: EventStore, source: str, target: str) -> dict[str, int]:
    for url in (source, target):
        _check(url, values.blobs_url)
    if source.startswith("file:///") and not Path(source.removeprefix("file://")).is_dir():
        raise InputError(f"--blobs: there is no folder {source.removeprefix('file://')}")
    old, new = _open_blobs(source), _open_blobs(target)
    absent = 0
    known = []
    for digest in _digests(log):
        if old.exists(digest):
            known.append(digest)
        else:
            absent += 1
    sent = {"copied": 0, "there": 0, "bytes": 0, "absent": absent}
    for copied in copy_blobs(known, old, new):
        sent["there" if copied.was_there else "copied"] += 1
        sent["bytes"] += 0 if copied.was_there else copied.size
    return sent


def _open_blobs(url: str) -> BlobStore:
    return open_blobs(url, bucket_access(settings_of(BLOBS=url)))


def _digests(event_store: EventStore) -> list[str]:
    found: dict[str, None] = {}
    with contextlib.closing(Studio(event_store)) as studio:
        position = 0
        while events := studio.recorder.select_notifications(position, CHUNK, inclusive_of_start=False):
            for event in events:
                found.update(dict.fromkeys(digests_in(event.state)))
            position = events[-1].id
    return list(found)
