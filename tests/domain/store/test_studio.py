"""The one door: conflicts are settled by the store, decisions are made anew, a submission counts once."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.application import Application
from eventsourcing.persistence import InfrastructureFactory, IntegrityError
from eventsourcing.postgres import PostgresFactory
from eventsourcing.sqlite import SQLiteFactory
from hypothesis import given as hypothesis_given
from hypothesis import settings
from hypothesis import strategies as st

from actors.work.transient_errors import TRANSIENT_ERRORS
from domain.asset import Asset, AssetKey, Provision, Recipe
from domain.given_scenes import Given, GivenScene
from domain.job import Job
from domain.script import Kind, Stage
from domain.store import ConflictError, JobNotFoundError, Studio, open_event_store
from domain.store import studio as studio_module
from tests.domain.language import JOB_ID, NOW, failure
from tests.domain.simulation import World
from tests.domain.test_workflow_properties import SEEDS, chance
from tests.statements import counted

ANALYSIS = AssetKey(Kind.ANALYSIS)
ABOUT: dict[str, Any] = {"run": 1, "now": NOW}


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    store = open_event_store(f"sqlite:///{tmp_path}/reelog.db")
    studio = Studio(store)
    yield studio
    studio.close()
    store.close()


def new_job(job_id: UUID | None = None, script: str = "Welcome.", given: Given | None = None) -> Job:
    about: dict[str, Any] = {"models": {}, "options": {}, "provider": "emulator", "weights": {}}
    return Job.submit(job_id or uuid4(), now=NOW, script=script, given=given, **about)


def request(job: Job, key: AssetKey) -> Asset:
    return Asset.request(job.id, key, Recipe(), [], **ABOUT)


def analysed(studio: Studio, job: Job, scenes: int) -> Asset:
    """Make the analysis, or make it anew, so that it finds so many scenes."""
    asset = studio.find_asset(job.id, ANALYSIS)
    if asset is None:
        asset = request(job, ANALYSIS)
    else:
        asset.request_again(asset.revision + 1, Recipe(), [], **ABOUT)
    asset.start_attempt(asset.revision, 1, "w1", **ABOUT)
    asset.generate(
        asset.revision,
        1,
        digest=f"sha256:{scenes}",
        media_type="application/json",
        size=1,
        facts={"scenes": [{}] * scenes},
        provenance={},
        **ABOUT,
    )
    studio.append(asset)
    return asset


# ---- submitting ---------------------------------------------------------------------------------------


def test_a_submitted_job_is_on_record_at_a_position(studio: Studio) -> None:
    job, saved = studio.submit(new_job())
    assert saved.positions == (1,)
    assert (studio.job(job.id).status, studio.job(job.id).script) == ("queued", "Welcome.")


def test_the_same_id_again_gives_back_the_first_job_and_records_nothing(studio: Studio) -> None:
    first, _ = studio.submit(new_job())
    again, saved = studio.submit(new_job(first.id, "Another script."))
    assert (again.script, saved.position) == ("Welcome.", None)
    assert studio.recorder.max_notification_id() == 1


def test_a_job_that_is_not_there_is_named(studio: Studio) -> None:
    missing = uuid4()
    with pytest.raises(JobNotFoundError, match=str(missing)):
        studio.job(missing)


# ---- changing -----------------------------------------------------------------------------------------


def test_a_command_given_twice_is_recorded_once(studio: Studio) -> None:
    job, _ = studio.submit(new_job())
    _, first = studio.change_job(job.id, lambda j: j.request_cancel(now=NOW))
    latest, second = studio.change_job(job.id, lambda j: j.request_cancel(now=NOW))
    assert (first.position, second.position) == (2, None)
    assert latest.cancel_requested


def test_who_was_overtaken_decides_anew_on_what_is_true_now(studio: Studio) -> None:
    job, _ = studio.submit(new_job())
    seen = []

    def decide(loaded: Job) -> None:
        seen.append(loaded.version)
        if len(seen) == 1:  # somebody else is first, once
            studio.change_job(job.id, lambda other: other.request_cancel(now=NOW))
        loaded.start_stage(Stage.SCRIPT_ANALYSIS, now=NOW)

    latest, saved = studio.change_job(job.id, decide)
    assert seen == [1, 2]
    assert (latest.cancel_requested, latest.status, saved.position) == (True, "running", 3)


def test_who_is_overtaken_for_ever_is_told_and_saves_nothing(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio_module, "CONFLICT_RETRIES", 3)
    job, _ = studio.submit(new_job())
    asset = request(job, ANALYSIS)
    studio.append(asset)

    def decide(loaded: Asset) -> None:
        studio.change_asset(asset.id, lambda a: a.request_again(a.revision + 1, Recipe(), [], **ABOUT))
        loaded.fail(failure(), **ABOUT)

    with pytest.raises(ConflictError, match="after 3 conflicting saves"):
        studio.change_asset(asset.id, decide)
    assert studio.repository.get(asset.id).status == "requested"


def test_a_conflict_that_does_not_end_is_something_to_wait_for() -> None:
    """Otherwise a worker would leave its attempt open and go on to something else."""
    assert issubclass(ConflictError, TRANSIENT_ERRORS)


NAMES = sorted(
    {
        value
        for kind in (Application, InfrastructureFactory, SQLiteFactory, PostgresFactory)
        for base in kind.__mro__
        for name, value in vars(base).items()
        if name.isupper() and isinstance(value, str)
    }
)
"""The settings that the library reads, by its own constants."""


@pytest.mark.parametrize("prefix", ["", "STUDIO_"])
def test_no_variable_of_the_process_changes_how_events_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    """Fails when only some names are emptied: the library looks under the application's name first."""
    assert {"COMPRESSOR_TOPIC", "CIPHER_TOPIC", "SQLITE_DBNAME", "AGGREGATE_CACHE_MAXSIZE"} <= set(NAMES)
    for name in NAMES:
        monkeypatch.setenv(prefix + name, "another.program:Thing")
    store = open_event_store(f"sqlite:///{tmp_path}/reelog.db")
    studio = Studio(store)
    job, _ = studio.submit(new_job())
    [stored] = studio.recorder.select_events(job.id)
    assert b'"script":"Welcome."' in stored.state
    assert not studio.env.keys() & {prefix + name for name in NAMES} - store.environment().keys()
    studio.close()
    store.close()


def test_two_workers_with_one_order_start_one_attempt(studio: Studio) -> None:
    job, _ = studio.submit(new_job())
    asset = request(job, ANALYSIS)
    studio.append(asset)
    _, first = studio.change_asset(asset.id, lambda a: a.start_attempt(1, 1, "w1", **ABOUT))
    _, second = studio.change_asset(asset.id, lambda a: a.start_attempt(1, 1, "w2", **ABOUT))
    assert (first.position, second.position) == (3, None)
    assert studio.repository.get(asset.id).attempts[0].worker == "w1"


# ---- one transaction ----------------------------------------------------------------------------------


def test_an_attempt_that_begins_while_a_job_is_being_ended_is_never_overlooked(studio: Studio) -> None:
    job, _ = studio.submit(new_job())
    studio.append(request(job, ANALYSIS))
    ending, withdrawn = studio.job(job.id), studio.find_asset(job.id, ANALYSIS)
    assert withdrawn is not None
    withdrawn.fail(failure(), **ABOUT)
    ending.fail(failure(), now=NOW)
    studio.change_asset(withdrawn.id, lambda a: a.start_attempt(1, 1, "w1", **ABOUT))
    with pytest.raises(IntegrityError):
        studio.append(withdrawn, ending)
    assert (studio.job(job.id).status, studio.recorder.max_notification_id()) == ("queued", 3)


def test_an_order_on_its_way_finds_the_asset_withdrawn_when_the_job_was_ended_first(studio: Studio) -> None:
    job, _ = studio.submit(new_job())
    studio.append(request(job, ANALYSIS))
    ending, withdrawn = studio.job(job.id), studio.find_asset(job.id, ANALYSIS)
    assert withdrawn is not None
    withdrawn.fail(failure(), **ABOUT)
    ending.fail(failure(), now=NOW)
    assert studio.append(withdrawn, ending).positions == (3, 4)
    _, saved = studio.change_asset(withdrawn.id, lambda a: a.start_attempt(1, 1, "w1", **ABOUT))
    assert saved.position is None


def test_a_decision_made_before_the_job_was_reopened_does_not_end_its_new_run(studio: Studio) -> None:
    job, _ = studio.submit(new_job())
    late = studio.job(job.id)
    late.complete(now=NOW)
    studio.change_job(job.id, lambda j: j.fail(failure(), now=NOW))
    studio.change_job(job.id, lambda j: j.reopen("retry", now=NOW))
    with pytest.raises(IntegrityError):
        studio.append(late)
    assert (studio.job(job.id).status, studio.job(job.id).run) == ("running", 2)


def test_an_asset_that_was_requested_twice_is_recorded_once(studio: Studio) -> None:
    job, _ = studio.submit(new_job())
    studio.append(request(job, ANALYSIS))
    with pytest.raises(IntegrityError):
        studio.append(request(job, ANALYSIS))


# ---- finding a job's assets ---------------------------------------------------------------------------


def test_a_new_job_has_no_assets(studio: Studio) -> None:
    job, _ = studio.submit(new_job())
    assert studio.assets(job) == {}


def test_the_scenes_that_the_analysis_found_are_looked_for(studio: Studio) -> None:
    job, _ = studio.submit(new_job())
    analysed(studio, job, scenes=2)
    studio.append(request(job, AssetKey(Kind.IMAGE, 2)), request(job, AssetKey(Kind.STORYBOARD)))
    assert [key.name for key in studio.assets(job)] == ["analysis", "storyboard", "image:2"]


def test_what_an_earlier_analysis_led_to_is_still_found_when_a_later_one_has_fewer_scenes(
    studio: Studio,
) -> None:
    job, _ = studio.submit(new_job())
    analysed(studio, job, scenes=5)
    studio.append(request(job, AssetKey(Kind.IMAGE, 5)))
    analysed(studio, job, scenes=2)
    assert AssetKey(Kind.IMAGE, 5) in studio.assets(job), "what it spent counts against the budget"


def test_all_that_was_made_is_still_found_while_the_analysis_is_made_anew(studio: Studio) -> None:
    job, _ = studio.submit(new_job())
    analysis = analysed(studio, job, scenes=3)
    studio.append(request(job, AssetKey(Kind.IMAGE, 3)))
    studio.change_asset(analysis.id, lambda a: a.request_again(2, Recipe(), [], **ABOUT))
    found = studio.assets(job)
    assert found[ANALYSIS].product is None
    assert AssetKey(Kind.IMAGE, 3) in found


@pytest.mark.parametrize("scenes", [8, 100])
def test_a_job_is_opened_with_as_many_statements_however_many_scenes_it_has(
    tmp_path: Path, scenes: int
) -> None:
    with counted() as statements:
        store = open_event_store(f"sqlite:///{tmp_path}/reelog.db")
        studio = Studio(store)
        try:
            job, _ = studio.submit(new_job())
            analysed(studio, job, scenes=scenes)
            keys = [AssetKey(kind, n) for kind in (Kind.IMAGE, Kind.CLIP) for n in range(1, scenes + 1)]
            studio.append(*(request(job, key) for key in keys))
            statements.forget()
            assert set(studio.film(studio.job(job.id)).assets) == {ANALYSIS, *keys}
            assert len(statements.asked) == 3, "the job, its analysis, and all else at once"
        finally:
            studio.close()
            store.close()


MINE = f"sha256:{'a' * 64}"
GIVEN = (GivenScene(text="One.", image=MINE), GivenScene(text="Two.", shot=MINE, narration=MINE))


def test_what_its_author_gave_is_found_before_the_analysis_and_takes_no_statement_more(
    tmp_path: Path,
) -> None:
    with counted() as statements:
        store = open_event_store(f"sqlite:///{tmp_path}/reelog.db")
        studio = Studio(store)
        try:
            job = new_job(given=Given(scenes=GIVEN))
            mine = Provision(MINE, "x/y", 1, {}, {"file": MINE, "changes": []}, "local")
            names = ["image:1", "image:2", "shot:2", "narration:2"]
            given = [Asset.provide(job.id, AssetKey.parse(name), mine, **ABOUT) for name in names]
            studio.submit(job, *given)
            statements.forget()
            assert {key.name for key in studio.film(studio.job(job.id)).assets} == set(names)
            assert len(statements.asked) == 2, "the job, and all that may be there before its analysis"
        finally:
            studio.close()
            store.close()


def given_scenes(scenes: int) -> st.SearchStrategy[tuple[GivenScene, ...]]:
    """So many, of which the author has made some parts."""
    file = st.none() | st.just(MINE)
    scene = st.builds(GivenScene, text=st.just("Words."), image=file, shot=file, narration=file)
    return st.lists(scene, min_size=scenes, max_size=scenes).map(tuple)


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@hypothesis_given(st.integers(1, 4), st.integers(1, 4), SEEDS, st.data())
def test_at_every_moment_the_store_has_the_assets_that_all_events_make(
    scenes: int, later: int, seed: int, data: st.DataObject
) -> None:
    with TemporaryDirectory() as folder, closing(open_event_store(f"sqlite:///{folder}/events.db")) as store:
        studio, stored = Studio(store), 0

        def compare(world: World) -> None:
            nonlocal stored
            new, stored = world.log[stored:], len(world.log)
            studio.recorder.insert_events([studio.mapper.to_stored_event(event) for event in new])
            assert studio.assets(studio.job(JOB_ID)) == world.reader.assets

        author = data.draw(st.just(()) | given_scenes(scenes))
        life = World({}, scenes, chance(seed), given=author, watch=compare).run()
        life.reopen()
        life.scenes = later
        life.accidents = False
        life.run()
        life.regenerate(ANALYSIS)
        life.run()
        studio.close()


def test_what_is_read_at_once_is_what_is_read_one_by_one(studio: Studio) -> None:
    job, _ = studio.submit(new_job())
    analysed(studio, job, scenes=3)
    studio.append(request(job, AssetKey(Kind.IMAGE, 3)), request(job, AssetKey(Kind.NARRATION, 1)))
    assets = studio.assets(job)
    assert assets == {key: studio.repository.get(asset.id) for key, asset in assets.items()}
    assert len(assets) == 3


def test_an_asset_can_be_seen_as_it_was_at_an_earlier_version(studio: Studio) -> None:
    job, _ = studio.submit(new_job())
    analysis = analysed(studio, job, scenes=1)
    assert [studio.repository.get(analysis.id, version=v).status for v in (1, 2, 3)] == [
        "requested",
        "running",
        "generated",
    ]
