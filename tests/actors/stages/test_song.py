"""Music by a model: what it is asked for, what of an answer is kept, and what is refused."""

import base64
import functools
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actors.gemini.gateway import SDK_CAPABILITIES, Json, WireAnswer
from actors.media.timeline import SAMPLE_RATE
from actors.stages.composer import Composer
from actors.work.provider_call import Provider
from actors.work.stage import Inputs, Made, MakeFailedError, Plan, Source
from domain.asset import AssetKey
from domain.failures import AttemptFailedError
from domain.pricing import SHIPPED_PRICES, PriceBook
from tests.actors.media.test_media_song import mp3, song
from tests.actors.staging import SCENES, Staging, analysis, audio_plan
from tests.sounds import to_wav

NOW = datetime(2026, 11, 28, tzinfo=UTC)
PRICES = PriceBook.parse(SHIPPED_PRICES.read_text(encoding="utf-8"))
LYRIA = "lyria-3.5"
MUSIC = AssetKey.parse("music")
SONG = song(20.0)


class Singing:
    """A gateway with one answer; what it was asked is in ``asked``."""

    capabilities = SDK_CAPABILITIES["google-genai"]

    def __init__(self, *parts: Json, **more: Any) -> None:
        candidate = {"content": {"role": "model", "parts": list(parts)}, "finishReason": "STOP"}
        self._body = {"candidates": [candidate], "modelVersion": LYRIA, "responseId": "r-1"} | more
        self.asked: list[tuple[str, list[Json], Json]] = []

    async def generate(self, model: str, contents: list[Json], config: Json, timeout_s: float) -> WireAnswer:
        self.asked.append((model, contents, config))
        assert timeout_s >= 240
        return WireAnswer(200, {}, json.dumps(self._body).encode(), 31.5)


@functools.cache
def as_mp3() -> bytes:
    """Made by the first test that needs it: whoever only collects tests does not wait for it."""
    return mp3(SONG)


@functools.cache
def as_wav() -> bytes:
    return to_wav(SONG)


def audio(data: bytes, media_type: str) -> Json:
    return {"inlineData": {"mimeType": media_type, "data": base64.b64encode(data).decode()}}


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    return Staging(tmp_path)


def composer(gateway: Any = None, prices: PriceBook = PRICES) -> Composer:
    return Composer(Provider(lambda: gateway, prices, lambda: NOW))


def planned(
    staging: Staging, model: str | None = LYRIA, inputs: Inputs | None = None, **changes: Any
) -> Plan:
    brief = staging.brief(models={"music": model}, **changes)
    return composer().plan(brief, MUSIC, inputs or staging.inputs())


async def made(staging: Staging, gateway: Singing) -> Made:
    brief, plan = staging.brief(models={"music": LYRIA}), planned(staging)
    task = staging.task("music", plan, brief)
    try:
        return await composer(gateway).make(task)
    finally:
        task.clear()


# ---- what is asked for ------------------------------------------------------------------------------


def test_without_a_model_nobody_is_asked_and_nothing_is_reserved(staging: Staging) -> None:
    plan = planned(staging, model=None)
    assert (plan.model, plan.prompt, plan.reservation_usd) == (None, None, 0.0)


def test_a_song_is_asked_for_by_the_audio_plan_and_reserves_its_price(staging: Staging) -> None:
    plan = planned(staging)
    assert (plan.model, plan.reservation_usd) == (LYRIA, 0.08)
    assert plan.prompt_version is not None
    assert plan.prompt_version.startswith("music@")
    said = plan.prompt or ""
    for wish in ("80 BPM", "A minor", "calm", "piano", "no vocals", "gentle fade-out", "about 30 seconds"):
        assert wish in said
    assert "[0:00 - 0:30] intro: soft, chords Am" in said
    assert not any(text in said for text in SCENES), "a model that is told a script may sing it"


def test_a_model_without_a_price_by_the_song_reserves_an_unknown_sum(staging: Staging) -> None:
    by_tokens = '{"models": {"lyria-3.5": [{"from": "2026-01-01", "input": 1, "output": {"AUDIO": 20}}]}}'
    brief = staging.brief(models={"music": LYRIA})
    for prices in (PriceBook.parse('{"models": {}}'), PriceBook.parse(by_tokens)):
        plan = composer(prices=prices).plan(brief, MUSIC, staging.inputs())
        assert plan.reservation_usd is None


def test_the_sections_share_the_films_length_by_their_bars(staging: Staging) -> None:
    audio_plan_ = audio_plan().model_dump()
    audio_plan_["music"] |= {
        "sections": [
            {"name": name, "bars": bars, "chords": ["Am"], "intensity": 0.9}
            for name, bars in (("intro", 2), ("climax", 6), ("ending", 2))
        ],
        "cues": [{"scene": 2, "cue": "swell"}],
    }
    document = type(audio_plan()).model_validate(audio_plan_)
    sources = {source.name: source for source in staging.sources()}
    sources["audio_plan"] = staging.source("audio_plan", document)
    plan = planned(
        staging, inputs=Inputs(sources, staging.blobs), options={"target_duration_s": 100.0, "fps": 25}
    )
    assert plan.parameters["asked"]["duration_s"] == 100
    assert [(s["start_s"], s["end_s"]) for s in plan.parameters["asked"]["sections"]] == [
        (0, 20),
        (20, 80),
        (80, 100),
    ]
    assert "it swells" in (plan.prompt or "")


def test_a_long_film_asks_for_the_longest_song_that_comes_out_well(staging: Staging) -> None:
    assert planned(staging, options={"target_duration_s": 1800.0}).parameters["asked"]["duration_s"] == 180


def test_what_is_spoken_says_nothing_of_the_song(staging: Staging) -> None:
    """A voice that is spoken anew pays for no other song: the plan is the same with any narration."""
    narration = Source("narration:1", "sha256:0", "audio/wav", {"duration_s": 99.0})
    assert planned(staging, inputs=staging.inputs(narration)) == planned(staging)


def test_scenes_that_cannot_be_joined_in_the_time_are_told_as_such(staging: Staging) -> None:
    many = analysis().model_copy(update={"scenes": analysis().scenes * 5})
    sources = {source.name: source for source in staging.sources()}
    inputs = Inputs(sources | {"analysis": staging.source("analysis", many)}, staging.blobs)
    with pytest.raises(AttemptFailedError) as failed:
        planned(staging, inputs=inputs, options={"target_duration_s": 1.0, "narration": False})
    assert failed.value.failure.code == "length_not_met"


# ---- what comes -------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("form", "said", "media_type"),
    [
        (as_mp3, "audio/mpeg", "audio/mpeg"),
        (as_mp3, "audio/mp3", "audio/mpeg"),
        (as_wav, "audio/wav", "audio/wav"),
        (as_wav, "audio/mpeg", "audio/wav"),
        (as_mp3, "", "audio/mpeg"),
    ],
)
async def test_the_song_is_kept_as_it_came_whatever_it_is_called(
    staging: Staging, form: Callable[[], bytes], said: str, media_type: str
) -> None:
    data = form()
    gateway = Singing({"text": "[0.0:] intro"}, audio(data, said))
    song = await made(staging, gateway)
    assert (song.data, song.media_type) == (data, media_type)
    assert song.cost_usd == 0.08
    [(model, contents, config)] = gateway.asked
    assert model == LYRIA
    assert config["generationConfig"] == {"responseModalities": ["AUDIO"]}
    assert [list(part) for part in contents[0]["parts"]] == [["text"]]


@pytest.mark.slow
async def test_what_was_promised_and_what_came_are_both_on_record(staging: Staging) -> None:
    song = await made(staging, Singing({"text": "[0.0:] intro"}, audio(as_mp3(), "audio/mpeg")))
    assert song.facts["asked"] == planned(staging).parameters["asked"]
    assert song.facts["asked"]["tempo_bpm"] == 80
    assert song.facts["tempo_bpm"] == pytest.approx(100, abs=1), "it was played faster than was asked for"
    assert song.facts["duration_s"] == pytest.approx(20, abs=0.1)
    assert song.facts["structure"] == "[0.0:] intro"
    assert "midi_digest" not in song.facts
    assert song.provenance["model_version"] == LYRIA
    assert song.raw is not None
    assert len(song.raw) < 5_000, "the sound is no part of the raw answer that is kept"


@pytest.mark.slow
async def test_of_several_pieces_of_sound_the_longest_is_the_song(staging: Staging) -> None:
    parts = [audio(mp3(SONG[: 2 * SAMPLE_RATE]), "audio/mpeg"), audio(as_mp3(), "audio/mpeg")]
    song = await made(staging, Singing(*parts))
    assert (song.facts["audio_parts"], song.facts["duration_s"]) == (2, pytest.approx(20, abs=0.1))


HUSH = np.zeros((20 * SAMPLE_RATE, 2), np.float32)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([{"text": "I cannot compose that."}], "no_music"),
        ([], "no_music"),
        ([audio(b"\x00" * 4000, "audio/L16;rate=44100")], "malformed_music"),
        ([audio(b"ID3" + b"\x00" * 4000, "audio/mpeg")], "malformed_music"),
        ([audio(to_wav(HUSH), "audio/wav")], "silent_music"),
        ([audio(to_wav(np.concatenate([SONG[: 9 * SAMPLE_RATE], HUSH])), "audio/wav")], "music_too_short"),
        ([audio(to_wav(np.clip(SONG * 40, -1, 1)), "audio/wav")], "distorted_music"),
    ],
)
async def test_what_no_film_can_have_is_refused_and_paid_for(
    staging: Staging, parts: list[Json], code: str
) -> None:
    with pytest.raises(MakeFailedError) as failed:
        await made(staging, Singing(*parts))
    failure = failed.value.failure
    assert (failure.code, failure.may_have_been_billed, failure.retryable) == (code, True, True)
    assert failed.value.raw is not None


async def test_a_blocked_prompt_is_told_as_one(staging: Staging) -> None:
    blocked = Singing(candidates=[], promptFeedback={"blockReason": "PROHIBITED_CONTENT"})
    with pytest.raises(MakeFailedError) as failed:
        await made(staging, blocked)
    assert (failed.value.failure.code, failed.value.cost_usd) == ("prompt_blocked", 0.0)
