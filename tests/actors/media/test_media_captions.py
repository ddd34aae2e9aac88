"""Captions: in step with the speech, two lines at most, drawn in every script that is promised."""

import re
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.media import fonts, speech
from actors.media.captions import caption_scene, draw, draw_cues, style
from actors.media.cues import Cue, break_lines, scene_cues
from actors.media.errors import CaptionError
from actors.media.formats import Format, film_format
from actors.media.lettering import measure
from actors.media.subtitles import to_srt, to_vtt
from actors.media.timeline import scene_shape
from actors.media.word_timing import read_words, time_words
from actors.media.words import join_words, split_words
from domain.submission import CaptionStyle

LOOKS: tuple[CaptionStyle, ...] = ("plain", "card", "social")
WIDE = film_format()
TEXTS = {
    "en": "Every great film begins with a script. Words on a page, waiting for light.",
    "pt": "A história começa aqui: coração, mão, ação!",
    "el": "Κάθε μεγάλη ταινία αρχίζει με ένα σενάριο.",
    "ru": "Каждый великий фильм начинается со сценария.",
    "zh": "每一部伟大的电影都始于剧本。文字在纸上等待着光。",
    "ja": "すべての偉大な映画は脚本から始まる。「光」を待つ言葉。",
    "ko": "모든 위대한 영화는 대본에서 시작됩니다.",
    "ar": "كل فيلم عظيم يبدأ بنص، كلمات على صفحة تنتظر الضوء.",
    "he": "כל סרט גדול מתחיל בתסריט, מילים על דף.",
    "hi": "हर महान फ़िल्म एक पटकथा से शुरू होती है।",
    "ta": "ஒவ்வொரு சிறந்த படமும் ஒரு கதையுடன் தொடங்குகிறது.",
    "th": "ภาพยนตร์ยิ่งใหญ่ทุกเรื่องเริ่มต้นจากบทภาพยนตร์ คำบนหน้ากระดาษที่รอแสงสว่าง",
    "ka": "ყოველი დიდი ფილმი სცენარით იწყება.",
}


def letters(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("language", TEXTS)
def test_no_character_of_the_text_is_lost(language: str) -> None:
    shape = scene_shape(6.0, 0.6, 30, first=True, last=False)
    cues = caption_scene(TEXTS[language], shape, WIDE, language=language)
    assert letters("".join(line for cue in cues for line in cue.lines)) == letters(TEXTS[language])


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("ratio", ["16:9", "9:16", "1:1"])
@pytest.mark.parametrize("look", LOOKS)
def test_captions_stay_inside_the_safe_area(language: str, ratio: str, look: CaptionStyle) -> None:
    fmt = film_format(ratio)
    shape = scene_shape(6.0, 0.6, 30, first=True, last=False)
    for cue in caption_scene(TEXTS[language] * 2, shape, fmt, language=language, look=look):
        assert len(cue.lines) <= 2
        ink = draw(cue.lines, fmt, language=language, look=look).getchannel("R").getbbox()
        assert ink is not None
        left, top, right, bottom = ink
        assert left >= fmt.width * 0.05
        assert right <= fmt.width * 0.95
        assert top >= fmt.height * 0.55
        assert bottom <= fmt.height * 0.95


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text("abcdefghij.,;!é", min_size=1, max_size=18), min_size=1, max_size=50),
    st.floats(0.4, 30),
    st.floats(0, 2),
    st.sampled_from([24, 25, 30, 60]),
)
def test_captions_follow_each_other_outside_the_crossfades(
    words: list[str], seconds: float, pause: float, fps: int
) -> None:
    shape = scene_shape(seconds, pause, fps, first=False, last=False)
    timed = read_words(split_words(" ".join(words)), shape.speech / fps)
    cues = scene_cues(timed, shape, lambda text: float(len(text)), 32)
    for before, after in pairwise(cues):
        assert before.end_ms <= after.start_ms
    for cue in cues:
        assert cue.start_ms < cue.end_ms
        assert len(cue.lines) <= 2
        assert all(len(line) <= 32 for line in cue.lines)
        assert set(cue.frames(fps)) <= set(shape.clip)


def test_a_caption_ends_where_a_sentence_does() -> None:
    words = split_words("The first sentence is here. The second one follows it. And a third comes last.")
    shape = scene_shape(12.0, 0.6, 30, first=True, last=True)
    cues = scene_cues(read_words(words, 12.0), shape, lambda text: float(len(text)), 30)
    assert [" ".join(cue.lines) for cue in cues] == [
        "The first sentence is here.",
        "The second one follows it.",
        "And a third comes last.",
    ]


def test_the_last_words_of_a_sentence_do_not_stand_alone() -> None:
    sentence = "At the edge of the northern sea stands a lighthouse that nobody has visited for twenty years."
    shape = scene_shape(6.0, 0.6, 30, first=True, last=True)
    first, second = scene_cues(read_words(split_words(sentence), 6.0), shape, len, 40)
    assert abs(len(" ".join(first.lines)) - len(" ".join(second.lines))) < 12


def test_two_lines_are_balanced() -> None:
    lines = break_lines(split_words("colours move and voices speak to all who listen"), len, 30)
    assert len(lines) == 2
    assert abs(len(lines[0]) - len(lines[1])) <= 8


def test_closing_marks_never_begin_a_line_and_opening_ones_never_end_one() -> None:
    words = split_words("彼は「光、それは言葉（ことば）だ」と言った。Reelogで2026年に。")
    assert all(word.text[0] not in "、。」）" for word in words)
    assert all(word.text[-1] not in "「（" for word in words)
    assert join_words(words) == "彼は「光、それは言葉（ことば）だ」と言った。Reelogで2026年に。"
    assert "Reelog" in "|".join(word.text for word in words)


@pytest.mark.parametrize(
    "whole",
    [
        *(
            "3.14159",
            "1,234,567",
            "2.5%",
            "10:30",
            "３．１４",
            "35.7°C",
            "3.5GB",
            "McDonald’s",
            "Yahoo!JAPAN",
        ),
        *("www.example.com", "https://example.com/help?q=1&x=a%20b", "anna.b@example.co.jp"),
    ],
)
@pytest.mark.parametrize("text", ["价格是{}元。", "重さは{}です。", "ราคา{}บาท"])
def test_a_number_or_an_address_is_one_word_where_no_space_parts_words(text: str, whole: str) -> None:
    words = split_words(text.format(whole))
    assert [word.text for word in words if whole in word.text]
    assert [word.text for word in words if word.ends_sentence] == [words[-1].text] * text.endswith("。")


def test_a_list_and_a_sentence_are_parted_at_their_marks() -> None:
    assert [word.text for word in split_words("1.苹果2.香蕉。OK.是。")] == [
        "1.", "苹", "果", "2.", "香", "蕉。", "OK.", "是。",
    ]  # fmt: skip


def test_french_marks_stay_with_their_words() -> None:
    assert [word.text for word in split_words("Elle dit : « bonjour » – puis part.")] == [
        "Elle", "dit :", "« bonjour » –", "puis", "part.",
    ]  # fmt: skip


def test_a_currency_stays_with_its_amount_before_or_after_it() -> None:
    assert [word.text for word in split_words("sind 35.000 €. Das sind $ 5 oder 3 % davon")] == [
        "sind", "35.000 €.", "Das", "sind", "$ 5", "oder", "3 %", "davon",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "width", "pieces"),
    [
        ("example.org/a/long/path?q=1234", 14, ["example.org/a/", "long/path?q=", "1234"]),
        ("Rindfleischetikettierung", 10, ["Rindflei", "schetike", "ttierung"]),
        ("Pneumonoultramicroscopics", 24, ["Pneumonoultra", "microscopics"]),
        ("किकिकिकि", 5, ["किकि", "किकि"]),
        ("स्नातकोत्तर", 10, ["स्नात", "कोत्तर"]),
        ("नन्न", 3, ["न", "न्न"]),
        ("👩\u200d🚀👩\u200d🚀", 5, ["👩\u200d🚀", "👩\u200d🚀"]),
        ("a👍🏽👍🏽", 4, ["a👍🏽", "👍🏽"]),
        ("a🇩🇪🇫🇷", 4, ["a🇩🇪", "🇫🇷"]),
    ],
)
def test_what_is_wider_than_a_line_is_cut_where_it_can_be(text: str, width: float, pieces: list[str]) -> None:
    shape = scene_shape(8.0, 0.6, 30, first=True, last=True)
    cues = scene_cues(read_words(split_words(text), 8.0), shape, len, width / 0.98)
    assert [line for cue in cues for line in cue.lines] == pieces


def test_words_are_pinned_to_the_pauses_of_the_speech(make_speech: Callable[..., bytes]) -> None:
    """A slow first phrase of few letters: by letters alone its end is expected half a second earlier."""
    spoken = speech.load(make_speech(1.6, 1.5, pause=0.5))
    timed = time_words(split_words("One two three, four five six seven eight."), spoken)
    assert timed[2].end_s == pytest.approx(1.6, abs=0.05)
    assert timed[3].start_s == pytest.approx(2.1, abs=0.05)
    assert timed[-1].end_s == pytest.approx(spoken.duration_s, abs=0.15)


def test_word_times_never_go_back(spoken: speech.Speech) -> None:
    timed = time_words(split_words("a b, c. d e f; g — h!"), spoken)
    moments = [moment for word in timed for moment in (word.start_s, word.end_s)]
    assert moments == sorted(moments)
    assert 0 <= moments[0] <= moments[-1] <= spoken.duration_s


@pytest.mark.parametrize("language", TEXTS)
def test_every_promised_script_has_glyphs(language: str) -> None:
    assert fonts.missing_glyphs(TEXTS[language], language) == []


def test_a_character_that_no_font_draws_is_named_before_rendering() -> None:
    assert fonts.missing_glyphs("ok ລາວ ລ\u200d\ufe0f") == ["ລ", "າ", "ວ"]
    shape = scene_shape(2.0, 0.6, 30, first=True, last=True)
    with pytest.raises(CaptionError, match=r"glyphs_missing") as caught:
        caption_scene("ລາວ", shape, WIDE)
    assert "U+0EA5" in caught.value.message


@pytest.mark.parametrize("sign", list("►➤▸✗✘☐☒✦❝❞⟶↳\U0001fae9\uf0b7\ufffc\u0600"))
def test_a_sign_that_no_font_has_is_left_out_of_the_picture_and_stops_nothing(sign: str) -> None:
    assert fonts.missing_letters(f"a {sign} b") == []
    if not fonts.missing_glyphs(sign):
        return  # a font has learnt it
    assert measure(f"{sign} speed {sign} matters{sign} {sign}", 40) == measure("speed matters", 40)
    plain, marked = (
        np.asarray(draw([line], WIDE)) for line in ("salt and sand", f"{sign} salt {sign} and sand")
    )
    assert np.array_equal(plain, marked)
    shape = scene_shape(2.0, 0.6, 30, first=True, last=True)
    told = " ".join(line for cue in caption_scene(f"A {sign} b", shape, WIDE) for line in cue.lines)
    assert told == f"A {sign} b"


@pytest.mark.parametrize(
    "invisible",
    [
        "\u200b",
        "\u2060",
        "\u2066",
        "\u200f",
        "\ufe0f",
        "\u180b",
        "\u180f",
        "\U000e0100",
        "\U000e01ef",
        "\u034f",
        "\ufeff",
        "\u3164",
        "\u115f",
        "\U0001bca0",
    ],
)
def test_what_draws_nothing_takes_no_room_and_needs_no_font(invisible: str) -> None:
    assert fonts.missing_glyphs(f"a{invisible}b") == []
    assert measure(f"a{invisible}b", 40) == pytest.approx(measure("ab", 40), abs=0.5)
    assert measure(f"葛{invisible}飾", 40, "ja") == measure("葛飾", 40, "ja")


@pytest.mark.parametrize(
    "control", ["\x07", "\x08", "\x1b", "\x7f", "\x85", "\x9b", "\ufff9", "\ufffe", "\u2028", "\r\n"]
)
def test_captions_of_an_answer_hold_no_control_characters(control: str) -> None:
    shape = scene_shape(2.0, 0.6, 30, first=True, last=True)
    cues = caption_scene(f"The{control} terminal{control}stopped.", shape, WIDE)
    told = " ".join(line for cue in cues for line in cue.lines)
    assert told in {"The terminalstopped.", "The terminal stopped."}


def test_a_mark_of_numbers_is_looked_up_and_not_drawn_as_a_box() -> None:
    """Of format by its category, and yet drawn: not every font has it."""
    assert fonts.missing_glyphs("\u06dd") == [] or fonts.missing_letters("\u06dd") == []


@pytest.mark.parametrize(
    ("above", "below", "width"),
    [
        ("港の市場では、みかんやパンや新鮮な", "魚が色とりどりの屋根の下に並ぶ。", 18),
        ("赤い列車が駅を出て、", "穏やかな川にかかる石の橋を渡る。", 18),
        ("夜、焚き火を囲んで、旅人たちは", "遠い星の物語を語り合う。", 18),
        ("每一部伟大的电影都始于", "剧本。文字在纸上等待着光。", 14),
    ],
)
def test_chinese_and_japanese_lines_break_where_a_phrase_begins(above: str, below: str, width: int) -> None:
    """Balanced by length alone, each broke inside a word: 穏やか / な, 剧 / 本."""
    assert break_lines(split_words(above + below), len, width) == (above, below)


def test_a_caption_whose_lines_could_break_within_a_word_only_is_divided_otherwise() -> None:
    """By the sentence alone it was 東京スカイ / ツリーの近くにある小さな図書館で."""
    text = "2024年10月3日、東京スカイツリーの近くにある小さな図書館で、彼女は本を見つけました。"
    shape = scene_shape(8.0, 0.6, 30, first=True, last=True)
    cues = scene_cues(read_words(split_words(text), 8.0), shape, len, 18)
    assert [cue.lines for cue in cues] == [
        ("2024年10月3日、",),
        ("東京スカイツリーの近くにある小さな", "図書館で、彼女は本を見つけました。"),
    ]


def test_a_word_as_long_as_a_script_is_cut_to_lines_at_once() -> None:
    """Each piece is looked for near its end: measured from its beginning on, it took hours."""
    measured = 0

    def counted(text: str) -> float:
        nonlocal measured
        measured += len(text)
        return len(text)

    words = read_words(split_words("a" * 20_000), 600.0)
    shape = scene_shape(600.0, 0.6, 30, first=True, last=True)
    cues = scene_cues(words, shape, counted, 40)
    assert "".join(line for cue in cues for line in cue.lines) == "a" * 20_000
    assert measured < 20_000 * 100


def test_thai_breaks_between_its_words() -> None:
    words = [word.text for word in split_words("สวัสดีชาวโลกทุกคน")]
    assert "".join(words) == "สวัสดีชาวโลกทุกคน"
    assert words[0] == "สวัสดี"
    assert len(words) > 2


def test_a_thai_clause_ends_at_its_space_and_repetition_stays_with_its_word() -> None:
    text = "ทุกวันผมตื่นนอนตอนตีห้า ผมเดินไปที่ประภาคาร ทุกวันผมจุดตะเกียง เด็ก ๆ ชอบเรือ ปี 2567 WhatsApp นี้"
    words = split_words(text)
    assert join_words(words) == text
    ending = [word.text for word in words if word.ends_clause]
    assert [text.index(f"{end} ") + len(end) for end in ending] == [23, 43, 62, 77]
    assert "เด็ก ๆ" in [word.text for word in words]
    shape = scene_shape(8.0, 0.6, 30, first=True, last=True)
    cues = scene_cues(read_words(split_words(text[:62]), 8.0), shape, len, 24)
    assert [line for cue in cues for line in cue.lines] == text[:62].split(" ")


def test_sidecar_captions_need_no_font() -> None:
    shape = scene_shape(2.0, 0.6, 30, first=True, last=True)
    cues = caption_scene("Hello 😀 ລາວ", shape, WIDE, burned=False)
    assert "".join(line for cue in cues for line in cue.lines) == "Hello 😀 ລາວ"


def test_arabic_is_shaped_and_not_a_row_of_separate_letters() -> None:
    joined = measure("كلمات", 40, "ar")
    apart = sum(measure(letter, 40, "ar") for letter in "كلمات")
    assert joined < 0.8 * apart


def test_a_right_to_left_line_ends_on_the_left() -> None:
    """The full stop, which is last in the text, is drawn left of the words."""
    without = draw(["שלום"], WIDE).getchannel("R").getbbox()
    stopped = draw(["שלום."], WIDE).getchannel("R").getbbox()
    assert without
    assert stopped
    dot = np.asarray(draw(["שלום."], WIDE).getchannel("R"))[:, stopped[0] : stopped[0] + 4]
    assert np.flatnonzero(dot.max(axis=1)).min() > (stopped[1] + stopped[3]) / 2  # low: a dot, not a letter


def test_one_code_point_looks_japanese_in_japanese_and_chinese_in_chinese() -> None:
    assert fonts.faces("直", "ja")[0] is fonts.JAPANESE
    assert fonts.faces("直", "zh-TW")[0] is fonts.TRADITIONAL
    assert fonts.faces("直")[0] is fonts.SIMPLIFIED
    drawn = {lang: draw(["直"], WIDE, language=lang).tobytes() for lang in ("ja", "zh")}
    assert drawn["ja"] != drawn["zh"]


@pytest.mark.parametrize("ground", [0, 90, 160, 255])
@pytest.mark.parametrize(("look", "least"), [("plain", 4.5), ("card", 7), ("social", 7)])
def test_letters_stand_out_on_any_ground(ground: int, look: CaptionStyle, least: float) -> None:
    """White ink against what lies beside it: at least 4.5 to 1, as WCAG asks for text, or its 7 to 1."""
    drawing = draw(["Hmmm readable"], WIDE, look=look)
    rgba = np.asarray(drawing).astype(float)
    ink, alpha = rgba[..., 0] / 255, rgba[..., 3] / 255
    shown = ground * (1 - alpha) + rgba[..., 0] * alpha
    rows = slice(WIDE.height - style(WIDE).bottom - style(WIDE).size, WIDE.height - style(WIDE).bottom)
    near = (ink[rows] == 0) & (alpha[rows] > 0.55)

    def light(value: float) -> float:
        return float((value / 255) ** 2.2)

    beside = light(float(np.median(shown[rows][near])))
    letter = light(float(np.percentile(shown[rows][ink[rows] > 0.99], 50)))
    assert (letter + 0.05) / (beside + 0.05) >= least


def test_a_card_is_one_with_round_corners_behind_all_lines() -> None:
    alpha = np.asarray(draw(["A line that is long", "short"], WIDE, look="card").getchannel("A"))
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    card = alpha[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert (card[len(card) // 2] > 190).all()  # from edge to edge, beside the short line too
    assert (card[:, card.shape[1] // 2] > 190).all()
    assert card[0, 0] == card[0, -1] == card[-1, 0] == card[-1, -1] == 0
    assert rows[-1] < WIDE.height * 0.95


def test_social_captions_are_large_and_bold_and_show_the_spoken_word(
    make_speech: Callable[..., bytes],
) -> None:
    plain, social = style(WIDE), style(WIDE, "social")
    assert social.size > plain.size * 1.2
    assert social.weight > plain.weight
    spoken = speech.load(make_speech(0.5, 0.3, 0.5))
    shape = scene_shape(spoken.duration_s, 0.6, WIDE.fps, first=True, last=True)
    cues = caption_scene("One two.", shape, WIDE, speech=spoken, look="social")
    assert len(draw_cues(cues, WIDE, look="social")) > len(draw_cues(cues, WIDE))


def test_a_cue_is_drawn_once_and_only_where_it_stands(small: Format) -> None:
    (drawn,) = draw_cues([Cue(0, 1000, ("Hi",))], small)
    assert drawn.frames == range(24)
    assert drawn.overlay.inks[0].shape[0] < small.height / 3
    assert drawn.overlay.x % 2 == drawn.overlay.y % 2 == 0


def test_files_hold_integer_milliseconds() -> None:
    cues = [Cue(0, 999, ("One & <two>",)), Cue(999, 3_600_001, ("a", "b"))]
    assert to_srt(cues) == (
        "1\n00:00:00,000 --> 00:00:00,999\nOne & <\u200btwo>\n\n2\n00:00:00,999 --> 01:00:00,001\na\nb\n"
    )
    vtt = to_vtt(cues, "en")
    assert vtt.startswith(
        "WEBVTT\nLanguage: en\n\n1\n00:00:00.000 --> 00:00:00.999\nOne &amp; &lt;two&gt;\n\n"
    )
    assert to_srt([]) == ""


@given(st.integers(0, 10**7), st.integers(1, 10**5), st.integers(0, 3000))
def test_moving_a_cue_to_the_film_s_clock_keeps_its_length(start: int, length: int, frames: int) -> None:
    moved = Cue(start, start + length, ("x",)).later(Fraction(frames, 30))
    assert moved.end_ms - moved.start_ms == length
    assert re.search(r",\d{3} --> ", to_srt([moved]))


def test_a_caption_does_not_end_with_an_article() -> None:
    """Seen in a tall film: "a storm, a threat in the" and then "dark, fear and alarm"."""
    text = "Then danger comes: a storm, a threat in the dark, fear and alarm all along the harbour."
    shape = scene_shape(6.2, 0.6, 25, first=False, last=False)
    cues = caption_scene(text, shape, film_format("9:16", fps=25))
    assert len(cues) > 1
    assert not [cue.lines[-1] for cue in cues if cue.lines[-1].split()[-1] in {"the", "a", "in", "and"}]
