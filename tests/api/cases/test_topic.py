"""A film on a topic as it is asked for: estimated, submitted, looked at, given other words, forked."""

import json
from typing import Any
from uuid import UUID

import pytest

from api.cases.accepted import Accepted
from api.cases.errors import Faults
from api.cases.estimate import EstimateRequest, estimate
from api.cases.fork import Fork, ForkRequest, fork
from api.cases.preview import Preview
from api.cases.provide import Provide, ProvideRequest, provide
from api.cases.regenerate import Regenerate, RegenerateRequest, regenerate
from api.cases.submit import SubmitRequest, submit
from domain.asset import AssetKey
from domain.film_graph import ANALYSIS, SCRIPT
from tests.api.cases.conftest import Studio

TIDES = {"about": "Why there are tides", "audience": "children", "tone": "warm"}
WORDS = "The sea comes. The sea goes.\n\nNobody asks why."


def submitted(studio: Studio, **about: Any) -> UUID:
    return submit(studio.system, SubmitRequest({"topic": TIDES, **about})).job_id


@pytest.fixture
def reviewed(studio: Studio) -> UUID:
    """A film that waits for approval of its script."""
    job_id = submitted(studio)
    assert studio.finish(job_id) == "awaiting_review"
    studio.settle()
    return job_id


def page(studio: Studio, job_id: UUID) -> dict[str, Any]:
    body = studio.system.readers.job(job_id)
    assert body is not None
    found: dict[str, Any] = json.loads(body)
    return found


def give(studio: Studio, job_id: UUID, name: str = "script", **asked: Any) -> Any:
    key = AssetKey.parse(name)
    return provide(studio.system, ProvideRequest(key.id_in(job_id), Provide(**asked)))


def ask_fork(studio: Studio, job_id: UUID, **changes: Any) -> dict[str, Any]:
    told = fork(
        studio.system, ForkRequest(job_id, Fork.model_validate({"changes": changes, "dry_run": True}))
    )
    assert isinstance(told, Preview)
    return told.to_json()


# ---- price and submission ---------------------------------------------------------------------------


def test_the_script_has_its_own_price_and_all_else_is_reckoned_by_the_length_asked_for(
    studio: Studio,
) -> None:
    short, long = (
        estimate(
            studio.system, EstimateRequest({"topic": "Tides", "options": {"target_duration_s": seconds}})
        ).to_json()
        for seconds in (30, 300)
    )
    assert short["stages"][0]["name"] == "script_writing"
    assert 0 < short["stages"][0]["cost"]["usd"] < long["stages"][0]["cost"]["usd"]
    assert (short["scenes"], long["scenes"]) == (2, 12)
    assert short["cost"]["usd"] < long["cost"]["usd"]
    assert [notice["code"] for notice in short["notices"]] == ["facts_not_checked", "models_not_listed"]
    spoken = estimate(studio.system, EstimateRequest({"script": WORDS})).to_json()
    assert spoken["stages"][0]["name"] == "script_analysis"


def test_a_film_on_a_topic_waits_for_approval_of_its_script_and_says_what_it_rests_on(
    studio: Studio, reviewed: UUID
) -> None:
    job = page(studio, reviewed)
    assert (job["status"], job["review"]) == ("awaiting_review", "script")
    assert job["topic"] == TIDES
    assert job["sources"] == [{"fact": "It does.", "source": "An atlas", "checked": False}]
    assert [stage["name"] for stage in job["stages"][:2]] == ["script_writing", "script_analysis"]
    assert job["stages"][0]["status"] == "completed"
    entries, _ = studio.system.readers.entries(after=0, limit=100, job_ids=[reviewed])
    told = [json.loads(entry.body)["message"] for entry in entries]
    assert told[0] == "Job submitted: a script to be written on a topic of 4 words, to be made with emulator"
    assert any("4 words, 1 source named and not checked" in message for message in told)


def test_a_film_of_a_script_has_no_such_stage(studio: Studio) -> None:
    job_id = submit(studio.system, SubmitRequest({"script": WORDS})).job_id
    studio.settle()
    job = page(studio, job_id)
    assert (job["topic"], job["sources"]) == (None, [])
    assert job["stages"][0]["name"] == "script_analysis"


# ---- other words ------------------------------------------------------------------------------------


def test_words_of_one_s_own_take_the_script_s_place_and_the_analysis_is_made_anew(
    studio: Studio, reviewed: UUID
) -> None:
    told = give(studio, reviewed, text=WORDS, dry_run=True)
    assert isinstance(told, Preview)
    assert [key.name for key in told.redone] == ["analysis"]
    assert isinstance(give(studio, reviewed, text=WORDS), Accepted)
    assert studio.finish(reviewed) == "awaiting_review"
    film = studio.studio.film(studio.studio.job(reviewed))
    assert film.script == WORDS
    assert (film.assets[SCRIPT].revision, film.assets[ANALYSIS].revision) == (2, 2)
    prompt = studio.system.blobs.get(film.assets[ANALYSIS].recipe.prompt_digest or "").decode()
    assert "2 The sea goes." in prompt
    studio.settle()
    assert page(studio, reviewed)["sources"] == []


@pytest.mark.parametrize(
    ("name", "asked", "pointer", "said"),
    [
        ("script", {"text": " "}, "/text", "the script is empty"),
        ("script", {"text": "ꙮ𐎀"}, "/text", "no font has"),
        ("script", {"file": f"sha256:{'1' * 64}"}, "/file", "given as text, not as a file"),
        ("analysis", {"text": WORDS}, "/text", "analysis is no script"),
    ],
)
def test_what_is_no_script_is_refused_by_name(
    studio: Studio, reviewed: UUID, name: str, asked: dict[str, Any], pointer: str, said: str
) -> None:
    with pytest.raises(Faults) as refused:
        give(studio, reviewed, name, **asked)
    [fault] = refused.value.errors
    assert fault.pointer == pointer
    assert said in fault.message


def test_the_script_is_written_again_by_a_person_s_prompt(studio: Studio, reviewed: UUID) -> None:
    asked = Regenerate(prompt="Write it as a riddle.")
    regenerate(studio.system, RegenerateRequest(SCRIPT.id_in(reviewed), asked))
    assert studio.finish(reviewed) == "awaiting_review"
    script = studio.studio.film(studio.studio.job(reviewed)).assets[SCRIPT]
    assert (script.revision, script.recipe.prompt_version, script.requests) == (2, "edited", 2)


# ---- forks ------------------------------------------------------------------------------------------


def test_a_fork_keeps_the_script_unless_what_it_was_asked_for_changes(studio: Studio, reviewed: UUID) -> None:
    give(studio, reviewed, text=WORDS)
    assert studio.finish(reviewed) == "awaiting_review"
    assert ask_fork(studio, reviewed)["reused"] == ["script", "analysis"]
    assert "script" in ask_fork(studio, reviewed, options={"max_scenes": 3})["reused"]
    anew = ask_fork(studio, reviewed, topic="Why there are waves")
    assert (anew["reused"], anew["redone"][:2]) == ([], ["script", "analysis"])
    longer = ask_fork(studio, reviewed, options={"target_duration_s": 90})
    assert longer["redone"][:2] == ["script", "analysis"]
    kept = ask_fork(studio, reviewed, options={"max_scenes": 3})
    assert 0 < kept["cost"]["usd"] < anew["cost"]["usd"]


def test_a_fork_may_bring_a_script_of_its_own_or_a_topic(studio: Studio, reviewed: UUID) -> None:
    spoken = ask_fork(studio, reviewed, script=WORDS)
    assert (spoken["reused"], spoken["redone"][0]) == ([], "analysis")
    source = submit(studio.system, SubmitRequest({"script": WORDS})).job_id
    studio.settle()
    assert ask_fork(studio, source, topic="Tides")["redone"] == ["script", "analysis"]
    forked = fork(studio.system, ForkRequest(reviewed, Fork()))
    assert isinstance(forked, Accepted)
    film = studio.studio.film(studio.studio.job(forked.job_id))
    assert film.script == "The tide comes in."
    assert studio.finish(forked.job_id) == "completed"
