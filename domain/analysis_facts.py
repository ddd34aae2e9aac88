"""What is learnt of a script, and stands in the event of its analysis: the scenes that play, in order."""

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict, cast


class BeatFacts(TypedDict):
    """What stands of one picture of a scene."""

    references: list[str]
    """The pictures in which its characters were seen first, such as ``image:1`` or ``image:2.2``."""


class SceneFacts(TypedDict):
    """What stands of a scene in the facts of an analysis."""

    scene: int
    """Its number, for life."""
    text: str
    mood: str
    beats: NotRequired[list[BeatFacts]]
    """Its pictures in order; one where nothing is said of them, as before there were beats."""
    references: NotRequired[list[int]]
    """Of such a scene of before, the earlier ones whose pictures show characters that are seen here."""
    motion: NotRequired[Literal["camera", "generated"]]
    """How this scene moves, where it is not as the film's options say."""
    voice: NotRequired[str]
    """Who speaks it, where a person chose that for it alone."""
    own_visual: NotRequired[bool]
    """Whether its pictures are drawn from what the analysis says, as a person edited that."""


class AnalysisFacts(TypedDict):
    """What is learnt of a script, and stands in the event of its analysis."""

    title: str
    language: str
    mood: str
    scenes: list[SceneFacts]
    """Those that play, in order."""
    removed: NotRequired[list[SceneFacts]]
    """Those that a person took out."""
    parts: NotRequired[dict[str, str]]
    """Digests of the parts of the document, by name (``document_parts.py``)."""


def analysis_facts(facts: Mapping[str, Any]) -> AnalysisFacts:
    """The facts of an analysis, as the event or the product holds them."""
    return cast("AnalysisFacts", facts)


def numbered_scenes(facts: Mapping[str, Any]) -> dict[int, SceneFacts]:
    """The scenes that play, in order, by number; by place where the facts tell none."""
    scenes = analysis_facts(facts)["scenes"]
    return {scene.get("scene", place): scene for place, scene in enumerate(scenes, 1)}
