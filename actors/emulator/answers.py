"""Makes the answer to one request: text, a picture or speech, in the wire's own form.

This is the CPU's work; the server runs it in a thread pool. A scripted fault of the status-200 kind is
worked in here, where the thing it spoils is at hand.
"""

import base64
import hashlib
import io
import random
import re
import wave
from dataclasses import dataclass
from typing import Any

import numpy as np

from actors.emulator import errors, speech, tokens
from actors.emulator.answer_faults import spoil_answer, spoil_samples, spoil_text
from actors.emulator.faults import Fault
from actors.emulator.generate_request import GenerateRequest
from actors.emulator.image_sizes import pixels
from actors.emulator.pictures.draw import draw
from actors.emulator.writing.language import detect
from actors.emulator.writing.text_answer import write

Json = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """An answer's JSON body, and the document in it when it is one that the product knows."""

    body: Json
    document: Json | None = None


@dataclass(frozen=True)
class _Output:
    """What the model said: parts, tokens by modality, text tokens that are in no detail, and why it ended."""

    parts: list[Json]
    details: list[Json]
    tokens: int
    finish: str = "STOP"
    document: Json | None = None


def make(ask: GenerateRequest, fault: Fault | None, seed: int, response_id: str) -> Made:
    """The body of a 200 answer. ``seed`` is the emulator's own; the request's adds to it."""
    name = fault.fault if fault else ""
    if ask.model.kind == "image":
        output = _picture(ask, seed, name)
    elif ask.model.kind == "speech":
        output = _speech(ask, name)
    else:
        output = _text(ask, name)
    prompt = prompt_tokens(ask)
    body: Json = {
        "candidates": [
            {"content": {"parts": output.parts, "role": "model"}, "finishReason": output.finish, "index": 0}
        ],
        "usageMetadata": {
            "promptTokenCount": sum(each["tokenCount"] for each in prompt),
            "candidatesTokenCount": output.tokens,
            "totalTokenCount": sum(each["tokenCount"] for each in prompt) + output.tokens,
            "promptTokensDetails": prompt,
            "candidatesTokensDetails": output.details,
        },
        "modelVersion": ask.model.version,
        "responseId": response_id,
    }
    if fault:
        body = spoil_answer(body, fault)
    return Made(body, output.document)


def prompt_tokens(ask: GenerateRequest) -> list[Json]:
    """Tokens of the request by modality."""
    system = ask.body.get("systemInstruction") or {}
    texts = [part.get("text") or "" for part in [*ask.parts, *(system.get("parts") or [])]]
    found = [{"modality": "TEXT", "tokenCount": sum(tokens.of_text(text) for text in texts)}]
    pictures = sum(1 for part in ask.parts if part.get("inlineData"))
    if pictures:
        found.append({"modality": "IMAGE", "tokenCount": pictures * tokens.IMAGE_INPUT_TOKENS})
    return found


def _text(ask: GenerateRequest, fault: str) -> _Output:
    text, document = write(ask.raw_text, ask.schema, as_json=ask.as_json)
    text = spoil_text(text, fault)
    finish, most = "STOP", ask.config.get("maxOutputTokens")
    if most and tokens.of_text(text) > most:
        text, finish = text[: int(most) * tokens.CHARACTERS_PER_TOKEN], "MAX_TOKENS"
    count = tokens.of_text(text)
    return _Output([{"text": text}], [{"modality": "TEXT", "tokenCount": count}], count, finish, document)


def _picture(ask: GenerateRequest, seed: int, fault: str) -> _Output:
    ratio = ask.ratio
    if fault == "wrong_aspect":
        ratio = "9:16" if ratio in {"1:1", "16:9", "21:9"} else "16:9"
    width, height = pixels(ratio, ask.size)
    if fault == "small_image":
        width, height = width // 2, height // 2
    image = draw(ask.text, width, height, seed=seed + int(ask.config.get("seed") or 0))
    stream = io.BytesIO()
    if ask.model.image_type == "image/png":
        image.save(stream, "PNG", compress_level=3)
    else:
        image.save(stream, "JPEG", quality=92, subsampling=0)
    part: Json = {
        "inlineData": {"mimeType": ask.model.image_type, "data": base64.b64encode(stream.getvalue()).decode()}
    }
    if ask.model.image_type == "image/jpeg":
        # Pictures of the third generation come signed; ours is short, theirs can be larger than the picture.
        part["thoughtSignature"] = base64.b64encode(hashlib.sha512(stream.getvalue()).digest()).decode()
    cost = dict(ask.model.image_sizes)[ask.size]
    parts, said = [part], 0
    if "TEXT" in ask.modalities:
        remark = "Here is the picture, drawn by the emulator. "
        parts.insert(0, {"text": remark})
        said = tokens.of_text(remark)
    return _Output(parts, [{"modality": "IMAGE", "tokenCount": cost}], cost + said)


def _speech(ask: GenerateRequest, fault: str) -> _Output:
    try:
        turns = [
            speech.speak(words, voice, ask.language or detect(ask.text))
            for voice, words in _turns(ask)
            if words.strip()
        ]
    except speech.VoiceMissingError as missing:
        raise errors.Refused(errors.error(400, "FAILED_PRECONDITION", str(missing))) from missing
    samples = spoil_samples(np.concatenate(turns) if turns else np.zeros(speech.RATE // 2, np.int16), fault)
    finish, most = "STOP", ask.config.get("maxOutputTokens")
    if most and tokens.of_audio(samples.size / speech.RATE) > most:
        samples, finish = samples[: int(most) * speech.RATE // tokens.AUDIO_TOKENS_PER_SECOND], "MAX_TOKENS"
    raw = samples.astype("<i2").tobytes()
    mime = f"audio/L16;codec=pcm;rate={speech.RATE}"
    if ask.model.whole_wav:
        stream = io.BytesIO()
        with wave.open(stream, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(speech.RATE)
            file.writeframes(raw)
        raw, mime = stream.getvalue(), "audio/wav"
    count = tokens.of_audio(samples.size / speech.RATE)
    part = {"inlineData": {"mimeType": mime, "data": base64.b64encode(raw).decode()}}
    return _Output([part], [{"modality": "AUDIO", "tokenCount": count}], count, finish)


def spoken_text(ask: GenerateRequest) -> str:
    """The words to be said: verbatim on 3.8 models, without the directing lines that older ones take."""
    if ask.model.whole_wav:
        return ask.text
    lines = ask.text.strip().split("\n")
    while len(lines) > 1 and lines[0].rstrip().endswith(":"):
        lines.pop(0)
    return "\n".join(lines)


def _turns(ask: GenerateRequest) -> list[tuple[str, str]]:
    """Voice and words, in order; several speakers' lines begin with their names."""
    default = next(iter(ask.voices.values()))
    turns: list[tuple[str, str]] = []
    if ask.model.whole_wav:
        for part in ask.parts:
            speaker = str((part.get("speechMetadata") or {}).get("speaker", ""))
            if speaker in ask.voices and part.get("text"):
                turns.append((ask.voices[speaker], _without_tags(part["text"])))
        if turns:
            return turns
    for line in spoken_text(ask).split("\n"):
        speaker, colon, words = line.partition(":")
        if colon and speaker.strip() in ask.voices and speaker.strip():
            turns.append((ask.voices[speaker.strip()], _without_tags(words)))
        elif turns and turns[-1][0] == default:
            turns[-1] = (default, f"{turns[-1][1]}\n{_without_tags(line)}")
        else:
            turns.append((default, _without_tags(line)))
    return turns


def _without_tags(text: str) -> str:
    """Without inline tags such as ``<sigh>`` and ``[sigh]``, which direct the voice, and directions to us."""
    return re.sub(r"\[\[[^\]]*\]\]|<[a-z][a-z ]{1,20}>|\[[a-z][a-z ]{1,20}\]", " ", text)


def new_response_id(rng: random.Random) -> str:
    """An id of the form that the real service gives: 22 or 23 URL-safe characters."""
    return base64.urlsafe_b64encode(rng.randbytes(17)).decode().rstrip("=")
