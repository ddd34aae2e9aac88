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
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from actors.emulator import errors, speech, tokens
from actors.emulator.answer_faults import spoil_answer, spoil_samples, spoil_text
from actors.emulator.faults import Fault
from actors.emulator.generate_request import GenerateRequest
from actors.emulator.image_sizes import pixels
from actors.emulator.known_texts import recites
from actors.emulator.picture_faults import spoil_picture
from actors.emulator.pictures.draw import draw
from actors.emulator.songs.song import SongRequest, make_song
from actors.emulator.thinking import think
from actors.emulator.writing import sentences
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
    thoughts: int = 0


def make(
    ask: GenerateRequest, faults: Sequence[Fault], seed: int, response_id: str, *, like_google: bool = False
) -> Made:
    """The body of a 200 answer. ``seed`` is the emulator's own; the request's adds to it."""
    names = [fault.fault for fault in faults]
    if ask.model.kind == "image":
        output = _picture(ask, seed, names, like_google=like_google)
    elif ask.model.kind == "speech":
        output = _speech(ask, names)
    elif ask.model.kind == "music":
        output = _song(ask, seed, names)
    else:
        output = _text(ask, names, like_google=like_google)
    prompt = prompt_tokens(ask)
    asked = sum(each["tokenCount"] for each in prompt)
    content: Json = {"parts": output.parts, "role": "model"} if output.parts else {}
    if output.finish == "MAX_TOKENS":
        content["role"] = "model"
    usage: Json = {"promptTokenCount": asked}
    if output.tokens:
        usage["candidatesTokenCount"] = output.tokens
    usage |= {"totalTokenCount": asked + output.tokens + output.thoughts, "promptTokensDetails": prompt}
    if output.tokens:
        usage["candidatesTokensDetails"] = output.details
    if output.thoughts:
        usage["thoughtsTokenCount"] = output.thoughts
    body: Json = {
        "candidates": [{"content": content, "finishReason": output.finish, "index": 0}],
        "usageMetadata": usage,
        "modelVersion": ask.model.version,
        "responseId": response_id,
    }
    for fault in faults:
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


def _text(ask: GenerateRequest, faults: list[str], *, like_google: bool) -> _Output:
    text, document = write(ask.raw_text, ask.schema, as_json=ask.as_json)
    for fault in faults:
        text = spoil_text(text, fault, ask.schema)
    thoughts = think(ask.model, ask.config, ask.raw_text, freely=like_google)
    most = int(ask.config.get("maxOutputTokens") or ask.model.output_tokens)
    # Where nobody asked for Google's ways, thoughts leave room for the answer.
    count = min(thoughts.count, most if like_google else most // 4)
    if "max_tokens_on_thoughts" in faults or count == most:
        return _Output([], [], 0, "MAX_TOKENS", thoughts=most)
    if like_google and recites(text):
        return _Output([], [], 0, "RECITATION", thoughts=count)
    finish, room = "STOP", most - count
    if tokens.of_text(text) > room:
        text, finish = text[: room * tokens.CHARACTERS_PER_TOKEN], "MAX_TOKENS"
    parts: list[Json] = [{"text": text}]
    if thoughts.shown and count:
        parts.insert(0, {"text": thoughts.summary(), "thought": True})
    said = tokens.of_text(text)
    details = [{"modality": "TEXT", "tokenCount": said}]
    return _Output(parts, details, said, finish, document, count)


def _picture(ask: GenerateRequest, seed: int, faults: list[str], *, like_google: bool) -> _Output:
    ratio = ask.ratio
    if "wrong_aspect" in faults:
        ratio = "9:16" if ratio in {"1:1", "16:9", "21:9"} else "16:9"
    width, height = pixels(ratio, ask.size)
    if "small_image" in faults:
        width, height = width // 2, height // 2
    image = draw(ask.text, width, height, seed=seed + int(ask.config.get("seed") or 0))
    for fault in faults:
        image = spoil_picture(image, fault, ask.pictures)
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
    thoughts = think(ask.model, ask.config, ask.raw_text, freely=True).count if like_google else 0
    room = int(ask.config.get("maxOutputTokens") or ask.model.output_tokens) - cost - said
    details = [{"modality": "IMAGE", "tokenCount": cost}]
    return _Output(parts, details, cost + said, thoughts=max(0, min(thoughts, room)))


def _speech(ask: GenerateRequest, faults: list[str]) -> _Output:
    said = _turns(ask)
    if "swallowed_sentence" in faults:
        said = [(voice, without_a_sentence(words)) for voice, words in said]
    try:
        turns = [
            speech.speak(words, voice, ask.language or detect(ask.text))
            for voice, words in said
            if words.strip()
        ]
    except speech.VoiceMissingError as missing:
        raise errors.Refused(errors.error(400, "FAILED_PRECONDITION", str(missing))) from missing
    samples = np.concatenate(turns) if turns else np.zeros(speech.RATE // 2, np.int16)
    for fault in faults:
        samples = spoil_samples(samples, fault)
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


def _song(ask: GenerateRequest, seed: int, faults: list[str]) -> _Output:
    request = SongRequest(
        ask.text,
        ask.model.song_seconds,
        wav=ask.wants_wav,
        seed=seed + int(ask.config.get("seed") or 0),
    )
    song = make_song(request, faults)
    audio = {"inlineData": {"mimeType": song.mime, "data": base64.b64encode(song.raw).decode()}}
    said, count = tokens.of_text(song.structure), tokens.of_audio(song.seconds)
    details = [{"modality": "TEXT", "tokenCount": said}, {"modality": "AUDIO", "tokenCount": count}]
    return _Output([{"text": song.structure}, audio], details, said + count)


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


def without_a_sentence(words: str) -> str:
    """The words without their middle sentence; a lone sentence stays."""
    text, found = sentences.split(words)
    if len(found) < 2:
        return words
    middle = found[len(found) // 2]
    return text[: middle.start] + text[middle.end :]


def _without_tags(text: str) -> str:
    """Without inline tags such as ``<sigh>`` and ``[sigh]``, which direct the voice, and directions to us."""
    return re.sub(r"\[\[[^\]]*\]\]|<[a-z][a-z ]{1,20}>|\[[a-z][a-z ]{1,20}\]", " ", text)


def new_response_id(rng: random.Random) -> str:
    """An id of the form that the real service gives: 22 or 23 URL-safe characters."""
    return base64.urlsafe_b64encode(rng.randbytes(17)).decode().rstrip("=")
