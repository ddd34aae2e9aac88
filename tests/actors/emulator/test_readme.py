"""What the emulator's README says: its examples strike as told, its requests and files are there."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from actors.emulator.faults import NAMES, Fault, FaultScript, Request, from_direction, parse
from actors.emulator.handler import Emulator
from actors.emulator.interactions.handler import InteractionHandler
from actors.emulator.like_google import FAILING_SHARES, FLAW_SHARES
from actors.emulator.routes import routes
from actors.emulator.writing.prompt_parser import DIRECTION

ROOM = Path(__file__).parents[3] / "actors" / "emulator"
README = (ROOM / "README.md").read_text("utf-8")
TEXT = Request(kind="text", model="gemini-3.8-flash", text="Analyse.")
IMAGE = Request(kind="image", model="gemini-nano-banana-2.1", text="A lighthouse")
SKYLINE = Request(kind="image", model="gemini-nano-banana-2.1", text="A Skyline at dusk")
SPEECH = Request(kind="speech", model="gemini-3.8-flash-tts", text="Good evening.")


def fenced(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return str(found)


@pytest.mark.parametrize(
    ("request_", "struck"),
    [
        (IMAGE, [None, None, "429", None]),
        (SPEECH, ["503", "503", None]),
        (SKYLINE, ["finish", "finish", "429", "finish"]),
        (TEXT, [None, "hang", None]),
    ],
    ids=["image", "narration", "skyline", "text"],
)
def test_the_faults_of_the_example_strike_as_the_readme_tells(
    request_: Request, struck: list[str | None]
) -> None:
    script = FaultScript(parse(json.loads(fenced("json"))))
    found = [script.strike(request_) for _ in struck]
    assert [fault.fault if fault else None for fault in found] == struck


def test_the_directions_of_the_example_are_faults() -> None:
    assert [from_direction(found[1]) for found in DIRECTION.finditer(fenced("text"))] == [
        Fault(fault="429", kind="image", scene=2),
        Fault(fault="503", kind="text", document="AudioPlan", times=2),
    ]


def test_every_request_that_is_answered_is_listed_and_no_other() -> None:
    with ThreadPoolExecutor(1) as pool:
        emulator = Emulator(latency=(0, 0), faults=(), seed=0, pool=pool)
        served = {
            (method, re.sub(r":\w+}", "}", route.path))
            for route in routes(emulator, InteractionHandler(emulator, pool))
            for method in (route.methods or set()) - {"HEAD"}
            if route.path != "/{path:path}"
        }
    assert set(re.findall(r"`(GET|POST|PUT|DELETE) (/[^`]*)`", README)) == served


def test_every_file_and_folder_that_is_named_is_there() -> None:
    named = set(re.findall(r"`([a-z_/]+(?:\.py|/))`", README))
    assert {"routes.py", "pictures/motifs/", "vocabulary/subjects.py"} <= named
    roots = (ROOM, ROOM.parents[1])
    assert not {name for name in named if not any((root / name).exists() for root in roots)}


def test_every_way_of_google_is_listed_with_the_fault_that_is_it_alone() -> None:
    section = README.split("## Like Google", 1)[1].split("\n## ", 1)[0]
    listed = {
        name
        for row in section.splitlines()
        if row.startswith("| ") and "as one fault" not in row
        for name in re.findall(r"`(\w+)`", row.rsplit(" | ", 1)[1])
    }
    chosen = [
        fault for shares in (FAILING_SHARES, FLAW_SHARES) for pairs in shares.values() for fault, _ in pairs
    ]
    own = {"delay", "429_per_minute", "503_spell"}
    reasons = {str(fault.reason) for fault in chosen if fault.reason} | {"RECITATION"}
    assert listed == {fault.fault for fault in chosen} | own | reasons
    assert listed - reasons <= set(NAMES)


def test_it_is_one_page() -> None:
    assert len(README.splitlines()) <= 85
