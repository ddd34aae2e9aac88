"""What the emulator draws: the asked-for size, the same twice, and something else for each subject."""

import numpy as np
import pytest
from PIL import Image

from actors.emulator.image_sizes import ONE_K, pixels
from actors.emulator.pictures.draw import INSET, draw, scene_words
from actors.emulator.pictures.motifs import MOTIFS
from actors.emulator.vocabulary.matching import hour_of, ranked
from actors.emulator.vocabulary.subjects import SUBJECTS
from actors.emulator.writing.analysis import analyse, choose_subjects
from actors.emulator.writing.prompt_parser import Material
from actors.emulator.writing.sentences import split
from tests.actors.emulator.calling import KEEPER

pytestmark = pytest.mark.slow

STYLE = ". Style: cinematic, neon city skyline, stars, forest and sea in every corner; palette #112233."


def test_there_is_a_drawing_for_every_subject() -> None:
    assert set(MOTIFS) == set(SUBJECTS)
    assert len(MOTIFS) >= 30


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_subjects_own_words_call_for_it(name: str) -> None:
    subject = SUBJECTS[name]
    assert all(ranked(phrase)[0] == name for phrase in subject.phrases)
    assert ranked(subject.words.split()[0])[0] == name


@pytest.mark.parametrize("name", SUBJECTS)
@pytest.mark.parametrize("size", [(336, 192), (192, 336), (256, 256)])
def test_every_motif_draws_in_every_shape_and_is_no_flat_plane(name: str, size: tuple[int, int]) -> None:
    image = draw(f"Scene 1: {SUBJECTS[name].phrases[0]}; night, rain", *size)
    assert (image.size, image.mode) == (size, "RGB")
    assert np.asarray(image.convert("L")).std() > 8


def test_the_same_prompt_and_seed_draw_the_same_picture_and_another_seed_another() -> None:
    first, again, other = (draw("A ship at dusk", 336, 192, seed=seed) for seed in (1, 1, 2))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_the_style_that_all_prompts_share_does_not_choose_the_motif() -> None:
    assert ranked(scene_words(f"Scene 3: a caravan among dunes{STYLE}"))[0] == "desert"
    assert scene_words("Style: all of it") == "Style: all of it"


def test_an_unknown_subject_becomes_a_poster_of_its_main_word() -> None:
    plain = draw("Scene 1: Serendipity", 512, 288)
    other = draw("Scene 1: Zzz", 512, 288)
    assert plain.size == (512, 288)
    assert plain.tobytes() != other.tobytes()


def test_a_person_in_the_words_stands_in_the_picture() -> None:
    alone, accompanied = (
        np.asarray(draw(f"Scene 1: rolling hills{who}; dawn", 672, 384), np.int16)
        for who in ("", " and a girl")
    )
    across, lower = slice(130, 290), slice(300, 384)
    assert accompanied[lower, across].mean() < alone[lower, across].mean() - 8


def test_a_script_in_another_language_is_drawn_by_its_own_words() -> None:
    assert ranked("El faro sobre el mar")[0] == "lighthouse"
    assert ranked("Die Wüste schweigt")[0] == "desert"
    assert ranked("森の中の道")[0] == "forest"
    assert ranked("रेगिस्तान में")[0] == "desert"
    assert ranked("وفي الصحراء الواسعة")[0] == "desert"
    assert ranked("ويخرج بقواربهم من الميناء إلى البحر") == ["ship", "sea"]
    assert ranked("בשוק הצפוף, וריח הקפה") == ["market", "table"]


@pytest.mark.parametrize(
    ("words", "hour"),
    [
        ("夜明け、古い灯台が湾を見守る。", "dawn"),
        ("大きな太陽の下、砂丘を進む。", "day"),
        ("夜、焚き火を囲む。", "night"),
        ("黎明时分，灯塔亮着。", "dawn"),
        ("في الصباح تشرق الشمس", "dawn"),
        ("בלילה הים שקט", "night"),
    ],
)
def test_daybreak_is_no_night_though_it_is_written_with_its_sign(words: str, hour: str) -> None:
    """Seen in a film: one such word made all ten scenes dark."""
    assert hour_of(words) == hour


def test_twelve_scenes_repeat_no_motif() -> None:
    text, sentences = split(KEEPER + " Nothing more was said. Nobody knew why. It was so. And so it stayed.")
    narrations = [text[s.start : s.end] for s in sentences][:12]
    subjects = choose_subjects(narrations, "tender")
    assert len(narrations) == 12
    assert len(set(subjects)) == 12, subjects


def test_each_scene_is_drawn_as_it_was_described_whatever_its_words_hint_at() -> None:
    """Seen in a film: the rain in two scenes made wet streets of both, where one was to be under water."""
    script = (
        "Mara runs down the street in the rain, and the rain runs after her into the streets of the city. "
        "Ines runs up the stairs in the rain, while far out a small boat looks for the light of the street. "
        "In the rain, far below the boat and the rain, a whale waits."
    )
    material = Material(script, 12, 3, None, None, (), None)
    for scene in analyse(material)["scenes"]:
        [described] = [
            name
            for name, subject in SUBJECTS.items()
            if scene["visual"].casefold().startswith(subject.phrases[0])
        ]
        assert ranked(scene["visual"])[0] == described, scene["visual"]


def test_the_badge_is_drawn_clear_of_the_edges() -> None:
    image = np.asarray(draw("A lake at dawn", 1344, 768).convert("L"), np.int16)
    x, y = round(1344 * INSET), round(768 * INSET)
    badge = image[y : y + 28, x : x + 340]
    # A dark plate with light letters on it: both are there, side by side.
    assert (badge > 200).mean() > 0.05
    assert (badge < 130).mean() > 0.4
    assert x + 380 < 1344 * (1 - INSET)


@pytest.mark.parametrize("ratio", ONE_K)
def test_sizes_follow_ratio_and_name(ratio: str) -> None:
    width, height = pixels(ratio, "1K")
    a, b = (int(part) for part in ratio.split(":"))
    assert abs(width / height / (a / b) - 1) < 0.03
    assert pixels(ratio, "2K") == (width * 2, height * 2)


@pytest.mark.slow
def test_a_four_k_picture_is_really_that_large() -> None:
    image = draw("Mountains at sunrise", *pixels("16:9", "4K"))
    assert image.size == (5376, 3072)
    assert isinstance(image, Image.Image)
