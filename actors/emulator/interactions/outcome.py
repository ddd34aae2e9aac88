"""What an interaction comes to: a shot or a song made from its request, and the tokens that it counts."""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any

from actors.emulator import tokens
from actors.emulator.interactions.request import InteractionRequest
from actors.emulator.shots.encode import duration_of
from actors.emulator.shots.shot import ShotRequest, make_shot
from actors.emulator.shots.sizes import pixels
from actors.emulator.songs.song import SongRequest, make_song

Json = dict[str, Any]
IMAGE_INPUT_TOKENS = 1_120
THOUGHTS = (180, 900)
"""Least and most tokens of thoughts before a shot."""
MEGA_SIGNATURE_BYTES = 3 * 1024 * 1024


@dataclass(frozen=True)
class Outcome:
    """The contents of the answer; ``file`` is what is to be fetched, and stands in none of them."""

    contents: list[Json]
    output: list[Json]
    file: bytes | None = None
    mime: str = ""
    seconds: float = 0.0
    thoughts: int = 0
    signature: str | None = field(default=None, repr=False)

    def steps(self, file_uri: str | None) -> list[Json]:
        steps: list[Json] = []
        if self.signature:
            steps.append({"type": "thought", "signature": self.signature})
        contents = list(self.contents)
        if file_uri:
            contents.append({"type": "video", "mime_type": self.mime, "uri": file_uri})
        if contents:
            steps.append({"type": "model_output", "content": contents})
        return steps


def make_outcome(ask: InteractionRequest, seed: int, faults: list[str]) -> Outcome:
    """The CPU's work of an interaction."""
    if "no_content" in faults:
        return Outcome([], [])
    return _shot(ask, seed, faults) if ask.model.kind == "video" else _song(ask, seed, faults)


def _shot(ask: InteractionRequest, seed: int, faults: list[str]) -> Outcome:
    first, last = ask.frames
    request = ShotRequest(
        prompt=ask.text,
        seconds=ask.seconds,
        size=pixels(ask.ratio, ask.resolution),
        first=first,
        last=last,
        seed=seed + ask.seed,
    )
    raw = make_shot(request, tuple(faults))
    digest = hashlib.sha512(raw).digest()
    least, most = THOUGHTS
    count = round(ask.seconds * dict(ask.model.resolutions)[ask.resolution])
    inline = ask.inline or "inline_video" in faults
    content = {"type": "video", "mime_type": "video/mp4", "data": base64.b64encode(raw).decode()}
    repeats = MEGA_SIGNATURE_BYTES // len(digest) if "mega_thought" in faults else 1
    return Outcome(
        contents=[content] if inline else [],
        output=[{"modality": "video", "tokens": count}],
        file=None if inline else raw,
        mime="video/mp4",
        seconds=0.0 if inline else duration_of(raw, ask.seconds),
        thoughts=least + int.from_bytes(digest[:2]) % (most - least),
        signature=base64.b64encode(digest * repeats).decode(),
    )


def _song(ask: InteractionRequest, seed: int, faults: list[str]) -> Outcome:
    wav = "wav" in str(ask.format.get("mime_type") or "")
    request = SongRequest(ask.text, ask.model.song_seconds, wav=wav, seed=seed + ask.seed)
    song = make_song(request, faults)
    text: Json = {"type": "text", "text": song.structure}
    audio: Json = {
        "type": "audio",
        "mime_type": song.mime,
        "data": base64.b64encode(song.raw).decode(),
        "sample_rate": song.rate,
        "channels": 2,
    }
    contents = [text] if "text_only" in faults else [text, audio]
    said = tokens.of_text(song.structure)
    output: list[Json] = [{"modality": "text", "tokens": said}]
    if "text_only" not in faults:
        output.append({"modality": "audio", "tokens": tokens.of_audio(song.seconds)})
    return Outcome(contents, output)


def usage(ask: InteractionRequest, outcome: Outcome) -> Json:
    """The bill: thoughts stand beside the output."""
    entries: list[Json] = [{"modality": "text", "tokens": tokens.of_text(ask.text)}]
    if ask.pictures:
        entries.append({"modality": "image", "tokens": len(ask.pictures) * IMAGE_INPUT_TOKENS})
    given = sum(each["tokens"] for each in entries)
    made = sum(each["tokens"] for each in outcome.output)
    found: Json = {
        "total_input_tokens": given,
        "input_tokens_by_modality": entries,
        "total_output_tokens": made,
        "total_thought_tokens": outcome.thoughts,
        "total_cached_tokens": 0,
        "total_tool_use_tokens": 0,
        "total_tokens": given + made + outcome.thoughts,
    }
    if outcome.output:
        found["output_tokens_by_modality"] = outcome.output
    return found
