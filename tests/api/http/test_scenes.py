"""Scenes, characters and files of one's own at submit: what is given is there when the job begins."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.asset import AssetKey
from domain.script import Kind
from tests.actors.files.material import clip, photo, sound, words
from tests.api.conftest import Site
from tests.api.http.test_provide import asset_of, sent, topics
from tests.api.opened_here import opened_here

TEXTS = ["A boat leaves the harbour at dawn.", "Gulls follow it far out to the open sea."]


@pytest.fixture
def site(site: Site) -> Site:
    site.system.opening = opened_here()
    return site


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
    ],
)
def test_a_wrong_scene_is_refused_by_name(site: Site, body: dict[str, Any], pointer: str) -> None:
    assert list(refused(site, **body)) == [pointer]


def test_a_fork_from_before_the_analysis_has_what_was_given(site: Site, tmp_path: Path) -> None:
    picture = sent(site, photo(tmp_path / "a.jpg"))
    job = submitted(site, scenes=scenes(image=picture))
    answer = site.client.post(f"/v1/jobs/{job['id']}/fork", json={"changes": {"language": "en"}})
    assert answer.status_code == 201, answer.text
    site.settle()
    assert given(site, UUID(answer.json()["id"])) == ["image:1"]
