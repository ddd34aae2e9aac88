"""Giving an asset oneself over HTTP: the price first, one run, only what is made from it, and who gave it."""

from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from domain.asset import AssetKey
from domain.default_models import DEFAULT_MODELS
from domain.submission import Models, Options
from tests.actors.files.material import clip, photo, sound, tone, words
from tests.api.conftest import Site
from tests.api.http.own_files import asset_of, sent, topics
from tests.api.planned import PlannedFilming
from tests.projections.filming import refusal

pytestmark = pytest.mark.usefixtures("opening_here")

VIDEO_MODEL = "gemini-omni"


@pytest.fixture
def completed(site: Site, filming: PlannedFilming) -> UUID:
    job_id = filming.submit()
    assert filming.finish(job_id) == "completed"
    site.settle()
    return job_id


@pytest.fixture
def picture(site: Site, tmp_path: Path) -> str:
    return sent(site, photo(tmp_path / "a.jpg"))


def put(site: Site, job_id: UUID, name: str, file: str, key: str | None = None, **body: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    address = f"/v1/assets/{AssetKey.parse(name).id_in(job_id)}"
    return site.client.put(address, json={"file": file, **body}, headers=headers)


def test_a_dry_run_tells_what_follows_and_how_the_picture_is_cut_and_does_nothing(
    site: Site, completed: UUID, picture: str
) -> None:
    head, stored = site.system.log.head(), sorted(site.system.settings.data_dir.rglob("*"))
    answer = put(site, completed, "image:1", picture, dry_run=True)
    told = answer.json()
    assert answer.status_code == 200
    assert told["redone"] == ["clip:1", "transition:1", "poster", "video", "manifest"]
    assert told["cost"] == {"usd": 0.0, "at_most_usd": 0.0, "unpriced": 0}
    assert told["changes"] == ["cropped around its subject: 75% is kept"]
    assert site.system.log.head() == head
    assert sorted(site.system.settings.data_dir.rglob("*")) == stored


def test_it_takes_the_assets_place_and_only_what_is_made_from_it_is_made_again(
    site: Site, filming: PlannedFilming, completed: UUID, picture: str
) -> None:
    before = {name: asset_of(site, completed, name).revision for name in ("image:2", "narration:1", "music")}
    answer = put(site, completed, "image:1", picture)
    assert (answer.status_code, answer.json()["run"], answer.json()["status"]) == (202, 2, "running")
    assert filming.finish(completed) == "completed"
    site.settle()
    page = site.client.get(f"/v1/assets/{AssetKey.parse('image:1').id_in(completed)}?revisions=all").json()
    assert (page["revision"], page["status"], page["cost_usd"]) == (2, "generated", 0.0)
    assert page["provided"]["by"] == "local"
    assert page["provided"]["file"] == picture
    assert (page["facts"]["width"], page["facts"]["kept"]) == (1600, 0.75)
    assert [r["provided"] is None for r in page["revisions"]] == [True, False]
    assert asset_of(site, completed, "clip:1").revision == 2
    assert before == {name: asset_of(site, completed, name).revision for name in before}
    events = site.client.get(f"/v1/jobs/{completed}/events?limit=1000").json()["data"]
    [given] = [event for event in events if event["type"] == "asset.provided"]
    assert given["message"] == (
        "Scene 1: image provided by local (revision 2); cropped around its subject: 75% is kept"
    )
    assert given["data"]["source"]["file"] == picture
    reopened = next(event for event in events if event["type"] == "job.reopened")
    assert reopened["message"] == "Job reopened to provide: run 2 begins"


def test_the_same_request_again_begins_nothing_more(
    site: Site, filming: PlannedFilming, completed: UUID, picture: str
) -> None:
    assert put(site, completed, "image:1", picture, key="k").status_code == 202
    assert put(site, completed, "image:1", picture, key="k").status_code == 200
    assert put(site, completed, "image:2", picture, key="k").json()["code"] == "idempotency_key_reused"
    assert filming.finish(completed) == "completed"
    site.settle()
    head = site.system.log.head()
    assert put(site, completed, "image:1", picture, key="k").status_code == 200
    assert put(site, completed, "image:1", picture).status_code == 200, "it is in its place already"
    assert site.system.log.head() == head
    assert topics(site, completed).count("asset.provided") == 1


def test_an_asset_that_was_never_asked_for_can_be_given(
    site: Site, filming: PlannedFilming, picture: str
) -> None:
    filming.faults["storyboard"] = [refusal()]
    job_id = filming.submit()
    assert filming.finish(job_id) == "failed"
    site.settle()
    assert site.system.studio.find_asset(job_id, AssetKey.parse("image:2")) is None
    shown = site.client.get(f"/v1/jobs/{job_id}").json()["scenes"][1]["image"]
    assert (shown["status"], shown["id"]) == ("pending", str(AssetKey.parse("image:2").id_in(job_id)))
    told = put(site, job_id, "image:2", picture, dry_run=True).json()
    assert "image:1" in told["redone"]
    assert "image:2" not in told["redone"]
    assert put(site, job_id, "image:2", picture).status_code == 202
    assert filming.finish(job_id) == "completed"
    asset = asset_of(site, job_id, "image:2")
    assert (asset.revision, asset.requests, asset.is_provided) == (1, 0, True)


def test_a_job_under_way_takes_nothing(site: Site, filming: PlannedFilming, picture: str) -> None:
    job_id = filming.submit()
    filming.until_made(job_id, "image:1")
    site.settle()
    answer = put(site, job_id, "image:1", picture)
    assert (answer.status_code, answer.json()["code"]) == (409, "asset_not_revisable")
    assert "cancel it" in answer.json()["detail"]


def test_a_voice_over_takes_the_place_of_a_narration_and_music_of_music(
    site: Site, completed: UUID, tmp_path: Path
) -> None:
    voice = sent(site, sound(tmp_path / "a.wav", np.concatenate([tone(0.5, 0.0), words(2)])))
    told = put(site, completed, "narration:1", voice, dry_run=True).json()
    assert told["redone"][:3] == ["music", "clip:1", "transition:1"]
    song = sent(site, sound(tmp_path / "b.wav", tone(3)))
    assert put(site, completed, "music", song).status_code == 202
    music = asset_of(site, completed, "music")
    assert music.product is not None
    assert (music.product.media_type, music.product.facts["duration_s"]) == ("audio/wav", 3.0)


def test_what_does_not_fit_is_refused_with_the_figures(site: Site, completed: UUID, tmp_path: Path) -> None:
    head = site.system.log.head()
    tall = sent(site, photo(tmp_path / "tall.jpg", (1080, 1920)))
    answer = put(site, completed, "image:1", tall)
    assert (answer.status_code, answer.json()["code"]) == (422, "file_refused")
    assert "only 32% would be left" in answer.json()["detail"]
    long = sent(site, sound(tmp_path / "a.wav", words(30)))
    assert "does not fit the words" in put(site, completed, "narration:1", long).json()["detail"]
    assert site.system.log.head() == head + 2, "the two files"


def test_a_file_of_another_kind_or_none_is_refused_at_the_field(
    site: Site, completed: UUID, picture: str, tmp_path: Path
) -> None:
    for name, file, said in (
        ("narration:1", picture, "of kind image; narration:1 takes one of kind audio"),
        ("image:1", sent(site, clip(tmp_path / "a.mp4")), "of kind video"),
        ("image:1", "sha256:" + "0" * 64, "send it to /v1/files first"),
    ):
        answer = put(site, completed, name, file)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/file")
        assert said in answer.json()["errors"][0]["message"]
    assert put(site, completed, "image:1", "a.jpg").status_code == 422
    answer = put(site, completed, "clip:1", picture)
    assert (answer.status_code, answer.json()["code"]) == (409, "asset_not_revisable")


def test_nobodys_asset_is_not_found(site: Site, picture: str) -> None:
    answer = put(site, UUID(int=7), "image:1", picture)
    assert (answer.status_code, answer.json()["code"]) == (404, "asset_not_found")


def test_a_file_that_a_job_uses_stays(site: Site, completed: UUID, picture: str) -> None:
    from datetime import timedelta  # noqa: PLC0415 - of this test alone

    assert put(site, completed, "image:1", picture).status_code == 202
    system = site.system
    site.settle()
    gone = system.files.remove_unused(
        system.readers, system.blobs, lambda: system.clock() + timedelta(days=30)
    )
    assert gone == []
    assert site.client.get(f"/v1/files/{picture}").status_code == 200


def test_a_model_may_draw_it_again_from_the_storyboard(
    site: Site, filming: PlannedFilming, completed: UUID, picture: str
) -> None:
    put(site, completed, "image:1", picture)
    filming.finish(completed)
    site.settle()
    address = f"/v1/assets/{AssetKey.parse('image:1').id_in(completed)}/regenerate"
    answer = site.client.post(address, json={"prompt": "A red boat."})
    assert answer.status_code == 202, answer.text
    asset = asset_of(site, completed, "image:1")
    assert (asset.revision, asset.is_provided, asset.recipe.model is not None) == (3, False, True)
    assert filming.finish(completed) == "completed"


def test_it_is_seen_in_the_past_and_taken_over_by_a_fork(
    site: Site, filming: PlannedFilming, completed: UUID, picture: str
) -> None:
    at = site.client.get(f"/v1/jobs/{completed}").json()["position"]
    put(site, completed, "image:1", picture)
    filming.finish(completed)
    site.settle()
    now, then = (
        site.client.get(f"/v1/jobs/{completed}{where}").json()["scenes"][0]["image"]["revision"]
        for where in ("", f"?at={at}")
    )
    assert (now, then) == (2, 1)
    forked = site.client.post(f"/v1/jobs/{completed}/fork", json={"changes": {"options": {"fps": 24}}})
    assert forked.status_code == 201
    new = UUID(forked.json()["id"])
    page = site.client.get(f"/v1/assets/{AssetKey.parse('image:1').id_in(new)}").json()
    assert (page["provided"]["by"], page["provided"]["file"]) == ("local", picture)
    assert page["reused_from"]["job_id"] == str(completed)
    assert filming.finish(new) == "completed"


def test_music_that_was_given_may_be_composed_after_all(
    site: Site, filming: PlannedFilming, completed: UUID, tmp_path: Path
) -> None:
    composed = asset_of(site, completed, "music").recipe.parameters
    put(site, completed, "music", sent(site, sound(tmp_path / "b.wav", tone(3))))
    filming.finish(completed)
    site.settle()
    address = f"/v1/assets/{AssetKey.parse('music').id_in(completed)}/regenerate"
    assert site.client.post(address, json={}).status_code == 202
    music = asset_of(site, completed, "music")
    assert (music.revision, music.is_provided, music.recipe.parameters) == (3, False, composed)


@pytest.mark.slow
def test_a_clip_of_ones_own_takes_the_place_of_a_shot(
    site: Site, filming: PlannedFilming, tmp_path: Path
) -> None:
    moving = sent(site, clip(tmp_path / "a.mp4", size=(1280, 720)))
    options = Options(motion="generated").model_dump(mode="json")
    job_id = filming.submit(
        options=options, models=Models().model_dump(exclude_none=True) | {"video": VIDEO_MODEL}
    )
    assert filming.finish(job_id) == "completed"
    site.settle()
    assert put(site, job_id, "shot:1", moving).status_code == 202
    shot = asset_of(site, job_id, "shot:1")
    assert shot.product is not None
    assert (shot.product.digest, shot.product.facts["duration_s"]) == (moving, 1.0)
    assert filming.finish(job_id) == "completed"
    assert asset_of(site, job_id, "clip:1").revision == 2
    assert asset_of(site, job_id, "image:1").revision == 1


# ---- at submit --------------------------------------------------------------------------------------


def submit(site: Site, **changes: Any) -> Any:
    return site.client.post("/v1/jobs", json={"script": "A boat sets out. It comes home."} | changes)


def test_a_song_comes_with_the_submission_and_none_is_composed(
    site: Site, filming: PlannedFilming, tmp_path: Path
) -> None:
    song = sent(site, sound(tmp_path / "song.mp3", tone(3)))
    answer = submit(site, files={"music": song})
    assert answer.status_code == 201, answer.text
    job_id = UUID(answer.json()["id"])
    assert filming.finish(job_id) == "completed"
    site.settle()
    told = topics(site, job_id)
    assert told[:2] == ["job.submitted", "asset.provided"]
    music = asset_of(site, job_id, "music")
    assert (music.version, music.is_provided) == (1, True)
    events = site.client.get(f"/v1/jobs/{job_id}/events?limit=1000").json()["data"]
    shares = [event["progress"] for event in events]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    stages = {
        stage["name"]: stage["status"] for stage in site.client.get(f"/v1/jobs/{job_id}").json()["stages"]
    }
    assert set(stages.values()) == {"completed"}


def test_the_same_submission_again_is_the_same_job(site: Site, tmp_path: Path) -> None:
    song = sent(site, sound(tmp_path / "song.mp3", tone(3)))
    body = {"script": "A boat sets out.", "files": {"music": song}}
    first, again = (
        site.client.post("/v1/jobs", json=body, headers={"Idempotency-Key": "k"}) for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]


def test_what_cannot_be_the_music_is_refused_at_the_door(site: Site, picture: str, tmp_path: Path) -> None:
    song = sent(site, sound(tmp_path / "song.mp3", tone(3)))
    head = site.system.log.head()
    for files, options, said in (
        ({"music": picture}, {}, "of kind image"),
        ({"music": "sha256:" + "0" * 64}, {}, "send it to /v1/files first"),
        ({"music": "song.mp3"}, {}, "of the form"),
        ({"music": song}, {"music": False}, "leave music out"),
    ):
        for path in ("/v1/jobs", "/v1/estimate"):
            body = {"script": "A boat sets out.", "files": files, "options": options}
            answer = site.client.post(path, json=body)
            [error] = answer.json()["errors"]
            assert (answer.status_code, error["pointer"]) == (422, "/files/music")
            assert said in error["message"]
    body = {"script": "A boat.", "files": {"music": song}, "models": {"music": DEFAULT_MODELS["music"]}}
    [error] = site.client.post("/v1/jobs", json=body).json()["errors"]
    assert error["message"].endswith("name a model or give a file, not both")
    assert site.system.log.head() == head
