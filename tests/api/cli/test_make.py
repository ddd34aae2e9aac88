"""make: who does the work, and what becomes of the files. The whole, with Ray, is a journey of its own."""

import json
import logging
import os
import shlex
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from standardwebhooks import Webhook

from actors.blobs.errors import BlobStoreUnavailableError
from actors.blobs.opening import open_blobs
from api.cases.presets import PresetRequest, put_preset
from api.cli import make, output
from api.cli.crew import Crew, announce, announced, serving_name
from api.cli.errors import UnreachableError
from api.cli.live import PlainLines
from api.cli.progress import Story
from api.cli.target import StoreTarget
from api.composition import Actors, Provider
from api.configuration import tracing
from api.settings import Settings, load_settings
from api.webhooks import schedule
from domain.asset import AssetKey
from domain.preset import PresetKind
from domain.pricing import PriceBook
from domain.store import AppendFailedError, open_event_store
from domain.store import Studio as StoreStudio
from projections.database import ReadModelsUnavailableError
from projections.readers import ReadModels
from tests.api.cli.conftest import Floor, Run
from tests.projections.filming import Filming, refusal
from tests.receiver import receiving
from tests.span_collector import collecting

pytestmark = pytest.mark.slow

VTT = "WEBVTT\nLanguage: en\n\n1\n00:00:00.500 --> 00:00:02.000\nSalt &amp; light\nat sea.\n"
SRT = "1\n00:00:00,500 --> 00:00:02,000\nSalt & light\nat sea.\n"


class Studio(Filming):
    """Makes captions that are captions."""

    def content(self, key: AssetKey, revision: int) -> tuple[bytes, str]:
        return (VTT.encode(), "text/vtt") if key.name == "captions" else super().content(key, revision)


class Hands:
    """Actors without Ray: they make the film in a thread, by hand."""

    def __init__(self, settings: Settings, only: frozenset[UUID], filming: Callable[[Any], Filming]) -> None:
        self._store = open_event_store(settings.store)
        self._filming = filming(self._store)
        [self._job] = only
        self._thread = threading.Thread(target=self._filming.finish, args=(self._job,), daemon=True)
        self.state = "starting"

    def start(self) -> None:
        self.state = "ready"
        self._thread.start()

    def stop(self) -> None:
        self.state = "stopped"
        self._thread.join(20)
        assert not self._thread.is_alive()
        self._filming.studio.close()
        self._store.close()

    def status(self) -> dict[str, Any]:
        return {"state": self.state}


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Hands]]:
    """Every crew that was started instead of Ray."""
    started: list[Hands] = []

    def open_hands(settings: Settings, _p: Provider, _b: PriceBook, only: frozenset[UUID]) -> Actors:
        started.append(Hands(settings, only, lambda store: Studio(store, open_blobs(settings.blobs))))
        return started[-1]

    monkeypatch.setattr(make, "Crew", lambda system, job_id: Crew(system, job_id, open_hands))
    return started


@pytest.fixture
def made(floor: Floor) -> UUID:
    """A film that is finished."""
    studio = Studio(floor.system.store, floor.system.blobs)
    job_id = studio.submit()
    assert studio.finish(job_id) == "completed"
    floor.settle()
    return job_id


# ---- the whole command, with hands for actors --------------------------------------------------------


def test_make_writes_the_five_files_and_prints_where_they_are(
    run: Run, hands: list[Hands], tmp_path: Path
) -> None:
    done = run("make", "-", "--out", "film", "--emulate", stdin=b"A boat sets out.")

    assert done.exit_code == 0, done.output
    names = ["video.mp4", "captions.vtt", "captions.srt", "poster.jpg", "manifest.json"]
    assert done.stdout.split() == [f"film/{name}" for name in names]
    assert sorted(path.name for path in (tmp_path / "film").iterdir()) == sorted(names)
    assert "EMULATOR" in done.stderr
    assert "reelog events" in done.stderr
    assert [crew.state for crew in hands] == ["stopped"]


@pytest.mark.usefixtures("hands")
def test_what_make_says_of_the_record_is_found_also_where_settings_name_a_server(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("REELOG_URL=http://127.0.0.1:1\n", encoding="utf-8")
    done = run("make", "-", "--out", "film", "--emulate", "--quiet", stdin=b"A boat sets out.")

    [command] = [line for line in done.stderr.splitlines() if "reelog events" in line]
    assert ": REELOG_URL= reelog events " in command


@pytest.mark.usefixtures("hands")
def test_make_is_part_of_the_trace_it_is_started_in_and_sends_its_spans_before_it_ends(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace, caller = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    with collecting() as collector:
        monkeypatch.setenv("TRACEPARENT", f"00-{trace}-{caller}-01")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        done = run("make", "-", "--out", "film", "--emulate", "--json", "--quiet", stdin=b"A boat sets out.")
        assert done.exit_code == 0, done.output
        job = json.loads(done.stdout.splitlines()[-1])
        assert job["trace"] == {"trace_id": trace, "parent_span_id": caller}
        [root] = [span for span in collector.spans if span.name == "job"]
    assert (root.trace_id.hex(), root.parent_span_id.hex()) == (trace, caller)


@pytest.mark.usefixtures("hands")
def test_make_says_where_a_collector_did_not_get_all_and_makes_the_film(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make, "SPANS_WITHIN_S", 0.1)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.1")
    with collecting() as collector:
        endpoint = collector.url
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
    done = run("make", "-", "--out", "film", "--emulate", "--quiet", stdin=b"A boat sets out.")
    assert done.exit_code == 0, done.output
    assert "collector of spans has not got all of them" in done.stderr


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Webhooks may call this machine."""
    monkeypatch.setenv("REELOG_WEBHOOK_NETWORKS", "127.0.0.1")


@pytest.mark.usefixtures("hands", "loopback")
def test_make_tells_the_films_webhook_before_it_ends(run: Run) -> None:
    with receiving() as receiver:
        asked = ["make", "-", "--out", "film", "--emulate", "--quiet", "--webhook", receiver.url]
        done = run(*asked, stdin=b"A boat sets out.")
        assert done.exit_code == 0, done.output
        got = receiver.received.get_nowait()
    assert got.message["type"] == "job.completed"
    secret = done.stderr.partition("What is sent is signed with ")[2].split()[0]
    assert Webhook(secret).verify(got.body.decode(), got.headers) == got.message
    assert "not taken yet" not in done.stderr


@pytest.mark.usefixtures("loopback", "hands")
def test_make_says_where_the_webhook_was_not_taken_and_the_next_server_tells_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, floor: Floor
) -> None:
    monkeypatch.setattr(make, "WEBHOOK_WITHIN_S", 0.5)
    monkeypatch.setattr(schedule, "PAUSES_S", (2,) * len(schedule.PAUSES_S))
    with receiving() as receiver:
        receiver.answer = lambda _: 503
        asked = ["make", "-", "--out", "film", "--emulate", "--quiet", "--webhook", receiver.url]
        done = run(*asked, stdin=b"A boat sets out.")
        assert done.exit_code == 0, done.output
        assert "The webhook was not taken yet; the next `reelog serve` here tries it again" in done.stderr
        first = receiver.next()
        receiver.answer = lambda _: 204
        floor.system.webhooks.start()
        again = receiver.next()
    assert again.headers["webhook-id"] == first.headers["webhook-id"]


@pytest.mark.usefixtures("hands")
def test_make_tells_the_webhook_that_a_preset_names(
    run: Run, monkeypatch: pytest.MonkeyPatch, floor: Floor
) -> None:
    monkeypatch.setenv("REELOG_WEBHOOK_NETWORKS", "127.0.0.1")
    with receiving() as receiver:
        put_preset(floor.system, PresetRequest(PresetKind.PRESET, "told"), {"webhook": {"url": receiver.url}})
        done = run("make", "-", "--out", "film", "--emulate", "--preset", "told", stdin=b"A boat sets out.")
        assert done.exit_code == 0, done.output
        assert receiver.received.get_nowait().message["type"] == "job.completed"


def test_make_refuses_a_webhook_that_may_not_be_called(run: Run, hands: list[Hands]) -> None:
    refused = run(
        "make", "-", "--out", "film", "--emulate", "--webhook", "http://10.0.0.1/", stdin=b"A boat."
    )
    assert refused.exit_code == 2
    assert "10.0.0.1" in refused.stderr
    assert "REELOG_WEBHOOK_NETWORKS" in refused.stderr
    assert hands == []


@pytest.mark.parametrize("command", [["make", "-", "--out", "film", "--emulate"], ["serve", "--emulate"]])
def test_where_spans_cannot_be_exported_the_command_says_why_before_it_begins(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setattr(tracing, "_EXTRA", "opentelemetry.exporter.none.of.this.name")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    refused = run(*command, stdin=b"A boat sets out.")
    assert refused.exit_code == 2
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in refused.stderr
    assert "pip install -e '.[otel]'" in refused.stderr


@pytest.mark.usefixtures("hands")
def test_make_tells_what_may_surprise_also_where_it_is_quiet(run: Run) -> None:
    script = "The [[Eiffel Tower]] is high.\n[[slow zoom]]\n► It is **old**."
    done = run("make", "-", "--out", "film", "--emulate", "--quiet", stdin=script.encode())

    assert done.exit_code == 0, done.output
    notes = [line for line in done.stderr.splitlines() if line.startswith("Note: ")]
    told = ("Read as Markdown", "emphasis signs", "slow zoom", "Eiffel", "►")
    assert all(word in note for word, note in zip(told, notes, strict=True)), notes


@pytest.mark.usefixtures("hands")
def test_without_a_folder_the_script_names_one_and_no_other_film_is_replaced(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "story.txt").write_text("A boat sets out.", encoding="utf-8")

    first, second = (run("make", "story.txt", "--emulate", "--quiet") for _ in range(2))
    replaced = run("make", "story.txt", "-o", "story", "--emulate", "--quiet")

    assert first.stdout.split()[0] == "story/video.mp4"
    assert "The film goes to story/" in first.stderr
    assert second.stdout.split()[0] == "story-2/video.mp4"
    assert replaced.stdout.split()[0] == "story/video.mp4"
    assert "story holds a film already; its files are replaced when this one is made." in replaced.stderr


@pytest.mark.parametrize(
    ("script", "there", "folder"),
    [("story.txt", (), "story"), ("a/b/My story.v2.md", (), "My story.v2"), ("-", (), "film"),
     ("story", ("story",), "story-2"), ("story.txt", ("story/video.mp4", "story-2/x"), "story-3"),
     (".hidden", (), "hidden"), ("-dash.txt", (), "dash"), ("...", (), "film")],
)  # fmt: skip
def test_the_folder_of_a_film_is_new_or_empty(
    tmp_path: Path, script: str, there: tuple[str, ...], folder: str
) -> None:
    for name in there:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    assert output.unused(script) == folder


@pytest.mark.usefixtures("hands")
def test_make_as_json_tells_the_events_then_the_job_and_its_files(run: Run, tmp_path: Path) -> None:
    done = run("make", "-", "--out", "film", "--emulate", "--json", "--quiet", stdin=b"A boat sets out.")

    *events, job = [json.loads(line) for line in done.stdout.splitlines()]
    assert [events[0]["type"], events[-1]["type"]] == ["job.submitted", "job.completed"]
    assert (job["status"], job["provider"]) == ("completed", "emulator")
    assert job["files"]["video.mp4"] == str(tmp_path / "film" / "video.mp4")


def test_a_job_that_fails_ends_with_one_and_writes_nothing(
    run: Run, hands: list[Hands], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = Hands.start

    def start(self: Hands) -> None:
        self._filming.faults["image:1"] = [refusal()]
        begin(self)

    monkeypatch.setattr(Hands, "start", start)

    done = run("make", "-", "--out", "film", "--emulate", stdin=b"A boat sets out.")

    assert done.exit_code == 1
    assert done.stdout == ""
    assert "Blocked by the safety filter." in done.stderr
    assert "reelog retry" in done.stderr
    assert list((tmp_path / "film").iterdir()) == []
    assert len(hands) == 1


@pytest.mark.usefixtures("hands")
def test_a_model_that_nobody_has_is_refused_with_those_that_would_do(run: Run, tmp_path: Path) -> None:
    done = run(
        "make", "-", "--out", "film", "--emulate", "--text-model", "gpt-9",
        "--image-model", "gemini-3.8-flash", stdin=b"A boat.",
    )  # fmt: skip

    assert done.exit_code == 2
    assert "--text-model is 'gpt-9'" in done.stderr
    assert "--image-model is 'gemini-3.8-flash'" in done.stderr
    assert "gemini-nano-banana-2.1" in done.stderr
    assert list((tmp_path / "film").iterdir()) == []


def test_what_cannot_be_had_is_refused_before_anything_is_paid(
    run: Run, hands: list[Hands], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REELOG_GEMINI_SDK", "google-generativeai")
    known = PriceBook.price
    monkeypatch.setattr(
        PriceBook, "price", lambda book, model, at: None if "argon" in model else known(book, model, at)
    )
    done = run(
        "make", "-", "--out", "film", "--emulate", "--voice", "Nobody", "--max-cost", "1",
        "--text-model", "gemini-4-argon", stdin=b"A boat.",
    )  # fmt: skip

    assert done.exit_code == 2
    assert "--aspect-ratio is '16:9'; google-generativeai cannot" in done.stderr
    assert "--voice is 'Nobody'" in done.stderr
    assert "--speech-model is 'gemini-3.8-flash-tts'" in done.stderr
    assert "--max-cost is 1, and gemini-4-argon has no known price" in done.stderr
    assert list((tmp_path / "film").iterdir()) == []
    assert hands == []


@pytest.mark.usefixtures("hands")
def test_the_demo_keeps_to_its_own_folder(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "canary-key-7713")
    monkeypatch.setenv("REELOG_DATA_DIR", str(tmp_path / "mine"))

    done = run("demo")

    assert done.exit_code == 0, done.output
    assert (tmp_path / "reelog-demo" / "video.mp4").exists()
    assert (tmp_path / "reelog-demo" / "data" / "events.sqlite3").exists()
    assert not (tmp_path / "mine").exists()
    assert "EMULATOR" in done.stderr
    assert not any(b"canary-key-7713" in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


# ---- who does the work -------------------------------------------------------------------------------


class Started(Exception):  # noqa: N818 - no error, a sign
    """A crew of our own was started."""


def _start(*_: Any) -> Actors:
    raise Started


def test_alone_a_crew_for_this_job_is_started(floor: Floor) -> None:
    job_id = uuid4()
    asked: list[Any] = []

    def start(*arguments: Any) -> Actors:
        asked.extend(arguments)
        raise Started

    with pytest.raises(Started):
        Crew(floor.system, job_id, start).look(Story({}))

    assert asked == [floor.system.settings, "emulator", floor.system.prices, frozenset({job_id})]


def test_beside_a_server_that_one_does_the_work(floor: Floor) -> None:
    presence = announce(floor.system.store, "emulator")
    story = Story({})
    crew = Crew(floor.system, uuid4(), _start)

    crew.look(story)

    assert "server" in story.note
    presence.release()


def test_a_server_that_dies_is_replaced(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.cli.crew._LOOK_S", 0.0)
    presence = announce(floor.system.store, "emulator")
    crew = Crew(floor.system, uuid4(), _start)
    crew.look(Story({}))

    presence.release()

    with pytest.raises(Started):
        crew.look(Story({}))


@pytest.mark.parametrize(
    ("provider", "ways", "told"),
    [
        ("gemini", [], "works for the provider gemini, and this job is for emulator"),
        ("emulator", ["--like-google"], "--like-google: a server works on this data folder"),
        ("emulator", ["--prompts", "prompts"], "--prompts: a server works on this data folder"),
    ],
)
def test_what_a_server_here_would_not_do_as_asked_is_refused_and_not_on_record(
    floor: Floor, run: Run, provider: Provider, ways: list[str], told: str
) -> None:
    Path("prompts").mkdir()
    Path("prompts/motion.md").write_text("Say what moves.", "utf-8")
    presence = announce(floor.system.store, provider)

    done = run("make", "-", "--emulate", *ways, stdin=b"A boat sets out.")

    assert done.exit_code == 2, done.output
    assert told in done.stderr
    assert floor.system.log.head() == 0
    presence.release()


def test_a_ray_that_cannot_be_started_is_told(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.cli.crew._LOOK_S", 0.001)
    told = threading.Event()

    class Broken:
        def start(self) -> None: ...

        def stop(self) -> None: ...

        def status(self) -> dict[str, Any]:
            told.set()
            return {"state": "failed", "error": "Ray could not be started: no room"}

    crew = Crew(floor.system, uuid4(), lambda *_: Broken())
    crew.look(Story({}))
    assert told.wait(10)

    with pytest.raises(UnreachableError, match="no room"):
        look_until_told(crew)
    crew.close()


def look_until_told(crew: Crew) -> None:
    while True:
        crew.look(Story({}))


# ---- the files ---------------------------------------------------------------------------------------


def test_the_files_are_what_was_made(floor: Floor, made: UUID, tmp_path: Path) -> None:
    written = output.export(floor.system.readers, floor.system.blobs, made, tmp_path)

    assert written["video.mp4"].read_bytes() == b"video 1" * 100
    assert written["captions.vtt"].read_text() == VTT
    assert written["captions.srt"].read_text() == SRT
    assert oct(written["video.mp4"].stat().st_mode)[-3:] == "644"


def test_an_older_film_is_replaced_whole_or_not_at_all(
    floor: Floor, made: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = output.prepare("film")
    for name in output.FILES:
        (folder / name).write_text("older")
    full = OSError(28, "No space left on device")

    def fail_at_the_third(_: str) -> None:
        raise full

    with monkeypatch.context() as broken:
        broken.setattr(output, "vtt_cues", fail_at_the_third)
        with pytest.raises(OSError, match="No space left"):
            output.export(floor.system.readers, floor.system.blobs, made, folder)

    assert {path.name: path.read_text() for path in folder.iterdir()} == dict.fromkeys(output.FILES, "older")
    output.export(floor.system.readers, floor.system.blobs, made, folder)
    assert "older" not in {path.read_text(errors="replace") for path in folder.iterdir()}
    assert tmp_path / "film" == folder


# ---- turning away ------------------------------------------------------------------------------------


class Waiting(Hands):
    """Begins only when the job is to be cancelled, and then ends it."""

    def start(self) -> None:
        self.state = "ready"
        self._thread = threading.Thread(target=self._end_when_cancelled, daemon=True)
        self._thread.start()

    def _end_when_cancelled(self) -> None:
        follower = self._store.follower()
        while not self._filming.studio.job(self._job).cancel_requested:
            follower.next_batch(10)
        follower.close()
        self._filming.finish(self._job)


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    def open_waiting(settings: Settings, _p: Provider, _b: PriceBook, only: frozenset[UUID]) -> Actors:
        return Waiting(settings, only, Studio)

    monkeypatch.setattr(make, "Crew", lambda system, job_id: Crew(system, job_id, open_waiting))


@pytest.mark.usefixtures("waiting")
def test_a_film_that_takes_too_long_is_cancelled_and_ends_with_five(run: Run, tmp_path: Path) -> None:
    done = run("make", "-", "--out", "film", "--emulate", "--timeout", "0.5", stdin=b"A boat sets out.")

    assert done.exit_code == 5, done.output
    assert "had not ended after 0.5 s; it was cancelled" in done.stderr
    assert "Job cancelled" in done.stderr
    assert list((tmp_path / "film").iterdir()) == []


@pytest.mark.usefixtures("waiting")
def test_ctrl_c_cancels_the_job_and_ends_with_three(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    look = Crew.look
    looks = iter(range(1000))

    def interrupted(self: Crew, story: Story) -> None:
        look(self, story)
        if next(looks) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(Crew, "look", interrupted)

    done = run("make", "-", "--out", "film", "--emulate", stdin=b"A boat sets out.")

    assert done.exit_code == 3, done.output
    assert "Job cancelled" in done.stderr
    assert "reelog retry" in done.stderr


@pytest.mark.usefixtures("hands")
def test_ctrl_c_twice_leaves_at_once_and_says_what_becomes_of_the_job(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: Crew, __: Story) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Crew, "look", interrupted)

    done = run("make", "-", "--out", "film", "--emulate", stdin=b"A boat sets out.")

    assert done.exit_code == 130
    assert "is left unfinished" in done.stderr
    assert json.loads(run("ls", "--json").stdout)["cancel_requested"]


@pytest.mark.usefixtures("waiting")
def test_a_film_that_takes_too_long_can_be_gone_on_with(run: Run) -> None:
    done = run("make", "-", "--out", "film", "--emulate", "--timeout", "0.5", stdin=b"A boat sets out.")

    job_id = the_job(run)["id"]
    assert f"  To go on from what is made: reelog serve --emulate, then reelog retry {job_id}" in done.stderr


# ---- a disk that is full -----------------------------------------------------------------------------


def _full(*_: Any, **__: Any) -> Any:
    raise AppendFailedError("sqlite:///events", "the disk is full", "make room on the disk")


def test_a_full_disk_is_one_error_that_says_what_becomes_of_the_job(
    run: Run, never: Callable[[dict[str, Any]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    never({"state": "ready", "director": {}})
    monkeypatch.setattr(StoreStudio, "change_job", _full)
    done = run("make", "-", "--out", "film", "--emulate", "--timeout", "0.2", stdin=b"A boat sets out.")

    assert done.exit_code == 4, done.output
    error, hint = done.stderr.splitlines()[-2:]
    assert error.startswith("Error: ")
    assert "the disk is full: make room on the disk" in error
    job_id = the_job(run)["id"]
    assert f"Job {job_id} is left unfinished." in hint
    assert "`reelog serve --emulate` goes on with it" in hint


def test_a_store_that_cannot_be_read_while_it_is_followed_is_an_error(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = floor.filming.submit()
    floor.settle()
    followed = make.StoreSource(floor.system).follow(job_id, 0)
    assert next(followed) is not None
    monkeypatch.setattr(ReadModels, "job_status", raising(ReadModelsUnavailableError("they are away")))
    with pytest.raises(UnreachableError, match=r"the store in .* cannot do it now"):
        list(followed)


def raising(error: Exception) -> Callable[..., Any]:
    def call(*_: Any, **__: Any) -> Any:
        raise error

    return call


@pytest.mark.usefixtures("hands")
@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (OSError(28, "No space left on device"), 2, "--out: {film} cannot be written: No space left"),
        (
            BlobStoreUnavailableError("the bucket is away", "wait"),
            4,
            "REELOG_BLOBS: the bucket is away: wait",
        ),
    ],
)
def test_a_film_whose_files_cannot_be_written_is_kept_and_can_be_had(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, told: str
) -> None:
    monkeypatch.setattr(output, "export", raising(error))
    done = run("make", "-", "--out", "my film", "--emulate", stdin=b"A boat sets out.")

    assert done.exit_code == code, done.output
    assert f"Error: {told.format(film=tmp_path / 'my film')}" in done.stderr
    job = the_job(run)
    assert job["status"] == "completed"
    assert f"reelog serve --emulate, and reelog get {job['id']} --out 'my film'" in done.stderr


# ---- what is typed next ------------------------------------------------------------------------------


def typed(line: str) -> dict[str, str]:
    """The settings that a shell would set for the ``reelog`` of a hint."""
    words = shlex.split(line[line.index("REELOG_") :])
    return dict(word.split("=", 1) for word in words[: words.index("reelog")])


@pytest.mark.usefixtures("hands")
def test_a_folder_with_a_space_is_quoted_in_what_is_to_be_typed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REELOG_DATA_DIR", "my data")
    done = run("make", "-", "--out", "film", "--emulate", "--quiet", stdin=b"A boat sets out.")

    [line] = [line for line in done.stderr.splitlines() if "reelog events" in line]
    assert typed(line) == {"REELOG_DATA_DIR": "my data"}


@pytest.mark.usefixtures("hands")
@pytest.mark.parametrize("how", ["REELOG_STORE", "REELOG_STORE_FILE", ".env"])
def test_what_the_demo_says_of_the_record_is_found_also_where_settings_name_another_store(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    other = f"sqlite:///{tmp_path}/other.sqlite3"
    (tmp_path / "store").write_text(other, encoding="utf-8")
    named = str(tmp_path / "store") if how == "REELOG_STORE_FILE" else other
    if how == ".env":
        (tmp_path / ".env").write_text(f"REELOG_STORE={other}\n", encoding="utf-8")
    else:
        monkeypatch.setenv(how, named)
    monkeypatch.setenv("REELOG_BLOBS", f"file://{tmp_path}/other-blobs")
    done = run("demo")

    assert done.exit_code == 0, done.output
    [line] = [line for line in done.stderr.splitlines() if "reelog events" in line]
    for name, value in typed(line).items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.store == f"sqlite:///{tmp_path}/reelog-demo/data/events.sqlite3"
    assert settings.blobs == f"file://{tmp_path}/reelog-demo/data/blobs"
    assert run(*shlex.split(line)[shlex.split(line).index("reelog") + 1 :]).exit_code == 0


@pytest.mark.usefixtures("hands")
def test_how_a_film_that_waits_for_review_goes_on_is_said_so_that_it_can_be_typed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow = make._follow
    cost = {"usd": 0.2, "at_most_usd": 0.5, "unpriced": 0}

    def waits(*arguments: Any, **more: Any) -> Any:
        job, after = follow(*arguments, **more)
        return job | {"status": "awaiting_review", "review": "script"}, after

    monkeypatch.setattr(make, "_follow", waits)
    monkeypatch.setattr(StoreTarget, "approve", lambda *_: {"cost": cost})
    done = run("demo")

    assert done.exit_code == 6, done.output
    data = "REELOG_DATA_DIR=reelog-demo/data"
    look, approve, then = done.stderr.splitlines()[-4:-1]
    job_id = look.split()[-1]
    assert look == f"  Look at it:   {data} reelog show {job_id}"
    assert approve == f"  Let it go on: {data} reelog approve {job_id}"
    get = f"reelog get {job_id} --out reelog-demo"
    assert then == f"                then {data} reelog serve --emulate, and {get}"


# ---- actors that cannot be had -----------------------------------------------------------------------


class Never:
    """Actors that tell this of themselves, and do nothing."""

    def __init__(self, status: dict[str, Any]) -> None:
        self._status = status

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def status(self) -> dict[str, Any]:
        return self._status


@pytest.fixture
def never(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], None]:
    def told(status: dict[str, Any]) -> None:
        monkeypatch.setattr("api.cli.crew._LOOK_S", 0.01)
        monkeypatch.setattr(
            make, "Crew", lambda system, job_id: Crew(system, job_id, lambda *_: Never(status))
        )

    return told


def the_job(run: Run) -> dict[str, Any]:
    [line] = run("ls", "--json").stdout.splitlines()
    job: dict[str, Any] = json.loads(line)
    return job


def test_where_the_actors_cannot_be_started_it_ends_with_four_and_no_server_pays_later(
    run: Run, never: Callable[[dict[str, Any]], None]
) -> None:
    never({"state": "failed", "error": "Ray could not be started or joined at local: no room"})
    done = run("make", "-", "--out", "film", "--emulate", stdin=b"A boat sets out.")

    assert done.exit_code == 4, done.output
    assert "Error: Ray could not be started or joined at local: no room" in done.stderr
    assert "it was cancelled" in done.stderr
    assert the_job(run)["status"] == "cancelled"


def test_a_start_that_takes_longer_than_one_waits_ends_with_five_and_names_what_was_waited_for(
    run: Run, never: Callable[[dict[str, Any]], None]
) -> None:
    never({"state": "starting", "error": "the Director ended: OSError: no space"})
    done = run("make", "-", "--out", "film", "--emulate", "--timeout", "0.5", stdin=b"A boat sets out.")

    assert done.exit_code == 5, done.output
    assert "had not ended after 0.5 s; it was cancelled" in done.stderr
    assert "It waited for this: the Director ended: OSError: no space" in done.stderr
    assert "Waiting: the Director ended: OSError: no space" in done.stderr
    assert the_job(run)["status"] == "cancelled"


def test_a_command_that_is_asked_to_go_says_what_becomes_of_its_job(
    run: Run, never: Callable[[dict[str, Any]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    never({"state": "starting"})
    monkeypatch.setattr(Crew, "look", lambda *_: make._leave(15, None))
    done = run("make", "-", "--out", "film", "--emulate", stdin=b"A boat sets out.")

    assert done.exit_code == 143
    assert "is left unfinished. `" in done.stderr
    assert "reelog serve --emulate` goes on with it." in done.stderr


def test_what_goes_wrong_later_is_told_too(floor: Floor) -> None:
    job_id = uuid4()
    crew = Crew(floor.system, job_id)
    seat = {"state": "starting again", "failures": 2, "error": "OSError: no space"}
    crew._take_note({"state": "ready", "crew": {"artists": seat}, "director": {"set_aside": []}})
    assert crew.trouble == "the artists are started again: OSError: no space"
    crew._take_note({"state": "ready", "crew": {"artists": {"pid": 1}}})
    assert crew.trouble is None
    aside = [{"job": str(job_id), "reason": "KeyError: 'scenes'", "tries": 1}]
    crew._take_note({"state": "ready", "director": {"set_aside": aside}})
    assert crew.trouble == "the job cannot be directed: KeyError: 'scenes'"
    assert crew._failed is None
    crew._take_note({"state": "ready", "director": {"set_aside": [aside[0] | {"tries": 5}]}})
    assert crew._failed == crew.trouble


def test_what_a_film_waits_for_is_told_while_its_actors_start(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Crew, "_watch", lambda *_: None)  # what it would learn is given here
    crew = Crew(floor.system, uuid4(), lambda *_: Never({"state": "starting"}))
    story = Story({})
    crew.look(story)
    told = [story.note]
    statuses: list[dict[str, Any]] = [
        {"state": "starting", "awaited": "the Director"},
        {"state": "ready", "director": {"state": "waiting for the lease"}},
        {"state": "ready", "director": {"state": "directing"}},
    ]
    for status in statuses:
        crew._take_note(status)
        crew.look(story)
        told.append(story.note)
    crew.close()
    assert told == [
        "Starting Ray",
        "Starting the Director",
        "Another `reelog make` or server works on this data folder; this film begins when that has ended.",
        "",
    ]


def test_what_somebody_else_says_of_a_film_is_not_written_over(floor: Floor) -> None:
    crew = Crew(floor.system, uuid4(), lambda *_: Never({"state": "starting"}))
    story = Story({}, note="Cancelling.")
    crew.look(story)
    crew.close()
    assert story.note == "Cancelling."


def test_where_nothing_can_be_drawn_over_what_is_waited_for_is_said_once(tmp_path: Path) -> None:
    with (tmp_path / "said").open("w+", encoding="utf-8") as stream:
        lines, story = PlainLines(stream), Story({})
        for note, trouble in (("Starting Ray", ""),) * 3 + (("Starting Ray", "no room"), ("", "")):
            story.note, story.trouble = note, trouble
            lines.tick(story)
        stream.seek(0)
        assert stream.read().splitlines() == ["  Starting Ray", "  Waiting: no room"]


class Changing(Never):
    """Tells that it was asked."""

    def __init__(self) -> None:
        super().__init__({"state": "starting"})
        self.asked = threading.Semaphore(0)

    def now(self, state: str) -> None:
        """Return when the state has been heard and acted upon."""
        self._status = {"state": state}
        while self.asked.acquire(blocking=False):
            pass
        for _ in range(3):
            assert self.asked.acquire(timeout=20)

    def status(self) -> dict[str, Any]:
        self.asked.release()
        return super().status()


def test_a_server_whose_actors_have_failed_is_not_left_to_do_the_work(
    floor: Floor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("api.cli.crew.ABLE_LOOK_S", 0.01)
    caplog.set_level(logging.INFO, "api.crew")
    other = open_event_store(floor.system.settings.store)
    actors = Changing()
    with announced(replace(floor.system, store=other), actors):
        assert floor.system.store.is_present(serving_name("emulator"))
        actors.now("failed")
        with pytest.raises(Started):
            Crew(floor.system, uuid4(), _start).look(Story({}))
        actors.now("ready")
        Crew(floor.system, uuid4(), _start).look(Story({}))
        assert caplog.text.count("the actors are ready") == 1
    assert not floor.system.store.is_present(serving_name("emulator"))
    other.close()


# ---- nobody reads what is printed --------------------------------------------------------------------


def test_a_film_is_made_also_when_nobody_reads_what_is_printed(
    floor: Floor, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    job_id = floor.filming.submit()
    assert floor.filming.finish(job_id) == "completed"
    floor.settle()
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w", encoding="utf-8") as closed:  # noqa: PTH123 - a pipe has no path
        monkeypatch.setattr("sys.stdout", closed)
        with make.Following(make.StoreSource(floor.system), job_id, quiet=True, as_json=True) as following:
            job = make._to_the_end(following, None, None)
        monkeypatch.undo()
    assert job["status"] == "completed"
    said = capfd.readouterr().err
    assert said.count("standard output cannot be written any longer: Broken pipe") == 1
    assert "The film is made all the same" in said
