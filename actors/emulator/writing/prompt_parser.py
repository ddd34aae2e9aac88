"""Takes from a prompt what the emulator needs to answer it: the material between tags.

The product marks its material as ``<script>…</script>``, ``<max_scenes>12</max_scenes>`` and so on. A
prompt without those tags is material as a whole, so that any client of the Gemini API gets an answer about
its own words.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

DIRECTION = re.compile(r"\[\[\s*fault\s*:\s*([^\]\n]+)\]\]", re.IGNORECASE)
"""A direction for the emulator's faults; like all in double brackets it is not spoken, drawn or kept."""
_BRACKETS = re.compile(r"\[\[(?:(?!\[\[|\]\]|\n[ \t]*\n).)*\]\]", re.DOTALL)
_ADVICE = re.compile(r"\bmake (?:about|exactly) (\d+) scenes\b", re.IGNORECASE)


class Material(NamedTuple):
    """The parts of a prompt; ``script`` is without directions, None marks what was not given."""

    script: str
    max_scenes: int
    scene_count: int | None
    language: str | None
    style: str | None
    voices: tuple[str, ...]
    analysis: dict[str, Any] | None
    numbered: tuple[str, ...] = ()
    """The script's paragraphs of numbered sentences, where they come with numbers: one a line."""
    max_images: int | None = None
    speakers: tuple[str, ...] = ()
    topic: str | None = None
    """On which a script is to be written; for whom, how, and in how many sentences."""
    audience: str | None = None
    tone: str | None = None
    sentence_count: int | None = None
    quotes: tuple[tuple[int, str], ...] = ()
    """Each with the number of its scene, in the order of their own numbers."""
    title: str | None = None
    names: tuple[str, ...] = ()
    parts: str | None = None
    """What is to be translated: the film's title, its characters' names, and numbered parts, one a line."""


def without_directions(text: str) -> str:
    return _BRACKETS.sub(" ", text)


def read(prompt: str) -> Material:
    script = _tag(prompt, "script")
    numbered = without_directions(_tag(prompt, "sentences") or "")
    if script is None and numbered:
        script = re.sub(r"^\s*\d+ ", "", numbered, flags=re.MULTILINE)
    analysis = _analysis(_tag(prompt, "analysis"))
    if script is None:
        script = _words_of(analysis) if analysis else re.sub(r"</?\w+>", " ", prompt)
    return Material(
        script=without_directions(script),
        max_scenes=_number(_tag(prompt, "max_scenes")) or 12,
        scene_count=_number(_tag(prompt, "scene_count")) or _advised(prompt),
        language=_given(_tag(prompt, "language")),
        style=_given(_tag(prompt, "style")),
        voices=_voices(_tag(prompt, "voices") or ""),
        analysis=analysis,
        numbered=tuple(line.strip() for line in numbered.strip().split("\n")),
        max_images=_number(_tag(prompt, "max_images")),
        speakers=_listed(_tag(prompt, "speakers") or ""),
        topic=_given(without_directions(_tag(prompt, "topic") or "")),
        audience=_given(_tag(prompt, "audience")),
        tone=_given(_tag(prompt, "tone")),
        sentence_count=_number(_tag(prompt, "sentence_count")),
        quotes=_quotes(_tag(prompt, "quotes") or ""),
        title=_given(without_directions(_tag(prompt, "title") or "")),
        names=_listed(_tag(prompt, "names") or ""),
        parts=without_directions(_tag(prompt, "parts") or ""),
    )


def _listed(lines: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in lines.split("\n") if _given(name))


def _voices(listed: str) -> tuple[str, ...]:
    """The names of the voices offered: with what they sound like, one a line, or with commas between."""
    between = r"\n" if ":" in listed else r"[,\n]"
    names = (entry.split(":")[0].strip() for entry in re.split(between, listed))
    return tuple(name for name in names if name)


def _quotes(listed: str) -> tuple[tuple[int, str], ...]:
    found = re.findall(r"^\s*\d+, scene (\d+): (.+?)\s*$", listed, re.MULTILINE)
    return tuple((int(scene), words) for scene, words in found)


def _advised(prompt: str) -> int | None:
    """The number of scenes that the prompt's own sentences ask for, before the script begins."""
    found = _ADVICE.search(re.split(r"<(?:script|sentences)>\n", prompt, maxsplit=1)[0])
    return max(1, int(found[1])) if found else None


def _tag(prompt: str, name: str) -> str | None:
    """The content of the tag that fills its lines, rather than of one mentioned in a sentence."""
    filling = re.search(rf"^[ \t]*<{name}>(.*?)</{name}>[ \t]*$", prompt, re.DOTALL | re.MULTILINE)
    found = filling or re.search(rf"<{name}>((?:(?!<{name}>).)*?)</{name}>", prompt, re.DOTALL)
    return found[1] if found else None


def _given(value: str | None) -> str | None:
    value = (value or "").strip()
    return None if value.lower() in {"", "none", "null", "auto"} else value


def _number(value: str | None) -> int | None:
    found = re.search(r"\d+", value or "")
    return max(1, int(found[0])) if found else None


def _analysis(value: str | None) -> dict[str, Any] | None:
    if value is None:
        return None
    try:
        parsed = json.loads(value)
    except json.JSONDecodeError:
        return None
    return parsed if isinstance(parsed, dict) and isinstance(parsed.get("scenes"), list) else None


def _words_of(analysis: dict[str, Any]) -> str:
    scenes = [scene for scene in analysis["scenes"] if isinstance(scene, dict)]
    return " ".join(next(words_of_scene(scene)) for scene in scenes)


def words_of_scene(scene: dict[str, Any]) -> Iterator[str]:
    """What is spoken in a scene of an analysis; where only its pictures tell, with and without spaces."""
    texts = [str(beat.get("text", "")) for beat in scene.get("beats") or () if isinstance(beat, dict)]
    yield str(scene.get("narration") or " ".join(texts))
    yield "".join(texts)
