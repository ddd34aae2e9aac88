"""What the status-200 faults do to an answer: the failures that come with a green light."""

import copy
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from actors.emulator.document_faults import DOCUMENT_FAULTS, spoil_document
from actors.emulator.faults import FINISH_REASONS, Fault
from actors.emulator.speech import RATE, Samples

EMPTY_CONTENT_FINISHES = frozenset(FINISH_REASONS) - {"MAX_TOKENS", "CONTINUATION"}


def spoil_text(text: str, fault: str, schema: dict[str, Any] | None = None) -> str:
    """A text answer with its JSON cut off, fenced, of another shape, or unjust to what was asked for."""
    if fault == "truncated_json":
        return text[: len(text) * 3 // 5]
    if fault == "fenced_json":
        return f"```json\n{text}\n```"
    if fault == "schema_mismatch":
        return json.dumps({"summary": "This is not what was asked for.", "scenes": "three"})
    return _spoil_json(text, fault, schema or {})


def _spoil_json(text: str, fault: str, schema: dict[str, Any]) -> str:
    try:
        document = json.loads(text)
    except json.JSONDecodeError:
        return text
    if not isinstance(document, dict):
        return text
    if fault in DOCUMENT_FAULTS and schema:
        spoil_document(document, schema, fault)
    elif fault in _SPOILT_DOCUMENTS:
        _SPOILT_DOCUMENTS[fault](document)
    else:
        return text
    return json.dumps(document, ensure_ascii=False)


def _without_a_sentence(document: dict[str, Any]) -> None:
    """The analysis without its last scene; of a lone one, without its last picture or half of its words."""
    scenes = document.get("scenes")
    if not isinstance(scenes, list) or not scenes:
        return
    if len(scenes) > 1:
        scenes.pop()
    elif len(beats := scenes[0].get("beats") or [scenes[0]]) > 1:
        beats.pop()
    elif "last" in beats[0]:
        beats[0]["last"] = beats[0]["last"] // 2
    else:
        words = str(scenes[0].get("narration", "")).split()
        scenes[0]["narration"] = " ".join(words[: max(1, len(words) // 2)])


def _with_a_scene_more(document: dict[str, Any]) -> None:
    """The storyboard or audio plan with another scene than there are."""
    for name in ("frames", "deliveries"):
        if document.get(name):
            last = document[name][-1]
            document[name].append({**last, "scene": last["scene"] + 1})


def _in_another_language(document: dict[str, Any]) -> None:
    """The analysis of a script that it takes for Japanese."""
    document["language"] = "ja"


def _with_an_unknown_voice(document: dict[str, Any]) -> None:
    document["voice"] = "Nobody"


_SPOILT_DOCUMENTS: dict[str, Callable[[dict[str, Any]], None]] = {
    "missing_sentence": _without_a_sentence,
    "wrong_scene_count": _with_a_scene_more,
    "wrong_language": _in_another_language,
    "unknown_voice": _with_an_unknown_voice,
}


def spoil_samples(samples: Samples, fault: str) -> Samples:
    """Speech that is silent, over before it began, says the same over and over, or lacks what follows."""
    if fault == "silent_audio":
        return samples * 0
    if fault == "short_audio":
        return samples[: RATE // 10]
    if fault == "rambling_audio":
        return np.tile(samples, 7)
    if fault == "swallowed_audio":
        return samples[: len(samples) // 2]
    return samples


def spoil_answer(body: dict[str, Any], fault: Fault) -> dict[str, Any]:
    """The whole answer, as the named failure looks on the wire; other faults leave it as it is."""
    body = copy.deepcopy(body)
    usage, candidate = body["usageMetadata"], body["candidates"][0]
    name = fault.fault
    if name in {"blocked", "no_candidates", "empty_candidates"}:
        usage.pop("thoughtsTokenCount", None)
    if name == "blocked":
        del body["candidates"]
        body["promptFeedback"] = {"blockReason": fault.reason}
        _count_nothing(usage)
    elif name == "no_candidates":
        del body["candidates"]
        _count_nothing(usage)
    elif name == "empty_candidates":
        body["candidates"] = []
        _count_nothing(usage)
    elif name == "finish":
        _finish(candidate, usage, str(fault.reason))
    elif name in {"text_only", "thoughts_only"}:
        thought = {"thought": True} if name == "thoughts_only" else {}
        candidate["content"]["parts"] = [{"text": "I would rather describe it than make it.", **thought}]
        _count_text(usage, 10)
    elif name == "bad_base64":
        for part in candidate["content"]["parts"]:
            if "inlineData" in part:
                part["inlineData"]["data"] = "!" + part["inlineData"]["data"][1:301]
    return body


def _finish(candidate: dict[str, Any], usage: dict[str, Any], reason: str) -> None:
    candidate["finishReason"] = reason
    if reason in EMPTY_CONTENT_FINISHES:
        # Both forms occur on the wire: an empty content, and none at all.
        if reason in {"OTHER", "RECITATION"}:
            candidate["content"] = {}
        else:
            del candidate["content"]
        candidate["finishMessage"] = f"The answer was withheld: {reason}."
        _count_nothing(usage)
        return
    # MAX_TOKENS and CONTINUATION come with what there was until then.
    for part in candidate["content"].get("parts", []):
        if "text" in part:
            part["text"] = part["text"][: len(part["text"]) // 2]


def _count_nothing(usage: dict[str, Any]) -> None:
    usage.pop("candidatesTokensDetails", None)
    usage.pop("candidatesTokenCount", None)
    usage["totalTokenCount"] = usage["promptTokenCount"] + usage.get("thoughtsTokenCount", 0)


def _count_text(usage: dict[str, Any], count: int) -> None:
    usage["candidatesTokensDetails"] = [{"modality": "TEXT", "tokenCount": count}]
    usage["candidatesTokenCount"] = count
    usage["totalTokenCount"] = usage["promptTokenCount"] + usage.get("thoughtsTokenCount", 0) + count
