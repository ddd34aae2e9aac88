"""Regenerating: told before what it takes, and one key makes one revision."""

import json
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import pytest

from actors import prompts
from api.cases.accepted import Accepted
from api.cases.errors import Faults, Refusal
from api.cases.preview import Preview
from api.cases.regenerate import Regenerate, RegenerateRequest, regenerate
from api.cases.retry import Retry, RetryRequest, retry
from domain.asset import AssetKey, Provision
from domain.film_graph import SOUND_IN_FILM, SOUNDTRACK
from domain.revise import provide
from domain.submission import Options
from tests.api.cases.conftest import Studio
from tests.projections.filming import refusal

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


def told(studio: Studio, job_id: UUID, name: str) -> Preview:
    asset_id = AssetKey.parse(name).id_in(job_id)
    preview = regenerate(studio.system, RegenerateRequest(asset_id, Regenerate(dry_run=True)))
    assert isinstance(preview, Preview)
    return preview


def names(keys: Iterable[AssetKey]) -> set[str]:
    return {key.name for key in keys}


def give(studio: Studio, job_id: UUID, name: str) -> None:
    """What a person gives for it, and the film with that."""
    film, key = studio.studio.film(studio.studio.job(job_id)), AssetKey.parse(name)
    data, media_type = studio.content(key, 1)
    facts = {} if film.assets[key].product is None else film.assets[key].product.facts
    given = Provision(studio.system.blobs.put(data), media_type, len(data), facts, {"changes": []}, "local")
    asset = provide(film, key, given, now=studio.tick(1))
    studio.studio.save(film.job, asset)
    assert studio.finish(job_id) == "completed"
    studio.settle()


def test_with_another_analysis_all_that_follows_is_told_and_no_new_scenes_cost_more_than_at_most(
    studio: Studio,
) -> None:
    job_id = studio.completed()
    before, preview = revisions(studio, job_id), told(studio, job_id, "analysis")
    assert preview.cost["usd"] == pytest.approx(0.01 * 7)  # what the seven calls cost before
    studio.beats = 3

    analysis = AssetKey.parse("analysis").id_in(job_id)
    regenerate(studio.system, RegenerateRequest(analysis))
    assert studio.finish(job_id) == "completed"

    after = revisions(studio, job_id)
    assert names(preview.redone) == {name for name, revision in before.items() if revision < after[name]}
    assert preview.reused == ()
    job = studio.studio.job(job_id)
    asked = [asset for asset in studio.studio.assets(job).values() if asset.is_paid]
    assert len(asked) == 11
    reserved = sum(asset.recipe.reservation_usd or 0.0 for asset in asked)
    assert preview.cost["usd"] < reserved <= preview.cost["at_most_usd"]


def test_what_a_person_gave_is_kept_with_another_analysis_and_another_storyboard(studio: Studio) -> None:
    job_id = studio.completed()
    give(studio, job_id, "image:2")
    give(studio, job_id, "narration:1")
    for name in ("storyboard", "analysis"):
        before, preview = revisions(studio, job_id), told(studio, job_id, name)
        asset = AssetKey.parse(name).id_in(job_id)
        regenerate(studio.system, RegenerateRequest(asset))
        assert studio.finish(job_id) == "completed"
        studio.settle()
        after = revisions(studio, job_id)
        assert names(preview.redone) == {each for each in before if before[each] < after[each]}
        assert names(preview.reused) == {each for each in before if before[each] == after[each]}
        assert "image:2" in names(preview.reused)


def test_where_another_analysis_failed_a_retry_tells_all_that_follows(studio: Studio) -> None:
    job_id = studio.completed()
    give(studio, job_id, "image:2")
    analysis = AssetKey.parse("analysis").id_in(job_id)
    preview = told(studio, job_id, "analysis")
    studio.faults["analysis"] = [refusal()]
    regenerate(studio.system, RegenerateRequest(analysis))
    assert studio.finish(job_id) == "failed"
    studio.settle()
    again = retry(studio.system, RetryRequest(job_id, Retry(dry_run=True)))
    assert isinstance(again, Preview)
    assert (again.redone, names(again.reused)) == (preview.redone, {"image:2"})
    assert (again.cost["usd"], preview.cost["usd"]) == pytest.approx((0.06, 0.06))
    assert again.cost["at_most_usd"] >= preview.cost["at_most_usd"]
    # Asked for by itself, it is the same.
    assert told(studio, job_id, "analysis") == preview


def test_of_a_film_that_waits_for_review_what_is_made_before_that_is_told(studio: Studio) -> None:
    options = Options(max_scenes=2, review=["storyboard"]).model_dump(mode="json")
    job_id = studio.submit(options=options)
    assert studio.finish(job_id) == "awaiting_review"
    studio.settle()
    whole, preview = studio.completed(), told(studio, job_id, "analysis")
    assert names(preview.redone) == {"analysis", "storyboard"}
    assert preview.cost["usd"] == pytest.approx(0.02)
    assert 0.02 < preview.cost["at_most_usd"] < told(studio, whole, "analysis").cost["at_most_usd"] / 2


def test_a_model_asked_for_what_a_person_gave_has_its_price(studio: Studio) -> None:
    """What was given cost nothing, which tells nothing of what is asked for now."""
    job_id = studio.completed()
    give(studio, job_id, "image:1")
    assert told(studio, job_id, "image:1").cost["usd"] > 0.001
    studio.faults["image:1"] = [refusal()]
    begin(studio, job_id)
    assert studio.finish(job_id) == "failed"
    studio.settle()
    again = retry(studio.system, RetryRequest(job_id, Retry(dry_run=True)))
    assert isinstance(again, Preview)
    assert again.cost["usd"] > 0.001


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
