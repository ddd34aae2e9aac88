"""``presets`` and ``casts`` as a person types them, against a server."""

import json
from pathlib import Path

import pytest

from tests.api.cli.conftest import Run
from tests.api.cli.test_revise import Made, made, system

pytestmark = pytest.mark.slow
__all__ = ["made", "system"]


def test_values_are_kept_shown_used_and_forgotten(run: Run, made: Made) -> None:
    _, _, url = made
    Path("serial.json").write_text(json.dumps({"options": {"fps": 24}}), encoding="utf-8")
    Path("script.txt").write_text("A boat sets out at dawn.", encoding="utf-8")
    kept = run("presets", "put", "serial", "serial.json", "--url", url)
    assert (kept.exit_code, kept.stderr) == (0, "Kept serial, version 1.\n"), kept.output
    listed = run("presets", "list", "--url", url)
    assert listed.stdout == "serial  version 1  options\n"
    shown = run("presets", "show", "serial", "--url", url)
    assert json.loads(shown.stdout) == {"options": {"fps": 24}}
    submitted = run("submit", "script.txt", "--preset", "serial", "--json", "--url", url)
    assert submitted.exit_code == 0, submitted.output
    assert json.loads(submitted.stdout)["options"]["fps"] == 24
    assert run("presets", "delete", "serial", "--url", url).exit_code == 0
    none = run("presets", "list", "--url", url)
    assert (none.stdout, none.stderr) == ("", "No presets. Keep one: reelog presets put NAME FILE\n")
    gone = run("submit", "script.txt", "--preset", "serial", "--url", url)
    assert gone.exit_code == 2
    assert "--preset: there is no preset 'serial'; no preset is kept yet" in gone.stderr


def test_a_cast_comes_from_standard_input_too(run: Run, made: Made) -> None:
    _, _, url = made
    put = run("casts", "put", "crew", "-", "--json", "--url", url, stdin=b'[{"name": "Ada"}]')
    assert put.exit_code == 0, put.output
    assert json.loads(put.stdout)["cast"][0]["name"] == "Ada"
    assert run("casts", "list", "--url", url).stdout == "crew  version 1  Ada\n"


def test_what_is_no_json_or_no_preset_is_said(run: Run, made: Made) -> None:
    _, _, url = made
    Path("bad.json").write_text("{", encoding="utf-8")
    for arguments, said in (
        (("put", "x", "bad.json"), "FILE: bad.json is not JSON"),
        (("put", "x", "none.json"), "FILE: none.json cannot be read"),
        (("show", "x"), "There is no preset 'x'"),
    ):
        result = run("presets", *arguments, "--url", url)
        assert result.exit_code == 2, result.output
        assert said in result.stderr
