"""Forking: a new job for one key, with what its source made, and told before what it takes."""

import json
from typing import Any
from uuid import UUID

import pytest

from api.cases.errors import Faults
from api.cases.fork import Changes, Fork, ForkRequest, fork
from api.cases.preview import Preview
from tests.api.cases.conftest import Studio


def ask(studio: Studio, job_id: UUID, key: str | None = None, **asked: Any) -> Any:
    return fork(studio.system, ForkRequest(job_id, Fork(**asked), key))


def test_a_fork_keeps_what_its_changes_do_not_touch_as_its_preview_says(studio: Studio) -> None:
    source = studio.completed()
    changes = Changes(prompts={"image:2": "A red boat."})
    preview = ask(studio, source, changes=changes, dry_run=True)
    assert isinstance(preview, Preview)
    accepted = ask(studio, source, changes=changes)
    assert accepted.began
    assert json.loads(accepted.job)["status"] == "queued"
    assert studio.topics(accepted.job_id).count("asset.reused") == len(preview.reused)
    assert "image:2" in [key.name for key in preview.redone]


def test_the_same_key_is_the_same_fork(studio: Studio) -> None:
    source = studio.completed()
    first, again = (ask(studio, source, "k") for _ in range(2))
    assert (first.job_id, first.began, again.began) == (again.job_id, True, False)
    with pytest.raises(Faults) as refused:
        ask(studio, source, "k", changes=Changes(priority="low"))
    assert refused.value.code == "idempotency_key_reused"


def test_faults_are_named_within_the_changes(studio: Studio) -> None:
    source = studio.completed()
    with pytest.raises(Faults) as refused:
        ask(studio, source, changes=Changes(options={"fps": 7}, prompts={"poster:9": "x"}))
    assert [fault.pointer for fault in refused.value.errors] == [
        "/changes/options/fps",
        "/changes/prompts/poster:9",
    ]
