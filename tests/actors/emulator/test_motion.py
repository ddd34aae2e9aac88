"""The storyboard writes how a picture moves where its schema asks for that, and is as it was where not."""

import json
from typing import Any

import pytest

from actors.emulator.shots.camera import move_of
from actors.emulator.shots.words import motions_of
from actors.emulator.vocabulary.subjects import SUBJECTS
from actors.emulator.writing.motion import SUBJECTS as MOTIONS
from actors.emulator.writing.motion import motion
from actors.emulator.writing.text_answer import write

ANALYSIS: dict[str, Any] = {
    "mood": "serene",
    "scenes": [
        {"mood": "serene", "beats": [{"visual": "the open sea with long rolling waves"}]},
        {
            "mood": "tense",
            "beats": [{"visual": "a street in the rain"}, {"visual": "a campfire in the woods"}],
        },
    ],
}


def storyboard(**fields: Any) -> dict[str, Any]:
    frame = {"type": "object", "properties": {"picture": {"type": "string"}, **fields}}
    schema = {
        "title": "Storyboard",
        "type": "object",
        "properties": {"style": {"type": "string"}, "frames": {"type": "array", "items": frame}},
    }
    text, _ = write(f"<analysis>\n{json.dumps(ANALYSIS)}\n</analysis>", schema, as_json=True)
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.mark.parametrize("field", ["motion", "motion_prompt"])
def test_each_frame_has_a_motion_that_fits_what_it_shows(field: str) -> None:
    frames = storyboard(**{field: {"type": "string"}})["frames"]
    sea, street, fire = (frame[field] for frame in frames)
    assert sea.startswith("One continuous shot of the open sea")
    assert "waves" in sea
    assert "rain falls" in street
    assert "flames" in fire
    assert len({move_of(each) for each in (sea, street, fire)}) == 3
    assert {"water"} <= motions_of(sea).names
    assert {"rain"} <= motions_of(street).names
    assert {"fire", "sparks"} <= motions_of(fire).names


def test_a_storyboard_that_is_not_asked_for_it_has_none() -> None:
    assert {name for frame in storyboard()["frames"] for name in frame} == {"picture"}


def test_the_schema_is_obeyed() -> None:
    [frame, *_] = storyboard(motion={"type": "string", "maxLength": 60})["frames"]
    assert len(frame["motion"]) == 60


def test_every_subject_has_its_motion_and_none_is_long() -> None:
    assert set(MOTIONS) == set(SUBJECTS)
    assert all(len(motion(n, f"{SUBJECTS[name].phrases[0]} " * 3)) < 320 for n, name in enumerate(SUBJECTS))
