"""The README's programs as they stand there, each in an interpreter of its own, against a server."""

import asyncio
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from reelog_client import AsyncClient, Client, ReelogError
from reelog_client.errors import ConflictError, InvalidRequestError, NotFoundError

from api.composition import open_system
from api.model_directory import ModelDirectory
from api.settings import Settings
from tests.api.client.conftest import Kind
from tests.api.conftest import SHIPPED
from tests.api.serving import serving
from tests.modules import CLIENT
from tests.projections.filming import Filming
from tests.receiver import receiving

pytestmark = pytest.mark.slow

PROGRAMS = re.findall(r"```python\n(.*?)```", (CLIENT / "README.md").read_text("utf-8"), re.DOTALL)

HERE = ("127.0.0.1",)


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest, url: str) -> Iterator[Kind]:
    """The client in one kind and then in the other, of the server."""
    if request.param == "sync":
        with Client(url) as client:
            yield Kind(client, [])
        return
    with asyncio.Runner() as loop:
        other = AsyncClient(url)
        yield Kind(other, [], loop)
        loop.run(other.close())


@pytest.fixture
def url(settings: Settings) -> Iterator[str]:
    """A server; whatever is submitted to it is made at once."""
    settings = replace(settings, webhook_networks=HERE)
    system = open_system(settings, provider="emulator", models=ModelDirectory(SHIPPED))
    with serving(system) as address:
        filming = Filming(system.store, system.blobs)
        filming.latency_s = 0.0  # nothing is told of before its time, which is the real one here

        def make_films() -> None:
            filming.now = datetime.now(UTC)
            try:
                with Client(address) as client:
                    for event in client.jobs.events():
                        if event["type"] == "job.submitted":
                            filming.finish(UUID(event["job_id"]))
            except ReelogError:
                return  # the server has ended

        threading.Thread(target=make_films, daemon=True).start()
        yield address


def ran(program: str, url: str, folder: Path) -> str:
    keep = {name: value for name, value in os.environ.items() if not name.startswith("REELOG_")}
    places = {"REELOG_URL": url, "PYTHONPATH": str(CLIENT)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=folder, env=keep | places, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_each_program_has_about_ten_lines() -> None:
    assert len(PROGRAMS) == 3
    for program in PROGRAMS:
        assert len([line for line in program.splitlines() if line.strip()]) <= 12


def test_the_three_programs_do_what_is_said_of_them(url: str, tmp_path: Path) -> None:
    film, watched, many = PROGRAMS

    said = ran(film, url, tmp_path).splitlines()
    assert said[0].startswith("costs about ")
    brought = [line.split()[0] for line in said[1:]]
    assert brought == ["video.mp4", "captions.vtt", "captions.srt", "poster.jpg", "manifest.json"]
    assert {path.name for path in (tmp_path / "film").iterdir()} == set(brought)

    lines = ran(watched, url, tmp_path).splitlines()
    assert lines[0].startswith("  0% ")
    assert lines[-2].startswith("100% ")
    assert lines[-1].startswith("made: ")

    two = ran(many, url, tmp_path).splitlines()
    assert [line.split()[1] for line in two] == ["completed", "completed"]
    assert len({line.split()[0] for line in two}) == 2


def test_what_the_server_says_comes_through(url: str) -> None:
    with Client(url) as client:
        with pytest.raises(InvalidRequestError) as refused:
            client.jobs.submit("Fine.", options={"fps": 23})  # type: ignore[typeddict-item]
        assert refused.value.errors[0]["pointer"] == "/options/fps"
        job = client.jobs.submit("A boat sets out at dawn.", idempotency_key="once")
        assert client.jobs.submit("A boat sets out at dawn.", idempotency_key="once").id == job.id
        assert job.wait(timeout_s=60).status == "completed"
        assert [event["position"] for event in job.watch()] == [e["position"] for e in job.events()]
        assert job.cancel().status == "completed"
        assert [found.id for found in client.jobs.list(id=job.id[:8])] == [job.id]
        assert client.assets.content(job.assets()[0]["id"])
        assert client.models.list()["data"]
        assert client.health.ready()["store"]
        with pytest.raises(ConflictError, match="job_not_retryable"):
            job.retry()


def test_webhooks_are_added_told_looked_at_and_removed(kind: Kind) -> None:
    hooks, done = kind.client.webhooks, kind.done
    with receiving() as receiver:
        added = done(hooks.add(receiver.url, events=["job.completed"]))
        assert added["secret"].startswith("whsec_")
        assert [one["id"] for one in done(hooks.list())] == [added["id"]]
        assert done(hooks.ping(added["id"]))["delivered"]
        receiver.next()
        job = done(kind.client.jobs.submit("A boat sets out."))
        got = receiver.next()
        assert (got.message["type"], got.message["data"]["id"]) == ("job.completed", job.id)
        while not (found := kind.listed(hooks.deliveries(added["id"], status="delivered", job_id=job.id))):
            pass
        assert found[0]["id"] == got.headers["webhook-id"]
        assert [one["status"] for one in done(hooks.delivery(added["id"], found[0]["id"]))["tries"]] == [204]
        assert done(hooks.redeliver(added["id"], found[0]["id"]))["turn"] == 2
        assert receiver.next().headers["webhook-id"] == found[0]["id"]
        assert done(hooks.rotate_secret(added["id"]))["secret"] != added["secret"]
        assert done(hooks.change(added["id"], enabled=False))["disabled_for"] == "asked"
        assert done(hooks.remove(added["id"])) is None
        with pytest.raises(NotFoundError, match="webhook_not_found"):
            done(hooks.get(added["id"]))


def test_keys_presets_casts_batches_and_links_are_had(kind: Kind) -> None:
    client, done = kind.client, kind.done
    key = done(client.keys.add("web", scope="read", rate=60))
    assert key["key"]
    assert [(one["name"], one["rate"]) for one in done(client.keys.list())] == [("web", 60)]
    assert done(client.keys.own())["scope"] == "administrator"
    assert done(client.keys.revoke("web"))["revoked_at"] == done(client.keys.get("web"))["revoked_at"]

    assert done(client.presets.put("serial", {"options": {"fps": 24}}))["version"] == 1
    assert done(client.presets.get("serial"))["values"] == {"options": {"fps": 24}}
    assert [one["name"] for one in done(client.presets.list())] == ["serial"]
    done(client.casts.put("crew", [{"name": "Ada", "look": "a tall woman"}]))
    assert done(client.casts.get("crew"))["cast"][0]["name"] == "Ada"
    assert [one["name"] for one in done(client.casts.list())] == ["crew"]

    scripts = [{"script": "One boat."}, {"script": "Two boats."}]
    batch = done(client.batches.submit(scripts, common={"preset": "serial", "cast": "crew"}))
    assert len(done(client.batches.get(batch["id"]))["jobs"]) == 2
    job = done(done(client.jobs.get(batch["jobs"][0]["id"])).wait(timeout_s=60))
    assert job.document["options"]["fps"] == 24

    done(client.presets.remove("serial"))
    done(client.casts.remove("crew"))
    assert done(client.presets.list()) == done(client.casts.list()) == []

    link = done(job.link("video", expires_in_s=60, download=True))
    anybody = httpx.get(link["url"], timeout=30)
    [video] = [one for one in done(job.assets()) if one["name"] == "video"]
    assert (anybody.status_code, link["asset_id"]) == (200, video["id"])
    assert anybody.content == done(client.assets.content(video["id"]))
    assert done(client.assets.link(video["id"]))["asset_id"] == video["id"]


def test_a_fork_names_its_webhook(kind: Kind) -> None:
    with receiving() as receiver:
        source = kind.done(kind.client.jobs.submit("A boat sets out."))
        kind.done(source.wait(timeout_s=60))
        with pytest.raises(InvalidRequestError) as refused:
            kind.done(source.fork(webhook={"url": "https://10.0.0.1/"}, script="Another boat."))
        assert refused.value.errors[0]["pointer"] == "/webhook/url"
        forked = kind.done(source.fork(webhook={"url": receiver.url}, script="Another boat."))
        assert forked.document["webhook"]["secret"].startswith("whsec_")
        assert receiver.next().message["data"]["id"] == forked.id
