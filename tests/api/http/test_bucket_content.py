"""Films in a bucket over HTTP: parts are passed on, the whole is checked, addresses signed where wanted."""

from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from actors.blobs import bucket, objects
from actors.blobs.folder import key_of
from tests.api.conftest import Site
from tests.object_store import S3, SECRET, Cut, Held, Proxy, Refused, proxy_before

pytestmark = pytest.mark.slow

Open = Callable[..., Site]


class House:
    """A finished film in a bucket, and servers on other machines, which have nothing of it yet."""

    def __init__(self, s3: S3, proxy: Proxy, open_site: Open, folder: Path) -> None:
        self.proxy = proxy
        self.s3 = s3
        self.url = s3.bucket()
        self._open_site = open_site
        self._folder = folder
        self._machines = 0
        site = self.server()
        job_id = site.submit()
        assert site.filming.finish(UUID(job_id)) == "completed"
        site.settle()
        assets = site.client.get(f"/v1/jobs/{job_id}/assets").json()["data"]
        self.assets: dict[str, dict[str, Any]] = {asset["name"]: asset for asset in assets}
        self.film = self.assets["video"]["links"]["content"]
        self.bytes = site.client.get(self.film).content
        self.key = key_of(self.assets["video"]["digest"])

    def server(self, **changes: Any) -> Site:
        self._machines += 1
        cache = self._folder / f"machine-{self._machines}"
        return self._open_site(self.s3.variables, BLOBS=self.url, BLOBS_CACHE=cache, **changes)


@pytest.fixture
def house(s3: S3, open_site: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    # The films of these tests are small.
    monkeypatch.setattr(objects, "LARGE", 20)
    with proxy_before(s3) as (proxy, far):
        yield House(far, proxy, open_site, tmp_path)


def test_a_part_is_passed_on_from_the_bucket_and_nothing_else_is_fetched(house: House) -> None:
    client = house.server().client
    house.proxy.seen.clear()
    part = client.get(house.film, headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.content) == (206, house.bytes[5:10])
    assert part.headers["content-range"] == f"bytes 5-9/{len(house.bytes)}"
    assert part.headers["content-length"] == "5"
    assert part.headers["etag"] == f'"{house.assets["video"]["digest"]}"'
    assert part.headers["content-type"] == "video/mp4"
    assert [line.split()[0] for line in house.proxy.seen if house.key in line] == ["HEAD", "GET"]
    last = client.get(house.film, headers={"Range": "bytes=-4"})
    assert (last.status_code, last.content) == (206, house.bytes[-4:])
    rest = client.get(house.film, headers={"Range": "bytes=7-"})
    assert (rest.status_code, rest.content) == (206, house.bytes[7:])
    beyond = client.get(house.film, headers={"Range": "bytes=3-99999"})
    assert (beyond.status_code, beyond.content) == (206, house.bytes[3:])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Range": "items=0-5"},
        {"Range": "bytes=0-1, 3-4"},
        {"Range": "bytes=0-3", "If-Range": '"sha256:other"'},
    ],
)
def test_the_whole_is_passed_on_where_no_one_part_is_asked_for(house: House, headers: dict[str, str]) -> None:
    answer = house.server().client.get(house.film, headers=headers)
    assert (answer.status_code, answer.content) == (200, house.bytes)
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-length"] == str(len(house.bytes))
    head = house.server().client.head(house.film)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(house.bytes))


@pytest.mark.parametrize("wanted", ["bytes=99999-", "bytes=9-5x", "bytes=9-5", "bytes=-", "bytes=-0"])
def test_a_part_that_is_not_there_is_a_problem(house: House, wanted: str) -> None:
    answer = house.server().client.get(house.film, headers={"Range": wanted})
    assert answer.status_code == 416
    assert answer.json()["code"] == "range_not_satisfiable"
    assert answer.headers["content-range"] == f"bytes */{len(house.bytes)}"


def test_what_is_known_already_is_not_sent_again(house: House) -> None:
    tag = {"If-None-Match": f'"{house.assets["video"]["digest"]}"'}
    assert house.server().client.get(house.film, headers=tag).status_code == 304


def test_a_body_that_breaks_off_is_gone_on_with(house: House) -> None:
    client = house.server().client
    house.proxy.once(Cut(7), f"GET /{house.url.removeprefix('s3://')}/{house.key}")
    assert client.get(house.film).content == house.bytes


def test_a_store_that_is_away_is_unavailable_and_said_by_readyz(house: House) -> None:
    client = house.server().client
    assert client.get("/readyz").json()["blobs"] == "s3"
    house.proxy.always(Refused(403, "RequestTimeTooSkewed"))
    answer = client.get(house.film)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    ready = client.get("/readyz")
    assert ready.status_code == 503
    [reason] = ready.json()["reasons"]
    assert "clock is wrong" in reason
    assert client.post("/v1/jobs", json={"script": "A boat."}).status_code == 201, "which is on record"
    house.proxy.mend()
    assert client.get("/readyz").status_code == 200
    assert client.get(house.film).content == house.bytes


def test_a_store_that_hangs_holds_up_nobody_who_asks_how_it_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.health.TIMEOUT_S", 0.2)
    client = house.server().client
    house.proxy.once(held := Held(), "list-type")
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert "the blob store" in ready.json()["reasons"][0]
    held.go.set()


def test_damaged_bytes_are_never_sent_to_their_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.s3.replace(house.url, house.key, house.bytes[:-1] + b"?")
    answer = house.server().client.get(house.film)
    assert (answer.status_code, answer.json()["code"]) == (500, "content_damaged"), "it was known in time"
    read = bucket.Bucket.read

    def by_eight(*given: Any) -> Iterator[bytes]:
        data = b"".join(read(*given))
        return (data[at : at + 8] for at in range(0, len(data), 8))

    monkeypatch.setattr(bucket.Bucket, "read", by_eight)
    answer = house.server().client.get(house.film)
    assert answer.status_code == 200
    assert len(answer.content) < len(house.bytes) == int(answer.headers["content-length"])


def test_small_things_are_checked_before_the_first_byte(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "LARGE", 1 << 20)
    house.s3.replace(house.url, house.key, b"not what it was")
    answer = house.server().client.get(house.film, headers={"Range": "bytes=0-3"})
    assert (answer.status_code, answer.json()["code"]) == (500, "content_damaged")


# ---- signed addresses -----------------------------------------------------------------------------------


def fetched(address: str, headers: dict[str, str]) -> tuple[int, bytes, str | None]:
    place = urlsplit(address)
    connection = HTTPConnection(place.netloc, timeout=30)
    try:
        connection.request("GET", f"{place.path}?{place.query}", headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.getheader("content-range")
    finally:
        connection.close()


def test_where_it_is_set_films_are_had_at_a_signed_address(house: House) -> None:
    client = house.server(BLOBS_REDIRECT=120).client
    answer = client.get(house.film, headers={"Range": "bytes=5-9"}, follow_redirects=False)
    assert (answer.status_code, answer.content) == (307, b"")
    assert answer.headers["cache-control"] == "no-store"
    address = answer.headers["location"]
    assert "X-Amz-Expires=120" in address
    assert SECRET not in address
    assert fetched(address, {})[:2] == (200, house.bytes)
    status, part, range_ = fetched(address, {"Range": "bytes=5-9"})
    assert (status, part, range_) == (206, house.bytes[5:10], f"bytes 5-9/{len(house.bytes)}")
    policy = client.get("/").headers["content-security-policy"]
    assert f"media-src 'self' {house.s3.url} blob:" in policy
    assert house.s3.url not in house.server().client.get("/").headers["content-security-policy"]


def test_small_things_and_what_is_here_already_come_from_here(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = house.server(BLOBS_REDIRECT=120)
    site.system.blobs.path(house.assets["video"]["digest"])
    assert site.client.get(house.film, follow_redirects=False).content == house.bytes
    monkeypatch.setattr(objects, "LARGE", 1 << 20)
    other = house.server(BLOBS_REDIRECT=120)
    assert other.client.get(house.film, follow_redirects=False).content == house.bytes


def test_an_address_is_signed_for_who_may_read_alone(house: House) -> None:
    site = house.server(BLOBS_REDIRECT=120, API_KEY="a-key-of-sixteen-letters")
    assert site.client.get(house.film, follow_redirects=False).status_code == 401


def test_a_link_leads_to_the_bucket_no_longer_than_it_is_good(house: House) -> None:
    client = house.server(BLOBS_REDIRECT=120).client
    asset = house.assets["video"]["id"]

    def answer(headers: dict[str, str] | None = None, **asked: Any) -> Any:
        made = client.post(f"/v1/assets/{asset}/link", json=asked)
        return client.get(made.json()["url"], headers=headers, follow_redirects=False)

    led = answer(expires_in_s=60)
    assert led.status_code == 307
    assert led.headers["cross-origin-resource-policy"] == "cross-origin"
    assert int(parse_qs(urlsplit(led.headers["location"]).query)["X-Amz-Expires"][0]) <= 60
    assert "X-Amz-Expires=120" in answer(expires_in_s=3600).headers["location"]
    # What the bucket cannot do comes from here: the name of a file, and what scripts of other sites read.
    kept = answer(download=True)
    assert (kept.status_code, kept.content) == (200, house.bytes)
    assert kept.headers["content-disposition"] == 'attachment; filename="The-Boat.mp4"'
    assert answer({"Origin": "https://app.example", "Range": "bytes=0-3"}).status_code == 206
    assert client.get(house.film, params={"download": "1"}, follow_redirects=False).status_code == 200
