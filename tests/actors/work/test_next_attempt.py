"""What is asked for again is asked with more room where it was cut off, and with what was wrong with it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from actors.work.next_attempt import LONGEST_NOTE, next_recipe, note_for_next
from actors.work.provider_call import Provider
from actors.work.stage import Brief, Inputs, Plan, Task
from domain.asset import Asset, AssetKey
from domain.failures import AttemptFailedError, Code, Failure
from domain.pricing import SHIPPED_PRICES, PriceBook
from tests.actors.conftest import TextStage
from tests.domain.language import Fact, attempt_failed, build, fact, requested, started

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PRICES = PriceBook.parse(SHIPPED_PRICES.read_text(encoding="utf-8"))
MODEL = "gemini-3.8-flash"


def failed(number: int, code: Code, message: str = "") -> tuple[Fact, ...]:
    ended = attempt_failed(number, code=code)
    failure = Failure.of(code, message).to_dict()
    return started(number), fact(Asset.AttemptFailed, **{**ended.fields, "failure": failure})


def asset(name: str, *failures: tuple[Code, str], limit: int = 1000, model: str = MODEL) -> Asset:
    request = requested(key=AssetKey.parse(name))
    parameters = {"max_output_tokens": limit, "thinking": "low"}
    asked = fact(Asset.Requested, **{**request.fields, "parameters": parameters, "model": model})
    attempts = [each for n, one in enumerate(failures, 1) for each in failed(n, *one)]
    return build(Asset, (asked, *attempts))


def limit_of(made: Asset) -> Any:
    return next_recipe(made).parameters["max_output_tokens"]


CUT = (Code.ANSWER_TRUNCATED, "cut off")
BUSY = (Code.OVERLOADED, "busy")


@pytest.mark.parametrize("name", ["analysis", "storyboard", "audio_plan", "image:1"])
def test_an_answer_that_was_cut_off_gets_twice_the_room_each_time(name: str) -> None:
    assert [limit_of(asset(name, *([CUT] * n))) for n in range(3)] == [1000, 2000, 4000]
    assert limit_of(asset(name, BUSY, CUT, BUSY)) == 2000
    assert limit_of(asset(name, BUSY, BUSY)) == 1000


def test_no_more_room_is_asked_for_than_the_model_has() -> None:
    assert limit_of(asset("analysis", CUT, CUT, limit=40_000)) == 65_536
    assert limit_of(asset("analysis", CUT, limit=70_000)) == 70_000


def test_speech_is_asked_for_again_as_it_was() -> None:
    spoken = asset("narration:1", CUT, (Code.IMPLAUSIBLE_LENGTH, "too short"))
    assert next_recipe(spoken) == spoken.recipe
    assert note_for_next(spoken) == ""


def test_a_form_that_the_provider_finds_too_complex_is_asked_for_without_counts_and_bounds() -> None:
    refused = asset("storyboard", (Code.SCHEMA_REFUSED, "too many states"))
    assert next_recipe(refused).parameters == {**refused.recipe.parameters, "bounds": False}
    assert "bounds" not in refused.recipe.parameters
    assert next_recipe(asset("storyboard", BUSY)).parameters == refused.recipe.parameters


def test_the_recipe_on_record_stays_as_it_is() -> None:
    made = asset("analysis", CUT)
    before = replace(made.recipe)
    raised = next_recipe(made)
    assert made.recipe == before
    assert (raised.prompt_digest, raised.prompt_version) == (before.prompt_digest, before.prompt_version)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (Code.SCRIPT_NOT_COVERED, "No scene holds the sentences from 4 to 6"),
        (Code.WRONG_SCENE_COUNT, "Frames for scenes [1, 3]"),
        (Code.WRONG_LANGUAGE, "The analysis is in ja; de was asked for"),
        (Code.INCONSISTENT_ANSWER, "A scene shows character 4, and 2 are described"),
        (Code.SCHEMA_MISMATCH, "/scenes/0/visual: Field required"),
    ],
)
def test_a_document_is_asked_for_again_with_what_was_wrong(code: Code, message: str) -> None:
    made = asset("analysis", (code, message), BUSY)
    assert message in note_for_next(made)
    assert note_for_next(made) == note_for_next(asset("analysis", (code, message), BUSY))


def test_the_note_is_about_the_latest_answer() -> None:
    made = asset(
        "storyboard", (Code.WRONG_SCENE_COUNT, "the first"), (Code.INCONSISTENT_ANSWER, "the second")
    )
    assert "the second" in note_for_next(made)
    assert "the first" not in note_for_next(made)


def test_nothing_is_added_where_no_answer_was_wrong() -> None:
    assert note_for_next(asset("analysis")) == ""
    assert note_for_next(asset("analysis", BUSY, (Code.TIMEOUT, "late"))) == ""


def test_a_picture_is_told_in_words_of_ours_and_never_in_those_of_an_answer() -> None:
    assert "Answer with a picture" in note_for_next(asset("image:1", (Code.NO_IMAGE, "it says: 'no'")))
    assert "it says" not in note_for_next(asset("image:1", (Code.NO_IMAGE, "it says: 'no'")))
    assert note_for_next(asset("image:1", (Code.MALFORMED_ANSWER, "words"))) == ""


def test_a_note_holds_no_key_closes_no_tag_and_has_an_end() -> None:
    key = "AIza" + "S" * 35
    message = f"</analysis> {key} " + "words " * 500
    note = note_for_next(asset("analysis", (Code.MALFORMED_ANSWER, message)))
    assert key not in note
    assert "<" not in note
    assert len(note) < LONGEST_NOTE + 200


class Asking(TextStage):
    """Plans with a limit, so that what is reserved can be worked out by the price list."""

    def plan(self, brief: Brief, key: AssetKey, inputs: Inputs) -> Plan:
        plan = super().plan(brief, key, inputs)
        parameters = {"max_output_tokens": 1000} if plan.model else {}
        return replace(plan, model=MODEL if plan.model else None, parameters=parameters)


async def test_each_attempt_says_what_was_wrong_has_its_room_and_reserves_for_both(crew: Any) -> None:
    told = iter([Failure.of(*CUT), Failure.of(Code.SCRIPT_NOT_COVERED, "sentence 3 is missing")])
    prompts: list[str | None] = []

    async def twice_wrong(task: Task) -> None:
        if task.key.name != "analysis":
            return
        prompts.append(task.prompt)
        if (failure := next(told, None)) is not None:
            raise AttemptFailedError(failure)

    provider = Provider(lambda: pytest.fail("nobody is called"), PRICES, lambda: NOW)
    crew.stage = Asking()
    crew.stage.before = twice_wrong
    crew.stages = dict.fromkeys(crew.stages, crew.stage)
    async with crew.directing(desk=crew.desk(reserve=provider.reservation_usd)):
        job = crew.submit()
        await crew.until_ended(job)

    orders = [order for order in crew.orders if order.key.name == "analysis"]
    limits = [order.recipe.parameters["max_output_tokens"] for order in orders]
    assert limits == [1000, 2000, 2000]
    assert prompts[0] == "make analysis"
    assert "cut off" in str(prompts[1])
    assert "sentence 3 is missing" in str(prompts[2])
    begun = [
        e for e in crew.events(Asset.AttemptStarted) if e.originator_id == crew.asset(job, "analysis").id
    ]
    assert [e.reserved_usd for e in begun] == [
        provider.reservation_usd(MODEL, str(prompt), {"max_output_tokens": limit})
        for prompt, limit in zip(prompts, limits, strict=True)
    ]
    assert crew.asset(job, "analysis").recipe.parameters == {"max_output_tokens": 1000}
