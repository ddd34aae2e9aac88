"""Scenes, characters and files of one's own at submit: what is given is there when the job begins."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from api.cases.files import AddFileRequest, add_file
from api.cases.submit import SubmitRequest, submit
from domain.asset import Asset, AssetKey
from domain.script import Kind
from tests.actors.files.material import clip, photo, sound, words
from tests.api.conftest import Site
from tests.api.http.own_files import asset_of, sent, topics
from tests.api.planned import PlannedFilming

pytestmark = pytest.mark.usefixtures("opening_here")

TEXTS = ["A boat leaves the harbour at dawn.", "Gulls follow it far out to the open sea."]


LONG = "A boat sets out. " * 300
TARGET = "/options/target_duration_s"


def submitted(site: Site, **body: Any) -> Any:
    answer = site.client.post("/v1/jobs", json=body)
    assert answer.status_code == 201, answer.text
    site.settle()
    return answer.json()


def refused(site: Site, **body: Any) -> dict[str, str]:
    answer = site.client.post("/v1/jobs", json=body)
    assert answer.status_code == 422, answer.text
    return {fault["pointer"]: fault["message"] for fault in answer.json()["errors"]}


def given(site: Site, job_id: UUID) -> list[str]:
    """The assets that are there."""
    events = site.client.get(f"/v1/jobs/{job_id}/events").json()["data"]
    return sorted(
        AssetKey(Kind(asset["kind"]), asset["scene"]).name for event in events if (asset := event["asset"])
    )


def scenes(**of_first: Any) -> list[dict[str, Any]]:
    return [{"text": TEXTS[0], **of_first}, {"text": TEXTS[1]}]


def test_what_is_given_is_there_when_the_job_begins(site: Site, tmp_path: Path) -> None:
    picture, voice = sent(site, photo(tmp_path / "a.jpg")), sent(site, sound(tmp_path / "v.wav", words(2.6)))
    job = submitted(site, scenes=scenes(image=picture, narration=voice))
    job_id = UUID(job["id"])
    assert sorted(topics(site, job_id)) == ["asset.provided", "asset.provided", "job.submitted"]
    assert given(site, job_id) == ["image:1", "narration:1"]
    assert site.system.studio.job(job_id).script == "\n\n".join(TEXTS)
    assert job["cost"]["usd"] == 0


def test_a_clip_gives_the_picture_of_its_scene_as_well(site: Site, tmp_path: Path) -> None:
    shot = sent(site, clip(tmp_path / "c.mp4"))
    job = submitted(site, scenes=scenes(shot=shot))
    assert given(site, UUID(job["id"])) == ["image:1", "shot:1"]
    image = asset_of(site, UUID(job["id"]), "image:1").product
    assert image is not None
    assert image.media_type == "image/png"
    assert "video" not in job["models"]


def test_an_estimate_leaves_out_what_is_given(site: Site, tmp_path: Path) -> None:
    picture = sent(site, photo(tmp_path / "a.jpg"))

    def calls(**of_first: Any) -> dict[str, int]:
        answer = site.client.post("/v1/estimate", json={"scenes": scenes(**of_first)})
        assert answer.status_code == 200, answer.text
        return {stage["name"]: stage["requests"] for stage in answer.json()["stages"]}

    without, with_picture = calls(visual="a boat"), calls(image=picture)
    assert (without["image_generation"], with_picture["image_generation"]) == (2, 1)
    assert without | {"image_generation": 1} == with_picture


def test_every_wrong_thing_is_named_where_it_is(site: Site, tmp_path: Path) -> None:
    picture, gone = sent(site, photo(tmp_path / "a.jpg")), f"sha256:{'0' * 64}"
    wrong = refused(
        site,
        scenes=[{"text": TEXTS[0], "narration": picture, "image": gone}, {"text": TEXTS[1], "shot": picture}],
        cast=[{"name": "Mara", "image": gone}],
        files={"style": gone},
    )
    assert wrong == {
        "/scenes/0/image": f"there is no file {gone}; send it to /v1/files first",
        "/scenes/0/narration": "the file is of kind image; narration takes one of kind audio",
        "/scenes/1/shot": "the file is of kind image; shot takes one of kind video",
        "/cast/0/image": f"there is no file {gone}; send it to /v1/files first",
        "/files/style": f"there is no file {gone}; send it to /v1/files first",
    }


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"scenes": []}, "/scenes"),
        ({"scenes": [{"text": "***"}]}, "/scenes/0/text"),
        ({"scenes": [{"visual": "a boat"}]}, "/scenes/0/text"),
        ({"scenes": [{"text": "One.", "picture": "x"}]}, "/scenes/0/picture"),
        ({"scenes": [{"text": "One."}], "script": "Two."}, "/scenes"),
        ({"scenes": [{"text": "One."}] * 2, "options": {"max_scenes": 1}}, "/options/max_scenes"),
        ({"scenes": [{"text": "One.", "motion": "fast"}]}, "/scenes/0/motion"),
        (
            {"scenes": [{"text": "One.", "motion": "generated"}], "options": {"aspect_ratio": "1:1"}},
            "/scenes/0/motion",
        ),
        (
            {
                "scenes": [{"text": "One.", "narration": f"sha256:{'0' * 64}"}],
                "options": {"narration": False},
            },
            "/scenes/0/narration",
        ),
        ({"script": "One.", "cast": [{"name": "Mara"}, {"name": "mara"}]}, "/cast/1/name"),
        ({"script": "One.", "cast": [{"look": "tall"}]}, "/cast/0/name"),
        ({}, "/script"),
        ({"scenes": [{"text": "One."}, {"text": LONG}]}, "/scenes/1/text"),
        ({"scenes": [{"text": "Ten words. " * 40}], "options": {"target_duration_s": 10}}, TARGET),
    ],
)
def test_a_wrong_scene_is_refused_by_name(site: Site, body: dict[str, Any], pointer: str) -> None:
    assert list(refused(site, **body)) == [pointer]


def test_a_scene_of_any_length_is_taken_where_no_model_speaks_it(site: Site, tmp_path: Path) -> None:
    assert "divide it into 2 scenes" in refused(site, scenes=[{"text": LONG}])["/scenes/0/text"]
    voice = sent(site, sound(tmp_path / "v.wav", words(2.6)))
    short = {"target_duration_s": 10}
    wrong = refused(site, scenes=[{"text": LONG, "narration": voice}], options=short)
    assert "/scenes/0/text" not in wrong
    assert TARGET not in wrong
    submitted(site, scenes=[{"text": LONG}], options={"narration": False})


def test_a_fork_from_before_the_analysis_has_what_was_given(site: Site, tmp_path: Path) -> None:
    picture = sent(site, photo(tmp_path / "a.jpg"))
    job = submitted(site, scenes=scenes(image=picture))
    answer = site.client.post(f"/v1/jobs/{job['id']}/fork", json={"changes": {"language": "en"}})
    assert answer.status_code == 201, answer.text
    site.settle()
    assert given(site, UUID(answer.json()["id"])) == ["image:1"]


def test_a_fork_of_a_fork_has_what_was_given_whoever_forks(site: Site, tmp_path: Path) -> None:
    """The files are Bob's; the administrator forks his film, and then the fork."""
    system = site.system

    def of_bob(path: Path) -> str:
        page = add_file(system, AddFileRequest(path, "bob")).page
        digest: str = json.loads(page)["digest"]
        return digest

    picture, voice = (
        of_bob(photo(tmp_path / "a.jpg", (900, 900))),
        of_bob(sound(tmp_path / "v.wav", words(2.6))),
    )
    style = of_bob(photo(tmp_path / "s.jpg", (640, 480)))
    value = {"scenes": scenes(image=picture, narration=voice), "files": {"style": style}}
    job_id = submit(system, SubmitRequest(value, caller="bob")).job_id
    for shape in ("1:1", "9:16"):
        site.settle()
        body = {"changes": {"options": {"aspect_ratio": shape}}}
        answer = site.client.post(f"/v1/jobs/{job_id}/fork", json=body)
        assert answer.status_code == 201, answer.text
        site.settle()
        job_id = UUID(answer.json()["id"])
        assert given(site, job_id) == ["image:1", "narration:1"], shape
        events = [one.event for one in system.log.read(0, 1000)]
        provided = [one for one in events if isinstance(one, Asset.Provided) and one.job_id == job_id]
        assert {event.caller for event in provided} == {"bob"}
        assert system.studio.job(job_id).caller == "local"


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_fork_that_names_a_file_which_is_not_there_is_refused_by_name(
    site: Site, tmp_path: Path, dry_run: bool
) -> None:
    voice, gone = sent(site, sound(tmp_path / "v.wav", words(2.6))), f"sha256:{'0' * 64}"
    job = submitted(site, script=TEXTS[0], cast=[{"name": "Ada"}])
    head = site.system.log.head()
    for digest, why in ((gone, "there is no file"), (voice, "image takes one of kind image")):
        body = {"changes": {"cast": [{"name": "Mara", "image": digest}]}, "dry_run": dry_run}
        answer = site.client.post(f"/v1/jobs/{job['id']}/fork", json=body)
        assert answer.status_code == 422, answer.text
        [error] = answer.json()["errors"]
        assert error["pointer"] == "/changes/cast/0/image"
        assert why in error["message"]
    assert site.system.log.head() == head


def test_a_logo_is_an_input_of_clips_and_joints_alone_and_its_bytes_stay(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    picture = Image.new("RGBA", (200, 100))
    picture.paste((220, 20, 20, 255), (50, 20, 150, 80))
    picture.save(path)
    digest = sent(site, path)
    job_id = UUID(submitted(site, script=TEXTS[0], files={"logo": digest})["id"])
    filming = PlannedFilming(site.system)
    assert filming.finish(job_id) == "completed"
    site.settle()
    assets = site.system.studio.assets(site.system.studio.job(job_id))
    with_logo = {key.name for key, one in assets.items() if one.recipe.parameters.get("logo") == digest}
    assert with_logo == {"clip:1", "clip:2", "transition:1"}
    stored = site.system.blobs.path(digest)
    with Image.open(stored) as kept:
        assert kept.mode == "RGBA"
        assert kept.getchannel("A").getbbox() == (50, 20, 150, 80)

    body = {"changes": {"options": {"caption_style": "card"}}, "dry_run": True}
    kept_by_fork = site.client.post(f"/v1/jobs/{job_id}/fork", json=body).json()
    assert {"transition:1", "image:1", "narration:1", "soundtrack"} <= set(kept_by_fork["reused"])


def test_an_outro_is_an_input_of_sound_and_film_alone(site: Site, tmp_path: Path) -> None:
    digest = sent(site, clip(tmp_path / "end.mp4", sound=True))
    job_id = UUID(submitted(site, script=TEXTS[0], files={"outro": digest})["id"])
    assert PlannedFilming(site.system).finish(job_id) == "completed"
    site.settle()
    assets = site.system.studio.assets(site.system.studio.job(job_id))
    ended = {key.name for key, one in assets.items() if one.recipe.parameters.get("outro") == digest}
    assert ended == {"music", "soundtrack", "video"}
    again = site.client.post(f"/v1/jobs/{job_id}/fork", json={"dry_run": True}).json()
    assert "video" in again["reused"]


def test_an_outro_that_does_not_fit_is_refused_with_its_figures(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = sent(site, clip(tmp_path / "end.mp4"))
    upright = {"options": {"aspect_ratio": "9:16"}, "files": {"outro": digest}}
    assert "only 32% would be left" in refused(site, script=TEXTS[0], **upright)["/files/outro"]
    monkeypatch.setattr("api.cases.own_files.LONGEST_OUTRO_S", 0.5)
    assert "1 s long" in refused(site, script=TEXTS[0], files={"outro": digest})["/files/outro"]
    voice = sent(site, sound(tmp_path / "v.wav", words(2.6)))
    assert refused(site, script=TEXTS[0], files={"outro": voice}) == {
        "/files/outro": "the file is of kind audio; outro takes one of kind video or image"
    }


def test_a_logo_is_a_picture(site: Site, tmp_path: Path) -> None:
    voice = sent(site, sound(tmp_path / "v.wav", words(2.6)))
    assert refused(site, script=TEXTS[0], files={"logo": voice}) == {
        "/files/logo": "the file is of kind audio; logo takes one of kind image"
    }
