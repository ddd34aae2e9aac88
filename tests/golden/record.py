"""Records golden logs: the events of this version as they are stored, and what they must fold to for ever.

    python -m tests.golden.record VERSION

A folder is written once, when a version is released, and never again: what is in it stands in users' stores.
A job is made by the real Director and real attempts; only the stages are those of the tests, so that a log
is short. Each log is JSON lines of ``{position, originator_id, originator_version, topic, state}``, beside it
what it folds to: the job's page and its timeline.

In ``retried.jsonl`` the first ``job.reopened`` stands as the first version of that event was stored, before
it could bring a new budget: reading the log shows that it is upcast.
"""

import asyncio
import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from actors.work.stage import Task
from domain.asset import AssetKey
from domain.failures import AttemptFailedError, Code, Failure
from domain.job import Job
from domain.revise import regenerate
from domain.script import Kind
from projections.job_fold import JobFold
from projections.wire import encode
from tests.actors.conftest import Board, Crew, now

GOLDEN = Path(__file__).parent
IMAGE_1 = AssetKey(Kind.IMAGE, 1)


async def completed(crew: Crew) -> None:
    """A job that goes through at once."""
    async with crew.directing():
        await crew.until_ended(crew.submit(metadata={"golden": "completed"}))


async def retried(crew: Crew) -> None:
    """A job with a passing failure and a fatal one; retried with a new budget; then one picture anew."""
    trouble = iter([Code.OVERLOADED, Code.SAFETY])

    async def before(task: Task) -> None:
        if task.key == IMAGE_1 and (code := next(trouble, None)) is not None:
            raise AttemptFailedError(Failure.of(code, "as told"))

    crew.stage.before = before
    async with crew.directing():
        job = crew.submit(max_cost_usd=1.0)
        first = await crew.until_ended(job)
        crew.studio.change_job(job.id, lambda j: j.reopen("retry", now=now()))
        await crew.until_ended(job, after=first[-1].position)
    head = crew.log.head()
    job = crew.studio.job(job.id)
    film = crew.studio.film(job)
    prompt = crew.blobs.put(b"a quieter picture")
    recipe = replace(film.assets[IMAGE_1].recipe, prompt_digest=prompt, prompt_version="edited")
    asset = regenerate(film, IMAGE_1, recipe, now=now())
    crew.studio.append(job, asset)
    async with crew.directing(Board(job.id, position=head)):
        await crew.until_ended(job, after=head)
    assert crew.studio.job(job.id).status == "completed"


async def cancelled(crew: Crew) -> None:
    """A job that is cancelled while a picture is drawn."""
    drawing = asyncio.Event()

    async def before(task: Task) -> None:
        if task.key.kind is Kind.IMAGE:
            drawing.set()
            await asyncio.sleep(60)  # until it is cancelled

    crew.stage.before = before
    async with crew.directing():
        job = crew.submit()
        await drawing.wait()
        crew.studio.change_job(job.id, lambda j: j.request_cancel(now=now()))
        await crew.until_ended(job)


SCENARIOS = {"completed": completed, "retried": retried, "cancelled": cancelled}


def main() -> None:
    folder = GOLDEN / sys.argv[1]
    folder.mkdir()  # a version that is there already is never recorded again
    for name, scenario in SCENARIOS.items():
        with tempfile.TemporaryDirectory() as scratch:
            crew = Crew(Path(scratch))
            try:
                asyncio.run(scenario(crew))
                _write(folder, name, crew)
            finally:
                crew.close()


def _write(folder: Path, name: str, crew: Crew) -> None:
    fold = JobFold()
    timeline = [json.loads(fold.apply(recorded).body) for recorded in crew.log.read(0, 10_000)]
    rows = [
        {
            "position": n.id,
            "originator_id": str(n.originator_id),
            "originator_version": n.originator_version,
            "topic": n.topic,
            "state": json.loads(n.state),
        }
        for n in crew.studio.recorder.select_notifications(1, 10_000)
    ]
    reopened = [row for row in rows if row["topic"] == Job.Reopened.TOPIC]
    for row in reopened[:1]:
        _as_first_written(row["state"])
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    expected = {"job": json.loads(encode(fold.page())), "timeline": timeline}
    text = json.dumps(expected, ensure_ascii=False, indent=1)
    (folder / f"{name}.expected.json").write_text(text + "\n", encoding="utf-8")


def _as_first_written(state: dict[str, Any]) -> None:
    assert state.pop("class_version") == 2
    assert state.pop("max_cost_usd") is None


if __name__ == "__main__":
    main()
