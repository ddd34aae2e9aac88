"""Regenerating: told before what it takes, and one key makes one revision."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from actors import prompts
from api.cases.accepted import Accepted
from api.cases.errors import Faults, Refusal
from api.cases.preview import Preview
from api.cases.regenerate import Regenerate, RegenerateRequest, regenerate
from domain.asset import AssetKey
from domain.film_graph import SOUND_IN_FILM, SOUNDTRACK
from tests.api.cases.conftest import Studio

IMAGE = AssetKey.parse("image:1")


def begin(studio: Studio, job_id: UUID, key: str | None = None, **asked: Any) -> Accepted:
    result = regenerate(studio.system, RegenerateRequest(IMAGE.id_in(job_id), Regenerate(**asked), key))
    assert isinstance(result, Accepted)
    return result


def revision(studio: Studio, job_id: UUID) -> int:
    asset = studio.studio.find_asset(job_id, IMAGE)
    assert asset is not None
    return asset.revision


def test_a_key_makes_one_revision_and_is_known_after_a_restart(open_studio: Callable[..., Studio]) -> None:
    studio = open_studio()
    job_id = studio.completed()
    first = begin(studio, job_id, "k", prompt="A quieter boat.")
    again = begin(open_studio(), job_id, "k", prompt="A quieter boat.")
    assert (first.began, again.began, first.job == again.job) == (True, False, True)
    assert revision(studio, job_id) == 2
    assert studio.topics(job_id).count("job.reopened") == 1

    assert studio.finish(job_id) == "completed"
    assert not begin(studio, job_id, "k", prompt="A quieter boat.").began
    assert revision(studio, job_id) == 2
    assert begin(studio, job_id, prompt="A quieter boat.").began


def test_a_key_is_of_one_asset_and_one_prompt(studio: Studio) -> None:
    job_id = studio.completed()
    begin(studio, job_id, "k", prompt="A quieter boat.")
    other = RegenerateRequest(AssetKey.parse("image:2").id_in(job_id), Regenerate(), "k")
    for ask in (
        lambda: begin(studio, job_id, "k", prompt="A red boat."),
        lambda: regenerate(studio.system, other),
    ):
        with pytest.raises(Faults) as refused:
            ask()
        assert refused.value.code == "idempotency_key_reused"


def test_a_preview_begins_nothing_and_with_a_known_key_nothing_more(studio: Studio) -> None:
    job_id = studio.completed()
    asked = RegenerateRequest(IMAGE.id_in(job_id), Regenerate(dry_run=True), "k")
    head = studio.head()
    before = regenerate(studio.system, asked)
    assert studio.head() == head
    begin(studio, job_id, "k")
    after = regenerate(studio.system, asked)
    assert isinstance(before, Preview)
    assert isinstance(after, Preview)
    assert [key.name for key in before.redone][:2] == ["image:1", "clip:1"]
    assert (after.redone, after.cost["at_most_usd"]) == ((), 0.0)


def test_what_is_under_way_or_has_no_prompt_is_refused(studio: Studio) -> None:
    job_id = studio.completed()
    music = RegenerateRequest(AssetKey.parse("music").id_in(job_id), Regenerate(prompt="louder"))
    with pytest.raises(Faults) as faulty:
        regenerate(studio.system, music)
    assert [fault.pointer for fault in faulty.value.errors] == ["/prompt"]
    assert json.loads(begin(studio, job_id).job)["run"] == 2
    with pytest.raises(Refusal) as refused:
        begin(studio, job_id)
    assert (refused.value.code, refused.value.title) == (
        "asset_not_revisable",
        "The asset cannot have another revision now",
    )


def test_a_picture_is_made_again_by_an_edited_prompt_and_what_depends_on_it_with_it(studio: Studio) -> None:
    job_id = studio.completed()
    before = revisions(studio, job_id)

    begin(studio, job_id, prompt="A quieter boat.")

    asset = studio.studio.find_asset(job_id, IMAGE)
    assert asset is not None
    assert (asset.revision, asset.recipe.prompt_version) == (2, "edited")
    assert asset.recipe.prompt_digest is not None
    assert studio.system.blobs.get(asset.recipe.prompt_digest) == b"A quieter boat."
    assert asset.recipe.reservation_usd
    assert studio.finish(job_id) == "completed"
    redone = {name for name, revision in revisions(studio, job_id).items() if revision > before[name]}
    assert redone == {"image:1", "clip:1", "transition:1", "poster", "video", "manifest"}


def test_without_a_prompt_the_recorded_one_is_asked_again(studio: Studio) -> None:
    job_id = studio.completed()
    before = studio.studio.find_asset(job_id, IMAGE)
    begin(studio, job_id)
    after = studio.studio.find_asset(job_id, IMAGE)
    assert before is not None
    assert after is not None
    assert after.recipe == before.recipe


def test_a_prompt_of_another_version_of_reelog_is_planned_anew_and_an_edited_one_stays(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as of_then:
        of_then.setattr("actors.prompts.Prompt.version", property(lambda prompt: f"{prompt.name}@then"))
        old, edited = studio.completed(), studio.completed()
        begin(studio, edited, prompt="A quieter boat.")
        assert studio.finish(edited) == "completed"
        studio.settle()
    for job_id in (old, edited):
        begin(studio, job_id)
    asked = [studio.studio.find_asset(job_id, IMAGE) for job_id in (old, edited)]
    versions = [asset.recipe.prompt_version for asset in asked if asset is not None]
    assert versions == [prompts.load("image").version, "edited"]


def revisions(studio: Studio, job_id: UUID) -> dict[str, int]:
    assets = studio.studio.assets(studio.studio.job(job_id))
    return {key.name: asset.revision for key, asset in assets.items()}


def test_what_a_film_of_an_older_version_has_not_is_told_with_what_is_made_again(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The film mixed its sound itself; the next run makes the soundtrack apart, and no picture anew."""
    with monkeypatch.context() as older:
        older.setattr("domain.job.LATEST_GRAPH", SOUND_IN_FILM)
        job_id = studio.completed()
    assert studio.studio.find_asset(job_id, SOUNDTRACK) is None
    poster = RegenerateRequest(AssetKey.parse("poster").id_in(job_id), Regenerate(dry_run=True), None)
    told = regenerate(studio.system, poster)
    assert isinstance(told, Preview)
    assert {key.name for key in told.redone} == {"poster", "soundtrack", "video", "manifest"}
    begin(studio, job_id)
    assert studio.finish(job_id) == "completed"
    studio.settle()
    assert studio.studio.find_asset(job_id, SOUNDTRACK) is not None
    assert studio.system.readers.assets(job_id)
