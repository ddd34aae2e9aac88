"""What is asked, what is asked again, and what comes of it. Both kinds of client."""

import json
import time
from datetime import date, datetime, timedelta, timezone
from email.utils import formatdate
from pathlib import Path
from typing import Any

import httpx
import pytest
from reelog_client import errors
from reelog_client.configuration import Patience

from tests.api.client.conftest import Clock, Cut, Kind, Scripted, answer, job, problem

LOST = httpx.ReadError("reset")
BUSY = answer(problem(429, "queue_full"), 429, **{"Retry-After": "3"})
GATEWAY = answer("<h1>", 504)
REFUSED = httpx.ConnectError("refused")


def keys(server: Scripted) -> set[str]:
    return {request.headers["Idempotency-Key"] for request in server.came}


@pytest.mark.parametrize(
    "trouble", [LOST, BUSY, GATEWAY, REFUSED], ids=("lost", "busy", "gateway", "refused")
)
def test_a_submission_is_sent_again_with_its_own_key(kind: Kind, server: Scripted, trouble: Any) -> None:
    server.answers = [trouble, trouble, answer(job(status="queued"), 201)]

    made = kind.done(kind.client.jobs.submit("Fine.", options={"fps": 24}))

    assert (made.id, made.status) == (job()["id"], "queued")
    assert len(server.came) == 3
    (key,) = keys(server)
    assert len(key) == 32
    assert json.loads(server.came[-1].content) == {"script": "Fine.", "options": {"fps": 24}}
    assert kind.paused == ([3.0, 3.0] if trouble is BUSY else kind.paused)


def test_a_wait_that_is_asked_for_by_a_date_is_one(kind: Kind, server: Scripted) -> None:
    at = formatdate(time.time() + 20, usegmt=True)
    server.answers = [answer(problem(503, "draining"), 503, **{"Retry-After": at}), answer(job(), 201)]

    kind.done(kind.client.jobs.submit("Fine."))

    (paused,) = kind.paused
    assert 10 < paused <= 20


def test_two_submissions_have_two_keys_and_one_may_bring_its_own(kind: Kind, server: Scripted) -> None:
    server.answers = [answer(job(), 201)]
    for _ in range(2):
        kind.done(kind.client.jobs.submit("Fine."))
    kind.done(kind.client.jobs.submit(topic="Boats", idempotency_key="mine"))

    assert len(keys(server)) == 3
    assert server.came[-1].headers["Idempotency-Key"] == "mine"
    assert json.loads(server.came[-1].content) == {"topic": "Boats"}


@pytest.mark.parametrize(
    ("call", "sent"),
    [
        (lambda job: job.retry(max_cost_usd=3), ("POST", "/retry", {"max_cost_usd": 3})),
        (lambda job: job.approve(), ("POST", "/approve", {})),
        (
            lambda job: job.fork(at=4, options={"fps": 24}),
            ("POST", "/fork", {"at": 4, "changes": {"options": {"fps": 24}}}),
        ),
        (
            lambda job: job.edit_scenes({2: {"text": "Other."}}, order=[2, 1]),
            ("PATCH", "/scenes", {"scenes": {"2": {"text": "Other."}}, "order": [2, 1]}),
        ),
    ],
)
def test_what_begins_something_has_a_key(kind: Kind, server: Scripted, call: Any, sent: Any) -> None:
    server.answers = [answer(job()), LOST, answer(job(status="running"), 202)]
    found = kind.done(kind.client.jobs.get(job()["id"]))

    assert kind.done(call(found)).status == "running"

    again, last = server.came[-2:]
    method, path, body = sent
    assert (last.method, last.url.path) == (method, f"/v1/jobs/{job()['id']}{path}")
    assert json.loads(last.content) == body
    assert again.headers["Idempotency-Key"] == last.headers["Idempotency-Key"]


def test_what_is_asked_within_a_span_says_so_and_nothing_else_does(kind: Kind, server: Scripted) -> None:
    server.answers = [answer(job(), 202)]
    span = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    found = kind.done(kind.client.within(span).jobs.get(job()["id"]))
    kind.done(found.retry())
    kind.done(kind.client.jobs.get(job()["id"]))

    assert [request.headers.get("traceparent") for request in server.came] == [span, span, None]


def test_a_span_is_no_business_of_a_bucket(kind: Kind, server: Scripted) -> None:
    elsewhere = {"Location": "https://bucket.example.org/film"}
    server.answers = [
        lambda request: httpx.Response(302, headers=elsewhere, request=request),
        lambda _: httpx.Response(200, content=b"film"),
    ]

    client = kind.client.within("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    assert kind.done(client.assets.content(job()["id"])) == b"film"

    first, second = server.came
    assert "traceparent" in first.headers
    assert (second.url.host, "traceparent" in second.headers) == ("bucket.example.org", False)


def test_a_film_is_renamed_however_often_an_answer_is_lost(kind: Kind, server: Scripted) -> None:
    server.answers = [answer(job()), LOST, answer(job(title="Holidays"))]
    found = kind.done(kind.client.jobs.get(job()["id"]))

    assert kind.done(found.rename("Holidays")) is found

    assert found.title == "Holidays"
    sent = [(one.method, one.url.path, json.loads(one.content)) for one in server.came[-2:]]
    assert sent == [("PATCH", f"/v1/jobs/{job()['id']}", {"title": "Holidays"})] * 2
    kind.done(found.rename(None))
    assert json.loads(server.came[-1].content) == {"title": None}


def test_an_asset_is_named_by_its_name(kind: Kind, server: Scripted, tmp_path: Path) -> None:
    asset = {"name": "image:2", "id": "9fa1b2c3-0000-4000-8000-000000000009"}
    listed = answer({"data": [asset], "has_more": False, "next": None})
    picture = tmp_path / "mine.png"
    picture.write_bytes(b"a picture")
    server.answers = [answer(job()), listed, answer({"digest": "sha256:ab"}, 201), answer(job(), 202), listed]
    found = kind.done(kind.client.jobs.get(job()["id"]))

    kind.done(found.provide("image:2", picture))

    upload, put = server.came[-2:]
    assert (upload.url.path, upload.content, upload.headers["Content-Length"]) == (
        "/v1/files",
        b"a picture",
        "9",
    )
    assert (put.method, put.url.path) == ("PUT", f"/v1/assets/{asset['id']}")
    assert json.loads(put.content) == {"file": "sha256:ab"}
    with pytest.raises(errors.UnknownAssetError, match="has no asset 'image:9'; it has image:2"):
        kind.done(found.regenerate("image:9"))


def test_what_has_no_key_is_not_sent_twice(kind: Kind, server: Scripted) -> None:
    server.answers = [LOST]

    with pytest.raises(errors.AnswerLostError, match="may have been done"):
        kind.done(kind.client.api.request("PUT", "/v1/presets/x", body={"options": {}}))
    assert len(server.came) == 1


def test_who_gives_up_knows_the_key(kind: Kind, server: Scripted) -> None:
    server.answers = [LOST]
    kind.client.operations.patience = Patience(for_s=0)

    with pytest.raises(errors.AnswerLostError) as lost:
        kind.done(kind.client.jobs.submit("Fine."))
    assert {lost.value.idempotency_key} == keys(server)
    assert lost.value.may_be_done


@pytest.mark.parametrize(
    "look",
    [
        lambda client: client.jobs.get(job()["id"]),
        lambda client: client.jobs.estimate("Fine."),
        lambda client: client.api.request("POST", "/v1/jobs/x/retry", body={"dry_run": True}),
        lambda client: client.assets.content("x"),
    ],
    ids=("get", "estimate", "preview", "content"),
)
def test_who_only_looked_is_not_told_that_it_may_have_been_done(
    kind: Kind, server: Scripted, look: Any
) -> None:
    server.answers = [LOST]
    kind.client.operations.patience = Patience(for_s=0)

    with pytest.raises(errors.AnswerLostError) as lost:
        kind.done(look(kind.client))
    assert str(lost.value) == "the answer was lost: reset"
    assert not lost.value.may_be_done


@pytest.mark.parametrize(
    ("status", "code", "type_"),
    [
        (401, "not_authenticated", errors.NotAuthenticatedError),
        (403, "cross_origin", errors.NotAllowedError),
        (404, "job_not_found", errors.NotFoundError),
        (409, "job_not_retryable", errors.ConflictError),
        (410, "content_pruned", errors.GoneError),
        (422, "invalid_submission", errors.InvalidRequestError),
        (422, "idempotency_key_reused", errors.IdempotencyKeyReusedError),
        (500, "internal_error", errors.ServerError),
    ],
)
def test_a_problem_has_its_type_and_all_its_fields(
    kind: Kind, server: Scripted, status: int, code: str, type_: type[errors.ProblemError]
) -> None:
    fault = {"pointer": "/script", "message": "is missing"}
    server.answers = [answer(problem(status, code, errors=[fault], more="x"), status)]

    with pytest.raises(errors.ProblemError) as refused:
        kind.done(kind.client.jobs.submit("Fine."))

    error = refused.value
    assert type(error) is type_
    assert (error.status, error.code, error.title, error.detail) == (status, code, "Title", "Detail.")
    assert (error.type, error.request_id, error.errors) == (f"/docs/problems#{code}", "r-1", [fault])
    assert error.problem["more"] == "x"
    assert "/script: is missing" in str(error)
    assert len(server.came) == 1


def test_what_is_no_reelog_is_called_so(kind: Kind, server: Scripted) -> None:
    server.answers = [lambda _: httpx.Response(200, text="<html>hello</html>")]

    with pytest.raises(errors.NotReelogError, match="not as Reelog does"):
        kind.done(kind.client.models.list())


def test_a_list_is_of_those_that_are_asked_for(kind: Kind, server: Scripted) -> None:
    server.answers = [answer({"data": [], "has_more": False, "next": None})]

    day, time = date(2026, 11, 16), datetime(2026, 11, 23, 9, tzinfo=timezone(timedelta(hours=9)))
    asked = {"q": "boat", "metadata": {"project": "autumn"}, "cost_max": 2.5}
    assert kind.listed(kind.client.jobs.list(created_from=day, created_to=time, **asked)) == []

    assert dict(server.came[-1].url.params) == {
        "limit": "1000", "q": "boat", "metadata[project]": "autumn", "cost_max": "2.5",
        "created_from": "2026-11-16", "created_to": "2026-11-23T09:00:00+09:00",
    }  # fmt: skip


def test_lists_are_read_page_by_page_and_no_further_than_asked(kind: Kind, server: Scripted) -> None:
    two = {"data": [job(), job()], "has_more": True, "next": 7}
    server.answers = [answer(two), answer(two)]

    assert [found.status for found in kind.listed(kind.client.jobs.list(status="completed", limit=3))] == (
        ["completed"] * 3
    )
    assert [dict(request.url.params) for request in server.came] == [
        {"limit": "3", "status": "completed"},
        {"limit": "3", "status": "completed", "after": "7"},
    ]


# ---- waiting ----------------------------------------------------------------------------------------------


def test_it_waits_until_the_film_is_there_and_asks_cheaply(kind: Kind, server: Scripted) -> None:
    running = answer(job(status="running"), ETag='"4"')
    server.answers = [running, running, lambda _: httpx.Response(304), LOST, answer(job())]
    found = kind.done(kind.client.jobs.get(job()["id"]))

    assert kind.done(found.wait()).status == found.status == "completed"
    assert [request.headers.get("If-None-Match") for request in server.came] == [None, None, *['"4"'] * 3]


FAILURE = {"code": "blocked", "message": "No.", "hint": "Change the words.", "retryable": False}


@pytest.mark.parametrize(
    ("state", "type_"),
    [
        (job(status="failed", failure=FAILURE), errors.JobFailedError),
        (job(status="cancelled"), errors.JobCancelledError),
        (job(status="awaiting_review"), errors.JobAwaitsReviewError),
        (job(status="running", set_aside={"reason": "new event"}), errors.JobSetAsideError),
    ],
)
def test_whatever_else_it_ends_in_is_an_error(
    kind: Kind, server: Scripted, state: dict[str, Any], type_: type[errors.JobError]
) -> None:
    server.answers = [answer(state)]
    found = kind.done(kind.client.jobs.get(state["id"]))

    with pytest.raises(type_) as told:
        kind.done(found.wait())
    assert told.value.job == state
    if isinstance(told.value, errors.JobFailedError):
        assert (told.value.code, told.value.hint, told.value.failure) == (
            "blocked",
            "Change the words.",
            FAILURE,
        )


def test_a_wait_ends_in_time(kind: Kind, server: Scripted) -> None:
    server.answers = [answer(job(status="running"))]
    found = kind.done(kind.client.jobs.get(job()["id"]))

    with pytest.raises(TimeoutError, match="had not ended after 0 s"):
        kind.done(found.wait(timeout_s=0))


@pytest.mark.parametrize("tries", [1, 3])
def test_a_wait_ends_in_time_also_at_a_server_that_says_nothing(
    kind: Kind, server: Scripted, clock: Clock, tries: int
) -> None:
    server.answers = [answer(job()), *[LOST] * (tries - 1), clock.silent]
    found = kind.done(kind.client.jobs.get(job()["id"]))

    with pytest.raises(errors.TimedOutError, match="had not ended after 2 s") as over:
        kind.done(found.wait(timeout_s=2))

    assert clock.monotonic() == pytest.approx(2)
    assert len(server.came) == 1 + tries
    assert str(over.value.__cause__) == "the answer was lost: timed out"


def test_a_wait_ends_in_time_also_where_nobody_is_and_looks_a_last_time_then(
    kind: Kind, server: Scripted, clock: Clock
) -> None:
    server.answers = [answer(job()), REFUSED]
    found = kind.done(kind.client.jobs.get(job()["id"]))

    with pytest.raises(errors.TimedOutError) as over:
        kind.done(found.wait(timeout_s=2))

    assert clock.monotonic() == pytest.approx(2)
    assert server.came[-1].extensions["timeout"]["connect"] == 0.1
    assert isinstance(over.value.__cause__, errors.ServerUnreachableError)


def test_a_wait_without_a_limit_gives_a_server_up_that_says_nothing(
    kind: Kind, server: Scripted, clock: Clock
) -> None:
    server.answers = [answer(job()), clock.silent]
    found = kind.done(kind.client.jobs.get(job()["id"]))

    with pytest.raises(errors.AnswerLostError):
        kind.done(found.wait())
    assert {request.extensions["timeout"]["read"] for request in server.came} == {30}


# ---- bytes ------------------------------------------------------------------------------------------------


def cut(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers={"Content-Length": "4"}, stream=Cut(b"fi"), request=request)


@pytest.mark.parametrize("of", ["assets", "files"])
def test_bytes_that_were_cut_are_asked_for_again(kind: Kind, server: Scripted, of: str) -> None:
    server.answers = [cut, lambda _: httpx.Response(200, content=b"film")]

    assert kind.done(getattr(kind.client, of).content("x")) == b"film"

    assert [request.url.path for request in server.came] == [f"/v1/{of}/x/content"] * 2
    assert {request.extensions["timeout"]["read"] for request in server.came} == {40}


def test_bytes_that_are_cut_at_one_place_for_ever_are_given_up(
    kind: Kind, server: Scripted, clock: Clock
) -> None:
    server.answers = [cut]

    with pytest.raises(errors.AnswerLostError):
        kind.done(kind.client.assets.content("x"))
    assert clock.monotonic() < 60
