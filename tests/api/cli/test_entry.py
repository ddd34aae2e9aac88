import errno
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from api.cli.errors import Code
from api.cli.main import COMMANDS, main
from tests.api.cli.conftest import Run

ROOT = Path(__file__).parents[3]


def test_every_command_has_help_and_its_own_name(run: Run) -> None:
    for name in COMMANDS:
        shown = run(name, "--help")

        assert shown.exit_code == 0
        assert f"Usage: reelog {name}" in shown.stdout


def commands() -> Iterator[tuple[str, click.Command]]:
    """All that do something: of a group that does nothing by itself, its own."""
    context = click.Context(main)
    for name in COMMANDS:
        command = main.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group) and not command.invoke_without_command:
            yield from ((f"{name} {inner}", each) for inner, each in command.commands.items())
        else:
            yield name, command


def test_every_option_and_argument_is_explained() -> None:
    for name, command in commands():
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{name} {parameter.opts[0]}"
            else:
                # The command's own help says what an argument is.
                argument = (parameter.metavar or parameter.human_readable_name).upper().partition("[")[0]
                assert argument.partition("|")[0] in (command.help or ""), f"{name} {parameter.name}"


def test_the_list_of_commands_is_whole(run: Run) -> None:
    listed = run("--help").stdout

    for name in COMMANDS:
        assert f"\n  {name} " in listed
    codes = " ".join(listed.partition("Exit codes: ")[2].split())
    assert [int(number) for number in re.findall(r"\d+", codes)] == [code.value for code in Code]


def test_commands_that_hand_out_data_can_do_so_as_json() -> None:
    for name, command in commands():
        if name == "mcp":
            continue  # its output is a protocol's, which is JSON already
        assert "--json" in {opt for parameter in command.params for opt in parameter.opts}, name


def test_an_unknown_command_ends_with_two(run: Run) -> None:
    refused = run("frobnicate")

    assert refused.exit_code == 2
    assert "No such command 'frobnicate'" in refused.stderr


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, click.Abort])
def test_ctrl_c_is_no_failed_job(
    run: Run, monkeypatch: pytest.MonkeyPatch, interrupt: type[BaseException]
) -> None:
    def interrupted() -> None:
        raise interrupt

    monkeypatch.setattr("api.cli.read.settings_of", interrupted)

    assert run("ls").exit_code == 130


def test_python_m_api_is_the_same_command_and_help_loads_nothing_heavy() -> None:
    heavy = {"ray", "numpy", "starlette", "google.genai", "pydantic"}
    code = (
        "import sys; from api.cli.main import main; main(['--help'], standalone_mode=False); "
        f"print(*{heavy} & set(sys.modules), file=sys.stderr)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    version = subprocess.run(
        [sys.executable, "-m", "api", "--version"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert loaded.stderr.strip() == ""
    assert version.stdout.startswith("reelog, version ")


def test_a_command_whose_output_nobody_reads_ends_as_shells_expect(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not with 1, which says that a job has failed."""

    @click.command()
    def ls() -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(main, "get_command", lambda *_: ls)
    ended = run("ls")
    assert ended.exit_code == 141
    assert ended.output == ""


def test_closed_streams_are_no_hindrance(tmp_path: Path) -> None:
    """The next file that is opened would else be what libraries write their complaints to."""
    code = (
        "import os, sys; from api.cli.main import main\n"
        "main(['--version'], standalone_mode=False)\n"
        f"file = open({str(tmp_path / 'numbers')!r}, 'w'); file.write(str(file.fileno()))\n"
        "print('to nobody', file=sys.stderr)\n"
    )
    shell = '"$0" -c "$1" <&- >&- 2>&-'
    subprocess.run(["/bin/sh", "-c", shell, sys.executable, code], cwd=ROOT, check=True)
    assert int((tmp_path / "numbers").read_text()) > 2


@pytest.mark.slow
def test_letters_that_a_terminal_cannot_show_are_no_reason_to_end() -> None:
    code = (
        "import sys; from api.cli.main import main; from api.cli.live import print_json, say\n"
        "main(['--version'], standalone_mode=False)\n"
        "print('Lighthouse …'); say('✓ done'); print_json({'title': '灯台 🚀'})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PYTHONIOENCODING": "latin-1", "PATH": "/usr/bin"},
        capture_output=True,
        check=True,
    )
    said = done.stdout.decode("latin-1").splitlines()
    assert said[-2] == "Lighthouse ?"
    assert json.loads(said[-1]) == {"title": "灯台 🚀"}
