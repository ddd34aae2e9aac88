"""Editing scenes over HTTP: the price first, one run, only what depends on the edits, and who made them."""

from typing import Any
from uuid import UUID

import pytest

from domain.asset import AssetKey
from domain.document_parts import parts_of
from domain.job import Job
from domain.script import Kind
from tests.api.conftest import Site
from tests.api.planned import DOCUMENTS, PlannedFilming

PAID = ("analysis", "storyboard", "audio_plan", "image", "narration")


class Edited(PlannedFilming):
    """Films whose documents have parts, as those have that the stages make."""

    def facts(self, key: AssetKey) -> dict[str, Any]:
        document = DOCUMENTS.get(key.kind)
        return super().facts(key) | ({"parts": parts_of(document)} if document is not None else {})


@pytest.fixture
def filming(site: Site) -> Edited:
    return Edited(site.system)


@pytest.fixture
def completed(site: Site, filming: Edited) -> UUID:
    job_id = filming.submit()
    assert filming.finish(job_id) == "completed"
    site.settle()
    return job_id


def patch(site: Site, job_id: UUID, key: str | None = None, **body: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return site.client.patch(f"/v1/jobs/{job_id}/scenes", json=body, headers=headers)


def calls(site: Site, filming: Edited, job_id: UUID) -> list[str]:
    """What was asked of a provider since the last look, by asset; the job goes to its end or its review."""
    before = site.system.log.head()
    status = filming.finish(job_id)
    assert status in ("completed", "awaiting_review")
    site.settle()
    recorded = site.system.readers.events_of(job_id, site.system.log.head())
    film = site.system.studio.film(site.system.studio.job(job_id))
    asked = [
        one.event for one in recorded if one.position > before and one.event.TOPIC == "asset.attempt_started"
    ]
    names = [film.find(event.originator_id).key.name for event in asked]  # type: ignore[union-attr]
    return [name for name in names if name.partition(":")[0] in PAID]


def test_a_dry_run_tells_what_follows_and_does_nothing(site: Site, completed: UUID) -> None:
    head = site.system.log.head()
    answer = patch(site, completed, scenes={"2": {"text": "The boat is gone."}}, dry_run=True)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["edits"] == ["scene 2: text"]
    assert told["redone"] == [
        *("narration:2", "music", "clip:2", "transition:1", "soundtrack", "captions", "video", "manifest"),
    ]
    assert 0 < told["cost"]["usd"] <= told["cost"]["at_most_usd"]
    assert site.system.log.head() == head


def test_other_words_are_spoken_anew_in_the_next_run_and_nobody_is_asked_for_more(
    site: Site, filming: Edited, completed: UUID
) -> None:
    first = patch(site, completed, "k", scenes={"2": {"text": "The boat is gone."}})
    assert (first.status_code, first.json()["status"], first.json()["run"]) == (202, "running", 2)
    assert [scene["text"] for scene in first.json()["scenes"]] == ["Words of scene 1.", "The boat is gone."]
    again = patch(site, completed, "k", scenes={"2": {"text": "The boat is gone."}})
    assert (again.status_code, again.json()["run"]) == (200, 2)
    reopened = [e.event for e in site.system.readers.events_of(completed, site.system.log.head())]
    assert [event.reason for event in reopened if isinstance(event, Job.Reopened)] == ["edit"]
    assert calls(site, filming, completed) == ["narration:2"]
    page = site.client.get(f"/v1/assets/{AssetKey(Kind.ANALYSIS).id_in(completed)}").json()
    assert (page["provided"]["by"], page["provided"]["changes"]) == ("local", ["scene 2: text"])


@pytest.mark.parametrize(
    ("edits", "asked"),
    [
        ({"scenes": {"1": {"voice": "Puck"}}}, ["narration:1"]),
        ({"scenes": {"1": {"visual": "A gull on a pole"}}}, ["image:1"]),
        ({"order": [2, 1]}, []),
        ({"order": [2]}, []),
        ({"scenes": {"1": {"text": "It is still dark.", "voice": "Puck"}}, "order": [2, 1]}, ["narration:1"]),
    ],
    ids=["voice", "visual", "order", "removed", "all"],
)
def test_no_call_is_made_that_nobody_needs(
    site: Site, filming: Edited, completed: UUID, edits: dict[str, Any], asked: list[str]
) -> None:
    told = patch(site, completed, **edits, dry_run=True).json()
    assert [name for name in told["redone"] if name.partition(":")[0] in PAID] == asked
    assert patch(site, completed, **edits).status_code == 202
    assert calls(site, filming, completed) == asked
    assert site.client.get(f"/v1/jobs/{completed}").json()["status"] == "completed"


def test_another_picture_is_asked_for_in_the_films_style(
    site: Site, filming: Edited, completed: UUID
) -> None:
    assert patch(site, completed, scenes={"1": {"visual": "a gull on a pole"}}).status_code == 202
    calls(site, filming, completed)
    image = site.system.studio.find_asset(completed, AssetKey(Kind.IMAGE, 1))
    assert image is not None
    prompt = site.system.blobs.get(image.recipe.prompt_digest or "").decode()
    assert "Ink." in prompt
    assert "A gull on a pole." in prompt
    assert "Boat 1" not in prompt


def test_another_voice_is_asked_for_in_its_scene(site: Site, filming: Edited, completed: UUID) -> None:
    assert patch(site, completed, scenes={"1": {"voice": "Puck"}}).status_code == 202
    calls(site, filming, completed)
    voices = [
        site.system.studio.assets(site.system.studio.job(completed))[
            AssetKey(Kind.NARRATION, n)
        ].recipe.parameters
        for n in (1, 2)
    ]
    assert [one["voice"] for one in voices] == ["Puck", "Kore"]


def test_scenes_keep_their_numbers_and_a_removed_one_comes_back_for_nothing(
    site: Site, filming: Edited, completed: UUID
) -> None:
    patch(site, completed, order=[2])
    calls(site, filming, completed)
    page = site.client.get(f"/v1/jobs/{completed}").json()
    assert [scene["scene"] for scene in page["scenes"]] == [2]
    assert patch(site, completed, order=[1, 2]).status_code == 202
    assert calls(site, filming, completed) == []
    page = site.client.get(f"/v1/jobs/{completed}").json()
    assert [scene["scene"] for scene in page["scenes"]] == [1, 2]


def out_of_date(site: Site, job_id: UUID) -> set[str]:
    assets = site.client.get(f"/v1/jobs/{job_id}/assets").json()["data"]
    return {asset["name"] for asset in assets if asset["stale"]}


def test_an_edited_scene_makes_only_what_uses_it_out_of_date(
    site: Site, filming: Edited, completed: UUID
) -> None:
    assert out_of_date(site, completed) == set()
    patch(site, completed, scenes={"1": {"text": "It is still dark."}})
    assert {"narration:1", "captions"} <= out_of_date(site, completed)
    assert out_of_date(site, completed).isdisjoint({"storyboard", "audio_plan", "image:1", "narration:2"})
    calls(site, filming, completed)
    assert out_of_date(site, completed) == set()
    patch(site, completed, order=[2])
    calls(site, filming, completed)
    assert out_of_date(site, completed).isdisjoint({"storyboard", "audio_plan", "narration:2", "image:2"})


def test_stages_count_what_the_film_has(site: Site, filming: Edited, completed: UUID) -> None:
    def counted() -> dict[str, tuple[int, int]]:
        stages = site.client.get(f"/v1/jobs/{completed}").json()["stages"]
        return {stage["name"]: (stage["done"], stage["assets"]) for stage in stages}

    whole = counted()
    patch(site, completed, order=[2])
    calls(site, filming, completed)
    assert counted()["image_generation"] == counted()["narration"] == (1, 1)
    assert all(done == assets for done, assets in counted().values())
    patch(site, completed, order=[1, 2])
    calls(site, filming, completed)
    assert counted() == whole


@pytest.mark.parametrize("name", ["image:1", "narration:1", "clip:1", "transition:1"])
def test_what_was_of_a_removed_scene_is_not_made_again(
    site: Site, filming: Edited, completed: UUID, name: str
) -> None:
    asset = f"/v1/assets/{AssetKey.parse(name).id_in(completed)}"
    patch(site, completed, order=[2])
    calls(site, filming, completed)
    for dry_run in (True, False):
        refused = site.client.post(f"{asset}/regenerate", json={"dry_run": dry_run})
        assert (refused.status_code, refused.json()["code"]) == (409, "asset_not_revisable")
        assert refused.json()["detail"] == (
            f"The film has no {name} any more; "
            "a scene that was left out comes back with an order that names it."
        )
    assert site.client.get(f"/v1/jobs/{completed}").json()["run"] == 2
    patch(site, completed, order=[1, 2])
    calls(site, filming, completed)
    assert site.client.post(f"{asset}/regenerate", json={"dry_run": True}).status_code == 200


def test_what_is_so_already_begins_nothing(site: Site, completed: UUID) -> None:
    answer = patch(site, completed, scenes={"1": {"text": "Words of scene 1."}}, order=[1, 2])
    assert (answer.status_code, answer.json()["run"]) == (200, 1)


def test_a_job_that_waits_for_review_waits_again_in_the_same_run(site: Site, filming: Edited) -> None:
    job_id = filming.submit(options={"review": ["storyboard"]})
    assert calls(site, filming, job_id) == ["analysis", "storyboard"]
    assert site.system.studio.job(job_id).awaits_review
    site.settle()
    told = patch(site, job_id, scenes={"1": {"text": "It is dark."}}, dry_run=True).json()
    assert (told["redone"], told["cost"]["usd"]) == ([], 0.0)
    answer = patch(site, job_id, scenes={"1": {"text": "It is dark."}}, order=[2, 1])
    assert (answer.status_code, answer.json()["run"], answer.json()["status"]) == (202, 1, "running")
    assert calls(site, filming, job_id) == []
    assert site.system.studio.job(job_id).awaits_review


def test_a_job_under_way_and_one_without_scenes_take_no_edits(site: Site, filming: Edited) -> None:
    job_id = filming.submit()
    site.settle()
    refused = patch(site, job_id, order=[1])
    assert (refused.status_code, refused.json()["code"]) == (409, "asset_not_revisable")
    site.system.studio.change_job(job_id, lambda job: job.request_cancel(now=filming.tick(1)))
    assert filming.finish(job_id) == "cancelled"
    site.settle()
    refused = patch(site, job_id, order=[1])
    assert (refused.status_code, "no scenes yet" in refused.json()["detail"]) == (409, True)


def test_every_wrong_thing_is_named_where_it_is(site: Site, completed: UUID) -> None:
    def faults(**body: Any) -> dict[str, str]:
        answer = patch(site, completed, **body)
        assert answer.status_code == 422, answer.text
        return {fault["pointer"]: fault["message"] for fault in answer.json()["errors"]}

    assert faults() == {"": "name scenes to edit, or an order in which they play"}
    assert faults(scenes={"7": {"text": "No."}}, order=[1, 9]) == {
        "/scenes/7": "there is no scene 7; the film has the scenes 1, 2",
        "/order/1": "there is no scene 9; the film has the scenes 1, 2",
    }
    assert "Puck" in faults(scenes={"1": {"voice": "Pukc"}})["/scenes/1/voice"]
    assert list(faults(scenes={"1": {"text": "***"}})) == ["/scenes/1/text"]
    long = faults(scenes={"1": {"text": "A boat sets out. " * 300}})
    assert "divide it into 2 scenes" in long["/scenes/1/text"]
    assert list(faults(order=[1, 1])) == ["/order"]
