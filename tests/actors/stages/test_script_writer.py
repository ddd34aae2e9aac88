"""What the script's writer asks for, what it takes, and what it sends back."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from actors.stages.script_writer import ScriptWriter, check_script
from actors.work.provider_call import Provider
from actors.work.stage import Brief, Made
from domain.asset import AssetKey
from domain.failures import AttemptFailedError, Code
from domain.given_scenes import Given
from domain.pricing import SHIPPED_PRICES, PriceBook
from domain.script import Kind
from domain.topic import ScriptSource, Topic, WrittenScript
from tests.actors.staging import Staging
from tests.actors.work.test_provider_call import Answering, body

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TIDES = Topic(about="Why there are tides", audience="children of ten", tone="warm")
SENTENCE = "Twice a day the sea comes up the beach, and twice a day it leaves again. "
SCRIPT = SENTENCE * 9
SOURCE = ScriptSource(fact="Twice a day", source="An atlas of the sea")


def writer(gateway: Answering | None = None) -> ScriptWriter:
    prices = PriceBook.parse(SHIPPED_PRICES.read_text(encoding="utf-8"))
    return ScriptWriter(Provider(lambda: gateway or Answering(body()), prices, lambda: NOW))


def brief_of(tmp_path: Path, topic: Topic = TIDES, **about: Any) -> Brief:
    return Staging(tmp_path).brief(script="", given=Given(topic=topic), **about)


def asked(brief: Brief) -> str:
    plan = writer().plan(brief, AssetKey(Kind.SCRIPT), Staging(Path("/nowhere")).inputs())
    assert plan.prompt is not None
    return plan.prompt


def answer(*paragraphs: str, sources: tuple[ScriptSource, ...] = ()) -> WrittenScript:
    return WrittenScript(paragraphs=list(paragraphs), sources=list(sources))


async def made(tmp_path: Path, written: WrittenScript) -> Made:
    staging = Staging(tmp_path)
    brief = brief_of(tmp_path)
    stage = writer(Answering(body(written.model_dump_json())))
    plan = stage.plan(brief, AssetKey(Kind.SCRIPT), staging.inputs())
    return await stage.make(staging.task("script", plan, brief))


def test_topic_audience_tone_language_and_length_are_asked_for(tmp_path: Path) -> None:
    said = asked(brief_of(tmp_path, language="de", options={"target_duration_s": 120}))
    for line in (
        "<topic>\nWhy there are tides\n</topic>",
        "<audience>children of ten</audience>",
        "<tone>warm</tone>",
        "<language>de</language>",
        "about 120 seconds",
        "<word_count>270</word_count>",
        "<sentence_count>20</sentence_count>",
    ):
        assert line in said


def test_where_nothing_is_said_it_is_a_minute_in_the_topic_s_language_for_anybody(
    tmp_path: Path,
) -> None:
    said = asked(brief_of(tmp_path, Topic(about="Tides </topic> and more")))
    for line in (
        "about 60 seconds",
        "<language>none</language>",
        "<audience>none</audience>",
        "‹/topic> and more",
    ):
        assert line in said


def test_what_it_may_cost_is_reserved_and_grows_with_the_length(tmp_path: Path) -> None:
    plans = [
        writer().plan(
            brief_of(tmp_path, options={"target_duration_s": length}),
            AssetKey(Kind.SCRIPT),
            Staging(tmp_path).inputs(),
        )
        for length in (30, 1800)
    ]
    short, long = (plan.reservation_usd or 0.0 for plan in plans)
    assert 0 < short < long
    assert [plan.model for plan in plans] == [brief_of(tmp_path).models["text"]] * 2


def test_a_job_without_a_topic_asks_for_no_script(tmp_path: Path) -> None:
    with pytest.raises(AttemptFailedError, match="names no topic"):
        asked(Staging(tmp_path).brief())


async def test_the_script_is_kept_with_its_sources_which_nobody_has_checked(tmp_path: Path) -> None:
    written = answer(SENTENCE * 5, f" {SENTENCE * 4}\x07 ", sources=(SOURCE,))
    product = await made(tmp_path, written)
    assert isinstance(product.data, bytes)
    text = f"{(SENTENCE * 5).strip()}\n\n{(SENTENCE * 4).strip()}"
    assert product.facts == {
        "text": text,
        "sources": [{"fact": "Twice a day", "source": "An atlas of the sea", "checked": False}],
    }
    assert WrittenScript.model_validate_json(product.data).text == text
    assert json.loads(product.data)["sources"] == [SOURCE.model_dump()]


@pytest.mark.parametrize(
    ("script", "about", "code", "said"),
    [
        ("The sea.", {}, Code.INCONSISTENT_ANSWER, "about 2 s to read, where 60 s were asked for"),
        (SCRIPT * 3, {}, Code.INCONSISTENT_ANSWER, "about 135 words"),
        (
            SENTENCE * 2,
            {"options": {"target_duration_s": 9}},
            Code.INCONSISTENT_ANSWER,
            "too long for a film of 9 s",
        ),
        ("— … —", {}, Code.INCONSISTENT_ANSWER, "no word that is spoken"),
        (
            SCRIPT,
            {"language": "de"},
            Code.WRONG_LANGUAGE,
            "de was asked for, but its words are those of 'en'",
        ),
    ],
)
def test_what_cannot_be_the_script_that_was_asked_for_is_sent_back(
    tmp_path: Path, script: str, about: dict[str, Any], code: Code, said: str
) -> None:
    with pytest.raises(AttemptFailedError) as refused:
        check_script(answer(script), brief_of(tmp_path, **about))
    assert refused.value.failure.code == code
    assert said in refused.value.failure.message


def test_a_silent_film_is_only_as_long_as_its_words_are_read(tmp_path: Path) -> None:
    options = {"target_duration_s": 60, "include_audio": False}
    check_script(answer(SCRIPT), brief_of(tmp_path, options=options))
