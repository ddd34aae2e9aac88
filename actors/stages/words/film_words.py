"""The words of a film as they are spoken and read: those of its analysis, or of their translation."""

from collections.abc import Mapping, Sequence

from actors.work.stage import Inputs
from domain.analysis_facts import AnalysisFacts, analysis_facts, numbered_scenes
from domain.script import ScriptAnalysis
from domain.script_forms.reading import ScriptReading
from domain.spoken_lines import Quote, SpokenLine, lines_by_number
from domain.translation import Translation, is_translation, translated, translated_facts


def words_of(inputs: Inputs) -> AnalysisFacts:
    """What is learnt of the script, in the film's words."""
    facts = analysis_facts(inputs.facts("analysis"))
    return translated_facts(facts, inputs.facts("script")) if _are_translated(inputs) else facts


def analysis_of(inputs: Inputs) -> ScriptAnalysis:
    """The analysis in the film's words."""
    analysis = inputs.document("analysis", ScriptAnalysis)
    return translated(analysis, _translation(inputs)) if _are_translated(inputs) else analysis


def lines_of(
    reading: ScriptReading, inputs: Inputs, quotes: Sequence[Quote]
) -> Mapping[int, Sequence[SpokenLine]]:
    """Who speaks which words of each scene, by number, where the script or its ``quotes`` name speakers."""
    texts = {number: scene["text"] for number, scene in numbered_scenes(words_of(inputs)).items()}
    if _are_translated(inputs):
        return dict(zip(texts, (scene.lines() for scene in _translation(inputs).scenes), strict=True))
    return lines_by_number(reading, texts, quotes)


def _are_translated(inputs: Inputs) -> bool:
    return "script" in inputs and is_translation(inputs.facts("script"))


def _translation(inputs: Inputs) -> Translation:
    return inputs.document("script", Translation)
