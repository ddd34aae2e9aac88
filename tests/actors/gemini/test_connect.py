import json
import pickle
import subprocess
import sys
from typing import Any

import pytest
from pydantic import SecretStr

from actors.gemini.connect import detect_provider, open_gateway
from actors.gemini.gateway import GatewaySettings, Sdk
from domain.failures import AttemptFailedError

KEY = "AIzaSyA-made-up-key-of-the-usual-length"


def test_settings_travel_between_processes_and_never_show_the_key() -> None:
    settings = GatewaySettings(SecretStr(KEY), "http://127.0.0.1:1")
    assert KEY not in repr(settings)
    again = pickle.loads(pickle.dumps(settings))  # noqa: S301 - our own bytes
    assert again == settings
    assert again.api_key.get_secret_value() == KEY


@pytest.mark.parametrize("key", ["", "   ", "clé-à-accents", "two\nlines"])
@pytest.mark.parametrize("sdk", ["google-genai", "google-generativeai"])
def test_a_key_that_cannot_be_sent_is_refused_at_once_and_not_shown(key: str, sdk: Sdk) -> None:
    with pytest.raises(AttemptFailedError) as raised:
        open_gateway(GatewaySettings(SecretStr(key), sdk=sdk))
    assert raised.value.failure.code == "invalid_api_key"
    assert not key.strip() or key not in str(raised.value)


def test_the_old_sdk_refuses_an_api_version_that_it_cannot_speak() -> None:
    settings = GatewaySettings(SecretStr(KEY), sdk="google-generativeai", api_version="v1")
    with pytest.raises(AttemptFailedError, match="capability_missing"):
        open_gateway(settings)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("chosen", "other"),
    [("google-genai", "google.generativeai"), ("google-generativeai", "google.genai")],
)
def test_only_the_chosen_sdk_is_imported_and_none_before_it_is_chosen(chosen: str, other: str) -> None:
    story = f"""
import sys
from pydantic import SecretStr
from actors.gemini.connect import open_gateway
from actors.gemini.gateway import GatewaySettings
import actors.gemini.reader, actors.gemini.catalogue, actors.gemini.requests
sdks = ("google.genai", "google.generativeai", "google.ai.generativelanguage")
assert not [name for name in sdks if name in sys.modules], "imported before it was chosen"
open_gateway(GatewaySettings(SecretStr("{KEY}"), "http://127.0.0.1:9", sdk="{chosen}"))
assert "{other}" not in sys.modules, "the other one was imported too"
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", story], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_server_that_says_so_is_the_emulator(server: Any) -> None:
    server.answer_json({"emulator": "reelog", "version": "1"})
    assert detect_provider(server.url) == "emulator"
    assert detect_provider(server.url + "/") == "emulator"
    assert [asked.path for asked in server.asked] == ["/emulator", "/emulator"]


@pytest.mark.parametrize("base_url", [None, "https://generativelanguage.googleapis.com"])
def test_googles_own_address_is_not_asked(base_url: str | None) -> None:
    assert detect_provider(base_url) == "gemini"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {"error": {"code": 404}}),
        (401, {}),
        (200, "<html>"),
        (200, {"hello": 1}),
        (200, []),
        (200, {"emulator": None}),
    ],
)
def test_a_server_that_does_not_say_so_is_a_proxy_of_the_real_one(
    server: Any, status: int, body: Any
) -> None:
    server.default = server.script(status, json.dumps(body).encode())
    assert detect_provider(server.url) == "gemini"


def test_an_address_where_nothing_answers_is_an_error_and_no_guess(server: Any, unused_port: int) -> None:
    server.default = server.script(503, b"starting")
    for base_url in (f"http://127.0.0.1:{unused_port}", server.url, "ftp://127.0.0.1", "127.0.0.1:80"):
        with pytest.raises(AttemptFailedError, match="connection_failed"):
            detect_provider(base_url)


def test_a_proxy_of_the_environment_is_not_used_for_this_machine(
    server: Any, unused_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{unused_port}")
    server.answer_json({"emulator": "reelog"})
    assert detect_provider(server.url) == "emulator"


@pytest.mark.parametrize("sdk", ["google-genai", "google-generativeai"])
def test_a_client_that_cannot_be_built_is_a_failure_that_says_what_it_obeys(
    sdk: Sdk, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = (
        "genai_adapter.GenaiGateway" if sdk == "google-genai" else "generativeai_adapter.GenerativeaiGateway"
    )

    def broken(_: GatewaySettings) -> None:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(f"actors.gemini.{place}", broken)
    with pytest.raises(AttemptFailedError) as raised:
        open_gateway(GatewaySettings(SecretStr(KEY), sdk=sdk))
    failure = raised.value.failure
    assert (failure.code, failure.retryable, failure.may_have_been_billed) == (
        "connection_failed",
        False,
        False,
    )
    assert "SSL_CERT_FILE" in failure.message
