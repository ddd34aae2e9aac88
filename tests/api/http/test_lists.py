"""Lists for programs: which jobs, which fields, packed or not; many at once; and what is deleted.

Seen to fail with a filter that is passed over, a field that is unknown and ignored, a strong ETag on packed
bytes, and one refused job that ends the whole request.
"""

import gzip
import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.datastructures import Headers

from api.cases.bulk import CancelJobs, CancelJobsRequest, cancel_jobs
from api.cases.jobs import ListJobsRequest, list_jobs
from api.http.compression import LEAST_BYTES, takes_gzip
from api.http.list_parameters import FIELD_NAMES
from domain.store import Retention
from projections.job_filter import JobFilter
from tests.api.conftest import Site
from tests.projections.filming import refusal


def found(site: Site, query: str) -> list[str]:
    site.settle()
    answer = site.client.get(f"/v1/jobs?{query}")
    assert answer.status_code == 200, answer.text
    return [job["id"] for job in answer.json()["data"]]


def ended(site: Site, status: str = "completed", **changes: Any) -> str:
    job_id = site.submit(**changes)
    if status == "failed":
        site.filming.faults["image:1"] = [refusal()]
    assert site.filming.finish(UUID(job_id)) == status
    site.settle()
    return job_id


# ---- filters --------------------------------------------------------------------------------------------


def test_jobs_are_listed_by_metadata_in_either_spelling(site: Site) -> None:
    autumn = site.submit(metadata={"project": "autumn", "a.b": "x", "n": 7})
    site.submit(metadata={"project": "winter"})
    assert found(site, "metadata[project]=autumn") == found(site, "metadata.project=autumn") == [autumn]
    assert found(site, "metadata%5Bn%5D=7&metadata.a.b=x&status=queued") == [autumn]
    assert found(site, "metadata[project]=autumn&metadata[n]=8") == []


def test_jobs_are_listed_by_all_else(site: Site) -> None:
    first = site.submit(script="A lighthouse stands alone.")
    second = site.submit()
    today = site.client.get(f"/v1/jobs/{first}").json()["created_at"][:10]
    assert found(site, "q=lightho") == [first]
    assert found(site, f"created_from={today}T00:00:00Z&created_to=2100-01-01") == [second, first]
    assert found(site, f"created_to={today}") == []
    assert found(site, "cost_min=0.01") == found(site, "provider=gemini") == found(site, "caller=web") == []
    assert found(site, "cost_min=-0.0&cost_max=0e5") == found(site, "cost_max=.5") == [second, first]
    assert found(site, "cost_max=0&provider=emulator&caller=local") == [second, first]
    model = site.client.get(f"/v1/jobs/{first}").json()["models"]["image"]
    assert found(site, f"model={model}") == [second, first]


WRONG = (
    *("created_from=yesterday", "created_to=2026-13-01", "cost_min=-1", "cost_max=nan", "cost_min=1e999"),
    *("cost_min=1_0", "cost_min=1.", "cost_min=%2B1", "cost_min=1%20", "cost_max=%EF%BC%91"),
    *("cost_min=1e-400", "cost_max=0.01e-400"),
    *("provider=gemnii", "provider="),
    *("q=", "q=%20", "caller=", "model=" + "m" * 201, "fields=", "fields=id,", "fields=id,scene"),
)


def test_a_wrong_filter_is_named_with_what_would_do(site: Site) -> None:
    for query in WRONG:
        answer = site.client.get(f"/v1/jobs?{query}")
        assert answer.status_code == 422, query
        [error] = answer.json()["errors"]
        assert error["pointer"] == f"?{query.partition('=')[0]}"
        assert "write" in error["message"]


def test_too_many_conditions_are_refused(site: Site) -> None:
    query = "&".join(f"metadata[k{n}]=v" for n in range(11))
    assert site.client.get(f"/v1/jobs?{query}").status_code == 422
    [fault] = site.client.get("/v1/jobs?metadata=x").json()["errors"]
    assert fault["pointer"] == "?metadata"
    assert "did you mean metadata[KEY]?" in fault["message"]


def test_a_job_tells_its_first_words(site: Site) -> None:
    job_id = site.submit(script="A boat sets out. " * 20)
    job = site.client.get(f"/v1/jobs/{job_id}").json()
    assert job["text"].startswith("A boat sets out. A boat")
    assert job["text"].endswith("…")
    assert job["title"] is None


# ---- fields ---------------------------------------------------------------------------------------------


def test_only_the_fields_that_are_asked_for_are_told(site: Site) -> None:
    job_id = ended(site)
    page = site.client.get("/v1/jobs?fields=status,id,cost").json()
    whole = site.client.get(f"/v1/jobs/{job_id}").json()
    assert page["data"] == [{"id": job_id, "status": "completed", "cost": whole["cost"]}]
    one = site.client.get(f"/v1/jobs/{job_id}?fields=scenes")
    assert one.json() == {"scenes": whole["scenes"]}
    assert one.headers["etag"]
    assert site.client.get("/v1/jobs?fields=scenes").json()["data"] == [{"scenes": whole["scenes"]}]


def test_an_unknown_field_is_refused_with_those_that_there_are(site: Site) -> None:
    answer = site.client.get("/v1/jobs?fields=id,stat,🎬")
    [error] = answer.json()["errors"]
    assert "'stat'" in error["message"]
    assert all(name in error["message"] for name in FIELD_NAMES)


# ---- compression ----------------------------------------------------------------------------------------


def packed(site: Site, path: str, **headers: str) -> tuple[Any, bytes]:
    with site.client.stream("GET", path, headers={"Accept-Encoding": "gzip", **headers}) as answer:
        return answer, b"".join(answer.iter_raw())


def test_json_is_packed_for_who_takes_it_so(site: Site) -> None:
    job_id = ended(site)
    answer, raw = packed(site, f"/v1/jobs/{job_id}")
    plain = site.client.get(f"/v1/jobs/{job_id}", headers={"Accept-Encoding": "identity"})
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) == len(raw) < len(plain.content)
    assert gzip.decompress(raw) == plain.content
    assert "content-encoding" not in plain.headers
    assert "Accept-Encoding" in answer.headers["vary"]
    assert "Accept-Encoding" in plain.headers["vary"]
    assert answer.headers["etag"] == f"W/{plain.headers['etag']}"
    again, _ = packed(site, f"/v1/jobs/{job_id}", **{"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert again.headers["vary"] == answer.headers["vary"]


def test_what_is_small_a_stream_or_has_bytes_of_its_own_is_not_packed(site: Site) -> None:
    job_id = ended(site)
    for path in ("/healthz", f"/v1/jobs/{job_id}/events?stream=1", "/v1/jobs?fields=id"):
        answer, _ = packed(site, path)
        assert answer.status_code == 200
        assert "content-encoding" not in answer.headers, path
    links = site.client.get(f"/v1/jobs/{job_id}").json()["links"]
    for path in (links["video"], links["manifest"]):
        for asked in ({}, {"Range": "bytes=0-3"}):
            answer, raw = packed(site, path, **asked)
            assert answer.status_code == (206 if asked else 200)
            assert "content-encoding" not in answer.headers, path
            assert len(raw) == int(answer.headers["content-length"])


@pytest.mark.parametrize(
    ("asked", "taken"),
    [
        *(("gzip", True), ("br, GZIP;q=0.5", True), ("*", True), ("gzip;q=0, *", False), ("gzip;q=x", False)),
        *(("br", False), ("", False), ("*;q=0", False), ("gzip;q=0.0", False)),
    ],
)
def test_accept_encoding_is_read_as_it_is_meant(asked: str, taken: bool) -> None:
    assert takes_gzip(Headers({"Accept-Encoding": asked})) is taken
    assert LEAST_BYTES > 1000


# ---- many at once ---------------------------------------------------------------------------------------


def test_many_jobs_are_cancelled_each_with_its_result(site: Site) -> None:
    queued, done, missing = site.submit(), ended(site), str(uuid4())
    answer = site.client.post("/v1/jobs/cancel", json={"ids": [queued, done, missing, queued]})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert [(item["id"], item["outcome"]) for item in told["data"]] == [
        (queued, "accepted"),
        (done, "unchanged"),
        (missing, "refused"),
    ]
    assert told["data"][2]["problem"]["code"] == "job_not_found"
    assert (told["accepted"], told["unchanged"], told["refused"], told["possible"]) == (1, 1, 1, 0)
    assert site.client.get(f"/v1/jobs/{queued}").json()["cancel_requested"]


def test_a_dry_run_cancels_nothing(site: Site) -> None:
    queued, done = site.submit(), ended(site)
    told = site.client.post("/v1/jobs/cancel", json={"ids": [queued, done], "dry_run": True}).json()
    assert [item["outcome"] for item in told["data"]] == ["possible", "unchanged"]
    assert not site.client.get(f"/v1/jobs/{queued}").json()["cancel_requested"]


def test_jobs_are_cancelled_by_a_filter_a_page_at_a_time(site: Site) -> None:
    made = [site.submit(metadata={"p": "x"}) for _ in range(3)]
    other = site.submit(metadata={"p": "y"})
    ended(site, metadata={"p": "x"})
    body = {"filter": {"metadata": {"p": "x"}}, "limit": 2}
    first = site.client.post("/v1/jobs/cancel", json=body).json()
    assert [item["id"] for item in first["data"]] == made[:0:-1]
    assert first["has_more"]
    rest = site.client.post("/v1/jobs/cancel", json=body | {"after": first["next"]}).json()
    assert [item["id"] for item in rest["data"]] == [made[0]]
    assert not rest["has_more"]
    assert not site.client.get(f"/v1/jobs/{other}").json()["cancel_requested"]
    nothing = ({"status": "completed"}, {"created_to": "2026-11-01"}, {"created_from": "2100-01-01T00:00:00"})
    for choice in nothing:
        assert site.client.post("/v1/jobs/cancel", json={"filter": choice}).json()["data"] == []


def test_many_jobs_are_retried_and_the_price_is_told_first(site: Site) -> None:
    failed = [ended(site, "failed", metadata={"p": "x"}) for _ in range(2)]
    done = ended(site)
    before = site.system.log.head()
    told = site.client.post("/v1/jobs/retry", json={"ids": [*failed, done], "dry_run": True}).json()
    assert [item["outcome"] for item in told["data"]] == ["possible", "possible", "refused"]
    costs = [item["cost"]["at_most_usd"] for item in told["data"][:2]]
    assert told["cost"]["at_most_usd"] == pytest.approx(sum(costs))
    assert min(costs) > 0
    assert site.system.log.head() == before
    body = {"filter": {"status": "failed", "metadata": {"p": "x"}}, "max_cost_usd": 3}
    key = {"Idempotency-Key": "again-1"}
    told = site.client.post("/v1/jobs/retry", json=body, headers=key).json()
    assert [(item["id"], item["outcome"]) for item in told["data"]] == [(j, "accepted") for j in failed[::-1]]
    head = site.system.log.head()
    body = {"ids": failed, "max_cost_usd": 3}
    told = site.client.post("/v1/jobs/retry", json=body, headers=key).json()
    assert [item["outcome"] for item in told["data"]] == ["unchanged", "unchanged"]
    assert site.system.log.head() == head
    assert site.client.get(f"/v1/jobs/{failed[0]}").json()["cost"]["max_usd"] == 3


WRONG_CHOICES: tuple[tuple[dict[str, Any], str], ...] = (
    ({}, ""),
    ({"ids": []}, "/ids"),
    ({"ids": ["x"]}, "/ids/0"),
    ({"ids": [str(uuid4())], "filter": {"status": "failed"}}, ""),
    ({"filter": {}}, "/filter"),
    ({"filter": {"metadata": {}}}, "/filter"),
    ({"filter": {"status": "done"}}, "/filter/status"),
    ({"filter": {"stat": "failed"}}, "/filter/stat"),
    ({"filter": {"id": "latest"}}, "/filter/id"),
    ({"filter": {"id": "10efb3ce-", "status": "failed", "created_to": 0}}, "/filter/created_to"),
    ({"filter": {"created_from": "yesterday"}}, "/filter/created_from"),
    ({"filter": {"created_to": 0}}, "/filter/created_to"),
    ({"filter": {"created_to": "1700000000"}}, "/filter/created_to"),
    ({"filter": {"created_to": "0001-01-01T00:00:00+14:00"}}, "/filter/created_to"),
)


def test_what_is_wrong_with_a_choice_is_named(site: Site) -> None:
    for body, pointer in WRONG_CHOICES:
        answer = site.client.post("/v1/jobs/retry", json=body)
        assert answer.status_code == 422, answer.text
        assert pointer in {error["pointer"] for error in answer.json()["errors"]}, body
    answer = site.client.post("/v1/jobs/cancel", json={"filter": {"id": "latest", "status": "queued"}})
    [error] = answer.json()["errors"]
    assert error == {
        "pointer": "/filter/id",
        "message": 'filter.id is "latest": write an id of a job, or how it begins',
    }


def test_jobs_are_chosen_by_how_their_id_begins_however_it_is_written(site: Site) -> None:
    job_id = site.submit()
    site.submit()
    site.settle()
    for beginning in (job_id[:10], job_id[:12].replace("-", "").upper(), job_id):
        body = {"filter": {"id": beginning}, "dry_run": True}
        told = site.client.post("/v1/jobs/cancel", json=body).json()
        assert [item["id"] for item in told["data"]] == [job_id], beginning


def test_what_is_anothers_is_neither_listed_nor_changed(site: Site) -> None:
    mine, others = (site.filming.submit(caller=caller) for caller in ("web", "cms"))
    site.settle()
    system = site.system

    def outcomes(**asked: Any) -> dict[str, str]:
        told = cancel_jobs(system, CancelJobsRequest(CancelJobs(**asked), caller="web"))
        return {item["id"]: item["outcome"] for item in told["data"]}

    assert outcomes(filter={"status": "queued"}) == {str(mine): "accepted"}
    assert outcomes(filter={"caller": "cms"}) == {}
    assert outcomes(ids=[mine, others]) == {str(mine): "accepted", str(others): "refused"}
    assert not system.studio.job(others).cancel_requested
    asked = ListJobsRequest(JobFilter(caller="cms"), caller="web")
    assert list_jobs(system, asked).items == []
    assert len(list_jobs(system, replace(asked, caller="local")).items) == 1


# ---- deletion -------------------------------------------------------------------------------------------


def age(site: Site) -> None:
    """As if all bytes had been stored two hours ago."""
    then = (datetime.now(UTC) - timedelta(hours=2)).timestamp()
    for path in (site.system.settings.data_dir / "blobs").rglob("*"):
        if path.is_file():
            os.utime(path, (then, then))


def test_a_deleted_job_keeps_its_record_alone(site: Site) -> None:
    site.filming.now = datetime.now(UTC)
    job_id = ended(site, metadata={"customer": "Ada"})
    age(site)
    video = site.client.get(f"/v1/jobs/{job_id}").json()["links"]["video"]
    answer = site.client.delete(f"/v1/jobs/{job_id}")
    assert answer.status_code == 200, answer.text
    job = answer.json()
    assert job["pruned_at"] is not None
    assert (job["status"], job["metadata"], job["text"], job["links"]["video"]) == (
        "completed",
        {},
        None,
        None,
    )
    assert job["cost"]["usd"] > 0
    assert site.client.get(video).json()["code"] == "content_pruned"
    assert b"A boat" not in b"".join(stored.state for stored in stored_events(site, job_id))
    head = site.system.log.head()
    again = site.client.delete(f"/v1/jobs/{job_id}")
    assert (again.status_code, again.json()) == (200, job)
    assert site.system.log.head() == head
    assert site.client.post(f"/v1/jobs/{job_id}/retry").json()["code"] == "job_not_retryable"


def stored_events(site: Site, job_id: str) -> Any:
    return site.system.log.stored(site.system.readers.positions_of(UUID(job_id)))


def test_bytes_that_others_may_be_about_to_use_go_later(site: Site) -> None:
    job_id = ended(site)
    answer = site.client.delete(f"/v1/jobs/{job_id}")
    assert answer.status_code == 202
    assert answer.json()["pruned_at"] is not None
    assert answer.json()["text"] is None
    assert site.client.delete(f"/v1/jobs/{job_id}").status_code == 202
    assert site.system.retention.finish() == []
    system = site.system
    later = datetime(2100, 1, 1, tzinfo=UTC)
    [done] = Retention(
        system.studio, system.log, system.files, system.readers, system.blobs, lambda: later
    ).finish()
    assert str(done.job_id) == job_id
    assert site.client.delete(f"/v1/jobs/{job_id}").status_code == 200


def test_only_what_has_ended_is_deleted(site: Site) -> None:
    job_id = site.submit()
    answer = site.client.delete(f"/v1/jobs/{job_id}")
    assert (answer.status_code, answer.json()["code"]) == (409, "job_not_ended")
    assert site.client.delete(f"/v1/jobs/{uuid4()}").status_code == 404
    assert json.loads(site.client.get(f"/v1/jobs/{job_id}").content)["status"] == "queued"
