"""Stage ``narration``: each scene's words, spoken by one voice as the audio plan says."""

from actors.answers import check_speech
from actors.gemini.needs import language_to_say
from actors.gemini.reader import SpeechAnswer, read_speech
from actors.gemini.requests import speech_request
from actors.media import speech
from actors.media.errors import SpeechError
from actors.provider_call import Provider
from actors.stage import Brief, Inputs, Made, Plan, Task
from domain.asset import AssetKey
from domain.failures import AttemptFailedError, Code, Failure
from domain.script import AudioPlan

WAV = "audio/wav"
TIMEOUT_S = 300.0
"""4,500 characters have been seen to take 165 s."""
MAX_OUTPUT_TOKENS = 16_384
TOKENS_A_SECOND = 25
SLOW_CHARACTERS_A_SECOND = 5


class Narrator:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider

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
        model, text, asked = task.order.recipe.model, task.prompt, task.parameters
        assert model is not None
        assert text is not None

        def check(answer: SpeechAnswer) -> None:
            try:
                heard = speech.load(answer.wav, WAV)
            except SpeechError as error:
                raise AttemptFailedError(Failure.of(Code.SILENT_SPEECH, error.message)) from error
            pauses = sum(end - start for start, end in heard.silences)
            check_speech(heard.duration_s, text, silent_s=pauses)

        can = await self._provider.capabilities()
        return await self._provider.call(
            speech_request(
                model,
                text,
                voice=asked["voice"],
                style=asked["style"],
                language=language_to_say(can, task.brief.language, asked["language"]),
                max_output_tokens=asked["max_output_tokens"],
            ),
            timeout_s=TIMEOUT_S,
            read=read_speech,
            check=check,
            present=lambda answer: (
                answer.wav,
                WAV,
                {"duration_s": round(answer.duration_s, 3), "sample_rate": answer.sample_rate},
            ),
        )


def most_answer_tokens(text: str, scenes: int = 1) -> int:
    """Twice what a slow reader takes; of a text that is spoken in so many calls, for all of them together."""
    spoken = TOKENS_A_SECOND * len(text) // SLOW_CHARACTERS_A_SECOND * 2
    return min(MAX_OUTPUT_TOKENS * scenes, 512 * scenes + spoken)
