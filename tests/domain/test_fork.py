"""What a fork keeps and what it makes anew, with the judgement of the stages as an argument."""

from collections.abc import Callable

import pytest

from domain.asset import Asset, AssetKey, Recipe
from domain.film import Film
from domain.film_graph import ANALYSIS
from domain.fork import Fork, Judgement, NotForkableError, UnplannableError, plan_fork
from domain.job import Job
from domain.script import Kind
from domain.submission import Options
from tests.domain.language import JOB_ID, NOW, build, submitted
from tests.domain.simulation import World

IMAGE_1, IMAGE_2 = AssetKey(Kind.IMAGE, 1), AssetKey(Kind.IMAGE, 2)
Judge = Callable[[AssetKey, list[AssetKey]], Judgement[str]]


@pytest.fixture(scope="module")
def source() -> Film:
    world = World(options={}, scenes=2, choose=lambda _question, answers: answers[0], accidents=False)
    return world.run().film


def alike_but(*other: AssetKey, asked: str | None = None) -> Judge:
    def judge(key: AssetKey, _inputs: list[AssetKey]) -> Judgement[str]:
        return Judgement(key not in other, lambda: asked if key in other else None)

    return judge


def names(keys: object) -> set[str]:
    return {key.name for key in keys}  # type: ignore[attr-defined]


def test_nothing_but_the_manifest_is_made_anew_where_nothing_changes(source: Film) -> None:
    fork = plan_fork(source, source.job.options, (), alike_but())
    assert names(fork.redone) == {"manifest"}
    assert list(fork.kept) == [key for key in source.expected if key.kind is not Kind.MANIFEST]


def test_what_would_be_asked_for_otherwise_is_made_anew_with_all_that_is_made_from_it(source: Film) -> None:
    fork = plan_fork(source, source.job.options, (), alike_but(IMAGE_2))
    assert fork.redone == (IMAGE_2, *source.dependents(IMAGE_2))
    assert fork.asked == {}


def test_an_option_that_moves_scenes_in_time_makes_what_is_timed_anew(source: Film) -> None:
    options = source.job.options.model_copy(update={"fps": 24})
    fork = plan_fork(source, options, (), alike_but())
    assert {key.kind for key in fork.redone} == {
        Kind.MUSIC,
        Kind.CLIP,
        Kind.TRANSITION,
        Kind.SOUNDTRACK,
        Kind.CAPTIONS,
        Kind.VIDEO,
        Kind.MANIFEST,
    }


def test_what_the_options_leave_out_is_not_in_the_fork(source: Film) -> None:
    fork = plan_fork(source, Options(include_audio=False), (), alike_but())
    assert not {key.kind for key in (*fork.kept, *fork.redone)} & {Kind.MUSIC, Kind.NARRATION}


def test_a_prompt_goes_along_at_once_and_the_events_of_the_new_job_name_their_inputs(source: Film) -> None:
    fork = plan_fork(source, source.job.options, [IMAGE_1], alike_but(IMAGE_1, asked="a quieter picture"))
    assert fork.asked == {IMAGE_1: "a quieter picture"}
    job = build(Job, (submitted(),))
    events = fork.events(job, NOW, lambda prompt: Recipe(prompt_digest=prompt))
    assert {type(e) for asset in events for e in asset.pending_events} == {Asset.Reused, Asset.Requested}
    image = next(asset for asset in events if asset.key == IMAGE_1)
    assert image.recipe.prompt_digest == "a quieter picture"
    assert image.inputs == source.assets[IMAGE_1].inputs
    [event] = image.pending_events
    assert [one["id"] for one in event.inputs] == [str(AssetKey(Kind.STORYBOARD).id_in(JOB_ID))]


def test_all_that_cannot_be_done_is_told_at_once(source: Film) -> None:
    def judge(key: AssetKey, inputs: list[AssetKey]) -> Judgement[str]:
        if key == IMAGE_2:
            raise UnplannableError("/prompts/image:2", "image:2: no")
        return alike_but(AssetKey(Kind.NARRATION, 1))(key, inputs)

    prompts = [AssetKey(Kind.MUSIC), AssetKey(Kind.IMAGE, 9)]
    with pytest.raises(NotForkableError) as refused:
        plan_fork(source, source.job.options, prompts, judge)
    assert [pointer for pointer, _ in refused.value.faults] == [
        "/prompts/image:2",
        "/prompts/music",
        "/prompts/image:9",
    ]


def test_a_film_without_an_analysis_keeps_nothing_and_knows_of_nothing_else() -> None:
    fork: Fork[str] = plan_fork(Film.of(build(Job, (submitted(),))), Options(), (), alike_but())
    assert (fork.kept, names(fork.redone)) == ({}, {"analysis"})


def test_what_its_author_gives_again_nobody_makes_and_of_removed_scenes_nothing_is_given(
    source: Film,
) -> None:
    given = [IMAGE_1, IMAGE_2, AssetKey(Kind.IMAGE, 7)]
    fork = plan_fork(source, source.job.options, (), alike_but(IMAGE_2), given=given)
    assert fork.given == (IMAGE_2,)
    assert IMAGE_1 in fork.kept
    assert set(source.dependents(IMAGE_2)) == set(fork.redone)
    anew = plan_fork(source, source.job.options, (), alike_but(ANALYSIS), given=given)
    assert anew.given == tuple(given)


def test_a_picture_by_which_something_that_is_kept_was_made_is_not_given_anew(source: Film) -> None:
    filmed = AssetKey(Kind.CLIP, 2), AssetKey(Kind.TRANSITION, 1)
    fork = plan_fork(source, source.job.options, (), alike_but(*filmed)).giving_anew((IMAGE_1, IMAGE_2))
    assert fork.given == (IMAGE_2,)
    assert IMAGE_1 in fork.kept
    assert not {IMAGE_2} & {*fork.kept, *fork.redone}


def test_no_storyboard_is_made_anew_where_all_pictures_are_given(source: Film) -> None:
    board = AssetKey(Kind.STORYBOARD)
    given = [key for key in source.expected if key.kind is Kind.IMAGE]
    assert board not in plan_fork(source, source.job.options, (), alike_but(board), given=given).redone
    assert board in plan_fork(source, source.job.options, (), alike_but(board), given=given[1:]).redone
    asked = plan_fork(source, source.job.options, [board], alike_but(board, asked="Ink."), given=given)
    assert board in asked.redone
