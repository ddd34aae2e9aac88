"""Stage ``narration``: each scene's words, spoken as the audio plan says: by one voice, or by the cast."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import ceil
from typing import Any
from uuid import UUID

from actors.gemini.gateway import WireAnswer
from actors.gemini.reader import SpeechAnswer, read_speech
from actors.gemini.requests import GeminiRequest, dialogue_request, speech_request
from actors.gemini.sdk_limits import requestable_language, voices_at_once
from actors.media.errors import SpeechError
from actors.stages.casting.voices import given_voices, voices_of_film
from actors.stages.checks.answers import check_speech, longest_speech_s, speech_rate
from actors.stages.checks.doubts import settle, speech_doubts
from actors.stages.checks.languages import written_in
from actors.stages.words.film_words import lines_of, words_of
from actors.work.provider_call import Provider
from actors.work.several_calls import cost_of, listed, one_after_another, together
from actors.work.stage import Brief, Inputs, Made, Plan, Task
from actors.work.store_reads import read_when_there
from domain.analysis_facts import numbered_scenes
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
NARRATOR = "Narrator"
"""What the narrator is called among speakers."""
BETWEEN_SPEAKERS_S = 0.2
"""Silence between two speakers, beside the breath that each keeps at its ends: a third of a second in all."""
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
        "actors.media.speakers",
        "actors.media.speech",
    )

    def __init__(self, provider: Provider, find: FindAsset = lambda *_: None) -> None:
        self._provider = provider
        self._find = find

    def plan(self, brief: Brief, key: AssetKey, inputs: Inputs) -> Plan:
        assert key.scene is not None
        plan = inputs.document("audio_plan", AudioPlan)
        facts = words_of(inputs)
        text = numbered_scenes(facts)[key.scene]["text"]
        model = brief.models["speech"]
        lines = _lines(brief, plan, inputs, key.scene)
        parameters: dict[str, Any] = {
            "max_output_tokens": sum(most_answer_tokens(line["text"]) for line in lines),
            "voice": lines[0]["voice"],
            "style": plan.delivery(key.scene).style,
            "language": brief.language or facts["language"],
        }
        if len(lines) > 1:
            parameters["lines"] = lines
        return Plan(
            model=model,
            prompt=text,
            prompt_version="verbatim",
            parameters=parameters,
            reservation_usd=self._provider.reservation_usd(model, text, parameters),
        )

    async def make(self, task: Task) -> Made:
        asked = task.parameters
        language = requestable_language(
            can := await self._provider.capabilities(), task.brief.language, asked["language"]
        )
        model, text = task.order.recipe.model, task.prompt
        assert model is not None
        assert text is not None
        lines = asked.get("lines", ())
        one = partial(speech_request, model, style=asked["style"], language=language)
        if not lines:
            most = asked["max_output_tokens"]
            request = one(text, voice=asked["voice"], max_output_tokens=most)
            rates = await asyncio.to_thread(read_when_there, task, partial(self._film_rates, task))
            return await self._speak(task, request, text, most, rates)
        if len({line["voice"] for line in lines}) <= voices_at_once(can):
            most = min(MAX_OUTPUT_TOKENS, asked["max_output_tokens"])
            turns = [(line["speaker"], line["voice"], line["text"]) for line in lines]
            request = dialogue_request(
                model, turns, style=asked["style"], language=language, max_output_tokens=most
            )
            return await self._speak(task, request, text, most)
        calls = []
        for line in lines:
            most = most_answer_tokens(line["text"])
            request = one(line["text"], voice=line["voice"], max_output_tokens=most)
            calls.append(partial(self._speak, task, request, line["text"], most))
        return _in_one(await one_after_another(calls), text, lines)

    async def _speak(
        self, task: Task, request: GeminiRequest, text: str, most: int, rates: Sequence[float] = ()
    ) -> Made:
        """One call, with its answer heard; ``rates`` are those of the same voice in other scenes."""
        from actors.media import speech  # noqa: PLC0415 - loads what the Director has no use for

        rate: list[float | None] = []
        remarks: dict[str, Any] = {}

        def check(answer: SpeechAnswer) -> None:
            try:
                heard = speech.load(answer.wav, WAV)
            except SpeechError as error:
                raise AttemptFailedError(Failure.of(Code.SILENT_SPEECH, error.message)) from error
            silent_s = sum(end - start for start, end in heard.silences)
            voiced_s = heard.duration_s - silent_s
            check_speech(heard.duration_s, text, silent_s=silent_s, film_rates=rates)
            doubts = speech_doubts(voiced_s, len(heard.silences), text, rates)
            remarks.update(settle(doubts, task.order))
            rate.append(speech_rate(voiced_s, text))

        return await self._provider.call(
            request,
            timeout_s=TIMEOUT_S,
            read=lambda answer, model: _read(answer, model, most),
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
        mine, scenes = task.key.scene, numbered_scenes(words_of(task.inputs))
        assert mine is not None
        texts = {number: scene["text"] for number, scene in scenes.items()}
        written = written_in(texts[mine])
        alike = (n for n, text in texts.items() if n != mine and written_in(text) == written)
        others = sorted(alike, key=lambda n: abs(n - mine))
        rates = []
        for number in others[:MOST_LOOKED_AT]:
            asset = self._find(task.brief.job_id, AssetKey(Kind.NARRATION, number))
            if asset is None or asset.product is None or asset.recipe.model != task.order.recipe.model:
                continue
            if "lines" in asset.recipe.parameters:
                continue  # several voices
            rate = asset.product.facts.get("speech_rate")
            if rate and asset.recipe.parameters.get("voice") == task.parameters["voice"]:
                rates.append(float(rate))
        return rates


def _lines(brief: Brief, plan: AudioPlan, inputs: Inputs, scene: int) -> list[dict[str, str]]:
    """Who says what of a scene, in which voice; one line where one voice speaks all of it.

    A voice that was chosen for the scene is the narrator's there, or that of the only one who speaks in it.
    """
    scenes = numbered_scenes(words_of(inputs))
    chosen = scenes[scene].get("voice")
    if brief.options.voices != "cast":
        voice = chosen or brief.options.voice or plan.voice
        return [{"speaker": NARRATOR, "voice": voice, "text": scenes[scene]["text"]}]
    narrator, cast = voices_of_film(plan, brief.options.voice, given_voices(brief.given.cast))
    lines = [
        {
            "speaker": line.speaker or NARRATOR,
            "voice": cast.get(line.speaker or "", chosen or narrator),
            "text": line.text,
        }
        for line in lines_of(brief.reading, inputs, plan.quotes)[scene]
    ]
    if len({line["voice"] for line in lines}) == 1:
        return [{**lines[0], "text": scenes[scene]["text"], "voice": chosen or lines[0]["voice"]}]
    return lines


def _in_one(made: Sequence[Made], text: str, lines: Sequence[Mapping[str, str]]) -> Made:
    """One narration of several answers, with what all of them cost, and when each line is heard."""
    from actors.gemini.speech import Sound, decode, to_wav  # noqa: PLC0415 - loads what the Director has no use for
    from actors.media import speech  # noqa: PLC0415 - as above
    from actors.media.speakers import joined  # noqa: PLC0415 - as above

    answers = [each.data for each in made if isinstance(each.data, bytes)]
    sounds = [decode(wav, WAV) for wav in answers]
    rate = sounds[0].rate
    if any(sound.rate != rate for sound in sounds):
        raise ValueError(f"one speech at several rates: {sorted({sound.rate for sound in sounds})}")
    heard = [(sound.samples, speech.load(wav, WAV)) for sound, wav in zip(sounds, answers, strict=True)]
    samples, spans = joined(heard, rate, BETWEEN_SPEAKERS_S)
    spoken = [
        {"speaker": line["speaker"], "start_s": round(start_s, 3), "end_s": round(end_s, 3)}
        for line, (start_s, end_s) in zip(lines, spans, strict=True)
    ]
    remarks = [remark for each in made for remark in each.facts.get("remarks", ())]
    facts: dict[str, Any] = {
        "duration_s": round(len(samples) / rate, 3),
        "sample_rate": rate,
        "speech_rate": speech_rate(sum(end_s - start_s for start_s, end_s in spans), text),
        "lines": spoken,
    }
    return Made(
        data=to_wav(Sound(samples, rate)),
        media_type=WAV,
        facts=facts | ({"remarks": remarks} if remarks else {}),
        provenance=made[0].provenance
        | {
            "calls": len(made),
            "response_ids": [each.provenance["response_id"] for each in made],
            "call_s": round(sum(each.provenance["call_s"] for each in made), 3),
        },
        usage=together([each.usage for each in made]),
        cost_usd=cost_of([each.cost_usd for each in made]),
        request=listed([each.request for each in made]),
        raw=listed([each.raw for each in made]),
    )


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
