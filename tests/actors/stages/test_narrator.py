"""A scene in several voices: how many calls it takes, what they cost, and what is heard."""

import base64
import json
import math
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actors.emulator import speech as espeak
from actors.emulator.writing.text_answer import write
from actors.gemini.gateway import Capability, Json, WireAnswer
from actors.gemini.speech import Sound, decode, to_wav
from actors.stages.audio_planner import AudioPlanner
from actors.stages.narrator import Narrator
from actors.work.provider_call import Provider
from actors.work.stage import Made, MakeFailedError, Plan
from domain.asset import AssetKey
from domain.failures import AttemptFailedError, Code, Failure
from domain.given_scenes import CastMember, Given
from domain.pricing import SHIPPED_PRICES, PriceBook
from domain.script import AudioPlan, ScriptAnalysis
from domain.spoken_lines import lines_of_scenes
from tests.actors.staging import SCENES, Staging, audio_plan

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PRICES = PriceBook.parse(SHIPPED_PRICES.read_text(encoding="utf-8"))
LOW, HIGH = "Algenib", "Leda"
CAST = {"MARA": HIGH, "OLD KEEPER": LOW}
TOLD = f"NARRATOR: {SCENES[0]}\n\nMARA: Mara lights the lamp\n\nOLD KEEPER: at dusk.\n\nMARA: I see it now.\n"
MARAS = "Mara lights the lamp at dusk. I see it now."
TOKENS = 50


class SpeakingGateway:
    """Speaks each call's words by espeak-ng; from call ``fails_at`` on, the model is overloaded.

    ``lost``: no answer comes from then on, though the call may be billed.
    """

    def __init__(self, *capabilities: str, fails_at: int = 99, lost: bool = False) -> None:
        self.capabilities = frozenset(capabilities)
        self.lost = lost
        self.asked: list[tuple[list[Json], Json]] = []
        self.fails_at = fails_at

    async def generate(self, model: str, contents: list[Json], config: Json, timeout_s: float) -> WireAnswer:  # noqa: ARG002
        config = config["generationConfig"]
        self.asked.append((contents, config))
        if len(self.asked) >= self.fails_at:
            if self.lost:
                raise AttemptFailedError(Failure.of(Code.CONNECTION_LOST, "gone", may_have_been_billed=True))
            body: Json = {
                "error": {"code": 503, "status": "UNAVAILABLE", "message": "The model is overloaded."}
            }
            return WireAnswer(503, {}, json.dumps(body).encode(), 0.1)
        speaking = config["speechConfig"]
        if several := speaking.get("multiSpeakerVoiceConfig"):
            voices = {s["speaker"]: _named(s["voiceConfig"]) for s in several["speakerVoiceConfigs"]}
            said = [(voices[p["speechMetadata"]["speaker"]], p["text"]) for p in _parts(contents)]
        else:
            said = [(_named(speaking["voiceConfig"]), p["text"]) for p in _parts(contents)]
        samples = np.concatenate([espeak.speak(words, voice) for voice, words in said])
        data = base64.b64encode(to_wav(Sound(samples, espeak.RATE))).decode()
        answer = {
            "candidates": [
                {
                    "content": {"parts": [{"inlineData": {"mimeType": "audio/wav", "data": data}}]},
                    "finishReason": "STOP",
                }
            ],
            "usageMetadata": {
                "promptTokenCount": 10,
                "candidatesTokenCount": TOKENS,
                "totalTokenCount": 10 + TOKENS,
                "candidatesTokensDetails": [{"modality": "AUDIO", "tokenCount": TOKENS}],
            },
            "responseId": f"r{len(self.asked)}",
            "modelVersion": model,
        }
        return WireAnswer(200, {}, json.dumps(answer).encode(), 0.1)

    async def close(self) -> None: ...


def _parts(contents: list[Json]) -> list[Any]:
    first = contents[0]
    return list(first["parts"]) if "parts" in first else list(contents)


def _named(config: Json) -> str:
    return str(config["prebuiltVoiceConfig"]["voiceName"])


def narration(tmp_path: Path, gateway: Any, options: dict[str, Any]) -> tuple[Narrator, Any, Plan]:
    staging = Staging(tmp_path)
    plan = AudioPlan.model_validate(
        audio_plan().model_dump() | {"cast": [{"speaker": s, "voice": v} for s, v in CAST.items()]}
    )
    facts = staging.sources()[0].facts
    scenes = [facts["scenes"][0], facts["scenes"][1] | {"text": MARAS}]
    analysis = staging.inputs().document("analysis", ScriptAnalysis)
    inputs = staging.inputs(
        staging.source("analysis", analysis, **(facts | {"scenes": scenes})),
        staging.source("audio_plan", plan, voice="Kore"),
    )
    brief = staging.brief(script=TOLD, options=options)
    stage = Narrator(Provider(lambda: gateway, PRICES, lambda: NOW))
    planned = stage.plan(brief, AssetKey.parse("narration:2"), inputs)
    return stage, staging.task("narration:2", planned, brief), planned


def pitch_hz(samples: Any, rate: int) -> float:
    """The median of the voiced frames' fundamental, by autocorrelation."""
    found = []
    size = rate // 20
    for at in range(0, len(samples) - size, size):
        frame = samples[at : at + size].astype(float)
        if np.abs(frame).max() < 3000:
            continue
        frame -= frame.mean()
        alike = np.correlate(frame, frame, "full")[size - 1 :]
        low, high = rate // 350, rate // 60
        lag = low + int(alike[low:high].argmax())
        if alike[lag] > 0.5 * alike[0]:
            found.append(rate / lag)
    return float(np.median(found))


def test_a_narrator_speaks_all_and_a_cast_its_own_lines(tmp_path: Path) -> None:
    alone = narration(tmp_path, None, {})[2]
    assert "lines" not in alone.parameters
    assert alone.parameters["voice"] == "Kore"
    cast = narration(tmp_path, None, {"voices": "cast"})[2]
    assert [(line["speaker"], line["voice"]) for line in cast.parameters["lines"]] == [
        ("MARA", HIGH), ("OLD KEEPER", LOW), ("MARA", HIGH),
    ]  # fmt: skip
    assert " ".join(line["text"] for line in cast.parameters["lines"]) == cast.prompt == MARAS
    assert cast.reservation_usd is not None
    assert alone.reservation_usd is not None
    assert cast.reservation_usd > alone.reservation_usd


async def test_where_the_sdk_knows_one_voice_each_line_is_a_call_and_all_is_one_narration(
    tmp_path: Path,
) -> None:
    gateway = SpeakingGateway()
    stage, task, _ = narration(tmp_path, gateway, {"voices": "cast"})
    made: Made = await stage.make(task)
    assert len(gateway.asked) == 3
    assert [_named(config["speechConfig"]["voiceConfig"]) for _, config in gateway.asked] == [HIGH, LOW, HIGH]
    assert made.usage is not None
    assert made.usage["by_modality"] == {"AUDIO": 3 * TOKENS}
    assert made.provenance["calls"] == 3
    assert made.provenance["response_ids"] == ["r1", "r2", "r3"]
    assert len(json.loads(made.request or b"")) == len(json.loads(made.raw or b"")) == 3
    sound = decode(bytes(made.data), "audio/wav")  # type: ignore[arg-type]
    heard = [
        pitch_hz(sound.samples[int(s["start_s"] * sound.rate) : int(s["end_s"] * sound.rate)], sound.rate)
        for s in made.facts["lines"]
    ]
    assert heard[1] * 1.2 < min(heard[0], heard[2]), heard


async def test_where_it_can_two_voices_speak_in_one_call(tmp_path: Path) -> None:
    gateway = SpeakingGateway(Capability.MULTI_SPEAKER, Capability.SPEECH_METADATA)
    stage, task, _ = narration(tmp_path, gateway, {"voices": "cast"})
    made: Made = await stage.make(task)
    assert len(gateway.asked) == 1
    assert made.usage is not None
    assert made.usage["by_modality"] == {"AUDIO": TOKENS}
    assert " ".join(part["text"] for part in _parts(gateway.asked[0][0])) == MARAS


async def test_a_second_call_that_fails_does_not_lose_what_the_first_cost(tmp_path: Path) -> None:
    one = SpeakingGateway()
    stage, task, _ = narration(tmp_path, one, {"voices": "cast"})
    whole: Made = await stage.make(task)
    gateway = SpeakingGateway(fails_at=2)
    stage, task, _ = narration(tmp_path, gateway, {"voices": "cast"})
    with pytest.raises(MakeFailedError) as failed:
        await stage.make(task)
    assert len(gateway.asked) == 2
    assert failed.value.failure.may_have_been_billed
    assert failed.value.failure.retryable
    assert failed.value.usage is not None
    assert failed.value.usage["by_modality"] == {"AUDIO": TOKENS}
    assert whole.cost_usd is not None
    assert failed.value.cost_usd is not None
    assert math.isclose(failed.value.cost_usd, whole.cost_usd / 3, rel_tol=1e-6)


async def test_a_second_call_of_which_nobody_learns_the_cost_is_left_to_the_reservation(
    tmp_path: Path,
) -> None:
    gateway = SpeakingGateway(fails_at=2, lost=True)
    stage, task, _ = narration(tmp_path, gateway, {"voices": "cast"})
    with pytest.raises(MakeFailedError) as failed:
        await stage.make(task)
    assert len(gateway.asked) == 2
    assert (failed.value.failure.may_have_been_billed, failed.value.cost_usd) == (True, None)


def test_only_a_cast_is_asked_for_its_voices(tmp_path: Path) -> None:
    staging = Staging(tmp_path)
    stage = AudioPlanner(Provider(lambda: pytest.fail("asked"), PRICES, lambda: NOW))
    key = AssetKey.parse("audio_plan")
    alone = stage.plan(staging.brief(script=TOLD), key, staging.inputs())
    cast = stage.plan(staging.brief(script=TOLD, options={"voices": "cast"}), key, staging.inputs())
    prose = stage.plan(staging.brief(options={"voices": "cast"}), key, staging.inputs())
    assert "speakers" not in alone.parameters
    assert cast.parameters["speakers"] == list(CAST)
    assert "<speakers>\nMARA\nOLD KEEPER\n</speakers>" in str(cast.prompt)
    assert "speakers" not in prose.parameters


PROSE = f'{SCENES[0]} "I am tired," said the keeper. "So sleep," Mara said. "Enough," somebody said.'


def planned_quotes(tmp_path: Path, script: str = PROSE, **brief: Any) -> tuple[Any, Any, Any]:
    """The audio plan of a film in two scenes, the second of which quotes; its stage, task and plan."""
    staging = Staging(tmp_path)
    analysis = staging.inputs().document("analysis", ScriptAnalysis)
    first, second = analysis.scenes[:2]
    texts = [SCENES[0], script.removeprefix(f"{SCENES[0]} ")]
    scenes = [
        scene.model_copy(update={"narration": text, "beats": []})
        for scene, text in zip((first, second), texts, strict=True)
    ]
    people = [{"name": name, "look": "a person"} for name in ("the keeper", "Mara")]
    analysis = ScriptAnalysis.model_validate(
        analysis.model_dump() | {"scenes": [s.model_dump() for s in scenes], "characters": people}
    )
    facts = staging.sources()[0].facts | {
        "scenes": [{"scene": n, "text": t, "mood": "calm"} for n, t in enumerate(texts, 1)]
    }
    inputs = staging.inputs(staging.source("analysis", analysis, **facts))
    told = staging.brief(script=script, options={"voices": "cast"} | brief.pop("options", {}), **brief)
    stage = AudioPlanner(Provider(lambda: pytest.fail("asked"), PRICES, lambda: NOW))
    return staging, told, stage.plan(told, AssetKey.parse("audio_plan"), inputs)


def test_what_is_quoted_is_asked_about_and_who_may_have_said_it_is_listed(tmp_path: Path) -> None:
    _, _, plan = planned_quotes(tmp_path)
    assert plan.parameters["speakers"] == ["the keeper", "Mara"]
    assert [quote["text"] for quote in plan.parameters["quotes"]] == [
        '"I am tired,"',
        '"So sleep,"',
        '"Enough,"',
    ]
    assert {quote["scene"] for quote in plan.parameters["quotes"]} == {2}
    assert '1, scene 2: "I am tired,"\n2, scene 2: "So sleep,"' in plan.prompt
    assert "quotes" not in planned_quotes(tmp_path / "none", f"{SCENES[0]} Nobody speaks.")[2].parameters
    alone = planned_quotes(tmp_path / "alone", options={"voices": "narrator"})[2]
    assert not {"speakers", "quotes"} & set(alone.parameters)


class WritingGateway:
    """Answers as the emulator writes; ``narrator`` is the voice it then chooses for the narrator."""

    capabilities: frozenset[str] = frozenset()

    def __init__(self, narrator: str, **said: Any) -> None:
        self.narrator, self.said = narrator, said

    async def generate(self, model: str, contents: list[Json], config: Json, timeout_s: float) -> WireAnswer:  # noqa: ARG002
        schema = config["generationConfig"]["responseJsonSchema"]
        text, _ = write(_parts(contents)[0]["text"], schema, as_json=True)
        document = json.loads(text) | {"voice": self.narrator} | self.said
        answer = {
            "candidates": [{"content": {"parts": [{"text": json.dumps(document)}]}, "finishReason": "STOP"}],
            "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 9, "totalTokenCount": 19},
            "responseId": "r1",
            "modelVersion": model,
        }
        return WireAnswer(200, {}, json.dumps(answer).encode(), 0.1)

    async def close(self) -> None: ...


async def audio_plan_of(
    tmp_path: Path, narrator: str, said: dict[str, Any] | None = None, **brief: Any
) -> AudioPlan:
    staging, told, plan = planned_quotes(tmp_path, **brief)
    gateway: Any = WritingGateway(narrator, **(said or {}))
    stage = AudioPlanner(Provider(lambda: gateway, PRICES, lambda: NOW))
    made = await stage.make(staging.task("audio_plan", plan, told))
    assert isinstance(made.data, bytes)
    assert made.facts["cast"] == {m.speaker: m.voice for m in AudioPlan.model_validate_json(made.data).cast}
    return AudioPlan.model_validate_json(made.data)


async def test_a_quote_is_whose_the_text_says_and_else_the_narrators(
    tmp_path: Path,
) -> None:
    plan = await audio_plan_of(tmp_path, "Kore")
    assert [quote.speaker for quote in plan.quotes] == ["the keeper", "Mara", None]
    reading = Staging(tmp_path).brief(script=PROSE).reading
    [line, *others] = lines_of_scenes(reading, [PROSE], [replace(q, scene=1) for q in plan.quotes])[0][1:]
    assert (line.speaker, line.text) == ("the keeper", '"I am tired,"')
    assert [each.speaker for each in others] == [None, "Mara", None]
    assert others[-1].text == 'Mara said. "Enough," somebody said.'


async def test_a_plan_made_anew_leaves_the_characters_their_voices_whoever_narrates(tmp_path: Path) -> None:
    first = await audio_plan_of(tmp_path / "1", "Kore")
    taken = first.cast[0].voice
    again = await audio_plan_of(tmp_path / "2", taken)
    assert again.cast == first.cast
    assert again.voice not in {member.voice for member in again.cast}
    given = Given(cast=(CastMember(name="mara", voice="voice_designed1"),))
    own = await audio_plan_of(tmp_path / "3", "Kore", given=given)
    assert {member.speaker: member.voice for member in own.cast}["Mara"] == "voice_designed1"
    assert own.cast[0] == first.cast[0]


@pytest.mark.parametrize(
    "said",
    [
        {"cast": [{"speaker": "Mara", "gender": "female", "age": "adult"}]},
        {"quotes": [{"quote": 1, "speaker": "Mara"}]},
        {"quotes": [{"quote": n, "speaker": "A stranger"} for n in (1, 2, 3)]},
    ],
)
async def test_an_answer_that_leaves_out_somebody_or_names_a_stranger_is_none(
    tmp_path: Path, said: dict[str, Any]
) -> None:
    with pytest.raises(MakeFailedError, match="inconsistent_answer"):
        await audio_plan_of(tmp_path, "Kore", said)


def test_a_voice_chosen_for_a_scene_is_its_narrators_or_its_only_speakers(tmp_path: Path) -> None:
    def planned(text: str, script: str) -> dict[str, Any]:
        staging = Staging(tmp_path)
        plan = AudioPlan.model_validate(
            audio_plan().model_dump() | {"cast": [{"speaker": "MARA", "voice": HIGH}]}
        )
        facts = staging.sources()[0].facts
        scenes = [facts["scenes"][0], facts["scenes"][1] | {"text": text, "voice": "Puck"}]
        analysis = staging.inputs().document("analysis", ScriptAnalysis)
        inputs = staging.inputs(
            staging.source("analysis", analysis, **(facts | {"scenes": scenes})),
            staging.source("audio_plan", plan, voice="Kore"),
        )
        brief = staging.brief(script=script, options={"voices": "cast"})
        stage = Narrator(Provider(lambda: pytest.fail("asked"), PRICES, lambda: NOW))
        return stage.plan(brief, AssetKey.parse("narration:2"), inputs).parameters

    alone = planned("I see it now.", f"NARRATOR: {SCENES[0]}\n\nMARA: I see it now.\n")
    assert alone["voice"] == "Puck"
    both = planned(
        "I see it now. She waited.",
        f"NARRATOR: {SCENES[0]}\n\nMARA: I see it now.\n\nNARRATOR: She waited.\n",
    )
    assert [(line["speaker"], line["voice"]) for line in both["lines"]] == [
        ("MARA", HIGH),
        ("Narrator", "Puck"),
    ]
