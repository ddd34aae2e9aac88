"""``reelog record``: saves a job's real traffic as files that the test suites replay."""

import json
from pathlib import Path

import click

from api.cases.attempts import AttemptRequest
from api.cases.recordings import attempts_of, recording_of
from api.cli.errors import InputError
from api.cli.jobs import job_argument, json_option
from api.cli.live import print_json, say
from api.cli.read import source_of, source_option
from api.cli.source import job_named


@click.command()
@job_argument
@click.option(
    "--out", required=True, metavar="DIR", help="A new or empty folder for them",
    type=click.Path(file_okay=False, path_type=Path),
)  # fmt: skip
@click.option("--scrub", is_flag=True, help="With an x for each letter of what people and models wrote")
@source_option
@json_option
def record(job: str, out: Path, scrub: bool, url: str | None, as_json: bool) -> None:
    """Save the requests and answers of JOB as recordings."""
    if out.exists() and any(out.iterdir()):
        raise InputError(f"--out: {out} is not empty; name a new folder")
    kept, left = [], 0
    with source_of(url) as source:
        job_id = job_named(source, job)
        for attempt in attempts_of(list(source.events(job_id, 0)), AttemptRequest(job_id, "")):
            wanted = {name: digest for name, digest in attempt.digests.items() if name != "prompt"}
            blobs = {name: source.blob(attempt.asset_id, digest) for name, digest in wanted.items()}
            made = recording_of(attempt, blobs.get("request"), blobs["raw"], scrubbed=scrub)
            if made is None:
                left += 1
            else:
                kept.append(made)
    if not kept:
        raise InputError(f"job {job_id} has no answer on record that can be replayed ({left} of media alone)")
    (out / "cases").mkdir(parents=True)
    index = [{"id": case["id"], "kind": case["kind"], "file": f"cases/{case['id']}.json"} for case in kept]
    for case, entry in zip(kept, index, strict=True):
        (out / entry["file"]).write_text(json.dumps(case, ensure_ascii=False, indent=1), "utf-8")
    (out / "index.json").write_text(json.dumps({"cases": index}, indent=1), "utf-8")
    if as_json:
        print_json({"folder": str(out), "cases": index, "left_out": left})
        return
    say(f"{len(kept)} recordings in {out}; {left} answers with pictures or sound are left out")
