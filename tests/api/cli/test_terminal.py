"""What a server, a provider or a script says is shown on a terminal and in a log; it steers neither."""

import json
import logging
import re
import unicodedata
from pathlib import Path

import pytest

from api.cli.errors import CliError
from api.cli.live import print_json, say
from api.cli.log_lines import JsonLines, TextLines, log_to_file
from api.cli.text import Theme, echo, escaped, json_line, printable
from tests.api.cli.conftest import Run, Scripted
from tests.api.conftest import Site

COMMANDS = Path(__file__).parents[3] / "api" / "cli"
HOSTILE = "\x1b[2J\x1b]0;pwned\x07\x9b2J\x7f\u202etxt.exe\u2066\u2028\rforged\x00\ud800"


def steering(text: str) -> set[str]:
    return {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}} - set("\n\t")


@pytest.mark.parametrize("shown", [printable, escaped, json_line])
def test_no_way_of_showing_lets_a_control_character_through(shown: object) -> None:
    assert callable(shown)
    assert not steering(shown(HOSTILE))
    assert "txt.exe" in shown(HOSTILE)
    assert "زن\u200cها" in shown("زن\u200cها"), "joiners are spelling"


def test_data_is_the_same_data_when_it_is_read_again() -> None:
    assert json.loads(json_line({HOSTILE: [HOSTILE, "\U000e0041"]})) == {HOSTILE: [HOSTILE, "\U000e0041"]}


def test_a_command_says_it_without_obeying_it(capfd: pytest.CaptureFixture[str]) -> None:
    echo(Theme(colour=True).paint(HOSTILE, "bad"), color=True)
    say(HOSTILE)
    print_json({"title": HOSTILE})
    CliError(HOSTILE, HOSTILE).show()
    out, err = capfd.readouterr()
    assert "\x1b[31m" in out, "our own colours are kept"
    assert not steering(re.sub(r"\x1b\[(31|0)m", "", out))
    assert not steering(err)
    assert err.count("\n") == 3


def test_commands_print_in_no_other_way() -> None:
    allowed = {"main.py": 1, "text.py": 1, "live.py": 1, "verify.py": 1, "get.py": 2}
    found = {
        file.name: len(re.findall(r"\b(?:click\.s?echo|print)\(", file.read_text()))
        for file in COMMANDS.glob("*.py")
    }
    assert {name: count for name, count in found.items() if count} == allowed


def test_what_a_server_answers_with_stays_on_its_line(run: Run, scripted: Scripted) -> None:
    problem = {"detail": f"no\nError: forged{HOSTILE}", "errors": [{"pointer": "/a\nb", "message": HOSTILE}]}
    job_id = "10efb3ce-0000-4000-8000-000000000000"
    scripted.answer(f"/v1/jobs/{job_id}", problem, status=422)
    ended = run("show", job_id, "--url", scripted.url)
    assert ended.exit_code == 2
    assert not steering(ended.output)
    assert ended.output.count("\n") == 1


def record(message: str, *args: object, error: BaseException | None = None) -> logging.LogRecord:
    info = None if error is None else (type(error), error, None)
    return logging.LogRecord("api", logging.INFO, __file__, 1, message, args, info)


def test_a_log_for_people_has_a_line_for_each_record() -> None:
    told = TextLines().format(record("POST %s %d", f"/\n12:00:00 INFO    forged{HOSTILE}", 403))
    assert "\n" not in told
    assert not steering(told)
    assert "\\x1b[2J" in told, "what was sent can be read"
    failed = TextLines().format(record("broken", error=ValueError(f"a\n12:00:00 INFO    forged{HOSTILE}")))
    assert all(line.startswith("  ") for line in failed.split("\n")[1:])
    assert not steering(failed)


def test_a_log_for_machines_has_one_too() -> None:
    told = JsonLines().format(record("said %s", HOSTILE))
    assert not steering(told)
    assert json.loads(told)["event"] == f"said {HOSTILE}"


@pytest.mark.parametrize("length", [10, 100_000])
def test_a_log_that_a_full_disk_has_no_room_for_is_no_trouble_of_its_own(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], length: int
) -> None:
    (tmp_path / "reelog.log").symlink_to("/dev/full")
    log_to_file(tmp_path)
    [handler] = logging.getLogger().handlers
    for _ in range(3):
        logging.getLogger("api").warning("x" * length)
    handler.close()
    assert capfd.readouterr() == ("", "")


def test_a_log_that_cannot_be_begun_is_no_trouble_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "reelog.log").mkdir()
    log_to_file(tmp_path)
    logging.getLogger("api").warning("said")


def test_the_log_beside_a_picture_and_the_path_of_a_request(site: Site, tmp_path: Path) -> None:
    log_to_file(tmp_path / "log")
    refused = site.client.post("/%1b%5b2J%0aINFO%20forged%c2%9b", headers={"Origin": "http://evil.example"})
    assert refused.status_code == 403
    written = (tmp_path / "log" / "reelog.log").read_text(encoding="utf-8")
    assert written.count("\n") == 1
    assert "POST /%1b%5b2J%0aINFO%20forged%c2%9b 403" in written
