"""Forking over HTTP: what is kept, what is redone, what it costs, and that the source stays as it was.

Seen to fail with plans that are always ``_alike``, times that are always the same, an ``at`` that is not
looked at, a person's prompt that is forgotten, a manifest that is kept, a new id for the same key, and a dry
run that is not asked for.
"""

from typing import Any
from uuid import UUID

import pytest

from domain.asset import Asset, AssetKey
from domain.job import Job
from domain.script import PROVIDER_KINDS
from tests.api.conftest import Site
from tests.api.planned import PlannedFilming
from tests.projections.filming import refusal

pytestmark = pytest.mark.slow

NARRATIONS = {"narration:1", "narration:2"}
IMAGES = {"image:1", "image:2"}


@pytest.fixture
def filming(site: Site) -> PlannedFilming:
    return PlannedFilming(site.system)


@pytest.fixture
def source(site: Site, filming: PlannedFilming) -> UUID:
    job_id = filming.submit(metadata={"n": 1})
    assert filming.finish(job_id) == "completed"
    site.settle()
    return job_id


def fork(site: Site, source: UUID, **body: Any) -> Any:
    return site.client.post(f"/v1/jobs/{source}/fork", json=body)


def paid(names: list[str]) -> set[str]:
    return {name for name in names if AssetKey.parse(name).kind in PROVIDER_KINDS}


def preview(site: Site, source: UUID, **changes: Any) -> dict[str, Any]:
    answer = fork(site, source, changes=changes, dry_run=True)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def events_of(site: Site, job_id: UUID) -> list[Any]:
    return [r.event for r in site.system.log.read(0, 10_000) if r.event.job_id == job_id]


# ---- what is kept -----------------------------------------------------------------------------------


def test_a_fork_without_changes_keeps_all_but_the_manifest_and_costs_nothing(
    site: Site, filming: PlannedFilming, source: UUID
) -> None:
    before = site.client.get(f"/v1/jobs/{source}").json()

    answer = fork(site, source)

    job = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == job["links"]["self"] == f"/v1/jobs/{job['id']}"
    assert (job["status"], job["metadata"], job["cost"]["usd"]) == ("queued", {"n": 1}, 0.0)
    new = UUID(job["id"])
    first, *rest = events_of(site, new)
    assert isinstance(first, Job.Submitted)
    assert first.forked_from == {"job_id": str(source), "position": before["position"]}
    assert {type(event) for event in rest} == {Asset.Reused}
    assert filming.finish(new) == "completed"
    made = [e for e in events_of(site, new) if isinstance(e, Asset.Generated)]
    assert len(made) == 1
    assert AssetKey.parse("manifest").id_in(new) == made[0].originator_id
    site.settle()
    assert site.client.get(f"/v1/jobs/{source}").json() == before


def test_what_is_kept_has_the_same_bytes_and_names_its_source(site: Site, source: UUID) -> None:
    new = UUID(fork(site, source).json()["id"])
    old_digests = {
        k: a.product.digest
        for k, a in site.system.studio.assets(site.system.studio.job(source)).items()
        if a.product
    }
    assets = site.system.studio.assets(site.system.studio.job(new))
    for key, asset in assets.items():
        assert asset.product is not None
        assert asset.product.digest == old_digests[key]
    page = site.client.get(f"/v1/assets/{AssetKey.parse('video').id_in(new)}").json()
    assert page["reused_from"] == {
        "job_id": str(source),
        "asset_id": str(AssetKey.parse("video").id_in(source)),
        "revision": 1,
    }
    assert all(UUID(i["id"]) == AssetKey.parse(i["name"]).id_in(new) for i in page["inputs"])


@pytest.mark.parametrize(
    ("changes", "asked_anew"),
    [
        ({"options": {"voice": "Puck"}}, NARRATIONS),
        ({"options": {"style": "woodcut"}}, {"storyboard"} | IMAGES),
        ({"models": {"image": "gemini-3-pro-image"}}, IMAGES),
        ({"models": {"speech": "gemini-3.8-flash-lite-tts"}}, NARRATIONS),
        ({"options": {"captions": "sidecar"}}, set()),
        ({"options": {"fps": 25}}, set()),
        ({"options": {"music": False}}, set()),
        ({"options": {"narration": False}}, set()),
        ({"options": {"quality": "high"}}, IMAGES),
        ({"priority": "high", "max_cost_usd": 9.5, "metadata": {"a": 1}}, set()),
        ({"prompts": {"image:2": "A red boat."}}, {"image:2"}),
        (
            {"models": {"text": "gemini-4-carbon"}},
            {"analysis", "storyboard", "audio_plan"} | IMAGES | NARRATIONS,
        ),
        (
            {"script": "Another story. It is short."},
            {"analysis", "storyboard", "audio_plan"} | IMAGES | NARRATIONS,
        ),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, set) else str(value)[:40],
)
def test_only_what_the_changes_touch_is_paid_for_again(
    site: Site, source: UUID, changes: dict[str, Any], asked_anew: set[str]
) -> None:
    told = preview(site, source, **changes)
    assert paid(told["redone"]) == asked_anew
    assert not set(told["redone"]) & set(told["reused"])
    assert (told["cost"]["usd"] > 0) == bool(asked_anew)


def test_another_rate_moves_all_that_is_timed_by_it_and_no_picture(site: Site, source: UUID) -> None:
    told = preview(site, source, options={"fps": 25})
    assert {"music", "clip:1", "clip:2", "transition:1", "captions", "video", "manifest"} == set(
        told["redone"]
    )


def test_other_captions_are_drawn_into_the_clips_and_leave_music_and_transitions(
    site: Site, source: UUID
) -> None:
    assert {"music", "transition:1", "poster"} <= set(
        preview(site, source, options={"captions": "none"})["reused"]
    )


def test_a_changed_voice_is_spoken_and_everything_else_that_was_paid_for_is_kept(
    site: Site, filming: PlannedFilming, source: UUID
) -> None:
    new = UUID(fork(site, source, changes={"options": {"voice": "Puck"}}).json()["id"])
    assert filming.finish(new) == "completed"
    made = [e for e in events_of(site, new) if isinstance(e, Asset.AttemptStarted)]
    names = {k.id_in(new): k for k in site.system.studio.assets(site.system.studio.job(new))}
    assert {
        names[e.originator_id].name for e in made if names[e.originator_id].kind in PROVIDER_KINDS
    } == NARRATIONS
    narration = site.system.studio.find_asset(new, AssetKey.parse("narration:1"))
    assert narration is not None
    assert narration.recipe.parameters["voice"] == "Puck"


# ---- prompts ----------------------------------------------------------------------------------------


def test_an_edited_prompt_is_asked_for_in_the_new_job_with_its_own_inputs(
    site: Site, filming: PlannedFilming, source: UUID
) -> None:
    new = UUID(fork(site, source, changes={"prompts": {"image:2": "A red boat."}}).json()["id"])
    [asked] = [e for e in events_of(site, new) if isinstance(e, Asset.Requested)]
    assert (asked.kind, asked.scene, asked.prompt_version) == ("image", 2, "edited")
    assert site.system.blobs.get(asked.prompt_digest) == b"A red boat."
    assert asked.parameters["aspect_ratio"] == "16:9"
    assert [i["id"] for i in asked.inputs] == [str(AssetKey.parse("storyboard").id_in(new))]
    assert asked.reservation_usd > 0
    assert filming.finish(new) == "completed"


def test_a_person_s_prompt_is_kept_by_later_forks_and_goes_along_with_another_model(
    site: Site, filming: PlannedFilming, source: UUID
) -> None:
    first = UUID(fork(site, source, changes={"prompts": {"image:2": "A red boat."}}).json()["id"])
    filming.finish(first)
    site.settle()
    assert "image:2" in preview(site, first)["reused"]
    assert "image:2" in preview(site, first, prompts={"image:2": "A red boat."})["reused"]
    second = UUID(fork(site, first, changes={"models": {"image": "gemini-3-pro-image"}}).json()["id"])
    [asked] = [e for e in events_of(site, second) if isinstance(e, Asset.Requested)]
    assert (asked.model, site.system.blobs.get(asked.prompt_digest)) == ("gemini-3-pro-image", b"A red boat.")


@pytest.mark.parametrize(
    ("changes", "pointer", "why"),
    [
        ({"prompts": {"image:9": "x"}}, "/changes/prompts/image:9", "no such asset"),
        ({"prompts": {"picture": "x"}}, "/changes/prompts/picture", "no asset is named"),
        ({"prompts": {"music": "x"}}, "/changes/prompts/music", "made here"),
        ({"prompts": {"image:1": "x"}, "options": {"style": "ink"}}, "/changes/prompts/image:1", "made anew"),
        ({"prompts": {"image:1": ""}}, "/changes/prompts/image:1", "is empty"),
        ({"options": {"fps": 7}}, "/changes/options/fps", "24"),
        ({"options": {"voice": "Nobody"}}, "/changes/options/voice", "voices are"),
        ({"models": {"image": "gemini-none"}}, "/changes/models/image", "these would do"),
        ({"scrpt": "x"}, "/changes/scrpt", "script"),
        ({"script": " "}, "/changes/script", "empty"),
    ],
)
def test_changes_that_cannot_be_made_are_named_with_their_place(
    site: Site, source: UUID, changes: dict[str, Any], pointer: str, why: str
) -> None:
    head = site.system.log.head()
    answer = fork(site, source, changes=changes)
    assert answer.status_code == 422
    assert why in {e["pointer"]: e["message"] for e in answer.json()["errors"]}[pointer]
    assert site.system.log.head() == head


# ---- when -------------------------------------------------------------------------------------------


def test_a_fork_of_an_earlier_moment_keeps_what_was_made_by_then(
    site: Site, filming: PlannedFilming, source: UUID
) -> None:
    events = site.client.get(f"/v1/jobs/{source}/events?limit=1000").json()["data"]
    at = next(
        e["position"] for e in events if e["type"] == "asset.generated" and e["asset"]["kind"] == "storyboard"
    )
    told = fork(site, source, at=at, dry_run=True).json()
    assert (told["at"], told["reused"]) == (at, ["analysis", "storyboard"])
    new = UUID(fork(site, source, at=at).json()["id"])
    assert filming.finish(new) == "completed"


def test_a_fork_of_the_first_moment_is_the_same_job_again(site: Site, source: UUID) -> None:
    events = site.client.get(f"/v1/jobs/{source}/events?limit=1000").json()["data"]
    told = fork(site, source, at=events[0]["position"], dry_run=True).json()
    assert told["reused"] == []
    assert told["cost"]["usd"] > 0


def test_a_moment_that_has_not_come_or_was_before_the_job_is_refused(site: Site, source: UUID) -> None:
    beyond = fork(site, source, at=site.system.log.head() + 1)
    assert (beyond.status_code, beyond.json()["errors"][0]["pointer"]) == (422, "/at")
    other = UUID(site.submit())
    assert fork(site, other, at=1).json()["code"] == "job_not_found"
    assert fork(site, UUID(int=5)).json()["code"] == "job_not_found"


def test_a_failed_scene_is_drawn_by_another_prompt_in_a_fork(site: Site, filming: PlannedFilming) -> None:
    job_id = filming.submit()
    filming.faults["image:2"] = [refusal()]
    assert filming.finish(job_id) == "failed"
    site.settle()
    new = UUID(fork(site, job_id, changes={"prompts": {"image:2": "A harmless boat."}}).json()["id"])
    assert filming.finish(new) == "completed"
    started = [e for e in events_of(site, new) if isinstance(e, Asset.AttemptStarted)]
    assert AssetKey.parse("image:1").id_in(new) not in {e.originator_id for e in started}


# ---- twice ------------------------------------------------------------------------------------------


def test_the_same_key_and_body_give_the_same_fork(site: Site, source: UUID) -> None:
    def post(body: dict[str, Any]) -> Any:
        return site.client.post(f"/v1/jobs/{source}/fork", json=body, headers={"Idempotency-Key": "k"})

    first, second = post({}), post({})
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert post({"changes": {"priority": "low"}}).json()["code"] == "idempotency_key_reused"
    assert len([e for e in events_of(site, UUID(first.json()["id"])) if isinstance(e, Job.Submitted)]) == 1
