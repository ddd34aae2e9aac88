"""Webhooks over HTTP: endpoints, what they are told, and what happens when they do not take it."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from api.cases.errors import Refusal
from api.cases.webhooks import (
    DeliveryRequest,
    EndpointRequest,
    ListDeliveriesRequest,
    change_endpoint,
    delete_endpoint,
    get_endpoint,
    list_deliveries,
    list_endpoints,
    ping_endpoint,
    redeliver,
    rotate_secret,
)
from api.webhooks.signing import SigningKey
from domain.webhook import DEFAULT_EVENTS
from tests.api.conftest import Site
from tests.api.planned import PlannedFilming
from tests.projections.filming import refusal
from tests.receiver import Received, Receiver, receiving

HERE = {"REELOG_WEBHOOK_NETWORKS": "127.0.0.0/8, ::1"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def site(open_site: Callable[..., Site]) -> Site:
    return open_site(HERE)


def added(site: Site, url: str, **changes: Any) -> dict[str, Any]:
    answer = site.client.post("/v1/webhooks", json={"url": url} | changes)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    assert answer.headers["location"] == told["links"]["self"]
    return told


def verified(secret: str, got: Received) -> Any:
    return Webhook(secret).verify(got.body, got.headers)


def deliveries(site: Site, webhook: dict[str, Any], query: str = "") -> list[dict[str, Any]]:
    page: dict[str, Any] = site.client.get(f"{webhook['links']['deliveries']}{query}").json()
    return list(page["data"])


def until(site: Site, webhook: dict[str, Any], *statuses: str) -> list[dict[str, Any]]:
    """Wait until the endpoint's deliveries, newest first, have these statuses."""
    follower = site.system.store.follower(0)
    try:
        while [one["status"] for one in deliveries(site, webhook)] != list(statuses):
            follower.next_batch(0.05)
    finally:
        follower.close()
    return deliveries(site, webhook)


def ended(site: Site, **changes: Any) -> UUID:
    job_id = UUID(site.submit(**changes))
    assert site.filming.finish(job_id) == "completed"
    return job_id


def test_the_end_of_a_job_is_sent_signed_with_the_job_as_it_was_then(site: Site, receiver: Receiver) -> None:
    webhook = added(site, receiver.url)
    assert webhook["events"] == list(DEFAULT_EVENTS)
    assert (webhook["enabled"], webhook["job_id"]) == (True, None)
    job_id = ended(site)
    got = receiver.next()
    message = verified(webhook["secret"], got)
    assert message["type"] == "job.completed"
    position = message["data"]["position"]
    event = site.client.get(f"/v1/events?after={position - 1}&limit=1").json()["data"][0]
    assert (event["type"], event["occurred_at"]) == ("job.completed", message["timestamp"])
    assert message["data"] == site.client.get(f"/v1/jobs/{job_id}?at={position}").json()
    assert got.headers["content-type"] == "application/json"
    [delivery] = until(site, webhook, "delivered")
    assert delivery["id"] == got.headers["webhook-id"]
    assert (delivery["position"], delivery["job_id"]) == (position, str(job_id))
    told = site.client.get(delivery["links"]["self"]).json()
    [tried] = told["tries"]
    assert (tried["status"], tried["error"], tried["number"], told["tried"]) == (204, None, 1, 1)
    assert delivery["last_try"] == told["last_try"] == tried
    with pytest.raises(WebhookVerificationError):
        Webhook(SigningKey("x" * 32)._secret("another")).verify(got.body, got.headers)


def test_a_secret_is_shown_once_and_a_new_one_signs_beside_the_old(site: Site, receiver: Receiver) -> None:
    webhook = added(site, receiver.url)
    address = webhook["links"]["self"]
    assert "secret" not in site.client.get(address).json()
    assert "secret" not in site.client.get("/v1/webhooks").json()["data"][0]
    rotated = site.client.post(f"{address}/secret").json()
    assert rotated["secret"] != webhook["secret"]
    ended(site)
    got = receiver.next()
    for secret in (webhook["secret"], rotated["secret"]):
        verified(secret, got)
    stored = b"".join(event.state for event in site.system.log.stored(range(1, site.system.log.head() + 1)))
    assert b"webhook.created" not in stored  # a topic stands beside the state
    for secret in (webhook["secret"], rotated["secret"]):
        assert secret.removeprefix("whsec_").encode() not in stored


def test_only_the_events_that_are_asked_for_are_sent_in_order(site: Site, receiver: Receiver) -> None:
    webhook = added(site, receiver.url, events=["job.submitted", "job.stage_started", "job.completed"])
    job_id = ended(site)
    got = [receiver.next().message["type"]]
    while got[-1] != "job.completed":
        got.append(receiver.next().message["type"])
    events = site.client.get(f"/v1/jobs/{job_id}/events?limit=1000").json()["data"]
    assert got == [one["type"] for one in events if one["type"] in webhook["events"]]
    assert len(got) > 3
    until(site, webhook, *["delivered"] * len(got))
    # Endpoints and deliveries are in the log, and no part of any job's timeline.
    told = {one["type"].partition(".")[0] for one in site.client.get("/v1/events?limit=1000").json()["data"]}
    assert told == {"job", "asset"}


def test_a_submission_names_an_endpoint_of_its_own(site: Site, receiver: Receiver) -> None:
    other = ended(site)
    body = {"script": "A boat sets out.", "webhook": {"url": receiver.url}}
    answer = site.client.post("/v1/jobs", json=body, headers={"Idempotency-Key": "k"})
    told = answer.json()["webhook"]
    again = site.client.post("/v1/jobs", json=body, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, again.status_code) == (201, 200)
    assert again.json()["webhook"] == told
    assert "webhook" not in site.client.get(f"/v1/jobs/{answer.json()['id']}").json()
    waited = site.client.post("/v1/jobs", json=body, headers={"Idempotency-Key": "k", "Prefer": "wait=0"})
    assert waited.json()["webhook"] == told
    site.filming.finish(UUID(answer.json()["id"]))
    got = receiver.next()
    assert verified(told["secret"], got)["data"]["id"] == answer.json()["id"] != str(other)
    webhook = site.client.get(f"/v1/webhooks/{told['id']}").json()
    assert webhook["job_id"] == answer.json()["id"]
    until(site, webhook, "delivered")
    assert site.client.get("/v1/webhooks").json()["data"] == []
    refused = site.client.post(f"/v1/webhooks/{told['id']}/secret")
    assert (refused.status_code, refused.json()["code"]) == (409, "webhook_not_changeable")


def test_a_fork_has_an_endpoint_of_its_own_and_not_that_of_its_source(site: Site, receiver: Receiver) -> None:
    filming = PlannedFilming(site.system)
    source = UUID(site.submit(webhook={"url": f"{receiver.url}/source"}))
    assert filming.finish(source) == "completed"
    assert receiver.next().path == "/hook/source"
    body = {"webhook": {"url": f"{receiver.url}/fork", "events": ["job.completed"]}}
    path, key = f"/v1/jobs/{source}/fork", {"Idempotency-Key": "k"}
    answer = site.client.post(path, json=body, headers=key)
    told = answer.json()["webhook"]
    again = site.client.post(path, json=body, headers=key)
    assert (answer.status_code, again.status_code, again.json()["webhook"]) == (201, 200, told)
    assert told["events"] == ["job.completed"]
    assert filming.finish(UUID(answer.json()["id"])) == "completed"
    got = receiver.next()
    assert (got.path, verified(told["secret"], got)["data"]["id"]) == ("/hook/fork", answer.json()["id"])
    until(site, site.client.get(f"/v1/webhooks/{told['id']}").json(), "delivered")
    assert receiver.received.empty()
    plain = site.client.post(path, json={})
    assert (plain.status_code, "webhook" in plain.json()) == (201, False)


@pytest.mark.parametrize("dry_run", [True, False], ids=("price", "fork"))
def test_a_fork_whose_endpoint_cannot_be_called_is_refused_with_its_place(site: Site, dry_run: bool) -> None:
    filming = PlannedFilming(site.system)
    source = filming.submit()
    assert filming.finish(source) == "completed"
    head = site.system.log.head()
    body = {"webhook": {"url": "https://10.0.0.1/hook"}, "dry_run": dry_run}
    answer = site.client.post(f"/v1/jobs/{source}/fork", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_submission")
    [fault] = answer.json()["errors"]
    assert fault["pointer"] == "/webhook/url"
    assert "REELOG_WEBHOOK_NETWORKS" in fault["message"]
    assert site.system.log.head() == head


def test_a_job_that_is_retried_keeps_its_endpoint(site: Site, receiver: Receiver) -> None:
    body = {"script": "A boat sets out.", "webhook": {"url": receiver.url}}
    job_id = UUID(site.client.post("/v1/jobs", json=body).json()["id"])
    site.filming.faults["analysis"] = [refusal()]
    assert site.filming.finish(job_id) == "failed"
    assert receiver.next().message["type"] == "job.failed"
    answer = site.client.post(f"/v1/jobs/{job_id}/retry")
    assert answer.status_code == 202, answer.text
    assert "webhook" not in answer.json()
    assert site.filming.finish(job_id) == "completed"
    message = receiver.next().message
    assert (message["type"], message["data"]["run"]) == ("job.completed", 2)


def test_readiness_tells_of_the_sender_and_what_fails_there_is_no_reason(
    site: Site, receiver: Receiver
) -> None:
    """Seen to fail with a failing endpoint among the reasons, and with the stored position as the lag."""
    webhook = added(site, receiver.url)
    receiver.answer = lambda _: 500
    job_id = ended(site)
    receiver.next()
    while not (told := site.client.get("/readyz").json()["webhooks"])["last_failure"]:
        pass
    [delivery] = deliveries(site, webhook)
    assert (told["state"], told["reason"], told["pending"], told["failing"]) == ("sending", None, 1, 1)
    assert told["next_try_at"] == delivery["next_try_at"]
    tried = site.client.get(delivery["links"]["self"]).json()["tries"][0]
    assert told["last_failure"] == {
        "at": tried["at"],
        "webhook": webhook["id"],
        "delivery": delivery["id"],
        "job_id": str(job_id),
        "status": 500,
        "error": tried["error"],
    }
    while (answer := site.client.get("/readyz")).json()["webhooks"]["lag_events"]:
        pass
    assert (answer.status_code, answer.json()["reasons"]) == (200, [])
    receiver.answer = lambda _: 204
    site.client.post(f"{delivery['links']['self']}/redeliver")
    until(site, webhook, "delivered")
    told = site.client.get("/readyz").json()["webhooks"]
    assert (told["pending"], told["failing"], told["next_try_at"]) == (0, 0, None)


def test_what_waits_for_an_earlier_delivery_is_due_at_no_time_of_its_own(
    site: Site, receiver: Receiver
) -> None:
    webhook = added(site, receiver.url, events=["job.submitted", "job.completed"])
    receiver.answer = lambda _: (503, {"Retry-After": "3600"})
    ended(site)
    later, first = until(site, webhook, "pending", "pending")
    while not first["tried"]:
        later, first = deliveries(site, webhook)
    assert first["next_try_at"] is not None
    assert (later["tried"], later["next_try_at"]) == (0, None)
    assert site.client.get("/readyz").json()["webhooks"]["next_try_at"] == first["next_try_at"]


def test_a_second_server_says_that_another_one_sends(open_site: Callable[..., Site]) -> None:
    first = open_site(HERE)
    while first.client.get("/readyz").json()["webhooks"]["state"] != "sending":
        pass
    second = open_site(HERE)
    while (told := second.client.get("/readyz").json()["webhooks"])["state"] == "starting":
        pass
    assert (told["state"], told["lag_events"], told["pending"]) == ("waiting", None, 0)


def test_jobs_of_a_batch_have_endpoints_too(site: Site, receiver: Receiver) -> None:
    submissions = [{"script": "One boat."}, {"script": "Two boats."}]
    body = {"common": {"webhook": {"url": receiver.url}}, "submissions": submissions}
    answer = site.client.post("/v1/batches", json=body)
    assert answer.status_code == 201, answer.text
    jobs = [one["id"] for one in answer.json()["jobs"]]
    for job_id in jobs:
        site.filming.finish(UUID(job_id))
    assert {receiver.next().message["data"]["id"] for _ in jobs} == set(jobs)


def test_410_disables_and_what_waited_is_sent_again_by_hand(site: Site, receiver: Receiver) -> None:
    webhook = added(site, receiver.url)
    receiver.answer = lambda _: 410
    ended(site)
    receiver.next()
    [delivery] = until(site, webhook, "failed")
    shown = site.client.get(webhook["links"]["self"]).json()
    assert (shown["enabled"], shown["disabled_for"]) == (False, "gone")
    again = f"{delivery['links']['self']}/redeliver"
    refused = site.client.post(again)
    assert (refused.status_code, refused.json()["code"]) == (409, "webhook_disabled")
    ended(site)  # nobody is told
    receiver.answer = lambda _: 204
    assert site.client.patch(webhook["links"]["self"], json={"enabled": True}).json()["enabled"] is True
    answer = site.client.post(again)
    assert (answer.status_code, answer.json()["turn"]) == (202, 2)
    assert receiver.next().headers["webhook-id"] == delivery["id"]
    [delivery] = until(site, webhook, "delivered")
    assert [one["turn"] for one in site.client.get(delivery["links"]["self"]).json()["tries"]] == [1, 2]


def test_a_disabled_or_removed_endpoint_is_told_nothing(site: Site, receiver: Receiver) -> None:
    webhook, other = added(site, receiver.url), added(site, receiver.url + "/other")
    disabled = site.client.patch(webhook["links"]["self"], json={"enabled": False}).json()
    assert (disabled["enabled"], disabled["disabled_for"]) == (False, "asked")
    removed = added(site, receiver.url)
    assert site.client.delete(removed["links"]["self"]).status_code == 204
    assert site.client.get(removed["links"]["self"]).json()["code"] == "webhook_not_found"
    ended(site)
    assert receiver.next().path == "/hook/other"
    until(site, other, "delivered")
    assert deliveries(site, webhook) == []


def test_an_endpoint_can_be_tried(site: Site, receiver: Receiver) -> None:
    webhook = added(site, receiver.url)
    address = f"{webhook['links']['self']}/ping"
    told = site.client.post(address).json()
    assert (told["delivered"], told["status"], told["error"]) == (True, 204, None)
    message = verified(webhook["secret"], receiver.next())
    assert (message["type"], message["data"]) == ("webhook.ping", {"webhook": webhook["id"]})
    receiver.answer = lambda _: (302, {"Location": receiver.url})
    told = site.client.post(address).json()
    assert (told["delivered"], told["status"]) == (False, 302)
    assert "redirects are not followed" in told["error"]
    receiver.next()
    assert receiver.received.empty()


def test_deliveries_are_listed_by_page_status_and_job(site: Site, receiver: Receiver) -> None:
    webhook = added(site, receiver.url)
    first, second = ended(site), ended(site)
    until(site, webhook, "delivered", "delivered")
    page = site.client.get(f"{webhook['links']['deliveries']}?limit=1").json()
    assert ([one["job_id"] for one in page["data"]], page["has_more"]) == ([str(second)], True)
    assert [one["job_id"] for one in deliveries(site, webhook, f"?after={page['next']}")] == [str(first)]
    assert [one["job_id"] for one in deliveries(site, webhook, f"?job={first}")] == [str(first)]
    assert deliveries(site, webhook, "?status=failed") == []
    for wrong in ("?job=7", "?status=lost"):
        assert site.client.get(f"{webhook['links']['deliveries']}{wrong}").status_code == 422


def test_anothers_endpoint_is_not_there(site: Site, receiver: Receiver) -> None:
    webhook = added(site, receiver.url)
    ended(site)
    [delivery] = until(site, webhook, "delivered")
    of, told = UUID(webhook["id"]), UUID(delivery["id"])
    ask = EndpointRequest(of, "ada")
    for refused in (
        lambda: get_endpoint(site.system, ask),
        lambda: change_endpoint(site.system, ask, {}),
        lambda: delete_endpoint(site.system, ask),
        lambda: rotate_secret(site.system, ask),
        lambda: ping_endpoint(site.system, ask),
        lambda: list_deliveries(site.system, ListDeliveriesRequest(of, caller="ada")),
        lambda: redeliver(site.system, DeliveryRequest(of, told, "ada")),
    ):
        with pytest.raises(Refusal) as refusal:
            refused()
        assert refusal.value.code == "webhook_not_found"
    assert list_endpoints(site.system, 10, "ada") == ([], False)


def test_links_are_those_that_the_proxy_shows(open_site: Callable[..., Site], receiver: Receiver) -> None:
    site = open_site(HERE | {"REELOG_ROOT_PATH": "/reelog"})
    answer = site.client.post("/v1/webhooks", json={"url": receiver.url})
    assert answer.json()["links"]["self"].startswith("/reelog/v1/webhooks/")
    job_id = ended(site)
    data = receiver.next().message["data"]
    assert data["links"]["self"] == f"/reelog/v1/jobs/{job_id}"
    assert data == site.client.get(f"/v1/jobs/{job_id}?at={data['position']}").json()


def test_metrics_count_deliveries_by_outcome(site: Site, receiver: Receiver) -> None:
    webhook = added(site, receiver.url)
    ended(site)
    until(site, webhook, "delivered")
    follower = site.system.store.follower(0)
    wanted = 'reelog_webhook_deliveries_total{outcome="delivered"} 1'
    while wanted not in (text := site.client.get("/metrics").text):
        follower.next_batch(0.05)
    follower.close()
    assert "reelog_webhook_deliveries_pending 0" in text
    assert 'reelog_webhook_deliveries_total{outcome="failed"} 0' in text


@pytest.mark.parametrize(
    ("body", "pointer", "said"),
    [
        ({}, "/url", "missing"),
        ({"url": "ftp://example.org/x"}, "/url", "https"),
        ({"url": "https://me:secret@example.org/x"}, "/url", "name and password"),
        ({"url": "https://example.org/x#y"}, "/url", "#"),
        ({"url": "https://example.org:0/x"}, "/url", "port"),
        ({"url": "https://10.0.0.8/x"}, "/url", "no public address"),
        ({"url": "https://example.org/x", "events": ["job.ended"]}, "/events/0", "job.completed"),
        ({"url": "https://example.org/x", "events": []}, "/events", "at least 1"),
        ({"url": "https://example.org/x", "secret": "x"}, "/secret", "not known"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(site: Site, body: Any, pointer: str, said: str) -> None:
    answer = site.client.post("/v1/webhooks", json=body)
    assert answer.status_code == 422
    [fault] = answer.json()["errors"]
    assert fault["pointer"] == pointer
    assert said in fault["message"]
    submitted = site.client.post("/v1/jobs", json={"script": "A boat.", "webhook": body})
    assert [one["pointer"] for one in submitted.json()["errors"]] == [f"/webhook{pointer}"]


def test_without_a_setting_no_address_of_this_machine_can_be_named(open_site: Callable[..., Site]) -> None:
    site = open_site()
    for url in (
        "http://127.0.0.1:9/x",
        "https://localhost/x",
        "https://[::ffff:127.0.0.1]/x",
        "http://a.example",
    ):
        answer = site.client.post("/v1/webhooks", json={"url": url})
        assert answer.status_code == 422, url
        assert "REELOG_WEBHOOK_NETWORKS" in answer.json()["errors"][0]["message"]


def test_what_is_not_there_is_said(site: Site, receiver: Receiver) -> None:
    webhook = added(site, receiver.url)
    for of in (uuid4(), "x"):
        assert site.client.get(f"/v1/webhooks/{of}").json()["code"] == "webhook_not_found"
        answer = site.client.get(f"{webhook['links']['deliveries']}/{of}")
        assert (answer.status_code, answer.json()["code"]) == (404, "delivery_not_found")
