"""The calls of a live check: the smallest of each kind that a film makes, and the two that cost nothing.

They ask with the product's own prompt, schema and settings, and are read and checked as a film's answers
are; only the script, the picture and the words are as small as they can be. Prompts of one's own are not
used: what is sent may be shown to strangers.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from actors import prompts
from actors.gemini.gateway import Capability, WireAnswer
from actors.gemini.reader import Provenance, read_image, read_json, read_speech
from actors.gemini.requests import GeminiRequest, image_request, speech_request, text_json_request
from actors.gemini.sdk_limits import requestable_language, requestable_shape, requestable_thinking
from actors.gemini.thinking import DEFAULT as THINKING
from actors.media import speech
from actors.media.errors import SpeechError
from actors.stages import narrator, script_analyst
from actors.stages.checks.answers import check_annotation, check_image, check_picture, check_speech
from actors.work.planning.prompt_trial import script_brief
from actors.work.provider_call import IMAGE_TOKENS, OVERHEAD_TOKENS, most_tokens, worst_usd
from domain.default_models import DEFAULT_MODELS
from domain.failures import AttemptFailedError, Code, Failure
from domain.numbered_script import number_sentences
from domain.pricing import PriceBook
from domain.script import ScriptAnnotation, annotation_schema

Name = Literal["list", "refusal", "text", "image", "speech"]

SCRIPT = "A lighthouse stands above the grey sea. Its keeper lights the lamp at dusk."
PICTURE = "A white lighthouse above a grey sea at dusk. Watercolour."
WORDS = "The keeper lights the lamp."
VOICE, MANNER, LANGUAGE = "Kore", "warm and calm", "en"
SCENES = 2
TEXT_TOKENS = 3_072
"""An analysis of two sentences takes a tenth of it; the rest is room for thoughts."""
PICTURE_TOKENS = 3_072
SIZE = "1K"
MISSING_MODEL = "gemini-reelog-is-not-there"
"""Asked for, to see how a refusal looks: nothing is charged for it."""


@dataclass(frozen=True)
class Used:
    """What an answer was read as: where it is from, and what was measured of it, by name."""

    provenance: Provenance
    measures: Mapping[str, float]


@dataclass(frozen=True)
class LiveCall:
    """``use`` reads an answer and judges it as a film's stage does; raises AttemptFailedError."""

    name: Name
    model: str
    about: str
    request: GeminiRequest
    max_output_tokens: int
    at_most_usd: float | None
    """0 where nothing is charged; None where the model has no known price."""
    use: Callable[[WireAnswer], Used] | None = None


def refusal_call() -> LiveCall:
    """A request that must be refused."""
    request = text_json_request(MISSING_MODEL, WORDS, {"type": "object"}, max_output_tokens=1)
    return LiveCall("refusal", MISSING_MODEL, "a model that is not there", request, 1, 0.0)


def paid_calls(can: Collection[str], prices: PriceBook, at: datetime) -> list[LiveCall]:
    """Text, image and speech, as far as an SDK can say them (``can``), with what each costs at most."""
    return [_text(can, prices, at), _image(can, prices, at), _speech(can, prices, at)]


def _text(can: Collection[str], prices: PriceBook, at: datetime) -> LiveCall:
    model = DEFAULT_MODELS["text"]
    brief = script_brief(SCRIPT, "live")
    numbered = number_sentences(brief.reading)
    prompt = script_analyst.filled(prompts.load("script_analysis"), brief, SCENES, SCENES)
    thinking = requestable_thinking(can, THINKING)
    schema = annotation_schema(len(numbered.sentences), SCENES, SCENES)

    def use(answer: WireAnswer) -> Used:
        read = read_json(answer, model, ScriptAnnotation)
        check_annotation(read.document, numbered, max_scenes=SCENES, language=None)
        return _used(read.provenance)

    return LiveCall(
        "text",
        model,
        f"JSON by a schema, thinking {thinking or 'as it likes'}",
        text_json_request(model, prompt, schema, max_output_tokens=TEXT_TOKENS, thinking=thinking),
        TEXT_TOKENS,
        _at_most(prices, model, prompt, TEXT_TOKENS, at),
        use,
    )


def _image(can: Collection[str], prices: PriceBook, at: datetime) -> LiveCall:
    model = DEFAULT_MODELS["image"]
    wanted = "16:9" if Capability.IMAGE_CONFIG in can else "1:1"
    aspect_ratio, image_size = requestable_shape(can, wanted, SIZE)

    def use(answer: WireAnswer) -> Used:
        read = read_image(answer, model)
        check_image(read.width, read.height, wanted, SIZE)
        check_picture(read.data)
        return _used(read.provenance, {"picture.width": read.width, "picture.height": read.height})

    request = image_request(
        model, PICTURE, aspect_ratio=aspect_ratio, image_size=image_size, max_output_tokens=PICTURE_TOKENS
    )
    at_most = _at_most(prices, model, PICTURE, PICTURE_TOKENS, at, IMAGE_TOKENS[SIZE])
    return LiveCall("image", model, f"a picture, {wanted} in {SIZE}", request, PICTURE_TOKENS, at_most, use)


def _speech(can: Collection[str], prices: PriceBook, at: datetime) -> LiveCall:
    model = DEFAULT_MODELS["speech"]
    room = narrator.most_answer_tokens(WORDS)

    def use(answer: WireAnswer) -> Used:
        read = read_speech(answer, model)
        try:
            heard = speech.load(read.wav, narrator.WAV)
        except SpeechError as error:
            raise AttemptFailedError(Failure.of(Code.SILENT_SPEECH, error.message)) from error
        check_speech(heard.duration_s, WORDS, silent_s=sum(end - start for start, end in heard.silences))
        measures = {"sound.sample_rate": read.sample_rate, "sound.seconds": read.duration_s}
        tokens = read.provenance.usage.output_tokens
        return _used(read.provenance, measures | {"sound.tokens_a_second": tokens / read.duration_s})

    request = speech_request(
        model,
        WORDS,
        voice=VOICE,
        style=MANNER if Capability.SPEECH_METADATA in can else None,
        language=requestable_language(can, None, LANGUAGE),
        max_output_tokens=room,
    )
    at_most = _at_most(prices, model, WORDS, room, at)
    about = f"{len(WORDS.split())} words in the voice {VOICE}"
    return LiveCall("speech", model, about, request, room, at_most, use)


def _used(provenance: Provenance, measures: Mapping[str, float] | None = None) -> Used:
    prompt = {"usageMetadata.promptTokenCount": provenance.usage.prompt_tokens}
    return Used(provenance, prompt | dict(measures or {}))


def _at_most(
    prices: PriceBook, model: str, prompt: str, room: int, at: datetime, media_tokens: int | None = None
) -> float | None:
    asked = most_tokens(prompt) + OVERHEAD_TOKENS
    return worst_usd(prices, model, asked, room, at, media_tokens=media_tokens)
