"""Files over HTTP: bare bytes in, facts out; what is wrong with them is said, and nothing of that is left."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import anyio
import pytest

from domain.file import File
from tests.actors.files.material import SECRET, clip, photo, sound, tone
from tests.api.conftest import Site
from tests.api.opened_here import opened_here

pytestmark = pytest.mark.usefixtures("opening_here")

UNKNOWN = "sha256:" + "0" * 64


def send(site: Site, path: Path, **how: Any) -> Any:
    return site.client.post("/v1/files", content=path.read_bytes(), **how)


def left(site: Site) -> list[str]:
    return [path.name for path in (site.system.settings.data_dir / "blobs" / "unfinished").iterdir()]


def stored(site: Site) -> list[str]:
    blobs = site.system.settings.data_dir / "blobs"
    return [path.name for path in blobs.rglob("*") if path.is_file() and "unfinished" not in path.parts]


def test_a_picture_is_kept_and_described_and_its_bytes_come_back_clean(site: Site, tmp_path: Path) -> None:
    answer = send(site, photo(tmp_path / "a.jpg", orientation=6), headers={"Content-Type": "image/jpeg"})
    assert answer.status_code == 201
    told = answer.json()
    assert (told["kind"], told["media_type"]) == ("image", "image/jpeg")
    assert (told["width"], told["height"], told["duration_s"]) == (1200, 1600, None)
    assert site.client.get(told["links"]["self"]).json() == told
    content = site.client.get(told["links"]["content"])
    assert len(content.content) == told["bytes"]
    assert content.headers["etag"] == f'"{told["digest"]}"'
    assert SECRET.encode() not in content.content
    part = site.client.get(told["links"]["content"], headers={"Range": "bytes=0-1"})
    assert (part.status_code, part.content) == (206, b"\xff\xd8")
    unchanged = site.client.get(told["links"]["content"], headers={"If-None-Match": content.headers["etag"]})
    assert unchanged.status_code == 304
    assert left(site) == []


def test_the_same_file_again_is_the_same_file(site: Site, tmp_path: Path) -> None:
    first = send(site, photo(tmp_path / "a.jpg"))
    head = site.system.log.head()
    again = send(site, photo(tmp_path / "b.jpg"))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert site.system.log.head() == head


def test_clips_and_sound_are_known_by_what_is_inside(site: Site, tmp_path: Path) -> None:
    moving = send(site, clip(tmp_path / "a.mp4"), headers={"Content-Type": "text/plain"}).json()
    assert (moving["kind"], moving["media_type"], moving["duration_s"]) == ("video", "video/mp4", 1.0)
    heard = send(site, sound(tmp_path / "a.mp3", tone(1))).json()
    assert (heard["kind"], heard["media_type"], heard["width"]) == ("audio", "audio/flac", None)


def test_a_body_in_pieces_of_unknown_number_is_taken_too(site: Site, tmp_path: Path) -> None:
    data = photo(tmp_path / "a.jpg").read_bytes()

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(data), 1000):
            yield data[start : start + 1000]

    assert site.client.post("/v1/files", content=pieces()).status_code == 201


@pytest.mark.parametrize(
    ("data", "status", "code", "said"),
    [
        (b"", 415, "file_unsupported", "no bytes"),
        (b"GIF89a" + bytes(100), 415, "file_unsupported", "GIF"),
        (b"<svg onload='x'>", 415, "file_unsupported", "SVG"),
        (b"#EXTM3U\nfile:///etc/passwd\n", 415, "file_unsupported", "playlist"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", 415, "file_unsupported", "format"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), 422, "file_refused", "broken"),
        (b"\x00\x00\x00\x1cftypisom" + bytes(100), 422, "file_refused", "broken"),
    ],
)
def test_what_is_not_taken_is_refused_by_name_and_leaves_nothing(
    site: Site, data: bytes, status: int, code: str, said: str
) -> None:
    answer = site.client.post("/v1/files", content=data)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert said in answer.json()["detail"]
    assert (left(site), stored(site), site.system.log.head()) == ([], [], 0)


@pytest.mark.parametrize(
    "headers",
    [{"Content-Type": "multipart/form-data; boundary=x"}, {"Content-Encoding": "gzip"}],
)
def test_a_packed_body_is_refused_with_the_way_out(site: Site, headers: dict[str, str]) -> None:
    answer = site.client.post("/v1/files", content=b"x", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_a_file_over_the_limit_is_refused_whether_it_says_its_size_or_not(
    open_site: Callable[..., Site],
) -> None:
    site = open_site({"REELOG_MAX_FILE_MB": "1"})
    data = b"\xff\xd8\xff" + bytes(1_500_000)
    assert site.client.post("/v1/files", content=data).status_code == 413
    answer = site.client.post("/v1/files", content=iter([data[:700_000], data[700_000:]]))
    assert (answer.status_code, answer.json()["code"]) == (413, "content_too_large")
    assert (left(site), stored(site)) == ([], [])


def test_an_upload_that_is_cut_leaves_nothing(site: Site) -> None:
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/files",
        "raw_path": b"/v1/files",
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1"), (b"content-length", b"5000000")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    messages = [{"type": "http.request", "body": b"\xff\xd8\xff" + bytes(2_000_000), "more_body": True}]
    seen: list[list[str]] = []

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        seen.append(left(site))
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        del message  # nobody reads it

    anyio.run(site.client.app, scope, receive, send)
    assert len(seen[0]) == 1, "what had come was being written"
    assert (left(site), stored(site), site.system.log.head()) == ([], [], 0)


def test_other_bodies_keep_their_limit(site: Site) -> None:
    assert site.client.post("/v1/jobs", content=bytes(2_000_000)).status_code == 413


@pytest.mark.parametrize("digest", [UNKNOWN, "sha256:xyz", "a.jpg", "..%2f..%2fetc"])
def test_an_unknown_file_is_not_found(site: Site, digest: str) -> None:
    for path in (f"/v1/files/{digest}", f"/v1/files/{digest}/content"):
        answer = site.client.get(path)
        assert (answer.status_code, answer.json()["code"]) in [(404, "file_not_found"), (404, "not_found")]


def test_bytes_of_a_job_are_no_file(site: Site) -> None:
    digest = site.system.blobs.put(b"what a model was told")
    assert site.client.get(f"/v1/files/{digest}").status_code == 404


def test_a_file_is_known_after_a_restart_and_no_job_knows_of_it(
    open_site: Callable[..., Site], tmp_path: Path
) -> None:
    site = open_site()
    site.system.opening = opened_here()
    told = send(site, photo(tmp_path / "a.jpg")).json()
    job_id = site.submit()
    site.settle()
    assert site.client.get("/v1/jobs").json()["data"][0]["id"] == job_id
    assert [event["type"] for event in site.client.get("/v1/events").json()["data"]] == ["job.submitted"]
    again = open_site()
    assert again.client.get(told["links"]["self"]).json() == told


def test_a_file_that_nothing_uses_goes_after_a_day_and_may_come_again(site: Site, tmp_path: Path) -> None:
    told = send(site, photo(tmp_path / "a.jpg")).json()
    assert remove_unused(site, timedelta(hours=23)) == []
    assert [file.digest for file in remove_unused(site, timedelta(hours=25))] == [told["digest"]]
    assert site.client.get(told["links"]["self"]).status_code == 404
    assert not site.system.blobs.exists(told["digest"])
    assert remove_unused(site, timedelta(hours=25)) == []
    assert send(site, photo(tmp_path / "a.jpg")).status_code == 201


def test_one_that_was_sent_again_meanwhile_stays(site: Site, tmp_path: Path) -> None:
    told = send(site, photo(tmp_path / "a.jpg")).json()
    place = site.system.blobs.path(told["digest"])
    real, later = site.system.clock, timedelta(hours=25)
    assert place.stat().st_mtime < (real() + later).timestamp()
    # As if it had been sent 24 hours later.
    os.utime(place, ((real() + timedelta(hours=24)).timestamp(),) * 2)
    assert remove_unused(site, later) == []


def deleted_with(site: Site, digest: str) -> None:
    """A job with this logo is submitted, cancelled and, two hours later, deleted."""
    job_id = site.submit(files={"logo": digest})
    assert site.client.post(f"/v1/jobs/{job_id}/cancel").status_code == 202
    assert site.filming.finish(UUID(job_id)) == "cancelled"
    site.settle()
    place, now = site.system.blobs.path(digest), site.system.clock()
    os.utime(place, ((now - timedelta(hours=2)).timestamp(),) * 2)
    assert site.client.delete(f"/v1/jobs/{job_id}").status_code == 200


def test_a_file_that_was_sent_today_does_not_go_with_a_job_that_used_it(site: Site, tmp_path: Path) -> None:
    told = send(site, photo(tmp_path / "a.jpg")).json()
    deleted_with(site, told["digest"])
    assert site.client.get(told["links"]["self"]).json() == told
    content = site.client.get(told["links"]["content"])
    assert (content.status_code, len(content.content)) == (200, told["bytes"])
    site.submit(files={"logo": told["digest"]})


def test_one_that_was_used_by_a_deleted_job_alone_goes_after_the_day(site: Site, tmp_path: Path) -> None:
    told = send(site, photo(tmp_path / "a.jpg")).json()
    deleted_with(site, told["digest"])
    assert [file.digest for file in remove_unused(site, timedelta(hours=25))] == [told["digest"]]
    assert site.client.get(told["links"]["self"]).status_code == 404


def remove_unused(site: Site, later: timedelta) -> list[File]:
    system = site.system
    return system.files.remove_unused(system.readers, system.blobs, lambda: system.clock() + later)


@pytest.mark.slow
def test_the_process_that_opens_files_is_one_of_its_own(
    open_site: Callable[..., Site], tmp_path: Path
) -> None:
    site = open_site()
    assert send(site, photo(tmp_path / "a.jpg")).status_code == 201
    assert send(site, clip(tmp_path / "a.mp4")).status_code == 201


def test_nobody_may_send_without_the_key(open_site: Callable[..., Site]) -> None:
    site = open_site({"REELOG_API_KEY": "a-long-enough-key-of-the-tests"})
    assert site.client.post("/v1/files", content=b"x").status_code == 401
    assert site.client.get(f"/v1/files/{UNKNOWN}").status_code == 401
