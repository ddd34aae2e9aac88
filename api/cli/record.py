"""``reelog record``: saves a job's real traffic as files that the test suites replay."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from api.cases.attempts import AttemptRequest
from api.cases.recordings import Find, Recording, attempts_of, exchange_of, recording_of
from api.cli.errors import InputError
from api.cli.jobs import job_argument, json_option
from api.cli.live import print_json, say
from api.cli.read import source_of, source_option
from api.cli.source import Source, job_named

Json = dict[str, Any]

_OF_THE_JOB = ("script", "language", "models", "options")
"""What a job was asked for: with it and the answers, the same film can be made again."""


@click.command()
@job_argument
@click.option(
    "--out", required=True, metavar="DIR", help="A new or empty folder for them",
    type=click.Path(file_okay=False, path_type=Path),
)  # fmt: skip
@source_option
@json_option
def record(job: str, out: Path, url: str | None, as_json: bool) -> None:
    """Save the requests and answers of JOB as recordings, with pictures, speech and its script."""
    check_empty("--out", out)
    kept: list[Recording] = []
    left: list[str] = []
    with source_of(url) as source:
        job_id = job_named(source, job)
        events = list(source.events(job_id, 0))
        find = _finder(source, events)
        for attempt in attempts_of(events, AttemptRequest(job_id, "")):
            wanted = {name: digest for name, digest in attempt.digests.items() if name != "prompt"}
            blobs = {name: source.blob(attempt.asset_id, digest) for name, digest in wanted.items()}
            made = recording_of(exchange_of(attempt, blobs.get("request"), blobs["raw"]), find)
            if made is None:
                left.append(attempt.asset_name)
            else:
                kept.append(made)
    if not kept:
        raise InputError(f"job {job_id} has no answer on record that can be replayed")
    submitted = next(event["data"] for event in events if event["type"] == "job.submitted")
    runs = 1 + sum(event["type"] == "job.reopened" for event in events)
    asked = {name: submitted[name] for name in _OF_THE_JOB}
    index = write(out, {"job": asked, "runs": runs}, kept)
    if as_json:
        print_json({"folder": str(out), "cases": index, "left_out": left})
        return
    count = f"{len(kept)} recording{'s' if len(kept) > 1 else ''}"
    say(f"{count} in {out}, with the script and what models wrote, drew and spoke")
    if left:
        say(f"Left out, since not all of the answer was stored: {', '.join(left)}")


def _finder(source: Source, events: list[Json]) -> Find:
    """Finds what the job's assets hold by its digest."""
    made = {
        event["data"]["digest"]: (UUID(event["asset"]["id"]), event["asset"]["revision"])
        for event in events
        if event["asset"] is not None and event["data"].get("digest")
    }
    return lambda digest: source.content(*made[digest]) if digest in made else None


def check_empty(option: str, folder: Path) -> None:
    """Raises InputError where recordings would be put beside other files."""
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{option}: {folder} is not empty; name a new folder")


def write(out: Path, about: Json, kept: list[Recording]) -> list[Json]:
    """Write recordings as files with an index, whose entries are given; ``about`` is what it tells beside."""
    (out / "cases").mkdir(parents=True)
    index = []
    for recording in kept:
        case = recording.case
        entry = {"id": case["id"], "kind": case["kind"], "file": f"cases/{case['id']}.json"}
        index.append(entry)
        (out / entry["file"]).write_text(json.dumps(case, ensure_ascii=False, indent=1) + "\n", "utf-8")
        for name, data in recording.media.items():
            (out / "media").mkdir(exist_ok=True)
            (out / name).write_bytes(data)
    listed = {**about, "cases": index}
    (out / "index.json").write_text(json.dumps(listed, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return index
