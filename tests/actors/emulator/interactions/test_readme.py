"""What the page on interactions says: its faults are known, and all that there are stand on it."""

import json
import re
from pathlib import Path

from actors.emulator.faults import INTERACTION_FAULTS, NAMES, SHOT_FAULTS, parse
from actors.emulator.shots.encode import TONES_HZ

ROOM = Path(__file__).parents[4] / "actors" / "emulator" / "interactions"
README = (ROOM / "README.md").read_text("utf-8")


def test_every_fault_is_listed_and_no_other() -> None:
    section = README.split("## Faults", 1)[1]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    listed = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert {*INTERACTION_FAULTS, *SHOT_FAULTS} <= listed <= set(NAMES)


def test_the_example_can_be_scripted() -> None:
    [example] = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    assert [fault.fault for fault in parse(json.loads(example))] == ["poll_429", "accepted_lost"]


def test_every_file_that_is_named_is_there_and_the_tones_are_true() -> None:
    rooms = (ROOM, ROOM.parent / "shots", ROOM.parent / "songs")
    named = set(re.findall(r"`([a-z_]+\.py)`", README))
    assert {"request.py", "flow.py"} <= named
    assert not {name for name in named if not any((room / name).exists() for room in rooms)}
    assert all(f"{tone:.0f} Hz" in README for tone in TONES_HZ)
