"""The call that translates a film: what it asks, which answers count, and what is told of others."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from actors.emulator.writing import text_answer
from actors.gemini.gateway import Gateway
from actors.stages.narrator import Narrator
from actors.stages.script_writer import ScriptWriter
from actors.stages.words.film_words import analysis_of, lines_of, words_of
from actors.stages.words.translation import check_translation, film_parts
from actors.work.provider_call import Provider
from actors.work.stage import Inputs
from domain.asset import AssetKey
from domain.failures import AttemptFailedError, Code
from domain.given_scenes import Given
from domain.pricing import SHIPPED_PRICES, PriceBook
from domain.translation import TranslatedText, TranslatedWords, completed, translation_schema
from tests.actors.staging import SCENES, Staging, analysis, audio_plan, facts

NOW = datetime(2026, 11, 29, tzinfo=UTC)
PRICES = PriceBook.parse(SHIPPED_PRICES.read_text(encoding="utf-8"))
TRANSLATED = Given(translated_from="en-GB")
GERMAN = ("Ein Leuchtturm steht über dem Meer.", "Mara zündet die Lampe in der Dämmerung an.")


def never() -> Gateway:
    raise AssertionError("planning calls nobody")


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    return Staging(tmp_path)


def said(*texts: str) -> TranslatedWords:
    parts = [TranslatedText(scene=n, part=1, text=text) for n, text in enumerate(texts, 1)]
    return TranslatedWords(title="Die Lampe", parts=parts)


def check(staging: Staging, answer: TranslatedWords, language: str = "de", **options: Any) -> None:
    brief = staging.brief(language=language, given=TRANSLATED, options=options)
    check_translation(answer, brief, analysis(), film_parts(brief, analysis()), language)


def refused(
    staging: Staging, answer: TranslatedWords, language: str = "de", **options: Any
) -> tuple[str, str]:
    with pytest.raises(AttemptFailedError) as error:
        check(staging, answer, language, **options)
    return error.value.failure.code, error.value.failure.message


def planned(staging: Staging, language: str) -> Any:
    writer = ScriptWriter(Provider(never, PRICES, lambda: NOW))
    brief = staging.brief(language=language, given=TRANSLATED)
    return writer.plan(brief, AssetKey.parse("script"), staging.inputs())


def test_the_prompt_tells_languages_names_and_every_part_and_its_price_is_known(staging: Staging) -> None:
    plan = planned(staging, "de")
    for told in (
        "<from>en-GB</from>",
        "<language>de</language>",
        "\nMara\n",
        *(f"{n}.1 {t}" for n, t in ((1, SCENES[0]), (2, SCENES[1]))),
    ):
        assert told in plan.prompt
    assert plan.reservation_usd > 0
    assert plan.parameters["translated_from"] == "en-GB"
    assert planned(staging, "ar").prompt != plan.prompt


def test_a_whole_translation_counts(staging: Staging) -> None:
    check(staging, said(*GERMAN))


@pytest.mark.parametrize(
    ("texts", "code", "told"),
    [
        ((GERMAN[0],), Code.INCONSISTENT_ANSWER, "Scene 2 is missing"),
        ((GERMAN[0], " – "), Code.INCONSISTENT_ANSWER, "Scene 2 has no words"),
        ((GERMAN[0], SCENES[1].upper()), Code.WRONG_LANGUAGE, "Scene 2 was left in the old language"),
        ((GERMAN[0], "Мара зажигает лампу в сумерках."), Code.WRONG_LANGUAGE, "Scene 2 is not in de"),
        ((GERMAN[0], " ".join([GERMAN[1]] * 9)), Code.INCONSISTENT_ANSWER, "Scene 2 takes about"),
    ],
)
def test_what_is_wrong_names_its_scene(
    staging: Staging, texts: tuple[str, ...], code: Code, told: str
) -> None:
    found, message = refused(staging, said(*texts))
    assert (found, told in message) == (code, True), message


def test_one_that_cannot_be_said_in_the_time_asked_for_is_refused(staging: Staging) -> None:
    long = said(*(f"{text} {text} {text}" for text in GERMAN))
    check(staging, long)
    assert refused(staging, long, target_duration_s=5)[0] == Code.INCONSISTENT_ANSWER


@pytest.mark.parametrize("language", ["de", "ar", "he", "ja", "zh-Hant", "ko", "ru", "hi", "th", "sw"])
def test_the_emulators_answer_counts_in_any_language(staging: Staging, language: str) -> None:
    brief = staging.brief(language=language, given=TRANSLATED)
    parts = film_parts(brief, analysis())
    text, _ = text_answer.write(
        planned(staging, language).prompt, translation_schema(parts, ["Mara"]), as_json=True
    )
    answer = TranslatedWords.model_validate_json(text)
    check(staging, answer, language)
    assert answer.names[0].written == "Mara"
    assert "Mara" in answer.parts[1].text


def translated_inputs(staging: Staging, texts: tuple[str, ...] = GERMAN) -> Inputs:
    brief = staging.brief(language="de", given=TRANSLATED)
    done = completed(said(*texts), analysis(), film_parts(brief, analysis()), "de")
    sources = [
        staging.source("analysis", analysis(), **facts()),
        staging.source("audio_plan", audio_plan()),
        staging.source("script", done, **done.facts()),
    ]
    return Inputs({source.name: source for source in sources}, staging.blobs)


def test_narrations_are_asked_for_in_the_new_words_with_the_old_voice_and_delivery(staging: Staging) -> None:
    narrator = Narrator(Provider(never, PRICES, lambda: NOW))
    key = AssetKey.parse("narration:2")
    before = narrator.plan(staging.brief(), key, staging.inputs())
    brief = staging.brief(language="de", given=TRANSLATED)
    now = narrator.plan(brief, key, translated_inputs(staging))
    assert (now.prompt, now.parameters["language"]) == (GERMAN[1], "de")
    assert (now.parameters["voice"], now.parameters["style"]) == (
        before.parameters["voice"],
        before.parameters["style"],
    )


def test_what_reads_words_reads_the_translation(staging: Staging) -> None:
    inputs = translated_inputs(staging)
    assert [scene["text"] for scene in words_of(inputs)["scenes"]] == list(GERMAN)
    assert (analysis_of(inputs).title, analysis_of(inputs).scenes[1].narration) == ("Die Lampe", GERMAN[1])
    spoken = lines_of(staging.brief(language="de", given=TRANSLATED).reading, inputs, ())
    assert [[line.text for line in lines] for lines in spoken.values()] == [[GERMAN[0]], [GERMAN[1]]]
