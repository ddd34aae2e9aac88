"""`doctor --live`: every call of a film in small, its answers held against the emulator's by their shape.

The provider is the emulator behind a proxy that changes what a test tells it to; all else is as it is.
"""

import base64
import functools
import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from actors.emulator import answers, speech
from actors.emulator.like_google import LikeGoogle
from actors.emulator.server import EmulatorSettings, EmulatorThread
from actors.work.live_calls import MISSING_MODEL
from api.cli.doctor_live import MOST_USD
from tests import recorded
from tests.api.cli.conftest import Run

pytestmark = pytest.mark.slow

Json = dict[str, Any]

KEY = "AIzaSyB-a-key-that-must-be-in-no-report"
ALL = ["list", "refusal", "text", "image", "speech"]


@dataclass
class Answer:
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})


@dataclass
class Provider:
    """``alter`` gets the kind of a call and its answer, and may change the answer or give another."""

    url: str = ""
    alter: Callable[[str, Answer], Answer | None] = lambda _kind, answer: answer
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _, _ in self.asked]


def kind_of(path: str) -> str:
    if ":generateContent" not in path:
        return "list"
    if MISSING_MODEL in path:
        return "refusal"
    return "image" if "banana" in path else "speech" if "tts" in path else "text"


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patched, EmulatorThread() as thread:
        # The same words give the same picture; drawing it is most of the time that a test takes.
        patched.setattr(answers, "draw", functools.cache(answers.draw))
        yield thread.url


@pytest.fixture
def provider(emulator: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    told = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path == "/emulator":  # who this is: not an emulator
                self.send_error(404)
                return
            kind = kind_of(self.path)
            told.asked.append((kind, dict(self.headers), json.loads(data) if data else None))
            sent = {"x-goog-api-key": "forwarded", "content-type": "application/json"}
            request = urllib.request.Request(emulator + self.path, data or None, sent)  # noqa: S310 - ours
            try:
                with urllib.request.urlopen(request) as answered:  # noqa: S310 - as above
                    answer = Answer(answered.status, json.loads(answered.read()))
            except urllib.error.HTTPError as refused:
                answer = Answer(refused.code, json.loads(refused.read()))
            altered = told.alter(kind, answer)
            if altered is None:
                return  # hangs up
            body = altered.body if isinstance(altered.body, bytes) else json.dumps(altered.body).encode()
            self.send_response(altered.status)
            for name, value in (altered.headers | {"content-length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setenv("REELOG_GEMINI_BASE_URL", told.url)
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


Live = Callable[..., tuple[Result, Json]]


@pytest.fixture
def live(run: Run, tmp_path: Path) -> Live:
    def check(*more: str, exit_code: int) -> tuple[Result, Json]:
        done = run("doctor", "--live", "--yes", *more)
        assert done.exit_code == exit_code, done.output
        return done, json.loads((tmp_path / "reelog-live-report.json").read_text("utf-8"))

    return check


def differences(report: Json) -> dict[str, list[tuple[str, str, str, str]]]:
    return {
        call["name"]: [(d["path"], d["kind"], d["expected"], d["found"]) for d in call["differences"]]
        for call in report["calls"]
        if call["differences"]
    }


def failures(report: Json) -> dict[str, str]:
    return {call["name"]: call["failure"]["code"] for call in report["calls"] if call["failure"]}


# What a sound provider gets ------------------------------------------------------------------------------


@pytest.mark.parametrize("sdk", ["google-genai", "google-generativeai"])
def test_a_provider_like_the_emulator_differs_in_nothing(
    sdk: str, provider: Provider, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REELOG_GEMINI_SDK", sdk)
    done, report = live(exit_code=0)

    assert [kind for kind in ALL if kind in provider.kinds] == ALL
    assert len(provider.asked) == len(ALL), "each call is one request"
    assert report["agrees"]
    assert differences(report) == failures(report) == {}
    assert 0 < report["cost_usd"] <= sum(call["at_most_usd"] for call in report["calls"]) <= MOST_USD
    assert "Everything is as the emulator answers." in done.stderr
    assert "attach it" in done.stderr
    asked = {kind: body for kind, _, body in provider.asked}
    assert asked["text"]["generationConfig"]["responseMimeType"] == "application/json"
    if sdk == "google-genai":
        assert asked["text"]["generationConfig"]["thinkingConfig"] == {"thinkingLevel": "low"}
        assert asked["image"]["generationConfig"]["imageConfig"]["aspectRatio"] == "16:9"
        assert all(asked[kind]["store"] is False for kind in ALL[1:])


def test_the_price_is_told_first_and_nothing_is_asked_without_a_yes(provider: Provider, run: Run) -> None:
    done = run("doctor", "--live")
    assert done.exit_code == 2
    assert "--yes makes them" in done.stderr
    assert provider.asked == []
    at_most = re.search(r"together at most +\$(0\.\d+)", done.stderr)
    assert at_most is not None
    assert 0 < float(at_most[1]) <= MOST_USD
    assert not Path("reelog-live-report.json").exists()


@pytest.mark.usefixtures("provider")
@pytest.mark.parametrize(
    ("rate", "said"), [("900", "more than $0.1000"), (None, "gemini-nano-banana-2.1 costs is not known")]
)
def test_what_costs_too_much_or_an_unknown_price_is_not_begun(
    rate: str | None, said: str, provider: Provider, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    prices: Json = {"models": {"gemini-nano-banana-2.1": []}}
    if rate:
        dated = {"from": "2026-01-01", "input": rate, "output": {"TEXT": rate, "IMAGE": rate}}
        prices["models"]["gemini-nano-banana-2.1"] = [dated]
    Path("prices.json").write_text(json.dumps(prices), encoding="utf-8")
    monkeypatch.setenv("REELOG_PRICES", "prices.json")
    done = run("doctor", "--live", "--yes")
    assert done.exit_code == 2
    assert said in done.stderr
    assert provider.asked == []


def test_the_emulator_can_be_tried_without_a_key(run: Run) -> None:
    done = run("doctor", "--live", "--emulate", "--json", "--report", "tried.json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == json.loads(Path("tried.json").read_text("utf-8"))
    assert json.loads(done.stdout)["agrees"]
    assert json.loads(done.stdout)["cost_usd"] == 0


def test_flags_of_it_alone_are_refused(run: Run) -> None:
    done = run("doctor", "--yes")
    assert done.exit_code == 2
    assert "--live" in done.stderr


def test_the_answers_can_be_saved_as_recordings(provider: Provider, live: Live, run: Run) -> None:
    def alter(kind: str, answer: Answer) -> Answer:
        if kind == "text":
            answer.body["candidates"][0]["avowal"] = f"You sent {KEY}"
        return answer

    provider.alter = alter
    live("--record", "kept", exit_code=1)

    kept = {case["id"]: case for case in recorded.cases(Path("kept"))}
    assert list(kept) == ["live-refusal", "live-text", "live-image", "live-speech"]
    assert {case["kind"] for case in kept.values()} == {"error", "json", "image", "tts"}
    assert recorded.job(Path("kept")) is None
    picture = kept["live-image"]["response"]["body"]["candidates"][0]["content"]["parts"][-1]["inlineData"]
    assert base64.b64decode(picture["data"]).startswith(b"\xff\xd8\xff")
    assert kept["live-image"]["request"]["body"]["model"] == "gemini-nano-banana-2.1"
    assert KEY not in json.dumps(kept)
    again = run("doctor", "--live", "--yes", "--record", "kept")
    assert again.exit_code == 2
    assert "--record: kept is not empty" in again.stderr


def test_a_report_that_cannot_be_written_is_told_before_anything_is_asked(
    provider: Provider, run: Run
) -> None:
    done = run("doctor", "--live", "--yes", "--report", "no/such/folder/report.json")
    assert done.exit_code == 2
    assert "--report" in done.stderr
    assert provider.asked == []


# What differs --------------------------------------------------------------------------------------------


def part(answer: Answer) -> Json:
    found: Json = answer.body["candidates"][0]["content"]["parts"][-1]
    return found


def test_fields_values_and_counts_that_differ_are_listed_by_path(provider: Provider, live: Live) -> None:
    def alter(kind: str, answer: Answer) -> Answer:
        if kind == "list":
            answer.body["models"] = [m for m in answer.body["models"] if "banana" not in m["name"]]
            for model in answer.body["models"]:
                del model["outputTokenLimit"]
        if kind == "text":
            del answer.body["responseId"]
            answer.body["usageMetadata"]["totalTokenCount"] += 7
            answer.body["usageMetadata"]["serviceTier"] = "standard"
        if kind == "image":
            answer.body["candidates"][0]["finishReason"] = None
            answer.body["usageMetadata"]["candidatesTokenCount"] = 5000
        if kind == "speech":
            part(answer)["inlineData"]["mimeType"] = "audio/x-wav"
            answer.body["usageMetadata"]["candidatesTokenCount"] *= 2
            answer.headers["content-type"] = "text/plain"
        return answer

    provider.alter = alter
    done, report = live(exit_code=1)
    found = differences(report)

    assert not report["agrees"]
    assert failures(report) == {}, "all of it can be read"
    assert ("models[gemini-nano-banana-2.1]", "missing", "a model that makes image", "") in found["list"]
    assert ("models[].outputTokenLimit", "missing", "number", "") in found["list"]
    assert "refusal" not in found
    text = {path: kind for path, kind, _, _ in found["text"]}
    assert text == {
        "responseId": "missing",
        "usageMetadata.serviceTier": "more",
        "usageMetadata.totalTokenCount": "range",
    }
    assert ("candidates[].finishReason", "other", "STOP", "null") in found["image"]
    image = [(path, wanted) for path, kind, wanted, _ in found["image"] if kind == "range"]
    assert ("usageMetadata.candidatesTokenCount", "at most 3072, as asked") in image
    assert ("usageMetadata.candidatesTokenCount", "at most 1290, as reserved for a picture") in image
    mime = "candidates[].content.parts[].inlineData.mimeType"
    assert (mime, "other", "audio/wav", "audio/x-wav") in found["speech"]
    assert "sound.tokens_a_second" in {path for path, *_ in found["speech"]}
    assert ("header content-type", "other", "application/json", "another type") in found["speech"]
    assert "3 differences" in done.stdout
    assert "A film can use what differs: list, text, image, speech." in done.stderr
    assert "usageMetadata.serviceTier" in done.stdout


def test_an_answer_that_no_film_could_use_is_a_failure(provider: Provider, live: Live) -> None:
    def alter(kind: str, answer: Answer) -> Answer:
        if kind == "text":
            part(answer)["text"] = "I would rather tell it in prose."
        if kind == "image":
            part(answer)["inlineData"]["data"] = "bm8gcGljdHVyZQ=="
        if kind == "speech":
            return Answer(200, b"<html>A proxy</html>", {"content-type": "text/html"})
        return answer

    provider.alter = alter
    done, report = live(exit_code=1)

    assert failures(report) == {
        "text": "malformed_answer", "image": "malformed_image", "speech": "malformed_body",
    }  # fmt: skip
    assert ("candidates[].content.parts[].text", "other", "JSON", "text") in differences(report)["text"]
    assert ("", "other", "object", "not JSON") in differences(report)["speech"]
    assert "✗ image" in done.stdout
    assert "A film would fail of: text, image, speech." in done.stderr


def of_another_kind(kind: str, answer: Answer) -> Answer:
    if kind == "list":
        answer.body["models"][0]["inputTokenLimit"] = {"of": "another kind"}
    return answer


def test_a_list_with_a_field_of_another_kind_is_a_finding(provider: Provider, live: Live) -> None:
    provider.alter = of_another_kind
    _, report = live(exit_code=1)
    assert failures(report) == {}
    found = ("models[].inputTokenLimit", "other", "number", "number or object")
    assert found in differences(report)["list"]
    assert [call["name"] for call in report["calls"]] == ALL


def test_without_the_emulator_s_voice_nothing_is_asked(
    provider: Provider, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def voiceless(*_: Any) -> None:
        raise speech.VoiceMissingError("espeakng-loader is not installed")

    monkeypatch.setattr(speech, "speak", voiceless)
    done = run("doctor", "--live", "--yes")
    assert done.exit_code == 2
    assert "the emulator, which is compared with, cannot answer: espeakng-loader" in done.stderr
    assert provider.asked == []


def test_a_provider_like_google_is_read_or_told_by_its_causes(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    with EmulatorThread(EmulatorSettings(like_google=LikeGoogle(pace=0.01))) as emulator:
        monkeypatch.setenv("REELOG_GEMINI_BASE_URL", emulator.url)
        _, report = live(exit_code=1)

    assert [call["name"] for call in report["calls"]] == ALL
    # By the clock one of the calls may meet a spell of an overloaded model; the seed spares them all else.
    assert set(failures(report).values()) <= {"overloaded"}
    assert len(failures(report)) < len(ALL) - 2
    of_answers = {
        path: kind
        for name, found in differences(report).items()
        if name not in failures(report)
        for path, kind, *_ in found
    }
    assert set(of_answers.items()) <= {("usageMetadata.thoughtsTokenCount", "more")}, "it thinks of pictures"


# What is refused -----------------------------------------------------------------------------------------


def refused(status: int, name: str, message: str, **details: Any) -> Answer:
    more = {"details": [details]} if details else {}
    return Answer(status, {"error": {"code": status, "message": message, "status": name} | more})


def test_without_a_key_the_way_to_one_is_told(run: Run) -> None:
    done = run("doctor", "--live", "--yes")
    assert done.exit_code == 2
    assert "GEMINI_API_KEY is not set" in done.stderr
    assert "https://aistudio.google.com/apikey" in done.stderr


def test_a_refused_key_ends_it_before_anything_is_paid(provider: Provider, live: Live) -> None:
    said = "API key not valid. Please pass a valid API key."
    provider.alter = lambda _kind, _answer: refused(400, "INVALID_ARGUMENT", said, reason="API_KEY_INVALID")
    done, report = live(exit_code=4)

    assert provider.kinds == ["list"]
    assert failures(report) == {"list": "invalid_api_key"}
    assert report["not_asked"] == ALL[1:]
    assert not report["agrees"]
    assert said in done.stdout
    assert "Not asked any more: refusal, text, image, speech" in done.stderr


def test_a_limit_is_told_with_the_wait_and_the_other_calls_go_on(provider: Provider, live: Live) -> None:
    limited = refused(429, "RESOURCE_EXHAUSTED", "Quota exceeded per minute.", retryDelay="17s")
    limited.body["error"]["new"] = {"of": "another day"}
    provider.alter = lambda kind, answer: limited if kind == "text" else answer
    done, report = live(exit_code=1)

    assert failures(report) == {"text": "rate_limited"}
    assert differences(report)["text"] == [
        ("HTTP status", "other", "200", "429"), ("error.new", "more", "", "object"),
    ]  # fmt: skip
    assert "17 s" in done.stdout
    assert provider.kinds == ALL


def test_without_a_network_the_cause_is_told(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # nothing listens: no way out of here
    done, report = live(exit_code=4)

    assert failures(report) == {"list": "connection_failed"}
    assert report["not_asked"] == ALL[1:]
    assert report["address"] == "Google's"
    assert "ConnectError" in done.stdout


def test_a_connection_that_breaks_is_one_finding(provider: Provider, live: Live) -> None:
    provider.alter = lambda kind, answer: None if kind == "speech" else answer
    _, report = live(exit_code=1)
    assert failures(report) == {"speech": "connection_lost"}


# No secrets ----------------------------------------------------------------------------------------------


def planted(value: Any, secret: str) -> Any:
    """The secret as every text, in every name, and beside everything."""
    if isinstance(value, dict):
        changed = {name: planted(item, secret) for name, item in value.items()}
        return changed | {secret: secret, f"{secret}Field": {secret: [secret]}, "status": secret}
    if isinstance(value, list):
        return [planted(item, secret) for item in value] + [secret]
    return secret if isinstance(value, str) else value


ACCOUNTS = ["projects/ann-lee-films-4711", "ann.lee@films.example"]


@pytest.mark.parametrize("key", [KEY, "QWERTYuiopASDFghjklZXCVB"])
@pytest.mark.parametrize("of", ["answers", "errors", "media types"])
def test_what_a_provider_says_of_the_key_or_an_account_is_not_in_the_report(
    of: str, key: str, provider: Provider, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", key)

    def alter(kind: str, answer: Answer) -> Answer:
        secret = (key, *ACCOUNTS)[ALL.index(kind) % 3] if of != "errors" else key
        answer.headers |= {"x-account": secret, "x-request": secret}
        if of == "errors":
            told = f"{secret} {' '.join(ACCOUNTS)}"
            error = refused(403, secret, told, reason=secret, metadata={secret: ACCOUNTS})
            return Answer(403, planted(error.body, secret) | {"account": ACCOUNTS}, answer.headers)
        if of == "media types":
            answer.headers["content-type"] = f"text/{secret}"
            if kind in {"image", "speech"}:
                part(answer)["inlineData"]["mimeType"] = f"image/{secret}"
            return answer
        return Answer(answer.status, planted(answer.body, secret), answer.headers)

    provider.alter = alter
    done, report = live(exit_code=4 if of == "errors" else 1)

    assert all(headers["x-goog-api-key"] == key for _, headers, _ in lowered(provider)), "it was sent"
    written = json.dumps(report).casefold()
    assert [secret for secret in (key, *ACCOUNTS) if secret.casefold() in written] == []
    assert key not in done.output
    assert all(call["shape"] or call["failure"] for call in report["calls"])


def lowered(provider: Provider) -> Iterator[tuple[str, dict[str, str], Any]]:
    for kind, headers, body in provider.asked:
        yield kind, {name.lower(): value for name, value in headers.items()}, body
