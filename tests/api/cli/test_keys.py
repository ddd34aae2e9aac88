"""``keys`` as a person types it, on the store of the current folder and against a server."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.composition import open_system
from api.model_directory import ModelDirectory
from api.settings import load_settings
from tests.api.cli.conftest import Run
from tests.api.conftest import SHIPPED
from tests.api.serving import serving

ADMIN = "the-administrators-key"


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the default address, which another server of this machine may have."""
    monkeypatch.setenv("REELOG_PORT", "1")
    monkeypatch.setenv("REELOG_URL", "")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    settings = load_settings(
        {}, Path("/nonexistent.env"), DATA_DIR=tmp_path / "served", PORT=0, API_KEY=ADMIN
    )
    with serving(open_system(settings, provider="emulator", models=ModelDirectory(SHIPPED))) as url:
        yield url


def test_a_key_is_printed_alone_and_counts_where_the_administrator_has_one(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = run("keys", "add", "web", "--usd-per-day", "5", "--rate", "60")
    assert given.exit_code == 0, given.output
    [key] = given.stdout.splitlines()
    assert key.startswith("reelog_")
    assert "submit, 60 requests a minute, $5.00 a day, $5.00 left" in given.stderr
    assert "Warning: Keys count where REELOG_API_KEY is set" in given.stderr
    monkeypatch.setenv("REELOG_API_KEY", ADMIN)
    other = run("keys", "add", "ci", "--scope", "read")
    assert "Warning" not in other.stderr
    assert run("keys", "ls").stdout == (
        "ci  read\nweb  submit, 60 requests a minute, $5.00 a day, $5.00 left\n"
    )
    assert run("keys", "revoke", "web").exit_code == 0
    shown = json.loads(run("keys", "show", "web", "--json").stdout)
    assert shown["revoked_at"] is not None
    assert key not in json.dumps(shown)


def test_what_cannot_be_is_said(run: Run) -> None:
    run("keys", "add", "web")
    for arguments, said in (
        (("add", "web"), "There was a key web before; choose another name."),
        (("add", "local"), "administrator's; choose another name"),
        (("add", "two words"), "NAME is"),
        (("show", "no"), "There is no key 'no'."),
        (("revoke", "no"), "There is no key 'no'."),
    ):
        result = run("keys", *arguments)
        assert result.exit_code == 2, result.output
        assert said in result.stderr


@pytest.mark.slow
def test_a_server_is_asked_with_the_administrators_key(
    run: Run, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("keys", "ls", "--url", server).exit_code == 4
    monkeypatch.setenv("REELOG_API_KEY", ADMIN)
    key = run("keys", "add", "web", "--url", server).stdout.strip()
    assert run("keys", "show", "web", "--url", server).stdout == "web  submit\n"
    monkeypatch.setenv("REELOG_API_KEY", key)
    Path("script.txt").write_text("A boat sets out at dawn.", encoding="utf-8")
    submitted = run("submit", "script.txt", "--json", "--url", server)
    assert json.loads(submitted.stdout)["caller"] == "web"
    refused = run("keys", "revoke", "web", "--url", server)
    assert refused.exit_code == 4, refused.output
    assert "administrator" in refused.stderr
    monkeypatch.setenv("REELOG_API_KEY", ADMIN)
    assert "Revoked the key of web" in run("keys", "revoke", "web", "--url", server).stderr
