"""While a provider hangs, an endpoint is silent, or files take long to open, others are answered as ever."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from anyio import fail_after, to_thread
from starlette.testclient import TestClient

from actors.gemini.catalogue import Catalogue
from api import model_directory as models
from api.cases import batch, fork, submit
from api.composition import Place, open_system
from api.http.app import build_app
from api.http.threads import OPENING, WAITING
from api.model_directory import ModelDirectory
from api.settings import load_settings
from tests.actors.files.material import photo, sound, tone
from tests.api.conftest import SHIPPED, Site
from tests.api.http.own_files import sent
from tests.api.opened_here import OpenedHere
from tests.receiver import receiving

PATIENCE_S = 30
SUBMISSIONS = 45


class Provider:
    """Lists its models when the test lets it."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = threading.Event()
        self.answers: Catalogue | Exception = SHIPPED()

    def __call__(self) -> Catalogue:
        self.asked += 1
        assert self.may_answer.wait(PATIENCE_S)
        if isinstance(self.answers, Exception):
            raise self.answers
        return self.answers


def live() -> Catalogue:
    catalogue = SHIPPED()
    catalogue.source = "live"
    return catalogue


@contextmanager
def ended_look(directory: ModelDirectory) -> Iterator[None]:
    """What is done within begins a look at the list, which has ended after it."""
    yield
    look = directory._look
    assert look is None or look.ended.wait(PATIENCE_S)


@pytest.mark.slow
def test_with_submissions_waiting_for_the_list_everything_else_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "PATIENCE_S", float(PATIENCE_S))
    provider = Provider()
    own = load_settings({}, tmp_path / "none.env", DATA_DIR=tmp_path / "data", PORT=0)
    system = open_system(own, provider="emulator", models=ModelDirectory(provider))
    here = threading.Semaphore(0)
    faults = system.models.faults

    def counted(*arguments: Any) -> Any:
        here.release()
        return faults(*arguments)

    monkeypatch.setattr(system.models, "faults", counted)
    client = TestClient(build_app(system), base_url="http://127.0.0.1")
    with client, ThreadPoolExecutor(SUBMISSIONS + 2) as people:
        submitted = [
            people.submit(client.post, path, json={"script": "A boat."})
            for path in ["/v1/jobs"] * SUBMISSIONS
        ]
        assert here.acquire(timeout=PATIENCE_S)
        estimated = people.submit(client.post, "/v1/estimate", json={"script": "A boat."})
        for path in (
            "/v1/jobs",
            "/readyz",
            "/healthz",
            "/v1/models",
            "/",
            "/static/app.js",
            "/v1/events",
            "/jobs",
        ):
            answer = people.submit(client.get, path).result(PATIENCE_S)
            assert answer.status_code == 200, path
        assert client.get("/v1/models").json()["source"] == "shipped"
        assert not any(future.done() for future in submitted)
        provider.may_answer.set()
        assert {future.result(PATIENCE_S).status_code for future in submitted} == {201}
        assert estimated.result(PATIENCE_S).status_code == 200
        assert provider.asked == 1


def test_a_submission_waits_for_the_first_list_so_long_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "PATIENCE_S", 0.01)
    provider = Provider()
    directory = ModelDirectory(provider, SHIPPED)
    said = directory.faults({"text": "gemini-9"})
    assert "by the shipped list; the provider's could not be had" in said[0].message
    provider.may_answer.set()


def test_a_job_is_cancelled_while_endpoints_that_are_tried_do_not_answer(
    open_site: Callable[..., Site],
) -> None:
    """Seen to fail with pings in the threads that submissions and cancellations wait in."""
    site = open_site({"REELOG_WEBHOOK_NETWORKS": "127.0.0.1"})
    job = site.submit()
    here, may_answer = threading.Semaphore(0), threading.Event()

    def silent(_: Any) -> int:
        here.release()
        assert may_answer.wait(PATIENCE_S)
        return 204

    with receiving() as receiver, ThreadPoolExecutor(WAITING + 1) as people:
        endpoint = {"url": receiver.url, "events": ["job.completed"]}
        address = f"{site.client.post('/v1/webhooks', json=endpoint).json()['links']['self']}/ping"
        receiver.answer = silent
        pings = [people.submit(site.client.post, address) for _ in range(WAITING)]
        try:
            for _ in pings:
                assert here.acquire(timeout=PATIENCE_S)
            cancelled = people.submit(site.client.post, f"/v1/jobs/{job}/cancel").result(PATIENCE_S)
            assert cancelled.status_code == 202
            assert not any(ping.done() for ping in pings)
        finally:
            may_answer.set()
        assert all(ping.result(PATIENCE_S).json()["delivered"] for ping in pings)


class SlowOpening(OpenedHere):
    """Opens files when the test lets it."""

    def __init__(self) -> None:
        self.may_open = threading.Event()
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()

    def fit(self, source: Path, target: Path, place: Place) -> Any:
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        assert self.may_open.wait(PATIENCE_S)
        try:
            return super().fit(source, target, place)
        finally:
            with self._lock:
                self.at_once -= 1


@pytest.mark.parametrize("asked", ["submit", "preset", "batch", "fork"])
def test_jobs_without_files_begin_and_are_cancelled_while_others_files_are_opened(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    """Seen to fail with files that are opened in the threads that submissions wait in."""
    opening = SlowOpening()
    site.system.opening = opening  # type: ignore[assignment]
    with_file: Any = {
        "scenes": [{"text": "A boat sets out.", "image": sent(site, photo(tmp_path / "a.jpg"))}]
    }
    opening.may_open.set()
    source = site.client.post("/v1/jobs", json=with_file).json()["id"]
    opening.may_open.clear()
    song = sent(site, sound(tmp_path / "s.wav", tone(12.0)))
    site.client.put("/v1/presets/ours", json={"files": {"music": song}})
    path, body, module = {
        "submit": ("/v1/jobs", with_file, submit),
        "preset": ("/v1/jobs", {"script": "A boat.", "preset": "ours"}, submit),
        "batch": ("/v1/batches", {"submissions": [with_file]}, batch),
        "fork": (f"/v1/jobs/{source}/fork", {}, fork),
    }[asked]
    here, given_at_submit = threading.Semaphore(0), module.given_at_submit

    def counted(*given: Any, **named: Any) -> Any:
        here.release()
        return given_at_submit(*given, **named)

    monkeypatch.setattr(module, "given_at_submit", counted)
    with ThreadPoolExecutor(WAITING + 1) as people:
        begun = [people.submit(site.client.post, path, json=body) for _ in range(WAITING)]
        try:
            for _ in begun:
                assert here.acquire(timeout=PATIENCE_S)
            plain = people.submit(site.client.post, "/v1/jobs", json={"script": "A boat."}).result(PATIENCE_S)
            assert plain.status_code == 201
            cancelled = people.submit(site.client.post, f"/v1/jobs/{plain.json()['id']}/cancel")
            assert cancelled.result(PATIENCE_S).status_code == 202
            assert not any(one.done() for one in begun)
        finally:
            opening.may_open.set()
        assert {one.result(PATIENCE_S).status_code for one in begun} == {201}
    assert opening.most_at_once == OPENING


def test_an_old_list_is_told_while_a_new_one_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = Provider()
    provider.answers = first = live()
    provider.may_answer.set()
    directory = ModelDirectory(provider, SHIPPED)
    with ended_look(directory):
        directory.start()
    assert directory.catalogue() is first
    assert provider.asked == 1
    monkeypatch.setattr(models, "FRESH_S", 0.0)
    provider.may_answer.clear()
    assert [directory.catalogue() for _ in range(5)] == [first] * 5
    assert not directory.faults({"text": "gemini-3.8-flash"})
    monkeypatch.setattr(models, "FRESH_S", 600.0)
    provider.answers = second = live()
    with ended_look(directory):
        provider.may_answer.set()
    assert directory.catalogue() is second
    assert provider.asked == 2, "one look at a time"


@pytest.mark.parametrize("outcome", [SHIPPED(), OSError("no such certificate")], ids=["none had", "broken"])
def test_a_look_that_fails_leaves_what_was_known_and_is_not_the_last(
    outcome: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = Provider()
    provider.may_answer.set()
    provider.answers = first = live()
    directory = ModelDirectory(provider, SHIPPED)
    with ended_look(directory):
        directory.start()
    monkeypatch.setattr(models, "FRESH_S", 0.0)
    provider.answers = outcome
    with ended_look(directory):
        assert directory.catalogue() is first
    assert directory.catalogue() is first
    monkeypatch.setattr(models, "RETRY_S", 0.0)
    provider.answers = third = live()
    with ended_look(directory):
        directory.catalogue()
    monkeypatch.setattr(models, "FRESH_S", 600.0)
    assert directory.catalogue() is third


def test_readiness_is_told_in_time_though_the_crew_and_the_store_are_silent(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    silence = threading.Event()
    asked = []

    class Crew:
        def start(self) -> None:
            """Nothing to start."""

        def stop(self) -> None:
            """Nothing to stop."""

        def status(self) -> dict[str, object]:
            asked.append("crew")
            silence.wait(PATIENCE_S)
            return {"state": "ready"}

    def projected() -> Any:
        asked.append("store")
        silence.wait(PATIENCE_S)

    site.system.actors = Crew()
    monkeypatch.setattr("api.http.health.TIMEOUT_S", 0.01)
    assert [site.client.get("/readyz").json()["actors"] for _ in range(20)] == ["starting"] * 20
    with monkeypatch.context() as broken:
        broken.setattr(site.system.readers, "projected", projected)
        told = [site.client.get("/readyz") for _ in range(20)]
        assert {answer.status_code for answer in told} == {503}
        assert "no answer" in told[0].json()["reasons"][0]
    assert sorted(asked) == ["crew", "store"], "one thread each, however often one looks"
    silence.set()


def test_with_every_reading_thread_taken_jobs_are_accepted_and_streams_go_on(site: Site) -> None:
    portal = site.client.portal
    assert portal is not None
    tail = site.client.app.state.tail  # type: ignore[attr-defined]
    done = threading.Event()
    taken = threading.Semaphore(0)

    def read_slowly() -> None:
        taken.release()
        assert done.wait(PATIENCE_S)

    async def first_frames() -> Any:
        with fail_after(PATIENCE_S):
            async for frames in tail.frames(0):
                if frames:
                    return frames
        return None

    reading = [portal.start_task_soon(to_thread.run_sync, read_slowly) for _ in range(40)]
    for _ in reading:
        assert taken.acquire(timeout=PATIENCE_S)
    try:
        site.submit()
        assert site.client.get("/readyz").status_code == 200
        assert [frame.type for frame in portal.call(first_frames)] == ["job.submitted"]
        assert not any(thread.done() for thread in reading)
    finally:
        done.set()
    for thread in reading:
        thread.result(PATIENCE_S)
