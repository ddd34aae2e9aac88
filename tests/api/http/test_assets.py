"""Assets and their bytes over HTTP."""

from typing import Any
from uuid import UUID

import pytest

from domain.causes import Code
from domain.failures import Failure
from tests.api.conftest import Site

pytestmark = pytest.mark.slow


@pytest.fixture
def film(site: Site) -> dict[str, dict[str, Any]]:
    """The assets of a finished job by name."""
    job_id = site.submit()
    assert site.filming.finish(UUID(job_id)) == "completed"
    site.settle()
    return {asset["name"]: asset for asset in site.client.get(f"/v1/jobs/{job_id}/assets").json()["data"]}


def test_an_asset_is_shown_with_its_provenance(site: Site, film: dict[str, Any]) -> None:
    image = film["image:1"]
    assert site.client.get(image["links"]["self"]).json() == image
    assert image["provenance"]["provider"] == "emulator"
    every = site.client.get(f"{image['links']['self']}?revisions=all").json()
    assert [r["digest"] for r in every["revisions"]] == [image["digest"]]


def test_an_asset_tells_its_beat_and_so_do_events(site: Site, film: dict[str, Any]) -> None:
    assert {asset["beat"] for asset in film.values()} == {1}
    site.filming.beats = 2
    job_id = site.submit()
    assert site.filming.finish(UUID(job_id)) == "completed"
    site.settle()
    listed = site.client.get(f"/v1/jobs/{job_id}/assets").json()["data"]
    images = [(asset["name"], asset["scene"], asset["beat"]) for asset in listed if asset["kind"] == "image"]
    assert images == [("image:1", 1, 1), ("image:1.2", 1, 2), ("image:2", 2, 1), ("image:2.2", 2, 2)]
    events = site.client.get(f"/v1/jobs/{job_id}/events?limit=500").json()["data"]
    told = {
        (e["asset"]["scene"], e["asset"]["beat"]) for e in events if (e["asset"] or {}).get("kind") == "image"
    }
    assert told == {(1, 1), (1, 2), (2, 1), (2, 2)}
    assert not [e for e in events if "beat" in e["data"]]


def test_all_revisions_of_all_assets_on_request(site: Site, film: dict[str, Any]) -> None:
    job = film["video"]["links"]["job"]
    every = site.client.get(f"{job}/assets?revisions=all").json()["data"]
    assert {asset["name"] for asset in every} == set(film)
    assert all(asset["revisions"] for asset in every)


def test_bytes_come_with_their_type_and_digest(site: Site, film: dict[str, Any]) -> None:
    video = film["video"]
    answer = site.client.get(video["links"]["content"])
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["etag"] == f'"{video["digest"]}"'
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(answer.content) == video["bytes"]


def test_the_latest_may_change_and_a_revision_never(site: Site, film: dict[str, Any]) -> None:
    content = film["video"]["links"]["content"]
    assert "no-cache" in site.client.get(content).headers["cache-control"]
    assert "immutable" in site.client.get(f"{content}?revision=1").headers["cache-control"]


def test_bytes_that_have_not_changed_are_not_sent_again(site: Site, film: dict[str, Any]) -> None:
    content = film["image:1"]["links"]["content"]
    tag = {"If-None-Match": f'W/"{film["image:1"]["digest"]}"'}
    answer = site.client.get(content, headers=tag)
    assert (answer.status_code, answer.content) == (304, b"")


def test_a_part_of_the_bytes(site: Site, film: dict[str, Any]) -> None:
    content = film["video"]["links"]["content"]
    whole = site.client.get(content).content
    part = site.client.get(content, headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.content) == (206, whole[5:10])
    assert part.headers["content-range"] == f"bytes 5-9/{len(whole)}"
    last = site.client.get(content, headers={"Range": "bytes=-4"})
    assert last.content == whole[-4:]
    stale = site.client.get(content, headers={"Range": "bytes=0-3", "If-Range": '"sha256:other"'})
    assert (stale.status_code, stale.content) == (200, whole)


def test_music_is_had_as_its_notes_too(site: Site, film: dict[str, Any]) -> None:
    music = film["music"]
    answer = site.client.get(f"{music['links']['content']}?as=midi")
    assert (answer.status_code, answer.content) == (200, b"MThd")
    assert answer.headers["content-type"] == "audio/midi"
    assert answer.headers["etag"] == f'"{music["facts"]["midi_digest"]}"'
    assert ".mid" in answer.headers["content-disposition"]
    assert (
        "immutable"
        in site.client.get(f"{music['links']['content']}?as=midi&revision=1").headers["cache-control"]
    )
    assert (
        site.client.get(f"{film['video']['links']['content']}?as=midi").json()["code"] == "content_not_found"
    )
    assert site.client.get(f"{music['links']['content']}?as=mp3").json()["code"] == "invalid_parameter"


@pytest.mark.parametrize("wanted", ["bytes=99999-", "bytes=9-5x", "bytes=9-5", "bytes=-", "bytes=-0"])
def test_a_part_that_is_not_there_is_a_problem(site: Site, film: dict[str, Any], wanted: str) -> None:
    answer = site.client.get(film["video"]["links"]["content"], headers={"Range": wanted})
    assert answer.status_code == 416
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "range_not_satisfiable"
    # The way out that the problem names.
    assert answer.headers["content-range"] == f"bytes */{film['video']['bytes']}"


def test_a_unit_that_nobody_knows_is_passed_over(site: Site, film: dict[str, Any]) -> None:
    answer = site.client.get(film["video"]["links"]["content"], headers={"Range": "items=0-5"})
    assert answer.status_code == 200
    assert len(answer.content) == film["video"]["bytes"]


@pytest.mark.parametrize("wanted", ["bytes=0-3", "bytes=9-5x", "items=0-5"])
def test_pages_are_sent_whole_whatever_is_asked_for(site: Site, wanted: str) -> None:
    for path in ("/", "/docs.css", "/static/app.js"):
        answer = site.client.get(path, headers={"Range": wanted})
        assert (answer.status_code, answer.content) == (200, site.client.get(path).content)


def test_head_tells_the_size_without_the_bytes(site: Site, film: dict[str, Any]) -> None:
    answer = site.client.head(film["video"]["links"]["content"])
    assert answer.status_code == 200
    assert answer.headers["content-length"] == str(film["video"]["bytes"])
    assert answer.content == b""


def test_bytes_that_are_not_made_yet_are_not_found(site: Site) -> None:
    job_id = UUID(site.submit())
    site.filming.until_made(job_id, "analysis")
    site.filming.step(job_id)
    site.settle()
    waiting = [a for a in site.client.get(f"/v1/jobs/{job_id}/assets").json()["data"] if a["digest"] is None]
    for asset in waiting:
        assert asset["links"]["content"] is None
        answer = site.client.get(f"/v1/assets/{asset['id']}/content")
        assert answer.json()["code"] == "content_not_found"
    made = next(a for a in site.client.get(f"/v1/jobs/{job_id}/assets").json()["data"] if a["digest"])
    assert site.client.get(f"{made['links']['content']}?revision=9").status_code == 404


@pytest.mark.parametrize("asset_id", ["0b5f4a3e-6c1d-4e57-9a1b-2f6f0c9d8e77", "..", "%2e%2e%2fetc%2fpasswd"])
def test_an_asset_that_is_not_there_is_not_found(site: Site, asset_id: str) -> None:
    assert site.client.get(f"/v1/assets/{asset_id}").status_code == 404
    assert site.client.get(f"/v1/assets/{asset_id}/content").status_code == 404


def test_damaged_bytes_are_an_error_not_a_picture(site: Site, film: dict[str, Any]) -> None:
    digest = film["image:1"]["digest"]
    path = site.system.blobs.path(digest)
    path.chmod(0o644)
    path.write_bytes(b"not what it was")
    answer = site.client.get(film["image:1"]["links"]["content"])
    assert answer.status_code == 500
    assert answer.json()["code"] == "content_damaged"
    path.unlink()
    assert site.client.get(film["image:1"]["links"]["content"]).json()["code"] == "content_damaged"


def test_a_prompt_and_a_raw_answer_are_had_by_the_asset_that_names_them(site: Site) -> None:
    put = site.filming.blobs.put  # type: ignore[union-attr]
    prompt, raw, foreign = put(b"Draw a boat."), put(b"<b>{}</b>"), put(b"of somebody else")
    failure = Failure.of(Code.SAFETY, "No.", prompt_digest=prompt, raw_digest=raw)
    site.filming.faults["image:1"] = [failure]
    job_id = site.submit()
    site.filming.finish(UUID(job_id))
    site.settle()
    assets = {a["name"]: a for a in site.client.get(f"/v1/jobs/{job_id}/assets").json()["data"]}
    blobs = f"/v1/assets/{assets['image:1']['id']}/blobs"
    answer = site.client.get(f"{blobs}/{raw}")
    assert (answer.text, answer.headers["content-type"]) == ("<b>{}</b>", "text/plain; charset=utf-8")
    assert "immutable" in answer.headers["cache-control"]
    assert site.client.get(f"{blobs}/{prompt}").text == "Draw a boat."
    for digest in (foreign, "sha256:none", assets["analysis"]["digest"]):
        assert site.client.get(f"{blobs}/{digest}").json()["code"] == "content_not_found"
    elsewhere = f"/v1/assets/{assets['image:2']['id']}/blobs/{raw}"
    assert site.client.get(elsewhere).status_code == 404
