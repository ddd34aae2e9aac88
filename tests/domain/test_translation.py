"""A film in another language: what is translated at once, and what stands in the place of the words."""

from typing import Any
from uuid import uuid4

import pytest

from domain.asset import AssetKey
from domain.film_graph import ANALYSIS, AUDIO_PLAN, SCRIPT, Graph, guessed_scenes
from domain.given_scenes import Given
from domain.script import ScriptAnalysis
from domain.script_forms.reading import read_script
from domain.spoken_lines import SpokenLine, lines_of_scenes
from domain.submission import Options
from domain.tombstones import without_texts
from domain.translation import (
    Part,
    TranslatedText,
    TranslatedWords,
    completed,
    is_translation,
    joined,
    parts_of,
    translated,
    translated_facts,
    translation_schema,
)

GERMAN = "Das Meer ist ruhig."


def analysis(*scenes: list[str]) -> ScriptAnalysis:
    """Of scenes with these pictures' words."""
    told = [
        {
            "narration": " ".join(beats),
            "visual": "v",
            "mood": "calm",
            "beats": [{"text": beat, "visual": f"v{n}"} for n, beat in enumerate(beats)],
        }
        for beats in scenes
    ]
    about = {"title": "The Sea", "language": "en", "themes": ["sea"], "mood": "calm", "setting": "s"}
    return ScriptAnalysis.model_validate({**about, "palette": ["#000000"], "characters": [], "scenes": told})


def answer(parts: list[Part], texts: list[str]) -> TranslatedWords:
    said = [
        TranslatedText(scene=p.scene, part=p.number, text=text) for p, text in zip(parts, texts, strict=True)
    ]
    return TranslatedWords(title="Das Meer", parts=said)


def test_a_scene_is_translated_by_pictures_and_by_who_speaks() -> None:
    script = "NARRATOR: The sea is calm.\n\nMARA: Is anyone there? I hear a voice.\n\nTHE SEA: Only me."
    reading = read_script(script, "dialogue")
    film = analysis(["The sea is calm. Is anyone there?", "I hear a voice. Only me."])
    lines = lines_of_scenes(reading, [scene.narration for scene in film.scenes])
    assert [(p.scene, p.number, p.beat, p.speaker, p.text) for p in parts_of(film, lines)] == [
        (1, 1, 1, None, "The sea is calm."),
        (1, 2, 1, "MARA", "Is anyone there?"),
        (1, 3, 2, "MARA", "I hear a voice."),
        (1, 4, 2, "THE SEA", "Only me."),
    ]
    assert [p.text for p in parts_of(film)] == [beat.text for beat in film.scenes[0].beats]


def test_words_are_replaced_and_what_is_seen_stays() -> None:
    film = analysis(["One.", "Two."], ["Three."])
    parts = parts_of(film)
    translation = completed(answer(parts, ["Eins.", "Zwei.", "  Drei.\n"]), film, parts, "de")
    german = translated(film, translation)
    assert (german.title, german.language) == ("Das Meer", "de")
    assert [scene.narration for scene in german.scenes] == ["Eins. Zwei.", "Drei."]
    assert [beat.text for scene in german.scenes for beat in scene.beats] == ["Eins.", "Zwei.", "Drei."]
    assert [beat.visual for scene in german.scenes for beat in scene.beats] == ["v0", "v1", "v0"]
    assert german.model_copy(update={"title": "The Sea", "language": "en", "scenes": film.scenes}) == film
    facts: Any = {
        "title": "The Sea",
        "language": "en",
        "mood": "m",
        "scenes": [{"text": "x", "mood": "m"}] * 2,
    }
    told = translated_facts(facts, translation.facts())
    assert [scene["text"] for scene in told["scenes"]] == ["Eins. Zwei.", "Drei."]
    assert is_translation(translation.facts())


def test_a_line_stays_with_its_voice_over_pictures() -> None:
    film = analysis(["A b.", "C d."])
    lines = [(SpokenLine("A b. C", "ANNA"), SpokenLine("d."))]
    parts = parts_of(film, lines)
    done = completed(answer(parts, ["W.", "X", "y."]), film, parts, "de")
    assert done.scenes[0].lines() == [SpokenLine("W. X", "ANNA"), SpokenLine("y.")]
    assert done.scenes[0].beats() == ["W.", "X y."]


@pytest.mark.parametrize(
    ("texts", "whole"),
    [
        (["Eins.", "Zwei."], "Eins. Zwei."),
        (["海は静か。", "誰もいない。"], "海は静か。誰もいない。"),
        (["ทะเล", "เงียบ"], "ทะเลเงียบ"),
        (["البحر هادئ.", "لا أحد."], "البحر هادئ. لا أحد."),
    ],
)
def test_texts_are_joined_as_their_language_does(texts: list[str], whole: str) -> None:
    assert joined(texts) == whole


def test_the_schema_holds_how_many_parts_there_are_and_whose_names() -> None:
    parts = parts_of(analysis(["One.", "Two."], ["Three."]))
    schema = translation_schema(parts, ["Mara"])
    assert (schema["properties"]["parts"]["minItems"], schema["properties"]["parts"]["maxItems"]) == (3, 3)
    assert schema["$defs"]["TranslatedName"]["properties"]["name"]["enum"] == ["Mara"]
    assert "names" not in translation_schema(parts, [])["properties"]


def test_what_is_spoken_and_read_is_made_from_the_translation_and_pictures_are_not() -> None:
    graph = Graph.of(Options(motion="generated"), guessed_scenes(2), script="translation")
    from_words = {key.name for key in graph.dependents(SCRIPT)}
    assert from_words == {
        *(f"{kind}:{n}" for kind in ("narration", "clip") for n in (1, 2)),
        *("transition:1", "music", "soundtrack", "captions", "poster", "video", "manifest"),
    }
    assert graph.inputs(SCRIPT) == [ANALYSIS, AUDIO_PLAN]
    song = Graph.of(Options(), guessed_scenes(2), song=True, script="translation")
    assert song.inputs(AssetKey.parse("music")) == [ANALYSIS, AUDIO_PLAN]


def test_where_it_is_from_stands_in_the_job_and_stays_there() -> None:
    given = Given(translated_from="en")
    assert Given.recorded(given.to_dict()) == given
    assert given.script_origin == "translation"
    kept = without_texts(b'{"originator_id":"%s","given":{"translated_from":"en"}}' % str(uuid4()).encode())
    assert b'"translated_from":"en"' in kept
