"""A film's files: whole or not at all, gone on with where they were cut, held by their digests."""

import hashlib
from pathlib import Path
from typing import Any

import httpx
import pytest
from reelog_client import errors
from reelog_client.subtitles import srt_of

from actors.media.cues import Cue
from actors.media.subtitles import to_srt, to_vtt, vtt_cues
from tests.api.client.conftest import URL, Cut, Kind, Scripted, job, problem

FILM = bytes(range(256)) * 40
VTT = to_vtt([Cue(0, 1500, ("Hello.",)), Cue(1500, 3000, ("{\\an8} <b>Bye</b> & -->",), speaker="Ada")])
BYTES = {"video": FILM, "captions": VTT.encode(), "poster": b"a poster", "manifest": b"{}"}


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def assets() -> list[dict[str, Any]]:
    return [
        {"kind": kind, "id": kind, "name": kind, "revision": 1, "digest": digest(data), "bytes": len(data)}
        for kind, data in BYTES.items()
    ]


class Films:
    """Serves the film of one job as the server does; after each of ``cuts`` bytes of it the line breaks."""

    def __init__(self, **state: Any) -> None:
        self.job = job(**state)
        self.cuts: list[int] = []
        self.ranges: list[tuple[str | None, str | None]] = []
        self.bucket = False
        self.keys: list[str | None] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.keys.append(request.headers.get("Authorization"))
        if path == f"/v1/jobs/{self.job['id']}":
            return httpx.Response(200, json=self.job)
        if path.endswith("/assets"):
            return httpx.Response(200, json={"data": assets(), "has_more": False, "next": None})
        kind = path.split("/")[-2]
        if self.bucket and request.url.host == "reelog.test":
            return httpx.Response(307, headers={"Location": f"http://bucket.test/{kind}/signed?x=1"})
        data = BYTES[kind]
        asked = request.headers.get("Range")
        if kind == "video":
            self.ranges.append((asked, request.headers.get("If-Range")))
        begin = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        if begin >= len(data):
            return httpx.Response(416, json=problem(416, "range_not_satisfiable"))
        headers = {"Content-Length": str(len(data) - begin)}
        if kind == "video" and self.cuts:
            piece = data[begin : begin + self.cuts.pop(0)]
            return httpx.Response(206 if asked else 200, headers=headers, stream=Cut(piece))
        return httpx.Response(206 if asked else 200, content=data[begin:])


@pytest.fixture
def films(server: Scripted) -> Films:
    films = Films()
    server.answers = [films]
    return films


def download(kind: Kind, folder: Path, **more: Any) -> dict[str, Path]:
    found = kind.done(kind.client.jobs.get(job()["id"]))
    brought: dict[str, Path] = kind.done(found.download(folder, **more))
    return brought


@pytest.mark.usefixtures("films")
def test_all_five_are_brought(kind: Kind, tmp_path: Path) -> None:
    seen: list[Any] = []

    brought = download(kind, tmp_path / "film", progress=seen.append)

    assert list(brought) == ["video.mp4", "captions.vtt", "captions.srt", "poster.jpg", "manifest.json"]
    assert sorted(path.name for path in (tmp_path / "film").iterdir()) == sorted(brought)
    assert brought["video.mp4"].read_bytes() == FILM
    assert brought["captions.srt"].read_text("utf-8") == to_srt(vtt_cues(VTT))
    assert seen[-1].received == seen[-1].total == sum(map(len, BYTES.values()))


def test_a_cut_download_goes_on_where_it_was(kind: Kind, films: Films, tmp_path: Path) -> None:
    films.cuts = [1000, 3000]

    assert download(kind, tmp_path)["video.mp4"].read_bytes() == FILM

    etag = f'"{digest(FILM)}"'
    assert films.ranges == [(None, None), ("bytes=1000-", etag), ("bytes=4000-", etag)]


def test_another_process_goes_on_and_what_is_there_is_not_brought_again(
    kind: Kind, films: Films, tmp_path: Path
) -> None:
    mark = digest(FILM).removeprefix("sha256:")[:16]
    (tmp_path / f".video.mp4.{mark}.part").write_bytes(FILM[:777])
    (tmp_path / ".video.mp4.0123456789abcdef.part").write_bytes(b"of an older revision")

    download(kind, tmp_path)
    assert [asked for asked, _ in films.ranges] == ["bytes=777-"]
    assert not list(tmp_path.glob(".*"))

    download(kind, tmp_path)
    assert len(films.ranges) == 1


def test_a_part_that_is_whole_is_taken_as_it_is(kind: Kind, films: Films, tmp_path: Path) -> None:
    mark = digest(FILM).removeprefix("sha256:")[:16]
    (tmp_path / f".video.mp4.{mark}.part").write_bytes(FILM)

    assert download(kind, tmp_path)["video.mp4"].read_bytes() == FILM
    assert films.ranges == []


@pytest.mark.usefixtures("films")
def test_what_has_another_digest_is_not_kept(kind: Kind, tmp_path: Path) -> None:
    mark = digest(FILM).removeprefix("sha256:")[:16]
    (tmp_path / f".video.mp4.{mark}.part").write_bytes(b"not the beginning of this film")

    with pytest.raises(errors.DownloadDamagedError, match=r"video\.mp4"):
        download(kind, tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_key_does_not_follow_into_a_bucket(kind: Kind, films: Films, tmp_path: Path) -> None:
    films.bucket, films.cuts = True, [1000]

    assert download(kind, tmp_path)["video.mp4"].read_bytes() == FILM
    assert films.ranges == [(None, None), ("bytes=1000-", None)]
    assert set(films.keys) == {"Bearer a-key", None}


@pytest.mark.parametrize(
    ("state", "type_"),
    [
        ({"status": "running"}, errors.JobNotFinishedError),
        ({"status": "cancelled"}, errors.JobCancelledError),
        ({"pruned_at": "2026-11-28T00:00:00Z"}, errors.JobPrunedError),
    ],
)
def test_a_job_without_a_film_says_why(
    kind: Kind, server: Scripted, tmp_path: Path, state: dict[str, Any], type_: type[errors.JobError]
) -> None:
    server.answers = [Films(**state)]

    with pytest.raises(type_):
        download(kind, tmp_path)


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize(
    "cues",
    [
        [],
        [Cue(0, 3_600_500, ("One line.", "Another & <i>more</i>"))],
        [
            Cue(0, 900, ("Who?",), speaker="Ada"),
            Cue(900, 1800, ("{I} \\N see",), speaker="Ada"),
            Cue(1800, 2700, ("No --> one",), speaker="B & B"),
            Cue(2700, 3000, ("Told.",)),
            Cue(3000, 3100, ("Again.",), speaker="Ada"),
            Cue(3100, 3200, ("B: أنا", "WhatsApp"), speaker="B", name=2),
            Cue(3200, 3300, ("أنا: here", "and there"), speaker="أنا", name=4),
        ],
    ],
)
def test_subrip_is_letter_for_letter_what_reelog_writes(cues: list[Cue], language: str) -> None:
    vtt = to_vtt(cues, language)
    assert srt_of(vtt) == to_srt(vtt_cues(vtt))


@pytest.mark.usefixtures("films")
def test_the_address_is_the_one_that_was_given(kind: Kind, server: Scripted, tmp_path: Path) -> None:
    download(kind, tmp_path)
    assert {str(request.url).split("/v1/")[0] for request in server.came} == {URL}
