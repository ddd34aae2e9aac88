"""prompts: listed, compared, and tried with one call; nothing is asked of a provider without a yes."""

import json
from pathlib import Path
from typing import Any

import pytest

from actors.emulator.server import EmulatorThread
from actors.prompts import NAMES, load
from tests.api.cli.conftest import Run

SCRIPT = "A lighthouse stands above the sea. Mara lights the lamp at dusk."
OWN = "$frame\nIn the manner of a woodcut."


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "image.md").write_text(OWN, encoding="utf-8")
    monkeypatch.setenv("REELOG_PROMPTS", str(folder))
    return folder


@pytest.fixture
def script(tmp_path: Path) -> str:
    file = tmp_path / "story.txt"
    file.write_text(SCRIPT, encoding="utf-8")
    return str(file)


def test_the_prompts_are_listed_with_their_versions(run: Run) -> None:
    listed = run("prompts")
    assert listed.exit_code == 0, listed.output
    lines = listed.stdout.splitlines()
    assert [line.split("@")[0] for line in lines] == list(NAMES)
    assert all(load(name).version in listed.stdout for name in NAMES)
    assert all(" shipped " in line for line in lines)


@pytest.mark.usefixtures("own")
def test_one_of_your_own_is_listed_as_such(run: Run) -> None:
    prompts: list[Any] = [json.loads(line) for line in run("prompts", "--json").stdout.splitlines()]
    assert {p["name"]: p["own"] for p in prompts} == dict.fromkeys(NAMES, False) | {"image": True}
    assert next(p["text"] for p in prompts if p["name"] == "image") == OWN


def test_what_differs_from_the_shipped_ones_is_shown(run: Run, own: Path) -> None:
    told = run("prompts", "diff")
    assert told.exit_code == 0, told.output
    assert "+In the manner of a woodcut." in told.stdout
    assert f"--- {load('image').version}" in told.stdout
    assert run("prompts", "diff", "image").stdout == told.stdout
    assert run("prompts", "diff", str(own / "image.md")).stdout == told.stdout
    assert run("prompts", "diff", "image", str(own / "image.md")).stdout == ""


def test_without_own_prompts_nothing_differs(run: Run) -> None:
    told = run("prompts", "diff")
    assert (told.exit_code, told.stdout) == (0, "")
    assert "REELOG_PROMPTS" in told.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("diff", "nothing"),
            "'nothing' is no file and no prompt; there are script_writing, script_analysis",
        ),
        (("try", "storyboard", "story.txt"), "name a job that has one"),
        (("try", "image", "story.txt", "--with", "wrong.md"), "wrong.md is no prompt's name"),
        (("try", "script_analysis", "story.txt", "--with", "image.md"), "is a prompt for image"),
    ],
)
@pytest.mark.usefixtures("script")
def test_what_cannot_be_shown_or_tried_is_told_with_a_way_out(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    for name in ("wrong.md", "image.md"):
        (tmp_path / name).write_text(OWN, encoding="utf-8")
    told = run("prompts", *arguments)
    assert told.exit_code == 2
    assert said in told.stderr


@pytest.mark.usefixtures("own")
def test_a_wrong_prompt_of_your_own_is_told_by_its_file(run: Run, own: Path) -> None:
    (own / "image.md").write_text("A sea.", encoding="utf-8")
    told = run("prompts")
    assert told.exit_code == 2
    assert "image.md lacks $frame" in told.stderr


def test_a_prompt_is_shown_with_its_price_and_nothing_is_asked_without_a_yes(run: Run, script: str) -> None:
    told = run("prompts", "try", "script_analysis", script)
    assert told.exit_code == 0, told.output
    assert "1 A lighthouse stands above the sea.\n2 Mara lights the lamp at dusk." in told.stdout
    assert "Cost: at most $" in told.stderr
    assert "--yes makes the call" in told.stderr
    assert not Path("reelog-data").exists()


def test_with_a_yes_and_without_a_key_it_says_what_is_missing(run: Run, script: str) -> None:
    told = run("prompts", "try", "script_analysis", script, "--yes")
    assert told.exit_code == 2
    assert "GEMINI_API_KEY is not set" in told.stderr


def test_with_a_yes_one_call_is_made_and_its_answer_and_cost_are_shown(
    run: Run, script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "script_analysis.md"
    own.write_text(f"In verse.\n{load('script_analysis').text}", encoding="utf-8")
    with EmulatorThread() as emulator:
        monkeypatch.setenv("REELOG_GEMINI_BASE_URL", emulator.url)
        told = run(
            "prompts", "try", "script_analysis", script, "--with", str(own), "--yes", "--out", "a.json"
        )
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("In verse.\n")
    assert "It cost $" in told.stderr
    answer = json.loads(Path("a.json").read_text(encoding="utf-8"))
    assert " ".join(scene["narration"] for scene in answer["scenes"]) == SCRIPT


def test_a_film_is_made_with_prompts_of_your_own_and_a_wrong_folder_is_told(run: Run, script: str) -> None:
    told = run("make", script, "--emulate", "--prompts", "nowhere", "--out", "film")
    assert told.exit_code == 2
    assert "--prompts is 'nowhere': there is no such folder" in told.stderr
