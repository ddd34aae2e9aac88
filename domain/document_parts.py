"""The named parts of a document: what of it each asset is made from, by digest.

A document is one asset, but nothing uses all of it: a narration is spoken from its scene's words and its
delivery, a clip is cut by its scene's shape. What is made from a part is out of date when that part differs,
and only then; so one scene can be edited and the others stay. The parts stand with the facts of what was
made; the graph (``film_graph.py``) names those that an asset uses. Pure.
"""

import json
from hashlib import sha256
from typing import Any

from domain.asset_parts import AssetKey
from domain.script import AudioPlan, Document, Kind, Scene, ScriptAnalysis, Storyboard

ORIGIN = "origin"
"""The analysis as the model wrote it: an edit does not change it, so what was planned from it stays."""
TITLE = "title"
SCENES = "scenes"
"""All words, and how one scene goes over to the next."""
MUSIC_PLAN = "music"
PAUSES = "pauses"
QUOTES = "quotes"
"""Who says what is quoted."""


def words(scene: int) -> str:
    """What is spoken in it, and by whom."""
    return f"words:{scene}"


def shape(scene: int) -> str:
    """What its clip goes by: words, pictures, joints, the camera's moves."""
    return f"scene:{scene}"


def visual(scene: int) -> str:
    """What is seen in it."""
    return f"visual:{scene}"


def delivery(scene: int) -> str:
    """How it is spoken."""
    return f"delivery:{scene}"


def pause(scene: int) -> str:
    """The silence after it."""
    return f"pause:{scene}"


def parts_of(document: Document, origin: str | None = None) -> dict[str, str]:
    """The digests of a document's parts, by name; none where it has none.

    ``origin``: of an analysis that was edited, what it was before all edits.
    """
    match document:
        case ScriptAnalysis():
            return _analysis(document, origin)
        case Storyboard():
            return _storyboard(document)
        case AudioPlan():
            return _audio_plan(document)
        case _:
            return {}


def _analysis(analysis: ScriptAnalysis, origin: str | None) -> dict[str, str]:
    film = [analysis.title, analysis.language]
    numbered = analysis.numbered()
    parts = {
        ORIGIN: origin or _digest(analysis.model_dump()),
        TITLE: _digest(film),
        SCENES: _digest([film, [[n, _shape(analysis, n, scene)] for n, scene in numbered]]),
    }
    last = len(numbered) - 1
    for place, (number, scene) in enumerate(numbered):
        arrives = numbered[place - 1][1].transition if place else None
        leaves = scene.transition if place < last else None
        parts[words(number)] = _digest([scene.narration, scene.voice, analysis.language])
        parts[shape(number)] = _digest([film, arrives, leaves, _shape(analysis, number, scene)])
        if scene.own_visual:
            looks = [character.model_dump() for character in analysis.characters]
            seen = [[beat.visual, beat.characters] for beat in scene.pictures]
            parts[visual(number)] = _digest([seen, looks])
    return parts


def _shape(analysis: ScriptAnalysis, number: int, scene: Scene) -> list[Any]:
    beats = [beat.text for beat in scene.pictures]
    return [scene.narration, beats, scene.mood, scene.transition, analysis.first_picture(number)]


def _storyboard(storyboard: Storyboard) -> dict[str, str]:
    parts = {}
    for frame in storyboard.frames:
        image = AssetKey(Kind.IMAGE, frame.scene, frame.beat)
        parts[image.name] = _digest([storyboard.style, frame.prompt, frame.characters])
        shot = AssetKey(Kind.SHOT, frame.scene, frame.beat)
        parts[shot.name] = _digest([frame.motion, frame.characters])
    return parts


def _audio_plan(plan: AudioPlan) -> dict[str, str]:
    cast = [member.model_dump() for member in plan.cast]
    parts = {
        MUSIC_PLAN: _digest(plan.music.model_dump()),
        QUOTES: _digest([[quote.scene, quote.text, quote.speaker] for quote in plan.quotes]),
        PAUSES: _digest([[one.scene, one.pause_after_s] for one in plan.deliveries]),
    }
    for one in plan.deliveries:
        said = [[quote.text, quote.speaker] for quote in plan.quotes if quote.scene == one.scene]
        parts[delivery(one.scene)] = _digest([plan.voice, cast, one.style, *said])
        parts[pause(one.scene)] = _digest(one.pause_after_s)
    return parts


def _digest(value: Any) -> str:
    """Short, as a film has hundreds, and each is compared with its own earlier self only."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return sha256(text.encode()).hexdigest()[:16]
