"""A job is named by its id, by how that begins, or as the latest: in every command, here and on a server."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.cli.main import COMMANDS, ELSEWHERE
from domain.asset import AssetKey
from domain.job_names import beginning_of
from tests.api.cli.conftest import END, Floor, Run, Scripted, event, frame

pytestmark = pytest.mark.slow  # each takes a while, or there are many

FIRST = UUID("3fa1b2c3-0000-4000-8000-000000000001")
SECOND = UUID("3fa1b2c4-0000-4000-8000-000000000002")
LOCAL = (["show"], ["events"], ["explain"], ["replay", "--speed", "0"], ["remake"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("3", "3"),
        ("3FA1B2C3", "3fa1b2c3"),
        ("3fa1b2c3-", "3fa1b2c3"),
        ("3fa1b2c30", "3fa1b2c3-0"),
        ("3fa1b2c3-0000-4", "3fa1b2c3-0000-4"),
        (FIRST.hex, str(FIRST)),
        (str(FIRST).upper(), str(FIRST)),
    ],
)
def test_a_beginning_is_written_as_ids_are(typed: str, meant: str) -> None:
    assert beginning_of(typed) == meant


@pytest.mark.parametrize("typed", ["", "-", "g", "newest", "3f%", "3f_", FIRST.hex + "0"])
def test_what_begins_no_id_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="no beginning"):
        beginning_of(typed)


@pytest.fixture
def two(floor: Floor) -> Floor:
    for job_id in (FIRST, SECOND):
        floor.filming.submit(job_id=job_id)
        floor.filming.finish(job_id)
    return floor


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("command", LOCAL, ids=lambda command: command[0])
def test_every_reading_command_takes_the_beginning_of_an_id_and_latest(run: Run, command: list[str]) -> None:
    name, *more = command

    by_id, by_beginning = run(name, str(SECOND), *more), run(name, "3fa1b2c4", *more)
    latest, none = run(name, "latest", *more), run(name, "4", *more)

    assert by_id.output == by_beginning.output == latest.output
    assert by_id.exit_code == by_beginning.exit_code == latest.exit_code
    assert none.exit_code == 2
    assert "no job's id begins with 4 in" in none.stderr


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("command", LOCAL, ids=lambda command: command[0])
def test_a_beginning_that_several_ids_have_names_them(run: Run, command: list[str]) -> None:
    refused = run(command[0], "3fa1")

    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "the ids of several jobs begin with 3fa1:" in refused.stderr
    for job_id in (FIRST, SECOND):
        assert f"{job_id}  completed" in refused.stderr


def test_latest_where_nothing_is_yet_says_so(run: Run, floor: Floor) -> None:
    refused = run("show", "latest")

    assert refused.exit_code == 2
    assert f"there is no job yet in {floor.system.settings.data_dir}" in refused.stderr


ASKING = ("watch", "cancel", "retry", "regenerate", "fork", "show", "events", "explain", "replay")


@pytest.mark.parametrize(("named", "query"), [("3fa1", "id=3fa1"), ("latest", "limit=1")])
@pytest.mark.parametrize("command", ASKING)
def test_a_server_is_asked_which_job_is_meant(
    run: Run, scripted: Scripted, command: str, named: str, query: str
) -> None:
    found: dict[str, Any] = {"data": [{"id": str(FIRST)}], "has_more": False, "next": None}
    scripted.answer("/v1/jobs", found)
    scripted.stream(f"/v1/jobs/{FIRST}/events", frame(event(1)), END)

    more = ["image:1"] if command == "regenerate" else []
    run(command, named, *more, "--url", scripted.url)

    assert query in scripted.asked[0][1]
    asked = str(AssetKey.parse("image:1").id_in(FIRST)) if more else str(FIRST)
    assert asked in scripted.asked[1][1]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("versoin", "--version"), ("sumbit", "submit"), ("list", "ls"), ("logs", "events"), ("help", "--help"),
     ("LS", "ls"), ("regenrate", "regenerate"), ("stop", "cancel")],
)  # fmt: skip
def test_an_unknown_command_names_the_one_that_was_meant(run: Run, typed: str, meant: str) -> None:
    refused = run(typed)

    assert refused.exit_code == 2
    assert f"No such command {typed!r}. Did you mean {meant!r}?" in refused.stderr


def test_what_other_tools_call_it_leads_to_commands_that_there_are() -> None:
    assert not set(ELSEWHERE) & set(COMMANDS)
    assert {name for name in ELSEWHERE.values() if not name.startswith("-")} <= set(COMMANDS)


def test_a_log_file_goes_before_a_beginning_of_the_same_name(run: Run, two: Floor) -> None:
    two.settle()
    told = run("events", str(FIRST), "--json").stdout
    Path("3fa1b2c4").write_text(told, encoding="utf-8")

    relived = run("replay", "3fa1b2c4", "--speed", "0", "--json").stdout

    assert json.loads(relived.splitlines()[0])["job_id"] == str(FIRST)
