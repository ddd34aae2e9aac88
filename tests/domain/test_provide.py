"""What a person gives takes an asset's place: a revision without a call, current whatever else changes."""

from datetime import timedelta

import pytest

from domain.asking import Asking
from domain.asset import Asset, AssetKey, InputRef, Provision, Recipe
from domain.film import Film
from domain.fork import Judgement, plan_fork
from domain.job import Job
from domain.revise import NotRevisableError, provide, regenerate
from domain.script import Kind
from domain.submission import Options
from domain.workflow import RequestAsset, workflow
from tests.domain.language import NOW
from tests.domain.simulation import World

IMAGE_1, IMAGE_2 = AssetKey(Kind.IMAGE, 1), AssetKey(Kind.IMAGE, 2)
PHOTO = "sha256:" + "ab" * 32
OTHER = "sha256:" + "cd" * 32
LATER = NOW + timedelta(days=1)


def photo(digest: str = PHOTO) -> Provision:
    source = {"file": PHOTO, "changes": ["cropped to 16:9 around its subject: 75 % is kept"]}
    return Provision(digest, "image/jpeg", 1000, {"width": 1280, "height": 720}, source, "local")


def film_of(**options: object) -> Film:
    world = World(options=options, scenes=2, choose=lambda _question, answers: answers[0], accidents=False)
    return world.run().film


@pytest.fixture
def film() -> Film:
    return film_of()


def asked_for(film: Film) -> set[str]:
    return {d.key.name for d in workflow(film, LATER) if isinstance(d, RequestAsset)}


def test_it_is_the_next_revision_and_cost_nothing(film: Film) -> None:
    spent, requests = film.spent_usd, film.assets[IMAGE_1].requests
    asset = provide(film, IMAGE_1, photo(), now=LATER)
    [event] = asset.pending_events
    assert isinstance(event, Asset.Provided)
    assert (event.revision, event.digest, event.caller) == (2, PHOTO, "local")
    assert asset.product is not None
    assert (asset.product.provided, asset.product.cost_usd, asset.product.facts["width"]) == (True, 0.0, 1280)
    assert (film.spent_usd, asset.requests, asset.inputs) == (spent, requests, {})


def test_the_job_reopens_for_it_in_the_same_breath(film: Film) -> None:
    provide(film, IMAGE_1, photo(), now=LATER, asking=Asking("k", "f"))
    reopened = film.job.pending_events[-1]
    assert isinstance(reopened, Job.Reopened)
    assert (reopened.reason, reopened.idempotency_key, film.job.run) == ("provide", "k", 2)


def test_only_what_is_made_from_it_is_made_anew(film: Film) -> None:
    kept = film.current - {IMAGE_1, *film.dependents(IMAGE_1)}
    provide(film, IMAGE_1, photo(), now=LATER)
    assert film.is_current(IMAGE_1)
    assert kept <= film.current
    assert {key for key in film.expected if key not in film.current} == set(film.dependents(IMAGE_1))
    assert "image:1" not in asked_for(film)
    assert "clip:1" in asked_for(film)


def test_the_same_thing_again_changes_nothing(film: Film) -> None:
    provide(film, IMAGE_1, photo(), now=LATER)
    film.job.complete(now=LATER)
    film.take_job(film.job)
    events = len(film.assets[IMAGE_1].pending_events), len(film.job.pending_events)
    provide(film, IMAGE_1, photo(), now=LATER)
    assert events == (len(film.assets[IMAGE_1].pending_events), len(film.job.pending_events))
    provide(film, IMAGE_1, photo(OTHER), now=LATER)
    assert film.assets[IMAGE_1].revision == 3


def test_it_stays_current_when_what_a_model_would_draw_it_from_is_made_again(film: Film) -> None:
    provide(film, IMAGE_1, photo(), now=LATER)
    storyboard = film.assets[AssetKey(Kind.STORYBOARD)]
    analysis = film.assets[AssetKey(Kind.ANALYSIS)].reference()
    storyboard.request_again(2, Recipe(), [analysis], run=2, now=LATER)
    film.take(storyboard)
    assert film.is_current(IMAGE_1)
    storyboard.start_attempt(2, 1, "w", run=2, now=LATER)
    storyboard.generate(
        2, 1, run=2, now=LATER, digest=OTHER, media_type="application/json", size=1, facts={}, provenance={}
    )
    film.take(storyboard)
    assert film.is_current(IMAGE_1)
    assert not film.is_current(IMAGE_2)
    assert "image:1" not in asked_for(film)


def test_it_may_come_before_anything_was_made_there(film: Film) -> None:
    job = film.job
    bare = Film.of(job, [asset for key, asset in film.assets.items() if key != IMAGE_1])
    asset = provide(bare, IMAGE_1, photo(), now=LATER)
    assert (asset.revision, asset.version, bare.is_current(IMAGE_1)) == (1, 1, True)


def test_a_job_under_way_takes_nothing(film: Film) -> None:
    provide(film, IMAGE_1, photo(), now=LATER)
    with pytest.raises(NotRevisableError, match="running"):
        provide(film, IMAGE_2, photo(), now=LATER)


def test_what_the_film_has_not_cannot_be_given(film: Film) -> None:
    with pytest.raises(NotRevisableError, match="no image:9"):
        provide(film, AssetKey(Kind.IMAGE, 9), photo(), now=LATER)


def test_a_model_may_make_it_again(film: Film) -> None:
    asset = provide(film, IMAGE_1, photo(), now=LATER)
    inputs: list[InputRef] = [film.assets[key].reference() for key in film.inputs(IMAGE_1)]
    assert asset.request_again(3, Recipe(model="image-model"), inputs, run=2, now=LATER)
    film.take(asset)
    assert (asset.product, asset.is_provided) == (None, False)
    assert not film.is_current(IMAGE_1)


def judge(_key: AssetKey, _inputs: list[AssetKey]) -> Judgement[str]:
    return Judgement(alike=False, asked=lambda: None)


def alike(_key: AssetKey, _inputs: list[AssetKey]) -> Judgement[str]:
    return Judgement(alike=True, asked=lambda: None)


def test_a_fork_takes_it_over_and_still_knows_that_a_person_gave_it(film: Film) -> None:
    provide(film, IMAGE_1, photo(), now=LATER)
    fork = plan_fork(film, film.job.options, (), alike)
    assert IMAGE_1 in fork.kept
    reused = Asset.reuse(film.job.id, fork.kept[IMAGE_1], inputs=[], run=1, now=LATER)
    assert reused.product is not None
    assert (reused.product.reused, reused.product.provided) == (True, True)
    assert reused.product.provenance["file"] == PHOTO


def test_a_fork_keeps_it_where_the_pictures_are_drawn_anew_but_not_for_another_shape(film: Film) -> None:
    provide(film, IMAGE_1, photo(), now=LATER)

    def redraw(key: AssetKey, inputs: list[AssetKey]) -> Judgement[str]:
        return (judge if key.kind is Kind.STORYBOARD else alike)(key, inputs)

    assert IMAGE_1 in plan_fork(film, film.job.options, (), redraw).kept
    tall = Options.model_validate({**film.job.options.model_dump(), "aspect_ratio": "9:16"})
    assert IMAGE_1 not in plan_fork(film, tall, (), redraw).kept
    assert IMAGE_1 not in plan_fork(film, film.job.options, (), judge).kept


# ---- a storyboard that nobody needs ----------------------------------------------------------------------


def give_all(world: World) -> None:
    for key in (IMAGE_1, IMAGE_2, AssetKey(Kind.IMAGE, 2, 2), AssetKey(Kind.IMAGE, 2, 3)):
        world.append(Asset.provide(world.job.id, key, photo(), run=1, now=world.now))


def all_given() -> World:
    """A film of two scenes whose pictures are there as soon as the scenes are known."""
    world = World({"include_audio": False}, 2, lambda _question, answers: answers[0], accidents=False)
    give_all(world)
    return world.run()


def test_no_storyboard_is_asked_for_where_all_pictures_are_given() -> None:
    film = all_given().film
    assert film.job.status == "completed"
    assert AssetKey(Kind.STORYBOARD) not in film.assets
    assert film.is_spared(AssetKey(Kind.STORYBOARD))


def test_it_is_written_once_a_model_is_to_draw_one_of_them_after_all() -> None:
    world = all_given()
    asset = regenerate(world.film, IMAGE_1, Recipe(), now=world.now)
    world.append(world.job, asset)
    world.run()
    assert world.job.status == "completed"
    board, image = world.assets[AssetKey(Kind.STORYBOARD)], world.assets[IMAGE_1]
    assert (board.revision, image.is_provided, image.product is not None) == (1, False, True)
    assert image.inputs == {"storyboard": board.product.digest if board.product else ""}
    assert world.assets[IMAGE_2].is_provided


def test_a_review_of_it_is_not_asked_for() -> None:
    world = World(
        {"include_audio": False, "review": ["storyboard"]},
        2,
        lambda _question, answers: answers[0],
        accidents=False,
    )
    give_all(world)
    assert world.run().job.status == "completed"
