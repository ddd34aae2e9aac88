"""What a fork keeps: planned by the real stages over a film whose documents can be read.

Seen to fail with plans that are always ``_alike``, and without the comparison of an asset's inputs.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from actors.work.planning.fork import Fork, NotForkableError
from api.composition import System, open_system
from api.settings import load_settings
from domain.asset import AssetKey
from domain.film import Film
from domain.script import PROVIDER_KINDS, Kind
from domain.submission import Submission
from tests.api.planned import PlannedFilming


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = open_system(load_settings({}, tmp_path / "none.env", DATA_DIR=tmp_path), provider="emulator")
    yield system
    system.close()


@pytest.fixture
def source(system: System) -> Film:
    filming = PlannedFilming(system)
    job_id: UUID = filming.submit()
    assert filming.finish(job_id) == "completed"
    return Film(recorded.event for recorded in system.log.read(0, 10_000))


def forked(system: System, source: Film, prompts: dict[str, str] | None = None, **changes: Any) -> Fork:
    assert source.job is not None
    submission = Submission.model_validate(
        {
            "script": source.job.script,
            "models": source.job.models,
            "options": source.job.options.model_dump(mode="json") | changes,
        }
    )
    keys = {AssetKey.parse(name): text for name, text in (prompts or {}).items()}
    return system.planning.fork(source, submission, keys)


def paid(fork: Fork) -> set[str]:
    return {key.name for key in fork.redone if key.kind in PROVIDER_KINDS}


def test_a_changed_voice_is_spoken_and_nothing_else_is_paid_for(system: System, source: Film) -> None:
    fork = forked(system, source, voice="Puck")
    assert paid(fork) == {"narration:1", "narration:2"}
    assert AssetKey(Kind.AUDIO_PLAN) in fork.kept


def test_a_changed_style_is_drawn_and_nothing_else_is_paid_for(system: System, source: Film) -> None:
    fork = forked(system, source, style="woodcut")
    assert paid(fork) == {"storyboard", "image:1", "image:2"}
    assert {AssetKey(Kind.ANALYSIS), AssetKey(Kind.AUDIO_PLAN), AssetKey(Kind.MUSIC)} <= set(fork.kept)


def test_what_is_kept_is_never_made_from_what_is_redone(system: System, source: Film) -> None:
    for changes in ({"voice": "Puck"}, {"style": "ink"}, {"fps": 25}, {"captions": "none"}, {"music": False}):
        fork = forked(system, source, **changes)
        assert not set(fork.kept) & set(fork.redone)
        for key in fork.kept:
            assert all(needed.key in fork.kept for needed in fork.inputs[key])


def test_planning_a_fork_stores_nothing_and_writes_no_event(system: System, source: Film) -> None:
    before = sorted(path for path in system.settings.data_dir.rglob("*") if path.is_file())
    head = system.log.head()
    fork = forked(system, source, {"image:1": "A prompt that no blob holds yet."})
    assert fork.asked[AssetKey(Kind.IMAGE, 1)].prompt_version == "edited"
    assert sorted(path for path in system.settings.data_dir.rglob("*") if path.is_file()) == before
    assert system.log.head() == head


def test_a_stale_picture_is_not_kept(system: System, source: Film) -> None:
    """As when a job failed after its storyboard was made anew, and before all pictures were."""
    source.assets[AssetKey(Kind.IMAGE, 2)].inputs["storyboard"] = "sha256:" + "0" * 64
    assert paid(forked(system, source)) == {"image:2"}


def test_all_prompts_that_cannot_go_along_are_told_at_once(system: System, source: Film) -> None:
    with pytest.raises(NotForkableError) as refused:
        forked(system, source, {"music": "x", "image:1": "x", "image:7": "x"}, style="ink")
    assert {pointer for pointer, _ in refused.value.faults} == {
        "/prompts/music",
        "/prompts/image:1",
        "/prompts/image:7",
    }
