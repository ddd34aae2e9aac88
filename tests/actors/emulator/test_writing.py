"""What the emulator writes: it obeys the schema, and it is about the script."""

import json
import re
from itertools import pairwise
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.emulator.vocabulary.matching import ranked
from actors.emulator.vocabulary.subjects import ROLES
from actors.emulator.writing.analysis import choose_subjects
from actors.emulator.writing.audio_plan import SCORES
from actors.emulator.writing.characters import find_cast, look_of
from actors.emulator.writing.json_schema import conform
from actors.emulator.writing.language import detect
from actors.emulator.writing.sentences import count_words, split
from actors.emulator.writing.text_answer import write
from domain.script import AudioPlan, ScriptAnalysis, ShotList, Storyboard, response_schema
from tests.actors.emulator.calling import KEEPER

LANGUAGES = {
    "en": "The house stood on the hill. It was old. We loved it because it was ours.",
    "es": "La casa estaba en la colina. Era muy vieja. La queríamos porque era nuestra.",
    "fr": "La maison était sur la colline. Elle était vieille. Nous l'aimions parce que c'était la nôtre.",
    "de": "Das Haus stand auf dem Hügel. Es war sehr alt. Wir liebten es, weil es uns gehörte.",
    "pt": "A casa ficava na colina. Era muito velha. Nós gostávamos dela porque era nossa também.",
    "ja": "家は丘の上にありました。とても古い家でした。わたしたちはそれが好きでした。",
    "zh": "房子在山上。它很旧。我们喜欢它，因为它是我们的！",
    "hi": "घर पहाड़ी पर था। वह बहुत पुराना था। हम उसे प्यार करते थे।",
    "ar": "كان البيت على التل. كان قديما جدا. هل أحببناه؟ نعم.",
    "ru": "Дом стоял на холме. Он был старый. Мы любили его.",
    "he": "הבית עמד על הגבעה. הוא היה ישן. אהבנו אותו.",
}


def ask(document: Any, prompt: str) -> dict[str, Any]:
    schema = response_schema(document)
    text, _ = write(prompt, schema, as_json=True)
    value: dict[str, Any] = json.loads(text)
    jsonschema.validate(value, schema)
    document.model_validate(value)
    return value


def analyse(script: str, most: int = 12, exactly: int | None = None) -> dict[str, Any]:
    count = f"<scene_count>{exactly}</scene_count>\n" if exactly else ""
    return ask(
        ScriptAnalysis, f"Analyse.\n<script>\n{script}\n</script>\n<max_scenes>{most}</max_scenes>\n{count}"
    )


def pictures(analysis: dict[str, Any]) -> list[dict[str, Any]]:
    return [beat for scene in analysis["scenes"] for beat in scene["beats"]]


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


WORDS = st.text(alphabet="abcdeéßжя日本語हिंالعر,;:-'’\"“”()", min_size=1, max_size=12)
SENTENCES = st.lists(
    st.tuples(
        st.lists(WORDS, min_size=1, max_size=30), st.sampled_from([".", "!", "?", "…", "。", "।", "؟", ""])
    ),
    min_size=1,
    max_size=25,
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(sentences=SENTENCES, gap=st.sampled_from([" ", "\n", "\n\n", "  "]), most=st.integers(1, 12))
def test_the_scenes_hold_the_whole_script_in_order_whatever_it_is(
    sentences: list[tuple[list[str], str]], gap: str, most: int
) -> None:
    script = gap.join(" ".join(words) + stop for words, stop in sentences)
    found = analyse(script, most)
    narrations = [scene["narration"] for scene in found["scenes"]]
    assert 1 <= len(narrations) <= most
    assert all(narration.strip() for narration in narrations)
    assert bare("".join(narrations)) == bare(script)


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(
    sentences=st.lists(st.integers(3, 18), min_size=1, max_size=40),
    most=st.integers(1, 12),
    gap=st.sampled_from([" ", "\n\n"]),
)
def test_spaced_narrations_joined_by_a_space_are_the_script(
    sentences: list[int], most: int, gap: str
) -> None:
    script = gap.join(" ".join(["word"] * count).capitalize() + "." for count in sentences)
    narrations = [scene["narration"] for scene in analyse(script, most)["scenes"]]
    assert " ".join(narrations) == " ".join(script.split())


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7])
def test_a_scene_count_is_met_where_there_are_sentences_for_it(count: int) -> None:
    assert len(analyse(KEEPER, exactly=count)["scenes"]) == count


def test_a_scene_count_can_be_asked_for_in_words() -> None:
    prompt = f"Make about 4 scenes.\n<max_scenes>12</max_scenes>\n<script>\n{KEEPER}\n</script>"
    assert len(ask(ScriptAnalysis, prompt)["scenes"]) == 4


def test_scenes_are_balanced() -> None:
    words = [count_words(scene["narration"]) for scene in analyse(KEEPER)["scenes"]]
    assert 4 <= len(words) <= 10
    assert all(12 <= count <= 60 for count in words), words


def test_a_scene_is_its_pictures_in_order_each_of_whole_sentences_and_about_as_long() -> None:
    found = analyse(KEEPER)
    for scene in found["scenes"]:
        assert " ".join(beat["text"] for beat in scene["beats"]) == scene["narration"]
        assert all(beat["text"][-1] in ".!?”" for beat in scene["beats"])
        assert scene["visual"] == scene["beats"][0]["visual"]
    words = [count_words(beat["text"]) for beat in pictures(found)]
    assert len(words) > len(found["scenes"])
    assert all(6 <= count <= 32 for count in words), words


@pytest.mark.parametrize("most", [1, 2, 3, 5])
def test_there_are_no_more_pictures_than_may_be(most: int) -> None:
    limits = f"<max_scenes>{most}</max_scenes>\n<max_images>{most}</max_images>"
    assert len(pictures(ask(ScriptAnalysis, f"<script>\n{KEEPER}\n</script>\n{limits}"))) <= most


def test_a_script_of_fifty_thousand_characters_is_grouped_in_good_time() -> None:
    script = ("The keeper climbed the stairs again. " * 1400)[:49_999]
    narrations = [scene["narration"] for scene in analyse(script, 60)["scenes"]]
    assert len(narrations) == 60
    assert " ".join(narrations) == " ".join(script.split())


def test_the_letters_of_an_address_tell_no_language() -> None:
    assert detect("안녕하세요, 여러분! https://example.org/a/long/address/that/is/no/text 을 봅니다.") == "ko"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_is_recognised_and_split_at_its_own_stops(language: str) -> None:
    script = LANGUAGES[language]
    found = analyse(script, exactly=3)
    assert detect(script) == language
    assert found["language"] == language
    assert len(found["scenes"]) == 3
    assert bare("".join(scene["narration"] for scene in found["scenes"])) == bare(script)


def test_a_sentence_does_not_end_at_an_abbreviation_or_an_initial() -> None:
    _, sentences = split("Dr. Smith met J. R. Miller at 5.30 p.m. on Mill St. He smiled. “Well!” she said.")
    text = "Dr. Smith met J. R. Miller at 5.30 p.m. on Mill St. He smiled."
    assert sentences[0].start == 0
    assert not any(text[s.start : s.end] in {"Dr.", "Smith met J.", "R."} for s in sentences)


def test_the_analysis_is_about_this_script() -> None:
    found = analyse(KEEPER)
    names = {character["name"] for character in found["characters"]}
    assert {"the keeper", "Mara", "the captain"} <= names
    assert "the girl" not in names
    assert all(character["look"] for character in found["characters"])
    assert any("Mara" in scene["characters"] for scene in found["scenes"])
    title = found["title"].lower().split()
    assert all(word in KEEPER.lower() for word in title)
    assert 2 <= len(found["themes"]) <= 5
    assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in found["palette"])
    subjects = [ranked(beat["visual"])[0] for beat in pictures(found)]
    assert subjects[0] == "lighthouse"
    assert len(set(subjects)) == len(subjects), subjects


def test_a_title_is_a_phrase_of_the_script() -> None:
    script = (
        "Welcome to the future of content creation. In this digital age, technology transforms how we tell "
        "stories. "
        "Imagine vibrant cityscapes with glowing neon lights reflecting off glass towers."
    )
    assert analyse(script)["title"] == "The Future of Content Creation"


def test_the_same_script_gives_the_same_analysis() -> None:
    assert analyse(KEEPER) == analyse(KEEPER)


def test_a_storyboard_has_a_prompt_for_each_picture_with_style_and_character_sheet() -> None:
    analysis = analyse(KEEPER)
    prompt = f"<analysis>\n{json.dumps(analysis)}\n</analysis>\n<style>Woodcut in two colours</style>"
    board = ask(Storyboard, prompt)
    numbers = [(frame["scene"], frame["beat"]) for frame in board["frames"]]
    counts = [len(scene["beats"]) for scene in analysis["scenes"]]
    assert numbers == [(n, beat) for n, count in enumerate(counts, 1) for beat in range(1, count + 1)]
    looks = {character["name"]: character["look"] for character in analysis["characters"]}
    for frame, beat in zip(board["frames"], pictures(analysis), strict=True):
        assert board["style"] in frame["prompt"]
        assert "Woodcut in two colours" in frame["prompt"]
        assert beat["visual"] in frame["prompt"]
        assert all(looks[name] in frame["prompt"] for name in beat["characters"])


def test_a_shot_list_tells_each_picture_with_characters_by_number_and_neighbours_differ() -> None:
    analysis = analyse(KEEPER)
    board = ask(ShotList, f"<analysis>\n{json.dumps(analysis)}\n</analysis>\n<style>none</style>")
    frames = board["frames"]
    for frame, beat in zip(frames, pictures(analysis), strict=True):
        assert frame["picture"].startswith(beat["visual"])
        assert ("#" in frame["picture"]) == bool(beat["characters"])
        assert board["style"] not in frame["picture"]
    shots = [(frame["size"], frame["angle"]) for frame in frames]
    assert all(one != other for one, other in pairwise(shots))


def test_voices_may_be_offered_one_a_line_with_what_they_sound_like() -> None:
    voices = "<voices>\nLeda: youthful, female\nOrus: firm, male\n</voices>"
    plan = ask(AudioPlan, f"<analysis>{json.dumps(analyse(KEEPER))}</analysis>\n{voices}")
    assert plan["voice"] in {"Leda", "Orus"}


def test_an_audio_plan_chooses_a_voice_on_offer_and_speaks_of_every_scene() -> None:
    analysis = analyse(KEEPER)
    plan = ask(AudioPlan, f"<analysis>{json.dumps(analysis)}</analysis>\n<voices>Leda, Orus</voices>")
    assert plan["voice"] in {"Leda", "Orus"}
    assert [each["scene"] for each in plan["deliveries"]] == list(range(1, len(analysis["scenes"]) + 1))
    sections = plan["music"]["sections"]
    assert 4 <= len(sections) <= 8
    assert (sections[0]["name"], sections[-1]["name"]) == ("intro", "ending")
    assert len({cue["scene"] for cue in plan["music"]["cues"]}) == len(plan["music"]["cues"])


@pytest.mark.parametrize("mood", SCORES)
def test_each_moods_music_ends_on_its_tonic(mood: str) -> None:
    score = SCORES[mood]
    tonic, mode = score.key.split()
    assert score.home[0].removesuffix("maj7") == tonic + ("m" if mode == "minor" else "")
    analysis = analyse(KEEPER) | {"mood": mood}
    music = ask(AudioPlan, f"<analysis>{json.dumps(analysis)}</analysis>")["music"]
    assert music["sections"][-1]["chords"][-1] == score.home[0]
    assert music["key"] == score.key


def test_the_legacy_schema_without_titles_or_references_is_recognised_by_its_properties() -> None:
    scene = {"type": "OBJECT", "properties": {"narration": {"type": "STRING"}, "visual": {"type": "STRING"}}}
    schema = {
        "type": "OBJECT",
        "properties": {
            "themes": {"type": "ARRAY", "items": {"type": "STRING"}},
            "scenes": {"type": "ARRAY", "items": scene},
        },
    }
    text, _ = write(f"<script>{KEEPER}</script>", schema, as_json=True)
    value = json.loads(text)
    assert set(value) == {"themes", "scenes"}
    assert set(value["scenes"][0]) == {"narration", "visual"}
    assert bare("".join(each["narration"] for each in value["scenes"])) == bare(KEEPER)


def test_directions_for_the_emulator_are_not_in_the_narration() -> None:
    found = analyse(
        "One light burns. [[fault: 429 image_generation scene=2 times=1]] Another answers. [[slowly]]"
    )
    assert " ".join(scene["narration"] for scene in found["scenes"]) == "One light burns. Another answers."


def test_a_prompt_that_speaks_of_tags_is_not_taken_for_its_material() -> None:
    prompt = "The script stands between <script> and </script>.\n<script>\nOnly this. And this.\n</script>"
    schema = response_schema(ScriptAnalysis)
    scenes = json.loads(write(prompt, schema, as_json=True)[0])["scenes"]
    assert " ".join(scene["narration"] for scene in scenes) == "Only this. And this."


ODD_SCHEMAS: list[dict[str, Any]] = [
    {
        "type": "object",
        "properties": {"a": {"type": "integer", "minimum": 5, "maximum": 9}},
        "required": ["a"],
    },
    {"type": "array", "minItems": 3, "items": {"enum": ["x", "y"]}},
    {
        "type": "object",
        "properties": {"n": {"$ref": "#/$defs/N"}},
        "$defs": {"N": {"type": ["number", "null"]}},
    },
    {"anyOf": [{"type": "null"}, {"type": "string", "minLength": 20, "maxLength": 30}]},
    {
        "type": "object",
        "properties": {"d": {"type": "string", "format": "date-time"}, "b": {"type": "boolean"}},
    },
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    {"const": "fixed"},
    {
        "$defs": {
            "Node": {
                "type": "object",
                "properties": {"next": {"$ref": "#/$defs/Node"}, "v": {"type": "string"}},
            }
        },
        "$ref": "#/$defs/Node",
    },
]


@pytest.mark.parametrize("schema", ODD_SCHEMAS)
def test_any_other_schema_gets_a_valid_instance(schema: dict[str, Any]) -> None:
    jsonschema.validate(conform(None, schema), schema)
    jsonschema.validate(json.loads(write("Tell me.", schema, as_json=True)[0]), schema)


def test_scenes_are_joined_by_a_cut_where_danger_comes_and_through_black_where_a_chapter_ends() -> None:
    script = (
        "We laughed and danced all day, happy and full of joy, and the children sang until evening.\n\n"
        "Then danger came, and fear, a sudden threat in the dark, an alarm and panic in the harbour.\n\n"
        "Years later all is calm, quiet, peaceful and still, and a gentle silence rests over the whole bay."
    )
    scenes = analyse(script, exactly=3)["scenes"]
    assert [scene["mood"] for scene in scenes] == ["joyful", "tense", "serene"]
    assert [scene["transition"] for scene in scenes] == ["cut", "fade", "crossfade"]
    plain = analyse("The lake is calm. The lake is still. The lake is quiet. " * 8)["scenes"]
    assert {scene["transition"] for scene in plain} == {"crossfade"}


def test_a_person_looks_as_the_script_says_and_only_men_wear_beards() -> None:
    text = "Its keeper, an old woman named Ingrid, lights the lamp. Then Ingrid sleeps."
    assert find_cast(text, "en", ROLES).looks["Ingrid"].startswith("an old woman with ")
    looks = [
        look_of(f"{name} the {role}") for name in "ABCDEFGHIJKLMNOP" for role in ("boy", "girl", "keeper")
    ]
    assert not any("beard" in look for look in looks)
    assert any("beard" in look_of(f"{name} the man") for name in "ABCDEFGHIJKLMNOP")


def test_what_a_scene_names_beside_does_not_lead_out_of_the_storys_world() -> None:
    story = ["By the sea they wait.", "A lighthouse shines.", "A boat comes home."]
    last = "When the sea is calm again, a pigeon circles the tower."
    assert ranked(last) == ["sea", "towers"]
    assert choose_subjects([*story, last], "serene")[:3] == ["sea", "lighthouse", "ship"]
    assert choose_subjects([*story, last], "serene")[3] != "towers", "a lighthouse's tower is no skyscraper"
