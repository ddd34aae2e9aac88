"""Bad input on the command line: one clear error naming field, value and what would do; exit code 2."""

import socket
from pathlib import Path

import pytest

from tests.api.cli.conftest import Floor, Run


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "SCRIPT: the script is empty"),
        (b" \n\t", "SCRIPT: the script is empty"),
        (b"x" * 50_001, "SCRIPT has 50,001 characters; 50,000 are allowed"),
        (b"x" * 300_000, "SCRIPT: standard input holds over 50,000 characters"),
        (
            b"caf\xe9",
            "SCRIPT: standard input is not UTF-8 text: byte 0xe9 at offset 3 (line 1); save it as UTF-8",
        ),
        (b"one\ntwo \xff", "byte 0xff at offset 8 (line 2)"),
        (b"a\x00b", "SCRIPT: the script holds characters that are not text"),
        (b"[[a boat at sea]]", "SCRIPT: nothing in it can be said"),
        ("\u200b … 🚀".encode(), "SCRIPT: nothing in it can be said"),
    ],
)
def test_a_script_that_cannot_be_used(run: Run, content: bytes, said: str) -> None:
    for command in (["make", "-", "--out", "film", "--emulate"], ["submit", "-"]):
        refused = run(*command, stdin=content)

        assert refused.exit_code == 2
        assert said in refused.stderr
        assert refused.stdout == ""


def test_fifty_thousand_characters_of_any_width_are_taken(run: Run) -> None:
    refused = run("make", "-", "--out", "film", stdin=("字" * 50_000).encode())

    assert "GEMINI_API_KEY" in refused.stderr  # the next thing that is missing


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        (
            "nothing.txt",
            "SCRIPT: there is no file 'nothing.txt'; name a text file, or - to read standard input",
        ),
        (".", "SCRIPT: '.' is a folder; name a text file, or -"),
    ],
)
def test_a_script_that_is_no_file(run: Run, argument: str, said: str) -> None:
    refused = run("make", argument, "--out", "film")

    assert refused.exit_code == 2
    assert said in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--resolution", "480p"],
            "Invalid value for '--resolution': '480p' is not one of '720p', '1080p', '2160p'",
        ),
        (["--fps", "31"], "Invalid value for '--fps': '31' is not one of '24', '25', '30', '60'"),
        (["--sparkle"], "No such option '--sparkle'"),
        (["--max-cost", "much"], "Invalid value for '--max-cost': 'much' is not a valid float"),
    ],
)
def test_an_option_that_is_unknown_or_has_no_such_value(run: Run, arguments: list[str], said: str) -> None:
    refused = run("make", "-", "--out", "film", *arguments, stdin=b"Fine.")

    assert refused.exit_code == 2
    assert said in refused.stderr


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ("emulate --port 0 --pace 0.5", "--pace"),
        ("make - --out film --emulate --pace 0.5", "--pace"),
        ("serve --emulate --pace 0.5", "--pace"),
        ("submit - --timeout 5", "--timeout"),
        ("retry JOB --timeout 5", "--timeout"),
        ("scenes JOB --watch", "--watch"),
        ("scenes JOB --dry-run", "--dry-run"),
        ("scenes JOB --timeout 5", "--timeout"),
        ("webhooks deliveries ENDPOINT DELIVERY --status failed", "--status"),
        ("webhooks deliveries ENDPOINT DELIVERY --limit 50", "--limit"),
        ("batch show ID --dry-run", "--dry-run"),
        ("batch show ID --idempotency-key K", "--idempotency-key"),
        ("replay log.jsonl --url http://127.0.0.1:1", "--url"),
        ("prompts --json diff", "--json"),
        ("prompts try audio_plan JOB --scene 1", "--scene"),
    ],
)
def test_an_option_that_would_be_passed_over_is_refused(
    run: Run, floor: Floor, command: str, named: str
) -> None:
    job_id = floor.filming.submit()
    floor.filming.until_made(job_id, "analysis")
    floor.settle()

    refused = run(*command.replace("JOB", str(job_id)).split(), stdin=b"Fine.")

    assert refused.exit_code == 2, refused.output
    assert refused.stderr.startswith(f"Error: {named}: ")
    assert "leave" in refused.stderr


def test_a_folder_that_cannot_be_written(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    for out in ("file", "file/below", "/proc/nowhere"):
        refused = run("make", "-", "--out", out, "--emulate", stdin=b"Fine.")

        assert refused.exit_code == 2
        assert f"--out: {out!r} cannot be written to" in refused.stderr
        assert "name a folder that this user may write" in refused.stderr


def test_without_a_key_nothing_is_begun_and_the_way_on_is_told(run: Run, tmp_path: Path) -> None:
    for command in (["make", "-", "--out", "film"], ["serve"], ["work"]):
        refused = run(*command, stdin=b"Fine.")

        assert refused.exit_code == 2
        for wanted in ("GEMINI_API_KEY", "https://aistudio.google.com/apikey", "--emulate", "reelog demo"):
            assert wanted in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_wrong_settings_are_told_all_at_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REELOG_PORT", "many")
    monkeypatch.setenv("REELOG_STORE", "redis://x")

    for command in (["ls"], ["serve", "--emulate"], ["submit", "-"]):
        refused = run(*command, stdin=b"Fine.")

        assert refused.exit_code == 2
        assert "REELOG_PORT='many': write a port" in refused.stderr
        assert "REELOG_STORE='redis://x': write sqlite:///FILE" in refused.stderr


def test_a_job_is_named_by_its_id(run: Run) -> None:
    refused = run("watch", "the-last-one")

    assert refused.exit_code == 2
    assert "'the-last-one' is no id of a job; write one, how one begins" in refused.stderr


@pytest.mark.parametrize("latency", ["6-2", "x", "-1", "nan", "1-x"])
def test_a_latency_is_a_range_of_seconds(run: Run, latency: str) -> None:
    refused = run("emulate", "--port", "0", f"--latency={latency}")

    assert refused.exit_code == 2
    assert "is no range of seconds; write one such as 2-6" in refused.stderr


def test_a_faults_file_is_checked_before_the_emulator_starts(run: Run, tmp_path: Path) -> None:
    (tmp_path / "faults.json").write_text('[{"fault": "tantrum"}]')

    refused = run("emulate", "--port", "0", "--faults", "faults.json")

    assert refused.exit_code == 2
    assert "--faults: faults.json[0].fault: 'tantrum' is none of" in refused.stderr


def test_the_emulator_beside_a_server_without_actors_makes_no_sense(run: Run) -> None:
    refused = run("serve", "--emulate", "--no-actors")

    assert refused.exit_code == 2
    assert "--no-actors" in refused.stderr


@pytest.mark.parametrize(
    "command", [["ls"], ["doctor"], ["demo"], ["make", "-", "--out", "film", "--emulate"], ["serve"]]
)
def test_a_dotenv_file_that_is_no_utf8_is_named_by_every_command(
    run: Run, tmp_path: Path, command: list[str]
) -> None:
    (tmp_path / ".env").write_bytes("REELOG_PORT=9001\r\n".encode("utf-16"))
    refused = run(*command, stdin=b"A boat.")

    assert refused.exit_code == 2, refused.output
    assert ".env: it is UTF-16 text, as PowerShell's > writes it; save it as UTF-8" in refused.output
    assert run("--help").exit_code == 0


def test_a_port_that_is_taken_is_told_with_a_way_out(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = run("emulate", "--port", str(taken.getsockname()[1]))

    assert refused.exit_code == 2
    assert "--port 0 takes any free port" in refused.stderr


def test_a_port_that_is_set_and_taken_is_told_by_what_set_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (tmp_path / ".env").write_text(f"REELOG_PORT={port}\n")
        by_file = run("serve", "--emulate")
        (tmp_path / ".env").unlink()
        monkeypatch.setenv("REELOG_PORT", str(port))
        by_environment = run("serve", "--emulate")
        by_option = run("serve", "--emulate", "--port", str(port))

    for refused in (by_file, by_environment):
        assert refused.exit_code == 2
        assert f"REELOG_PORT: 127.0.0.1:{port} cannot be listened at" in refused.stderr
        assert "set REELOG_PORT to another port, or --port 0 takes any free port" in refused.stderr
    assert f"--port: 127.0.0.1:{port} cannot be listened at" in by_option.stderr
    assert "REELOG_PORT" not in by_option.stderr


def test_a_host_that_is_not_of_this_machine_is_told_as_such(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_option = run("emulate", "--host", "192.0.2.1", "--port", "0")
    monkeypatch.setenv("REELOG_HOST", "192.0.2.1")
    monkeypatch.setenv("REELOG_API_KEY", "sixteen letters or more")
    by_setting = run("serve", "--emulate")

    for refused, name in ((by_setting, "REELOG_HOST"), (by_option, "--host")):
        assert refused.exit_code == 2
        assert f"{name}: 192.0.2.1:" in refused.stderr
        assert f"Set {name} to an address of this machine." in refused.stderr
