"""The words of a film as they are spoken and read: those of its analysis, or of their translation."""

from collections.abc import Sequence

from actors.work.stage import Brief, Inputs
from domain.analysis_facts import AnalysisFacts, analysis_facts
from domain.script import ScriptAnalysis
from domain.spoken_lines import SpokenLine, lines_of_scenes
from domain.translation import Translation, is_translation, translated, translated_facts


def words_of(inputs: Inputs) -> AnalysisFacts:
    """What is learnt of the script, in the film's words."""
    facts = analysis_facts(inputs.facts("analysis"))
    return translated_facts(facts, inputs.facts("script")) if _are_translated(inputs) else facts


def analysis_of(inputs: Inputs) -> ScriptAnalysis:
    """The analysis in the film's words."""
    analysis = inputs.document("analysis", ScriptAnalysis)
    return translated(analysis, _translation(inputs)) if _are_translated(inputs) else analysis


def lines_of(brief: Brief, inputs: Inputs) -> Sequence[Sequence[SpokenLine]]:
    """Who speaks which words of each scene, where the script names its speakers."""
    if _are_translated(inputs):
        return [scene.lines() for scene in _translation(inputs).scenes]
    return lines_of_scenes(brief.reading, [scene["text"] for scene in words_of(inputs)["scenes"]])


def _are_translated(inputs: Inputs) -> bool:
    return "script" in inputs and is_translation(inputs.facts("script"))


def _translation(inputs: Inputs) -> Translation:
    return inputs.document("script", Translation)
