"""A finished film taken elsewhere: its edit, and all its files in an archive that is made as it is sent."""

import io
import json
import zipfile
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.api.conftest import Site
from tests.api.exportable import VTT, ExportableFilming

FILES = {
    "film.otio", "script.txt", "analysis.json", "storyboard.json", "audio_plan.json", "images/scene-01.jpg",
    "images/scene-02.jpg", "narration/scene-01.wav", "narration/scene-02.wav", "music.wav", "music.mid",
    "clips/scene-01.mp4", "clips/scene-02.mp4", "transitions/scene-01-to-02.mp4", "soundtrack.m4a",
    "captions.vtt", "captions.srt", "video.mp4", "poster.jpg", "manifest.json",
}  # fmt: skip


@pytest.fixture
def filming(site: Site) -> ExportableFilming:
    return ExportableFilming(site.system)


@pytest.fixture
def job_id(site: Site, filming: ExportableFilming) -> UUID:
    job_id = filming.submit(provider="gemini")
    assert filming.finish(job_id) == "completed"
    site.settle()
    return job_id


def archive(site: Site, job_id: UUID) -> zipfile.ZipFile:
    answer = site.client.get(f"/v1/jobs/{job_id}/export")
    assert answer.headers["content-type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.content))


def test_the_archive_holds_every_file_in_one_folder_with_names_for_people(site: Site, job_id: UUID) -> None:
    found = archive(site, job_id)
    assert found.testzip() is None
    assert set(found.namelist()) == {f"The-Boat/{name}" for name in FILES}
    assert found.read("The-Boat/captions.vtt") == VTT
    assert found.read("The-Boat/captions.srt").startswith(b"1\n00:00:00,500 --> 00:00:02,000\nWords")
    assert found.read("The-Boat/images/scene-02.jpg").startswith(b"image:2 1")


def test_it_is_called_as_a_person_named_the_film_and_its_files_are_the_same(site: Site, job_id: UUID) -> None:
    before = archive(site, job_id)
    assert site.client.patch(f"/v1/jobs/{job_id}", json={"title": "Holidays"}).status_code == 200
    after = archive(site, job_id)
    assert {name: after.read(f"Holidays/{name}") for name in FILES} == {
        name: before.read(f"The-Boat/{name}") for name in FILES
    }


def test_the_edit_names_only_files_that_the_archive_holds(site: Site, job_id: UUID) -> None:
    found = archive(site, job_id)
    edit = found.read("The-Boat/film.otio")
    alone = site.client.get(f"/v1/jobs/{job_id}/export", params={"as": "otio"})
    assert alone.content == edit
    assert alone.headers["content-disposition"] == 'attachment; filename="The-Boat.otio"'
    named = set(addresses(json.loads(edit)))
    assert {"video.mp4"}.isdisjoint(named)
    assert named < FILES
    assert {"images/scene-01.jpg", "clips/scene-02.mp4", "narration/scene-01.wav", "music.wav"} <= named


def addresses(value: Any) -> list[str]:
    if isinstance(value, dict):
        here = [value["target_url"]] if "target_url" in value else []
        return here + [found for item in value.values() for found in addresses(item)]
    return [found for item in value for found in addresses(item)] if isinstance(value, list) else []


def test_the_same_film_gives_the_same_archive(site: Site, job_id: UUID) -> None:
    first, second = (site.client.get(f"/v1/jobs/{job_id}/export").content for _ in range(2))
    assert first == second


@pytest.mark.parametrize("form", ["zip", "otio"])
def test_who_asks_for_the_headers_alone_has_nothing_packed(
    site: Site, job_id: UUID, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"/v1/jobs/{job_id}/export?as={form}"
    sent = site.client.get(url).headers
    read: list[Any] = []
    monkeypatch.setattr("api.http.exports._sent", read_to(read))
    told = site.client.head(url)
    assert (told.status_code, told.content, read) == (200, b"", [])
    for name in ("content-type", "content-disposition", "cache-control"):
        assert told.headers[name] == sent[name]
    assert "content-length" not in told.headers, "what it would be nobody knows"


def read_to(read: list[Any]) -> Any:
    async def chunks(*asked: Any) -> AsyncIterator[bytes]:
        read.append(asked)
        yield b""

    return chunks


def test_a_film_that_is_not_finished_is_refused(site: Site, filming: ExportableFilming) -> None:
    job_id = filming.submit(provider="gemini")
    filming.until_made(job_id, "image:1")
    site.settle()
    answer = site.client.get(f"/v1/jobs/{job_id}/export")
    assert (answer.status_code, answer.json()["code"]) == (409, "job_not_finished")
    assert "running" in answer.json()["detail"]


def test_a_form_that_there_is_not_is_refused_and_so_is_a_job(site: Site, job_id: UUID) -> None:
    wrong = site.client.get(f"/v1/jobs/{job_id}/export", params={"as": "tar"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "?as")
    assert site.client.get(f"/v1/jobs/{uuid4()}/export").json()["code"] == "job_not_found"


def test_what_is_gone_is_said_before_the_first_byte(site: Site, job_id: UUID) -> None:
    blobs = site.client.app.state.system.blobs  # type: ignore[attr-defined]
    [clip] = [
        asset for asset in site.client.get(f"/v1/jobs/{job_id}/assets").json()["data"]
        if asset["name"] == "clip:1"
    ]  # fmt: skip
    blobs.path(clip["digest"]).unlink()
    answer = site.client.get(f"/v1/jobs/{job_id}/export")
    assert (answer.status_code, answer.json()["code"]) == (500, "content_damaged")
    assert clip["digest"] in answer.json()["detail"]
