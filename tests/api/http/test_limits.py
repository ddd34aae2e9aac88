"""How often one may ask, and how many jobs may wait."""

from collections.abc import Callable
from uuid import UUID

import pytest

from api.http.limits import MOST_CALLERS, Buckets
from tests.api.conftest import Site


def test_a_bucket_holds_a_minute_and_fills_steadily() -> None:
    now = 0.0
    buckets = Buckets(60, clock=lambda: now)
    assert [buckets.take("a") for _ in range(60)] == [0.0] * 60
    assert buckets.take("a") == pytest.approx(1.0)
    assert buckets.take("b") == 0.0, "another caller has a bucket of its own"
    now = 0.5
    assert buckets.take("a") == pytest.approx(0.5)
    now = 1.0
    assert buckets.take("a") == 0.0
    now = 1000.0
    assert [buckets.take("a") for _ in range(61)].count(0.0) == 60


def test_without_a_limit_nothing_is_counted() -> None:
    buckets = Buckets(0)
    assert {buckets.take("a") for _ in range(1000)} == {0.0}


def test_callers_that_come_and_go_do_not_fill_the_memory() -> None:
    now = 0.0
    buckets = Buckets(1, clock=lambda: now)
    for caller in range(MOST_CALLERS + 10):
        buckets.take(str(caller))
    assert len(buckets._buckets) == MOST_CALLERS
    now = 120.0
    buckets.take("new")
    assert len(buckets._buckets) == 1


def test_whoever_asks_too_often_is_told_when_to_come_back(open_site: Callable[..., Site]) -> None:
    site = open_site(RATE_LIMIT=3)
    assert [site.client.get("/v1/jobs").status_code for _ in range(3)] == [200] * 3
    answer = site.client.get("/v1/jobs")
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert 1 <= int(answer.headers["retry-after"]) <= 20
    assert site.client.post("/v1/jobs", json={"script": "Mine."}).status_code == 429
    assert site.client.post("/login", data={"key": "guess"}).status_code == 429
    # How the server is may be asked always.
    assert site.client.get("/healthz").status_code == 200
    assert site.client.get("/readyz").status_code == 200


def test_guesses_at_the_key_are_limited_too(open_site: Callable[..., Site]) -> None:
    site = open_site(API_KEY="secret", RATE_LIMIT=2)
    wrong = {"Authorization": "Bearer guess"}
    assert [site.client.get("/v1/jobs", headers=wrong).status_code for _ in range(3)] == [401, 401, 429]


def test_on_ones_own_machine_there_is_no_limit_unless_asked_for(site: Site) -> None:
    assert site.system.settings.rate_limit == 0


def test_no_more_jobs_are_taken_than_may_wait(open_site: Callable[..., Site]) -> None:
    site = open_site(QUEUE_LIMIT=2)
    first, _ = site.submit(), site.submit()
    answer = site.client.post("/v1/jobs", json={"script": "One too many."})
    assert (answer.status_code, answer.json()["code"]) == (429, "queue_full")
    assert int(answer.headers["retry-after"]) > 0
    assert len(site.client.get("/v1/jobs").json()["data"]) == 2
    # A place becomes free at once.
    site.client.post(f"/v1/jobs/{first}/cancel")
    assert site.filming.finish(UUID(first)) == "cancelled"
    site.settle()
    site.submit()


def test_a_submission_sent_again_is_answered_though_the_queue_is_full(open_site: Callable[..., Site]) -> None:
    site = open_site(QUEUE_LIMIT=1)
    key = {"Idempotency-Key": "k"}
    body = {"script": "Mine."}
    assert site.client.post("/v1/jobs", json=body, headers=key).status_code == 201
    assert site.client.post("/v1/jobs", json=body, headers=key).status_code == 200
    assert site.client.post("/v1/jobs", json=body, headers={"Idempotency-Key": "l"}).status_code == 429
