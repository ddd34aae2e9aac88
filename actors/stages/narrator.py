"""Stage ``narration``: each scene's words, spoken by one voice as the audio plan says."""

from collections.abc import Callable
from math import ceil
from typing import Any
from uuid import UUID

from actors.gemini.gateway import WireAnswer
from actors.gemini.reader import SpeechAnswer, read_speech
from actors.gemini.requests import speech_request
from actors.gemini.sdk_limits import requestable_language
from actors.media.errors import SpeechError
from actors.stages.checks.answers import check_speech, longest_speech_s, speech_rate
from actors.stages.checks.doubts import settle, speech_doubts
from actors.stages.checks.languages import written_in
from actors.work.provider_call import Provider
from actors.work.stage import Brief, Inputs, Made, Plan, Task
from domain.asset import Asset, AssetKey
from domain.failures import AttemptFailedError, Code, Failure
from domain.script import AudioPlan, Kind

WAV = "audio/wav"
TIMEOUT_S = 300.0
"""4,500 characters have been seen to take 165 s."""
MAX_OUTPUT_TOKENS = 16_384
BESIDE_TOKENS = 100
"""Silence at the ends, and what a model counts beside its sound."""
TOKENS_A_SECOND = 25
MOST_LOOKED_AT = 16
"""The scenes nearest to one tell the film's pace as well as all of a hundred."""

FULL = 0.9
"""An answer that used so much of its token limit was cut off by it."""

FindAsset = Callable[[UUID, AssetKey], Asset | None]


class Narrator:
    """``find`` gives a job's asset as it is now: the other narrations tell the pace of the voice.

    Without it, no narration is compared with others.
    """

    LIBRARIES = (
        "actors.gemini.speech",
        "actors.media.speech",
    )

    def __init__(self, provider: Provider, find: FindAsset = lambda *_: None) -> None:
        self._provider = provider
        self._find = find

    def plan(self, brief: Brief, key: AssetKey, inputs: Inputs) -> Plan:
        assert key.scene is not None
        plan = inputs.document("audio_plan", AudioPlan)
        facts = inputs.facts("analysis")
        text = facts["scenes"][key.scene - 1]["text"]
        model = brief.models["speech"]
        parameters = {
            "max_output_tokens": most_answer_tokens(text),
            "voice": brief.options.voice or plan.voice,
            "style": plan.deliveries[key.scene - 1].style,
            "language": brief.language or facts["language"],
        }
        return Plan(
            model=model,
            prompt=text,
            prompt_version="verbatim",
            parameters=parameters,
            reservation_usd=self._provider.reservation_usd(model, text, parameters),
        )

    async def make(self, task: Task) -> Made:
        from actors.media import speech  # noqa: PLC0415 - loads what the Director has no use for

        model, text, asked = task.order.recipe.model, task.prompt, task.parameters
        assert model is not None
        assert text is not None

        rate: list[float | None] = []
        remarks: dict[str, Any] = {}

        def check(answer: SpeechAnswer) -> None:
            try:
                heard = speech.load(answer.wav, WAV)
            except SpeechError as error:
                raise AttemptFailedError(Failure.of(Code.SILENT_SPEECH, error.message)) from error
            silent_s, rates = sum(end - start for start, end in heard.silences), self._film_rates(task)
            voiced_s = heard.duration_s - silent_s
            check_speech(heard.duration_s, text, silent_s=silent_s, film_rates=rates)
            doubts = speech_doubts(voiced_s, len(heard.silences), text, rates)
            remarks.update(settle(doubts, task.order))
            rate.append(speech_rate(voiced_s, text))

        can = await self._provider.capabilities()
        return await self._provider.call(
            speech_request(
                model,
                text,
                voice=asked["voice"],
                style=asked["style"],
                language=requestable_language(can, task.brief.language, asked["language"]),
                max_output_tokens=asked["max_output_tokens"],
            ),
            timeout_s=TIMEOUT_S,
            read=lambda answer, model: _read(answer, model, asked["max_output_tokens"]),
            check=check,
            present=lambda answer: (
                answer.wav,
                WAV,
                {
                    "duration_s": round(answer.duration_s, 3),
                    "sample_rate": answer.sample_rate,
                    "speech_rate": rate[0],
                    **remarks,
                },
            ),
        )

    def _film_rates(self, task: Task) -> list[float]:
        """How fast the same voice speaks the scenes near this one in its language, as far as they are made.

        Narrations are made side by side, so that the first ones find nothing to be compared with; what is
        decided is on record with the answer, and is never decided again.
        """
        mine, texts = task.key.scene, [scene["text"] for scene in task.inputs.facts("analysis")["scenes"]]
        assert mine is not None
        written = written_in(texts[mine - 1])
        alike = (n for n, text in enumerate(texts, 1) if n != mine and written_in(text) == written)
        others = sorted(alike, key=lambda n: abs(n - mine))
        rates = []
        for number in others[:MOST_LOOKED_AT]:
            asset = self._find(task.brief.job_id, AssetKey(Kind.NARRATION, number))
            if asset is None or asset.product is None or asset.recipe.model != task.order.recipe.model:
                continue
            rate = asset.product.facts.get("speech_rate")
            if rate and asset.recipe.parameters.get("voice") == task.parameters["voice"]:
                rates.append(float(rate))
        return rates


def _read(answer: WireAnswer, model: str, most_tokens: int) -> SpeechAnswer:
    """Read the speech; what had to be cut off where no such text can end was no reading of it."""
    try:
        return read_speech(answer, model)
    except AttemptFailedError as error:
        failure = error.failure
        spoken = (failure.details.get("usage") or {}).get("output_tokens", 0)
        if failure.code != Code.ANSWER_TRUNCATED or spoken < FULL * most_tokens:
            raise
        seconds = spoken / TOKENS_A_SECOND
        told = Failure.of(
            Code.IMPLAUSIBLE_LENGTH, f"The speech went on for {seconds:.0f} s, until it was cut off"
        )
        raise AttemptFailedError(
            failure.within(code=told.code, message=told.message, hint=told.hint, retryable=told.retryable)
        ) from error


def most_answer_tokens(text: str, scenes: int = 1) -> int:
    """What the longest speech that would be taken holds; of a text spoken in so many calls, of all together.

    Whatever is longer would be refused, so that a model which rambles is cut off, and reserved for, there.
    """
    longest = ceil(TOKENS_A_SECOND * longest_speech_s(text)) + BESIDE_TOKENS * scenes
    return min(MAX_OUTPUT_TOKENS * scenes, longest)
