"""An id of one kind is none of another, on both stores; and whose a job is along the forks it came of."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.asset import Asset, AssetKey, Recipe
from domain.batch import Batch
from domain.file import File, FileKind
from domain.job import Job
from domain.key import Key, KeyList, Scope
from domain.preset import Preset, PresetKind
from domain.script import Kind
from domain.store import EventStore, JobNotFoundError, Owners, Saveable, Studio
from domain.submission import Options
from domain.webhook import Endpoint
from tests.domain.language import NOW

DIGEST = f"sha256:{'ab' * 32}"


@pytest.fixture
def studio(store: EventStore) -> Studio:
    return Studio(store)


def job(caller: str = "web", forked_from: UUID | None = None) -> Job:
    return Job.submit(
        uuid4(),
        now=NOW,
        script="A boat.",
        models={},
        options=Options().model_dump(mode="json"),
        provider="emulator",
        weights={"seconds": {}, "scenes": 1, "measured": False},
        forked_from={"job_id": str(forked_from), "position": 1} if forked_from else None,
        caller=caller,
    )


def others(of: Job) -> list[Saveable]:
    """One of all that is no job."""
    about: dict[str, Any] = {"now": NOW}
    file: dict[str, Any] = {"media_type": "image/png", "size": 3, "facts": {}, "notes": []}
    return [
        Asset.request(of.id, AssetKey(Kind.ANALYSIS), Recipe(), [], run=1, **about),
        File.add("web", DIGEST, FileKind.IMAGE, **about, **file),
        Preset.store("web", PresetKind.PRESET, "mine", {"priority": "low"}, **about),
        Batch.submit(uuid4(), "web", [of.id], max_cost_usd=None, fingerprint=None, **about),
        Key.add("web", Scope.ALL, "ab" * 32, **about),
        KeyList.begin("web", **about),
        Endpoint.create(uuid4(), "web", "https://hook.invalid/", ["job.failed"], key="k", **about),
    ]


def test_whatever_else_has_the_id_there_is_no_such_job(studio: Studio) -> None:
    known = job()
    saved = others(known)
    studio.append(known, *saved)
    head = studio.recorder.max_notification_id()
    for one in saved:
        with pytest.raises(JobNotFoundError, match=str(one.id)):
            studio.job(one.id)
        with pytest.raises(JobNotFoundError, match=str(one.id)):
            studio.change_job(one.id, lambda job: job.request_cancel(now=NOW))
    assert studio.job(known.id).id == known.id
    assert studio.recorder.max_notification_id() == head


def test_whose_a_fork_is_and_what_it_came_of(studio: Studio) -> None:
    first = job("web")
    second = job("local", first.id)
    third = job("local", second.id)
    for one in (first, second, third):
        studio.submit(one)
    owners = Owners(studio)
    assert list(owners.along_forks(third.id)) == ["local", "local", "web"]
    assert list(owners.along_forks(first.id)) == ["web"]
    assert list(owners.along_forks(uuid4())) == []
