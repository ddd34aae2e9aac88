"""``scenes``: a film's scenes as they are; or edited, with the price of what follows told first."""

from typing import Any

import click

from api.cli.errors import InputError
from api.cli.jobs import job_argument
from api.cli.live import print_json, say
from api.cli.revise import begin_options, preview_and_begin, repeat_option
from api.cli.source import job_named
from api.cli.target import target_of
from api.cli.text import echo, printable

Json = dict[str, Any]
_FIELDS = ("text", "visual", "voice")
_OF_EDITS = {
    "idempotency_key": "--idempotency-key",
    "dry_run": "--dry-run",
    "yes": "--yes",
    "and_watch": "--watch",
    "timeout": "--timeout",
}
"""Options that say nothing where scenes are only shown."""


@click.command()
@job_argument
@click.option("--text", "texts", multiple=True, metavar="SCENE=WORDS",
              help="Other words, such as 3='The sea is calm.'. May be repeated, as the next two")  # fmt: skip
@click.option("--visual", "visuals", multiple=True, metavar="SCENE=WORDS",
              help="Another picture, drawn from these words")  # fmt: skip
@click.option("--voice", "voices", multiple=True, metavar="SCENE=VOICE",
              help="Another voice, in this scene alone")  # fmt: skip
@click.option("--order", metavar="SCENES",
              help="Which scenes play, such as 1,3,2; what is left out is removed")  # fmt: skip
@begin_options(repeat_option)
def scenes(
    job: str,
    texts: tuple[str, ...],
    visuals: tuple[str, ...],
    voices: tuple[str, ...],
    order: str | None,
    **how: Any,
) -> None:
    """Show the scenes of JOB; or edit them, which makes again what depends on that, and may cost money.

    A job that has ended goes on in another run; one that waits for review waits again. A scene keeps its
    number for life: one that was removed comes back when --order names it again.

    Where no server runs it is recorded in the store here, and `reelog serve` or `reelog work` carries it out.
    """
    edits: dict[str, Json] = {}
    for name, pairs in zip(_FIELDS, (texts, visuals, voices), strict=True):
        for pair in pairs:
            scene, value = _pair(name, pair)
            edits.setdefault(scene, {})[name] = value
    asked: Json = {"scenes": edits} if edits else {}
    if order is not None:
        asked["order"] = _numbers(order)
    unused = next((name for name in _OF_EDITS if how[name] and not asked), None)
    if unused is not None:
        edits_are = "--text, --visual, --voice or --order"
        raise InputError(f"{_OF_EDITS[unused]}: is of edits; add {edits_are}, or leave it out")
    with target_of(how["url"]) as target:
        job_id = job_named(target.source, job)
        if asked:
            preview_and_begin(target, lambda body, key: target.edit_scenes(job_id, body, key), asked, **how)
        else:
            _show(target.source.job(job_id), as_json=how["as_json"])


def _show(job: Json, *, as_json: bool) -> None:
    if as_json:
        print_json({"data": job["scenes"]})
        return
    for scene in job["scenes"]:
        echo(f"{scene['scene']}. {printable(scene['text'])}")
    if not job["scenes"]:
        say("There are no scenes yet.")


def _pair(name: str, pair: str) -> tuple[str, str]:
    scene, equals, value = pair.partition("=")
    if not equals or not value or not scene.strip().isdecimal():
        raise InputError(f"--{name}: {pair!r} is no pair; write it as 3='…', with the scene's number")
    return str(int(scene)), value


def _numbers(order: str) -> list[int]:
    try:
        return [int(number) for number in order.split(",")]
    except ValueError:
        raise InputError(f"--order: {order!r} is no list of scenes; write it as 1,3,2") from None
