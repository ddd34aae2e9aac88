"""Links: signed addresses of an asset's bytes, good for a while, for pages of other sites."""

import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from api.configuration.link_keys import FILE
from domain.asset import AssetKey
from domain.script import Kind
from tests.api.conftest import Site
from tests.api.http.test_keys import ADMIN, bearer, give, opened, refused

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ELSEWHERE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Referer": "https://app.example/"}


class Linked:
    """A film of Alice's, whose key may look, on a server that is asked by the clock of the test."""

    def __init__(self, folder: Path) -> None:
        self.site = opened(folder, RATE_LIMIT=0)
        self.client = self.site.client
        self.now = NOW
        self.alice = give(self.site, "alice")
        made = self.client.post("/v1/jobs", json={"script": "A boat sets out."}, headers=self.alice).json()
        self.job = UUID(made["id"])
        self.site.filming.finish(self.job)
        self.site.settle()
        self.site.system.clock = lambda: self.now

    def asset(self, name: str = "video") -> UUID:
        return AssetKey.parse(name).id_in(self.job)

    def make(self, who: dict[str, str], name: str = "video", **asked: Any) -> Any:
        return self.client.post(f"/v1/assets/{self.asset(name)}/link", json=asked, headers=who)

    def url(self, who: dict[str, str], name: str = "video", **asked: Any) -> str:
        answer = self.make(who, name, **asked)
        assert answer.status_code == 201, answer.text
        url: str = answer.json()["url"]
        return url

    def open(self, url: str, **headers: str) -> Any:
        return self.client.get(url, headers=headers)


@pytest.fixture(scope="module")
def opened_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Linked]:
    linked = Linked(tmp_path_factory.mktemp("links"))
    yield linked
    linked.client.__exit__(None, None, None)


@pytest.fixture
def linked(opened_once: Linked) -> Iterator[Linked]:
    yield opened_once
    opened_once.now = NOW


def test_a_link_is_an_address_that_needs_no_key(linked: Linked) -> None:
    made = linked.make(linked.alice)
    told = made.json()
    assert told["url"].startswith(f"http://127.0.0.1/links/{linked.asset()}?")
    assert made.headers["location"] == told["url"]
    assert told["expires_at"] == "2026-11-22T13:00:00.000Z"
    assert (told["asset_id"], told["revision"], told["media_type"]) == (
        str(linked.asset()), None, "video/mp4",
    )  # fmt: skip
    own = linked.client.get(f"/v1/assets/{linked.asset()}/content", headers=linked.alice)
    answer = linked.open(told["url"], **ELSEWHERE)
    assert (answer.status_code, answer.content) == (200, own.content)
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["etag"] == own.headers["etag"]
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert "content-disposition" not in answer.headers
    assert "alice" not in told["url"]


def test_it_gives_parts_heads_and_what_is_known_already_like_any_content(linked: Linked) -> None:
    url = linked.url(linked.alice)
    whole = linked.open(url)
    part = linked.open(url, Range="bytes=2-5")
    assert (part.status_code, part.content) == (206, whole.content[2:6])
    assert part.headers["content-range"] == f"bytes 2-5/{len(whole.content)}"
    assert part.headers["cross-origin-resource-policy"] == "cross-origin"
    head = linked.client.head(url)
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(whole.content)))
    known = linked.open(url, **{"If-None-Match": whole.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    assert linked.open(url, Range="bytes=99999-").status_code == 416


def test_a_revision_may_be_cached_for_as_long_as_the_link_is_good(linked: Linked) -> None:
    url = linked.url(linked.alice, revision=1, expires_in_s=90)
    linked.now += timedelta(seconds=30)
    assert linked.open(url).headers["cache-control"] == "private, max-age=60, immutable"


def test_it_ends_when_it_was_said_to(linked: Linked) -> None:
    url = linked.url(linked.alice, expires_in_s=60)
    linked.now += timedelta(seconds=59.9)
    assert linked.open(url).status_code == 200
    linked.now += timedelta(seconds=0.1)
    ended = linked.open(url)
    assert refused(ended) == (410, "link_expired")
    assert "2026-11-22T12:01:00" in ended.json()["detail"]
    assert ended.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("part", "other"),
    [
        (r"expires=\d+", "expires=99999999999"),
        (r"expires=\d+&", ""),
        (r"expires=\d+", "expires=soon"),
        (r"revision=1", "revision=2"),
        (r"revision=1&", ""),
        (r"revision=1", "revision=1&download=1"),
        (r"signature=\w+", "signature="),
        (r"&signature=\w+", ""),
        (r"signature=\w", "signature=g"),
        (r"signature=\w+", "signature=%C3%BC%ED%A0%80"),
        (r"/links/\w", "/links/x"),
        (r"/links/[\w-]+", "/links/none"),
    ],
)
def test_whatever_is_changed_of_it_it_gives_nothing(linked: Linked, part: str, other: str) -> None:
    url = linked.url(linked.alice, revision=1)
    changed, count = re.subn(part, other, url)
    assert count == 1
    assert refused(linked.open(changed)) == (403, "link_invalid")


def test_it_is_of_one_asset(linked: Linked) -> None:
    url = linked.url(linked.alice).replace(str(linked.asset()), str(linked.asset("image:1")))
    assert refused(linked.open(url)) == (403, "link_invalid")


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"expires_in_s": 0}, "/expires_in_s"),
        ({"expires_in_s": 604_801}, "/expires_in_s"),
        ({"expires_in_s": "1h"}, "/expires_in_s"),
        ({"revision": 0}, "/revision"),
        ({"expires": 60}, "/expires"),
    ],
)
def test_what_is_wrong_with_a_link_is_named(linked: Linked, asked: dict[str, Any], pointer: str) -> None:
    answer = linked.make(linked.alice, **asked)
    assert refused(answer) == (422, "invalid_submission")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_a_link_is_made_of_what_is_there(linked: Linked) -> None:
    assert refused(linked.make(linked.alice, revision=9)) == (404, "content_not_found")
    assert refused(linked.make(linked.alice, "image:9")) == (404, "asset_not_found")
    path = f"/v1/assets/{linked.asset()}/link"
    assert linked.client.post(path, headers=linked.alice).status_code == 201  # without a body: the defaults
    assert refused(linked.client.post("/v1/assets/none/link", headers=linked.alice)) == (
        404, "asset_not_found",
    )  # fmt: skip


def test_who_may_see_an_asset_may_make_a_link(linked: Linked) -> None:
    assert linked.make(bearer(ADMIN)).status_code == 201
    assert linked.make({}).status_code == 401
    assert refused(linked.make(give(linked.site, "bob", scope="all"))) == (404, "asset_not_found")
    looks = give(linked.site, "looks", scope="read")
    assert refused(linked.make(looks)) == (404, "asset_not_found")


def test_a_link_ends_with_the_key_it_was_made_with(tmp_path: Path) -> None:
    linked = Linked(tmp_path)
    try:
        own, admins = linked.url(linked.alice), linked.url(bearer(ADMIN))
        assert linked.client.delete("/v1/keys/alice", headers=bearer(ADMIN)).status_code == 200
        assert refused(linked.open(own)) == (410, "link_expired")
        assert linked.open(admins).status_code == 200
    finally:
        linked.client.__exit__(None, None, None)


def test_a_link_to_the_latest_gives_what_was_made_since(linked: Linked) -> None:
    latest, first = linked.url(linked.alice, "image:1"), linked.url(linked.alice, "image:1", revision=1)
    made = linked.open(first).content
    again = linked.client.post(
        f"/v1/assets/{linked.asset('image:1')}/regenerate", json={}, headers=linked.alice
    )
    assert again.status_code == 202
    linked.site.filming.finish(linked.job)
    linked.site.settle()
    assert linked.open(first).content == made
    assert linked.open(latest).content != made


def test_downloads_are_named_after_the_film(linked: Linked) -> None:
    url = linked.url(linked.alice, download=True)
    answer = linked.open(url)
    assert answer.headers["content-disposition"] == 'attachment; filename="The-Boat.mp4"'
    assert answer.headers["content-type"] == "video/mp4"
    content = f"/v1/assets/{linked.asset('image:2')}/content"
    kept = linked.client.get(content, params={"download": "1"}, headers=linked.alice)
    assert kept.headers["content-disposition"] == 'attachment; filename="The-Boat-image-2.png"'
    assert kept.headers["content-type"] == "image/png"
    shown = linked.client.get(content, params={"download": "0"}, headers=linked.alice)
    assert "content-disposition" not in shown.headers
    music = f"/v1/assets/{linked.asset(Kind.MUSIC.value)}/content"
    notes = linked.client.get(music, params={"as": "midi"}, headers=linked.alice)
    assert notes.headers["content-disposition"] == 'attachment; filename="The-Boat-music.mid"'


def test_its_name_is_the_one_by_which_the_server_was_asked(open_site: Callable[..., Site]) -> None:
    site = open_site(ROOT_PATH="/films", TRUSTED_PROXIES="10.0.0.9", ALLOWED_HOSTS="reelog.example")
    job_id = site.submit()
    site.filming.finish(UUID(job_id))
    site.settle()
    video = AssetKey(Kind.VIDEO).id_in(UUID(job_id))
    url = site.client.post(f"/v1/assets/{video}/link", headers={"Host": "reelog.example"}).json()["url"]
    assert url.startswith(f"http://reelog.example/films/links/{video}?")
    parts = urlsplit(url)
    anybody = TestClient(site.client.app, base_url="http://127.0.0.1")
    assert anybody.get(f"{parts.path}?{parts.query}").status_code == 200


def test_who_names_no_server_is_told_the_one_that_answers(open_site: Callable[..., Site]) -> None:
    """As HTTP/1.0 allows, where the server answers by any name."""
    site = open_site(HOST="0.0.0.0", API_KEY=ADMIN)  # noqa: S104 - nothing listens here
    job_id = site.client.post("/v1/jobs", json={"script": "A boat."}, headers=bearer(ADMIN)).json()["id"]
    site.filming.finish(UUID(job_id))
    site.settle()

    async def without_host(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [header for header in scope["headers"] if header[0] != b"host"]
        await site.client.app({**scope, "headers": headers}, receive, send)

    path = f"/v1/assets/{AssetKey(Kind.VIDEO).id_in(UUID(job_id))}/link"
    client = TestClient(without_host, base_url="http://10.1.2.3:8080")
    answer = client.post(path, headers=bearer(ADMIN))
    assert answer.status_code == 201, answer.text
    assert answer.json()["url"].startswith("http://10.1.2.3:8080/links/")


def test_it_outlives_a_restart_and_a_changed_key_where_both_are_known(open_site: Callable[..., Site]) -> None:
    old, new = "a-key-for-links-1", "a-key-for-links-2"
    first = open_site()
    job_id = first.submit()
    first.filming.finish(UUID(job_id))
    first.settle()
    path = f"/v1/assets/{AssetKey(Kind.VIDEO).id_in(UUID(job_id))}/link"

    def made(site: Site) -> str:
        url: str = site.client.post(path).json()["url"]
        return url

    def status(site: Site, url: str) -> int:
        code: int = site.client.get(url).status_code
        return code

    own = made(first)
    file = first.system.settings.data_dir / FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert status(open_site(), own) == 200
    with_old = open_site(LINK_KEY=old)
    assert status(with_old, own) == 403
    of_old = made(with_old)
    both = open_site(LINK_KEY=f"{new}, {old}")
    assert status(both, of_old) == 200
    only_new = open_site(LINK_KEY=new)
    assert (status(only_new, of_old), status(only_new, made(both))) == (403, 200)


def test_where_no_key_can_be_kept_it_is_said(
    open_site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = open_site()
    job_id = site.submit()
    site.filming.finish(UUID(job_id))
    site.settle()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    answer = site.client.post(f"/v1/assets/{AssetKey(Kind.VIDEO).id_in(UUID(job_id))}/link")
    assert refused(answer) == (503, "unavailable")
    assert "REELOG_LINK_KEY" in answer.json()["detail"]
