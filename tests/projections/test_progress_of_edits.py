"""Progress after an edit: counted from what is really made again, not from all that could have been."""

import pytest

from domain.asset import AssetKey, Provision
from domain.film_graph import ANALYSIS, STORYBOARD
from domain.revise import provide, regenerate
from domain.script import Kind
from projections.job_fold import JobFold
from tests.projections.filming import Filming


def shown_before_the_end(filming: Filming) -> list[float]:
    """The progress of the latest run, event by event, but for the last."""
    fold = JobFold()
    told = []
    for recorded in filming.log.read(0, 1000):
        fold.apply(recorded)
        told.append((recorded.event.run, fold.page()["progress"]))
    assert fold.status == "completed"
    return [progress for run, progress in told if run == fold.job.run][:-1]


@pytest.mark.parametrize("key", [ANALYSIS, STORYBOARD], ids=lambda key: key.name)
def test_what_a_new_document_leaves_as_it_is_is_no_work_that_is_left(
    filming: Filming, monkeypatch: pytest.MonkeyPatch, key: AssetKey
) -> None:
    content = filming.content
    monkeypatch.setattr(filming, "content", lambda made, n: content(made, 1 if made == key else n))
    job_id = filming.submit()
    assert filming.finish(job_id) == "completed"
    film = filming.studio.film(filming.studio.job(job_id))
    asset = regenerate(film, key, film.assets[key].recipe, now=filming.tick(1))
    filming.studio.append(film.job, asset)
    assert filming.finish(job_id) == "completed"

    shown = shown_before_the_end(filming)
    assert shown == sorted(shown)
    assert shown[-1] == 0.999, "nothing is left to do"


def test_scenes_that_were_taken_out_are_no_work_that_is_left(filming: Filming) -> None:
    filming.scenes = 4
    job_id = filming.submit()
    assert filming.finish(job_id) == "completed"
    film = filming.studio.film(filming.studio.job(job_id))
    filming.scenes = 1
    given = Provision("sha256:edited", "application/json", 9, filming.facts(ANALYSIS), {}, "local")
    asset = provide(film, ANALYSIS, given, now=filming.tick(1), reason="edit")
    filming.studio.append(film.job, asset)
    assert filming.finish(job_id) == "completed"

    shown = shown_before_the_end(filming)
    assert shown == sorted(shown)
    assert shown[:2] == [0.0, 0.0], "the edit itself was no work"
    assert shown[-1] == 0.999
    again = {a.key.kind for a in filming.studio.assets(film.job).values() if a.latest_run == 2}
    assert {Kind.STORYBOARD, Kind.VIDEO, Kind.MANIFEST} <= again
