"""What one generateContent request asks for, read once and checked against the model it names."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from actors.emulator import errors, thinking
from actors.emulator.errors import Refused
from actors.emulator.models import MODELS, Model, served
from actors.emulator.speech import LIBRARY, VOICES
from actors.emulator.writing.prompt_parser import DIRECTION, without_directions
from actors.emulator.writing.text_answer import document_of

SHORTCUTS = {"image": ["TEXT", "IMAGE"], "speech": ["AUDIO"], "text": ["TEXT"], "music": ["AUDIO"]}
ACCEPTED = {
    "image": [["IMAGE"], ["TEXT", "IMAGE"]],
    "speech": [["AUDIO"]],
    "text": [["TEXT"]],
    "music": [["AUDIO"], ["TEXT", "AUDIO"]],
}
INTERACTIONS_ALONE = frozenset({"video", "transcription"})


@dataclass(frozen=True)
class GenerateRequest:
    """One request, in camelCase, for a model that is served."""

    model: Model
    body: dict[str, Any]

    @cached_property
    def config(self) -> dict[str, Any]:
        return self.body.get("generationConfig") or {}

    @cached_property
    def parts(self) -> list[dict[str, Any]]:
        return [part for content in self.body.get("contents") or [] for part in content.get("parts") or []]

    @cached_property
    def raw_text(self) -> str:
        """The words of the request with the directions for the emulator still in them."""
        return "\n".join(part["text"] for part in self.parts if part.get("text"))

    @cached_property
    def text(self) -> str:
        return without_directions(self.raw_text)

    @cached_property
    def pictures(self) -> list[str]:
        """The pictures sent along, as base64."""
        return [
            part["inlineData"]["data"] for part in self.parts if (part.get("inlineData") or {}).get("data")
        ]

    @cached_property
    def directions(self) -> list[str]:
        return [found[1] for found in DIRECTION.finditer(self.raw_text)]

    @cached_property
    def modalities(self) -> list[str]:
        return self.config.get("responseModalities") or SHORTCUTS[self.model.kind]

    @cached_property
    def schema(self) -> dict[str, Any] | None:
        for name in ("responseJsonSchema", "responseJsonSchemaOrdered", "responseSchema"):
            if self.config.get(name):
                found: dict[str, Any] = self.config[name]
                return found
        return None

    @cached_property
    def as_json(self) -> bool:
        return self.schema is not None or self.config.get("responseMimeType") == "application/json"

    @cached_property
    def document(self) -> str | None:
        return document_of(self.schema)

    @cached_property
    def ratio(self) -> str:
        return str((self.config.get("imageConfig") or {}).get("aspectRatio") or "1:1")

    @cached_property
    def size(self) -> str:
        return str((self.config.get("imageConfig") or {}).get("imageSize") or "1K").upper()

    @cached_property
    def wants_wav(self) -> bool:
        """Of music: whether a WAV file is asked for, by either of the fields that take a media type."""
        return "wav" in f"{self.config.get('responseMimeType')} {self.config.get('responseFormat')}"

    @cached_property
    def voices(self) -> dict[str, str]:
        """Voice by speaker; the lone speaker's name is empty."""
        speech = self.config.get("speechConfig") or {}
        several = (speech.get("multiSpeakerVoiceConfig") or {}).get("speakerVoiceConfigs") or []
        if several:
            return {str(each.get("speaker", "")): _voice_name(each.get("voiceConfig")) for each in several}
        return {"": _voice_name(speech.get("voiceConfig"))}

    @cached_property
    def language(self) -> str | None:
        code: str | None = (self.config.get("speechConfig") or {}).get("languageCode")
        return code


def _voice_name(config: dict[str, Any] | None) -> str:
    config = config or {}
    given = (config.get("prebuiltVoiceConfig") or {}).get("voiceName") or config.get("voice") or "Kore"
    return next((name for name in VOICES if name.lower() == str(given).lower()), str(given))


def find_model(name: str, version: str, method: str) -> Model:
    """The model that a path names; raises Refused with Google's 404."""
    model = MODELS.get(name)
    if model is None or model not in served(version):
        raise Refused(errors.model_not_found(name, version, method))
    return model


def check(ask: GenerateRequest) -> None:
    """Raises Refused for what the model would not do, in Google's words where they are known."""
    if ask.model.kind in INTERACTIONS_ALONE:
        raise Refused(errors.invalid("This model only supports Interactions API."))
    contents = ask.body.get("contents") or []
    if not ask.parts:
        text = "* GenerateContentRequest.contents: contents is not specified\n"
        raise Refused(errors.invalid(text))
    if contents[-1].get("role") == "model" and not ask.model.prefill:
        raise Refused(errors.invalid("Requests ending with a model turn are not supported."))
    _check_modalities(ask)
    _check_sampling(ask)
    if ask.model.kind == "image":
        _check_image(ask)
    if ask.model.kind == "speech":
        _check_speech(ask)


def _check_modalities(ask: GenerateRequest) -> None:
    accepted = ACCEPTED[ask.model.kind]
    if sorted(set(ask.modalities)) not in [sorted(each) for each in accepted]:
        offered = [", ".join(each) for each in accepted]
        raise Refused(errors.modalities(ask.modalities, ask.model.name, offered))
    if ask.as_json and ask.model.kind != "text":
        raise Refused(errors.invalid(f"JSON mode is not enabled for models/{ask.model.name}"))


def _check_sampling(ask: GenerateRequest) -> None:
    temperature = ask.config.get("temperature")
    if not ask.model.sampling:
        for name in ("temperature", "topP", "topK"):
            if ask.config.get(name) is not None:
                raise Refused(errors.invalid(f"{name} is not supported for models/{ask.model.name}"))
    if temperature is not None and not 0 <= temperature <= 2:
        raise Refused(
            errors.invalid(
                "* GenerateContentRequest.generation_config.temperature: temperature must be in the "
                "range [0.0, 2.0]\n"
            )
        )
    thinking.check(ask.model, ask.config)


def _check_image(ask: GenerateRequest) -> None:
    sizes = [name for name, _ in ask.model.image_sizes]
    if ask.size not in sizes:
        raise Refused(
            errors.invalid(
                f"Image size {ask.size} is not supported by the model. Supported: {', '.join(sizes)}."
            )
        )
    if ask.ratio not in ask.model.ratios:
        offered = ", ".join(f"'{each}'" for each in ask.model.ratios)
        raise Refused(errors.invalid(f"aspect_ratio must be one of {offered}."))


def _check_speech(ask: GenerateRequest) -> None:
    if ask.body.get("systemInstruction"):
        raise Refused(errors.invalid(f"Developer instruction is not enabled for models/{ask.model.name}"))
    for name in ask.voices.values():
        known = name in VOICES or (ask.model.whole_wav and name in LIBRARY)
        if not known:
            allowed = ", ".join(sorted(voice.lower() for voice in VOICES))
            raise Refused(
                errors.invalid(f"Voice name {name} is not supported. Allowed voice names are: {allowed}")
            )
    if len(ask.voices) > 2:
        raise Refused(errors.invalid("multi_speaker_voice_config must have exactly 2 speakers."))
