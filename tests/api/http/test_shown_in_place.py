"""What could run in a browser is handed over as a file, whatever it says that it is."""

from uuid import UUID

import pytest

from api.http.assets import SHOWN_IN_PLACE
from domain.asset import AssetKey
from tests.api.conftest import Site
from tests.projections.filming import Filming

pytestmark = pytest.mark.slow

SCRIPT = b"<script>alert(document.cookie)</script>"


class Odd(Filming):
    """Makes pictures of a type of the test's."""

    media_type = ""

    def content(self, key: AssetKey, revision: int) -> tuple[bytes, str]:
        if key.name == "image:1":
            return SCRIPT, self.media_type
        return super().content(key, revision)


def picture(site: Site, media_type: str) -> str:
    """The address of a picture that is said to be of this type."""
    filming = Odd(site.system.store, site.system.blobs)
    filming.media_type = media_type
    job_id = site.submit()
    filming.finish(UUID(job_id))
    site.settle()
    assets = site.client.get(f"/v1/jobs/{job_id}/assets").json()["data"]
    address: str = next(a["links"]["content"] for a in assets if a["name"] == "image:1")
    return address


@pytest.mark.parametrize(
    "media_type",
    ["text/html", "text/HTML; charset=utf-8", "image/svg+xml", "application/xhtml+xml", "text/xml",
     "application/pdf", "text/javascript", "multipart/x-mixed-replace", "", "nonsense"],
)  # fmt: skip
def test_what_a_browser_might_run_is_a_download(site: Site, media_type: str) -> None:
    answer = site.client.get(picture(site, media_type))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_pictures_sounds_films_and_plain_text_are_shown_and_nothing_else() -> None:
    assert {
        "application/json", "audio/mpeg", "audio/wav", "image/jpeg", "image/png", "image/webp", "text/plain",
        "text/vtt", "video/mp4",
    } == SHOWN_IN_PLACE  # fmt: skip


def test_head_of_a_part_is_the_head_of_the_whole(site: Site) -> None:
    address = picture(site, "image/png")
    head = site.client.head(address, headers={"Range": "bytes=0-3"})
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(SCRIPT)))
    assert "content-range" not in head.headers
    assert site.client.get(address, headers={"Range": "bytes=0-3"}).status_code == 206
