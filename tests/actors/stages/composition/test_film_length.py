"""A job's film from its inputs: as long as its options say, with the words it was given."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actors.gemini.gateway import Gateway
from actors.media.timeline import SAMPLE_RATE, Joint
from actors.stages.composition.film_frames import FilmFrames
from actors.stages.script_analyst import ScriptAnalyst
from actors.work.provider_call import Provider
from actors.work.rendering import crafted
from actors.work.stage import Inputs, Source
from domain.asset import AssetKey
from domain.failures import AttemptFailedError, Code
from domain.pricing import SHIPPED_PRICES, PriceBook
from domain.script import Kind
from domain.submission import Options
from tests.actors.staging import Staging
from tests.sounds import to_wav

TEXTS = (
    "The keeper climbs the stairs with his lamp, as he has done every evening for thirty years.",
    "Below him the sea is black.",
    "Then, far out, a light answers.",
)
LEAD_MS = 500
"""Before the first word."""


class Shelf:
    """Bytes by digest, in memory."""

    def __init__(self) -> None:
        self._held: dict[str, bytes] = {}

    def put(self, data: bytes) -> str:
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self._held[digest] = data
        return digest

    def get(self, digest: str) -> bytes:
        return self._held[digest]


def film(
    options: Options,
    spoken_s: tuple[float, ...] = (),
    transitions: tuple[str, ...] = (),
    numbers: tuple[int, ...] = (1, 2, 3),
) -> FilmFrames:
    analysis = {
        "title": "The Keeper", "language": "en", "themes": ["light"], "mood": "serene",
        "setting": "a coast", "palette": ["#112233"], "characters": [],
        "scenes": [
            {"narration": TEXTS[n - 1], "visual": "a tower", "mood": "serene", "number": n}
            | ({"transition": transitions[n - 1]} if transitions else {})
            for n in numbers
        ],
    }  # fmt: skip
    shelf = Shelf()
    contents: dict[str, tuple[bytes, str]] = {"analysis": (json.dumps(analysis).encode(), "application/json")}
    for number, seconds in enumerate(spoken_s, 1):
        t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
        voice = np.asarray(0.3 * np.sin(2 * np.pi * 150 * t), np.float32)
        contents[f"narration:{number}"] = (
            to_wav(voice),
            "audio/wav",
        )
    facts: Mapping[str, object] = {
        "title": "The Keeper",
        "language": "en",
        "scenes": [{"scene": n} for n in numbers],
    }
    sources = {
        name: Source(name, shelf.put(data), kind, dict(facts) if name == "analysis" else {})
        for name, (data, kind) in contents.items()
    }
    return FilmFrames(options, Inputs(sources, shelf))  # type: ignore[arg-type]


def test_a_narrated_film_lasts_as_long_as_asked() -> None:
    for target in (14.0, 20.0, 45.0):
        made = film(Options(target_duration_s=target, music=False), (6.0, 2.0, 2.4))
        assert float(made.timeline().duration_s) == pytest.approx(target, rel=0.05)


def test_without_a_target_the_film_lasts_as_long_as_its_narrator_takes() -> None:
    made = film(Options(music=False), (6.0, 2.0, 2.4))
    spoken = [made.scene(number).speech for number in (1, 2, 3)]
    assert [speech.duration_s for speech in spoken if speech] == [6.0, 2.0, 2.4]


@pytest.mark.parametrize("pace", [0.75, 1.25])
def test_words_are_played_at_the_pace_that_is_asked_for_and_captions_go_with_them(pace: float) -> None:
    usual, other = (film(Options(music=False, pace=p), (6.0, 2.0, 2.4)) for p in (1.0, pace))
    for number, seconds in enumerate((6.0, 2.0, 2.4), 1):
        spoken = other.scene(number).speech
        assert spoken is not None
        assert spoken.duration_s == pytest.approx(seconds / pace, rel=0.02)
    breath = float(usual.timeline().duration_s) - 10.4
    assert float(other.timeline().duration_s) == pytest.approx(10.4 / pace + breath, abs=0.3)
    first, last = (made.scene_cues(made.scene(1))[-1].words[-1] for made in (usual, other))
    assert last.start_ms - LEAD_MS == pytest.approx((first.start_ms - LEAD_MS) / pace, abs=300)


def test_a_silent_film_is_read_at_the_pace_that_is_asked_for() -> None:
    silent = {"narration": False, "music": False, "captions": "sidecar"}
    usual, slow = (film(Options.model_validate({**silent, "pace": p})) for p in (1.0, 0.75))
    for a, b in zip(usual.shapes(), slow.shapes(), strict=True):
        assert b.speech == pytest.approx(a.speech / 0.75, abs=1)
        assert (b.lead, b.tail) == (a.lead, a.tail)


def test_a_silent_film_lasts_exactly_as_long_as_asked() -> None:
    made = film(Options(target_duration_s=21.5, narration=False, music=False))
    assert made.timeline().duration_s == 21.5


async def test_a_film_that_cannot_be_as_long_as_asked_fails_by_that_name() -> None:
    made = film(Options(target_duration_s=5, music=False), (6.0, 2.0, 2.4))
    with pytest.raises(AttemptFailedError) as caught:
        await crafted(made.timeline)
    assert caught.value.failure.code == Code.LENGTH_NOT_MET
    assert "5 s were asked for" in caught.value.failure.message


def test_scenes_are_joined_as_the_analysis_says() -> None:
    made = film(Options(music=False), (3.0, 2.0, 2.0), ("fade", "cut", "fade"))
    line = made.timeline()
    assert [shape.leaves for shape in line.shapes[:2]] == [Joint.FADE, Joint.CUT]
    assert [segment.length for segment in line.segments() if segment.kind == "transition"] == [24, 2]
    assert line.length == sum(shape.length for shape in line.shapes)


def test_more_words_than_can_be_spoken_are_refused_before_anything_is_paid(tmp_path: Path) -> None:
    staging = Staging(tmp_path)
    analyst = ScriptAnalyst(Provider(_nobody, PriceBook.parse(SHIPPED_PRICES.read_text("utf-8")), _now))
    key, inputs = AssetKey(Kind.ANALYSIS), staging.inputs()
    assert analyst.plan(staging.brief(options={"target_duration_s": 8}), key, inputs).prompt
    assert analyst.plan(
        staging.brief(options={"target_duration_s": 2, "narration": False}), key, inputs
    ).prompt
    with pytest.raises(AttemptFailedError) as caught:
        analyst.plan(staging.brief(options={"target_duration_s": 2}), key, inputs)
    assert caught.value.failure.code == Code.LENGTH_NOT_MET
    assert not caught.value.failure.retryable


@pytest.mark.parametrize(
    ("options", "scenes"),
    [
        ({}, 12),
        ({"target_duration_s": 60}, 12),
        ({"target_duration_s": 8}, 1),
        ({"target_duration_s": 12}, 4),
        ({"target_duration_s": 6.4}, 1),
        ({"target_duration_s": 1, "narration": False}, 2),
        ({"target_duration_s": 1, "narration": False, "music": False, "fps": 60}, 2),
        ({"target_duration_s": 3, "narration": False}, 4),
        ({"target_duration_s": 3, "narration": False, "max_scenes": 3}, 3),
    ],
)
def test_no_more_scenes_are_asked_for_than_fit_into_the_film(
    tmp_path: Path, options: dict[str, Any], scenes: int
) -> None:
    staging = Staging(tmp_path)
    analyst = ScriptAnalyst(Provider(_nobody, PriceBook.parse(SHIPPED_PRICES.read_text("utf-8")), _now))
    script = "Sea. " * 12
    brief = staging.brief(script=script, options=options)
    plan = analyst.plan(brief, AssetKey(Kind.ANALYSIS), staging.inputs())
    assert plan.parameters["max_scenes"] == scenes
    assert plan.prompt is not None
    assert f"<max_scenes>{scenes}</max_scenes>" in plan.prompt


def _nobody() -> Gateway:
    raise AssertionError("planning calls nobody")


def _now() -> datetime:
    return datetime(2026, 11, 22, tzinfo=UTC)


def test_scenes_play_in_their_order_and_keep_their_numbers() -> None:
    edited = film(Options(music=False), (3.0, 1.5, 2.0), ("cut", "fade", "crossfade"), numbers=(3, 1))
    first, last = edited.scene(3), edited.scene(1)
    assert (first.text, last.text) == (TEXTS[2], TEXTS[0])
    assert (first.shape.fade_in, first.shape.leaves) == (0, Joint.CROSSFADE)
    assert (last.shape.arrives, last.shape.fade_out) == (Joint.CROSSFADE, 0)
    assert (edited.place(1), edited.after(3)) == (2, 1)
    line = edited.timeline()
    assert len(line.shapes) == 2
    spoken_last = [cue for cue in edited.cues() if cue.start_ms / 1000 >= float(line.speech_s(2)) - 0.1]
    assert " ".join(" ".join(cue.lines) for cue in spoken_last) == TEXTS[0]
