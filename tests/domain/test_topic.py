"""A film on a topic: its script is an asset, made first, looked at, and changed as any other."""

from random import Random
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from domain.asset import AssetKey
from domain.asset_parts import Provision, Recipe
from domain.film import Film
from domain.film_graph import ANALYSIS, SCRIPT, Graph, guessed_scenes
from domain.fork import Judgement, plan_fork
from domain.given_scenes import Given
from domain.history import explain, replay_decisions
from domain.job import Job
from domain.progress import Progress, advance
from domain.revise import provide, regenerate
from domain.script import Kind, Stage
from domain.submission import Options, Submission
from domain.tombstones import without_texts
from domain.topic import Topic, expected_script, script_facts
from domain.workflow import RequestAsset, StartStage, workflow
from tests.domain.language import NOW
from tests.domain.simulation import World

NEW_ID = uuid4()
TIDES = Topic(about="Why there are tides", audience="children", tone="warm")
REVIEWED = {"review": ["script"], "include_audio": False}


def world(options: dict[str, Any] | None = None, **more: Any) -> World:
    return World(
        options or {"include_audio": False}, 2, lambda _, a: a[0], accidents=False, topic=TIDES, **more
    )


def go_on(one: World) -> None:
    while not (one.job.ended or one.job.awaits_review):
        one.direct()
        if not (one.job.ended or one.job.awaits_review):
            one.happen()


def given(text: str) -> Provision:
    facts = dict(script_facts(text))
    return Provision("sha256:own", "application/json", 9, facts, {"text": True, "changes": []}, "local")


# ---- what may be asked ------------------------------------------------------------------------------


def test_a_topic_is_text_or_what_is_known_of_it_and_its_script_is_reviewed_unless_that_is_said() -> None:
    plain = Submission.model_validate({"topic": "Why there are tides"})
    assert (plain.script, plain.options.review) == ("", ("script",))
    assert plain.given.topic == Topic(about="Why there are tides")
    whole = {"about": "Why there are tides", "audience": "children", "tone": "warm"}
    told = Submission.model_validate({"topic": whole, "options": {"review": []}})
    assert (told.topic, told.options.review) == (TIDES, ())
    assert Given.recorded(told.given.to_dict()).topic == TIDES


@pytest.mark.parametrize(
    ("value", "place", "message"),
    [
        ({"topic": "Tides", "script": "The sea."}, ("topic",), "script and topic are both given"),
        ({"topic": "Tides", "scenes": [{"text": "Sea."}]}, ("topic",), "scenes and topic are both given"),
        ({"topic": " - "}, ("topic", "about"), "it names nothing"),
        ({"topic": {"about": "Tides", "tone": " "}}, ("topic", "tone"), "should match pattern"),
        (
            {"topic": "Tides", "options": {"target_duration_s": 3600}},
            ("options", "target_duration_s"),
            "for 1800 s at the most",
        ),
        ({"topic": None}, ("script",), "Field required"),
    ],
)
def test_what_is_wrong_with_a_topic_is_named(value: Any, place: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Submission.model_validate(value)
    [fault] = raised.value.errors()
    assert fault["loc"] == place
    assert message in fault["msg"]


def test_what_is_reckoned_by_length_is_reckoned_by_the_length_that_was_asked_for() -> None:
    assert len(expected_script("", TIDES, None).split()) == 135
    assert len(expected_script("", TIDES, 120).split()) == 270
    submitted = Submission.model_validate({"script": "The sea."})
    assert submitted.expected_script == "The sea."


# ---- what is made from what -------------------------------------------------------------------------


def test_the_analysis_is_made_from_the_script_and_nothing_changes_for_a_film_that_has_one() -> None:
    graph = Graph.of(Options(), guessed_scenes(2), script="topic")
    assert graph.keys[:2] == [SCRIPT, ANALYSIS]
    assert graph.inputs(ANALYSIS) == [SCRIPT]
    assert set(graph.dependents(SCRIPT)) == set(graph.keys) - {SCRIPT}
    assert SCRIPT not in Graph.of(Options(), guessed_scenes(2)).nodes
    assert list(Graph.of(Options(), None, script="topic").nodes) == [SCRIPT, ANALYSIS]


def test_given_a_topic_the_script_is_written_first_and_the_whole_film_comes_of_it() -> None:
    one = world()
    assert workflow(one.film, NOW) == [StartStage(Stage.SCRIPT_WRITING), RequestAsset(SCRIPT, 1, ())]
    assert explain(one.film)[-2:] == [
        "Not yet: analysis needs script.",
        "Nothing but the analysis can be planned: it tells how many scenes there are.",
    ]
    assert one.film.script == ""
    one.run()
    assert one.job.status == "completed"
    assert one.film.script == "Welcome, for the 1. time."
    assert one.assets[ANALYSIS].inputs == {"script": one.film.digest(SCRIPT)}
    assert replay_decisions(list(enumerate(one.log, 1))) == []
    assert Film(one.log).script == one.film.script


def test_progress_counts_the_script_and_ends_at_one() -> None:
    one = world().run()
    progress = Progress(one.job.weights, one.job.options, script="topic")
    values = []
    film = Film()
    for event in one.log:
        asset = film.evolve(event)
        advance(progress, event, asset.key if asset else None)
        values.append(progress.shown)
    assert values == sorted(values)
    assert values[-1] == 1
    written = next(n for n, e in enumerate(one.log) if type(e).TOPIC == "asset.generated")
    assert values[written] > values[written - 1] == 0


# ---- review and change ------------------------------------------------------------------------------


def test_the_script_and_its_scenes_are_made_before_the_review_and_nothing_else() -> None:
    one = world(REVIEWED)
    go_on(one)
    assert (one.job.status, one.job.review) == ("awaiting_review", "script")
    assert set(one.assets) == {SCRIPT, ANALYSIS}


@pytest.mark.parametrize("how", ["provided", "written again"])
def test_another_script_under_review_is_analysed_anew_and_waits_again(how: str) -> None:
    one = world(REVIEWED)
    go_on(one)
    if how == "provided":
        asset = provide(one.film, SCRIPT, given("My own words."), now=one.now)
    else:
        asset = regenerate(one.film, SCRIPT, Recipe(model="text-model", reservation_usd=0.01), now=one.now)
    one.append(one.job, asset)
    go_on(one)
    assert (one.job.status, one.job.review, one.job.run) == ("awaiting_review", "script", 1)
    assert one.film.script == ("My own words." if how == "provided" else "Welcome, for the 2. time.")
    assert (one.assets[SCRIPT].revision, one.assets[ANALYSIS].revision) == (2, 2)
    assert one.assets[SCRIPT].requests == (1 if how == "provided" else 2)
    assert one.film.is_current(ANALYSIS)
    one.job.approve(now=one.now)
    one.append(one.job)
    go_on(one)
    assert one.job.status == "completed"
    assert replay_decisions(list(enumerate(one.log, 1))) == []


# ---- forks and pruning ------------------------------------------------------------------------------


def test_a_fork_keeps_the_script_that_a_person_gave_and_is_not_looked_at_again() -> None:
    one = world(REVIEWED)
    go_on(one)
    one.append(one.job, provide(one.film, SCRIPT, given("My own words."), now=one.now))
    go_on(one)
    one.job.approve(now=one.now)
    one.append(one.job)
    go_on(one)

    def judge(key: AssetKey, _inputs: list[AssetKey]) -> Judgement[str]:
        return Judgement(key.kind is not Kind.STORYBOARD, lambda: None)

    fork = plan_fork(one.film, one.job.options, (), judge, script="topic")
    assert set(fork.kept) == {SCRIPT, ANALYSIS, AssetKey(Kind.CAPTIONS)}
    other = Job.submit(
        NEW_ID,
        now=NOW,
        script="",
        models=one.job.models,
        options=one.job.options.model_dump(mode="json"),
        provider="emulator",
        weights=one.job.weights,
        given=one.job.given,
    )
    film = Film.of(other, fork.events(other, NOW, lambda _: Recipe()))
    assert film.script == "My own words."
    decided = workflow(film, NOW)
    assert [d.key.kind for d in decided if isinstance(d, RequestAsset)] == [Kind.STORYBOARD]


def test_a_topic_and_its_script_are_pruned_as_other_texts() -> None:
    stored = b'{"script":"","given":{"topic":{"about":"A secret"}},"facts":{"text":"Told","sources":[]}}'
    assert b"secret" not in without_texts(stored)
    assert b"Told" not in without_texts(stored)


@pytest.mark.parametrize("seed", range(8))
def test_whatever_happens_to_its_workers_the_film_comes_of_one_script(seed: int) -> None:
    chosen = Random(seed)  # noqa: S311 - chance in a test, not a secret
    one = World({"include_audio": False}, 2, lambda _, answers: chosen.choice(answers), topic=TIDES).run()
    assert one.job.ended
    one.accidents = False
    if one.job.status != "completed":
        one.reopen()
        one.run()
    assert one.job.status == "completed"
    assert len(one.assets[SCRIPT].products) == 1
    one.regenerate(SCRIPT)
    one.run()
    assert one.job.status == "completed"
    assert one.assets[ANALYSIS].inputs == {"script": one.film.digest(SCRIPT)}
    assert Film(one.log).current == one.film.current == set(one.film.expected)
    assert replay_decisions(list(enumerate(one.log, 1))) == []
