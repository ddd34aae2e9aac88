"""Every program of the API's page runs as it is pasted: with bash, Python and Node, against a live server.

Ids stand for the reader's own films, as the page fills them in; all else is as it is shown.
"""

import functools
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest

from actors.gemini.catalogue import Catalogue
from api.composition import System, open_system
from api.http.app import ENDPOINTS
from api.http.openapi.document import described
from api.model_directory import ModelDirectory
from api.settings import load_settings
from api.web.guides import webhooks
from api.web.snippets import LANGUAGES, SENT_FILE
from domain.asset import AssetKey
from tests.actors.files.material import photo
from tests.api.exportable import ExportableFilming
from tests.api.opened_here import opened_here
from tests.api.serving import serving
from tests.api.web.pasting import Programs, run

pytestmark = pytest.mark.slow  # each starts a server and two hundred calls

FIRST = ("add_file", "put_preset", "put_cast", "add_key", "submit_batch", "create_webhook")
"""What makes the things that others look at."""
LAST = ("cancel_job", "delete_preset", "delete_cast", "revoke_key", "delete_webhook", "delete_job")


KEY = "a-key-of-this-test-that-is-long-enough"


@dataclass
class Live:
    url: str
    http: httpx.Client
    system: System
    filming: ExportableFilming


@pytest.fixture
def live(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    """A server that wants a key, or none; ``REELOG_API_KEY`` is the reader's, too."""
    environ = {"REELOG_API_KEY": KEY} if request.param == "locked" else {}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    settings = load_settings(environ, tmp_path / "none.env", DATA_DIR=tmp_path / "data", PORT=0)
    catalogue = functools.partial(Catalogue, None, date(2026, 11, 22))
    system = open_system(settings, provider="emulator", models=ModelDirectory(catalogue))
    system.opening = opened_here()
    with serving(system) as url:
        headers = {"Authorization": f"Bearer {KEY}"} if environ else {}
        with httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False) as http:
            yield Live(url, http, system, ExportableFilming(system))


def fills(live: Live, file: Path) -> dict[str, str]:
    """The reader's own: a film, one that was cancelled, one that waits; a file, a batch."""
    filming, studio = live.filming, live.system.studio
    hook = live.http.post("/v1/webhooks", json={"url": "https://hook.invalid/told"}).raise_for_status().json()
    done, stopped, waiting = filming.submit(), filming.submit(), filming.submit()
    assert filming.finish(done) == "completed"
    studio.change_job(stopped, lambda job: job.request_cancel(now=filming.tick(1)))
    assert filming.finish(stopped) == "cancelled"
    filming.until_made(waiting, "analysis")
    studio.change_job(waiting, lambda job: job.request_review("script", now=filming.tick(1)))
    image, video = (AssetKey.parse(name).id_in(done) for name in ("image:1", "video"))
    kept = live.http.post("/v1/files", content=file.read_bytes()).raise_for_status().json()
    batch = live.http.post("/v1/batches", json={"submissions": [{"script": "A boat."}]})
    recipe = live.http.get(f"/v1/assets/{image}").json()["recipe"]
    prompt = recipe["prompt_digest"] or live.system.blobs.put(b"A boat.")
    linked = live.http.post(f"/v1/assets/{image}/link", json={"expires_in_s": 900}).raise_for_status().json()
    link = parse_qs(urlsplit(linked["url"]).query)
    while not (told := live.http.get(f"{hook['links']['deliveries']}").json()["data"]):
        filming.settle()
    return {
        "webhook": hook["id"],
        "delivery": told[0]["id"],
        "link-id": str(image),
        **{f"link-{name}": link[name][0] for name in ("expires", "signature")},
        "job": str(done),
        "job-cancelled": str(stopped),
        "job-awaiting_review": str(waiting),
        "asset-image": str(image),
        "asset-video": str(video),
        "prompt": prompt,
        "file": kept["digest"],
        "batche": batch.raise_for_status().json()["id"],
    }


@pytest.mark.parametrize("live", ["locked"], indirect=True)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_call_of_the_page_works_when_it_is_pasted(live: Live, tmp_path: Path, language: str) -> None:
    operations = [endpoint.operation.id for endpoint in described(ENDPOINTS)]
    mine = fills(live, photo(tmp_path / SENT_FILE))
    page = Programs(live.http.get("/docs").text, mine)
    assert not page.unfilled, "docs.js and this test fill the same"
    assert set(operations) <= set(page.found), "every operation has programs"
    between = [name for name in operations if name not in (*FIRST, *LAST)]
    order = [*(n for n in FIRST if n in operations), *between, *(n for n in LAST if n in operations)]
    said = run(language, {name: page.found[name][language] for name in order}, tmp_path)
    for name in order:
        assert f"{name}." in said
    assert (tmp_path / "film.mp4").stat().st_size
    assert (tmp_path / "film.zip").read_bytes()[:2] == b"PK"


@pytest.mark.parametrize("live", ["open"], indirect=True)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_guide_works_when_it_is_pasted(live: Live, tmp_path: Path, language: str) -> None:
    mine = fills(live, photo(tmp_path / SENT_FILE))
    page = Programs(live.http.get("/docs").text, mine)
    ended = threading.Event()

    def make_films() -> None:
        """What actors would do."""
        while not ended.wait(0.05):
            queued = live.http.get("/v1/jobs?status=queued").json()["data"]
            for job in queued:
                live.filming.finish(UUID(job["id"]))

    crew = threading.Thread(target=make_films)
    crew.start()
    try:
        guides = {name: page.found[name][language] for name in ("start", "streams", "errors")}
        said = run(language, guides, tmp_path)
    finally:
        ended.set()
        crew.join()
    assert (tmp_path / "film.mp4").stat().st_size
    assert said.count("job.completed") + said.count("the video is ready") >= 2, "by event or by its words"
    assert "invalid_submission" in said
    assert "/options/fps" in said


@pytest.mark.parametrize("language", ["Python", "JavaScript"])
def test_the_check_of_a_signature_takes_what_is_genuine_and_nothing_else(
    tmp_path: Path, language: str
) -> None:
    program = webhooks().programs[language]
    assert run(language, {"genuine": program}, tmp_path).split()[-1].lower() == "true"
    other = program.replace("2432232314", "2432232315")
    assert run(language, {"other": other}, tmp_path).split()[-1].lower() == "false"
