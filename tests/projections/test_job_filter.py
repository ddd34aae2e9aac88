"""What jobs are found by, on both stores."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from actors.blobs.folder import LocalBlobs
from domain.store import Files, Retention
from projections import tables
from projections.database import ReadModelsUnavailableError
from projections.job_filter import JobFilter, first_words, indexed, words_of
from projections.readers import ReadModels
from tests.projections.filming import MODELS, Filming

pytestmark = [
    pytest.mark.usefixtures("projector"),
    pytest.mark.parametrize("store_kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]),
]


def submitted(filming: Filming, readers: ReadModels, *all_changes: dict[str, Any]) -> list[UUID]:
    made = [filming.submit(**changes) for changes in all_changes]
    assert readers.wait_for(filming.head(), 10)
    return made


def found(readers: ReadModels, **wanted: Any) -> list[UUID]:
    return [UUID(json.loads(body)["id"]) for body in readers.jobs(JobFilter(**wanted)).items]


def test_metadata_are_compared_as_one_writes_them(filming: Filming, readers: ReadModels) -> None:
    first, second, third = submitted(
        filming,
        readers,
        {"metadata": {"project": "autumn", "user": 7, "live": True, "tags": ["a", "b"]}},
        {"metadata": {"project": "autumn", "user": 8, "note": None}},
        {"metadata": {"project": "Autumn", "deep": {"project": "autumn"}, "long": "x" * 5000}},
    )
    assert found(readers, metadata=(("project", "autumn"),)) == [second, first]
    assert found(readers, metadata=(("project", "Autumn"),)) == [third]
    assert found(readers, metadata=(("project", "autumn"), ("user", "7"))) == [first]
    assert found(readers, metadata=(("live", "true"),)) == [first]
    assert found(readers, metadata=(("note", "null"),)) == [second]
    assert found(readers, metadata=(("tags", "b"),)) == [first]
    assert found(readers, metadata=(("long", "x" * 5000),)) == [third]
    assert found(readers, metadata=(("long", "x" * 4999),)) == []
    assert found(readers, metadata=(("deep", "autumn"),)) == []


def test_a_page_of_a_filtered_list_goes_on_where_it_ended(filming: Filming, readers: ReadModels) -> None:
    made = submitted(filming, readers, *({"metadata": {"n": str(n % 2)}} for n in range(6)))
    wanted = JobFilter(metadata=(("n", "1"),))
    first = readers.jobs(wanted, limit=2)
    rest = readers.jobs(wanted, limit=2, before=first.next)
    told = [UUID(json.loads(body)["id"]) for body in [*first.items, *rest.items]]
    assert told == [made[5], made[3], made[1]]
    assert rest.next is None


def test_conditions_hold_together(filming: Filming, readers: ReadModels) -> None:
    mine, others, done = submitted(
        filming,
        readers,
        {"metadata": {"p": "x"}, "caller": "web"},
        {"metadata": {"p": "x"}, "caller": "cms"},
        {"metadata": {"p": "x"}, "caller": "web"},
    )
    filming.finish(done)
    assert readers.wait_for(filming.head(), 10)
    assert found(readers, metadata=(("p", "x"),), caller="web") == [done, mine]
    assert found(readers, metadata=(("p", "x"),), caller="web", status="completed") == [done]
    assert found(readers, metadata=(("p", "x"),), beginning=str(others)[:18]) == [others]
    assert found(readers, caller="web", search="nothing") == []


def test_jobs_are_found_by_their_models_and_provider(filming: Filming, readers: ReadModels) -> None:
    usual, other = submitted(filming, readers, {}, {"models": {**MODELS, "image": "painter-2"}})
    assert found(readers, model="painter-2") == [other]
    assert found(readers, model=MODELS["text"]) == [other, usual]
    assert found(readers, provider="emulator", model="painter-2") == [other]
    assert found(readers, provider="gemini") == []


def test_jobs_are_found_by_when_they_were_submitted(filming: Filming, readers: ReadModels) -> None:
    old = filming.submit()
    filming.now += timedelta(days=1)
    middle = filming.now
    new = filming.submit()
    assert readers.wait_for(filming.head(), 10)
    created = json.loads(readers.job(new) or b"")["created_at"]
    assert created > middle.isoformat()[:19]
    assert found(readers, created_from=middle) == [new]
    assert found(readers, created_to=middle) == [old]
    assert found(readers, created_from=middle - timedelta(days=2), created_to=middle) == [old]


def test_jobs_are_found_by_what_they_have_cost_by_now(filming: Filming, readers: ReadModels) -> None:
    free, paid = submitted(filming, readers, {}, {})
    filming.finish(paid)
    assert readers.wait_for(filming.head(), 10)
    cost = json.loads(readers.job(paid) or b"")["cost"]["usd"]
    assert cost > 0
    assert found(readers, cost_min=cost) == [paid]
    assert found(readers, cost_min=cost + 0.000001) == []
    assert found(readers, cost_max=0.0) == [free]


@pytest.mark.parametrize(
    "search", ["lighthouse", "LIGHT", "keeper lighthouse", "東京", "京", "Ｌｉｇｈｔ", "autumn", "strasse"]
)
def test_words_are_found_by_how_they_begin(filming: Filming, readers: ReadModels, search: str) -> None:
    wanted, _ = submitted(
        filming,
        readers,
        {
            "script": "The lighthouse keeper walks through 東京都, Straße 3.",
            "metadata": {"project": "Autumn"},
        },
        {"script": "Something else is told here.", "metadata": {"project": "winter"}},
    )
    assert found(readers, search=search) == [wanted]


def test_a_title_is_found_once_there_is_one(filming: Filming, readers: ReadModels) -> None:
    [job] = submitted(filming, readers, {})
    filming.finish(job)
    assert readers.wait_for(filming.head(), 10)
    title = json.loads(readers.job(job) or b"")["title"]
    assert found(readers, search=title) == [job]


def test_a_film_is_found_by_the_name_that_a_person_gave(filming: Filming, readers: ReadModels) -> None:
    [job, _] = submitted(filming, readers, {}, {"script": "Something else is told here."})
    filming.finish(job)
    assert readers.wait_for(filming.head(), 10)
    own = json.loads(readers.job(job) or b"")["title"]
    assert found(readers, search="Kattegat") == []
    filming.rename(job, "Kattegat, after dark")
    assert readers.wait_for(filming.head(), 10)
    page = json.loads(readers.job(job) or b"")
    assert (page["title"], page["status"], page["position"]) == (
        "Kattegat, after dark",
        "completed",
        filming.head(),
    )
    assert found(readers, search="after katte") == [job]
    filming.rename(job, None)
    assert readers.wait_for(filming.head(), 10)
    assert found(readers, search="Kattegat") == []
    assert found(readers, search=own) == [job]


def test_nothing_is_found_by_a_text_that_was_pruned(
    filming: Filming, readers: ReadModels, tmp_path: Path
) -> None:
    [job] = submitted(filming, readers, {"script": "A lighthouse.", "metadata": {"p": "x"}})
    filming.finish(job)
    assert readers.wait_for(filming.head(), 10)
    assert found(readers, search="lighthouse", metadata=(("p", "x"),)) == [job]
    later = filming.now + timedelta(days=2)
    files = Files(filming.studio, filming.log)
    retention = Retention(filming.studio, filming.log, files, readers, LocalBlobs(tmp_path), lambda: later)
    assert list(retention.prune(timedelta(days=1)))
    assert readers.wait_for(filming.head(), 10)
    page = json.loads(readers.job(job) or b"")
    assert page["text"] is None
    assert found(readers, search="lighthouse") == found(readers, metadata=(("p", "x"),)) == []
    assert found(readers, model=MODELS["text"]) == [job]


def test_the_terms_of_a_job_are_written_once(filming: Filming, readers: ReadModels) -> None:
    [job] = submitted(filming, readers, {})
    fold = readers.job_at(job, readers.position())
    assert fold is not None
    assert all(part is not None for part in fold.take_listed())
    assert fold.take_listed() == (None, None)


def test_tables_of_an_older_version_answer_no_filter_that_they_cannot_know(
    filming: Filming, readers: ReadModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    [job] = submitted(filming, readers, {})
    monkeypatch.setattr(tables, "FOLD", "next")
    assert found(readers, status="queued") == [job]
    with pytest.raises(ReadModelsUnavailableError, match="built anew"):
        found(readers, provider="emulator")


def test_the_first_words_stand_for_a_title(filming: Filming) -> None:
    short, long, one = (
        filming.studio.job(filming.submit(script=script))
        for script in ("  Two\n words. ", "word " * 40, "東" * 200)
    )
    assert first_words(short) == "Two words."
    assert first_words(long) == " ".join(["word"] * 16) + "…"
    assert first_words(one) == "東" * 80 + "…"


def test_long_values_are_indexed_by_their_digest() -> None:
    assert indexed("x" * 200) == "x" * 200
    assert indexed("x" * 201).startswith("sha256:")
    assert indexed("é" * 101) != "é" * 101
    assert words_of("Don't stop-me_now 3.5") == ["don", "t", "stop", "me_now", "3", "5"]
