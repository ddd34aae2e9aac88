"""One POST: how it ends, however the other side behaves."""

import threading
import time
from email.utils import formatdate

import anyio
import pytest

from api.webhooks.addresses import Addresses
from api.webhooks.answer import Answer
from api.webhooks.client import WebhookClient
from tests.receiver import receiving

HERE = Addresses(["127.0.0.1"])


def post(url: str, timeout_s: float = 5.0) -> Answer:
    return anyio.run(WebhookClient(HERE, timeout_s).post, url, {"webhook-id": "7"}, b'{"a":1}')


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_answer_of_success_counts(status: int) -> None:
    with receiving() as receiver:
        receiver.answer = lambda _: status
        answer = post(receiver.url)
        assert (answer.status, answer.error) == (status, None)
        got = receiver.next()
        assert (got.body, got.headers["webhook-id"], got.headers["connection"]) == (b'{"a":1}', "7", "close")
        assert got.headers["user-agent"].startswith("Reelog/")


@pytest.mark.parametrize("status", [301, 400, 404, 410, 429, 500, 503])
def test_any_other_is_a_failure(status: int) -> None:
    with receiving() as receiver:
        receiver.answer = lambda _: (status, {"Retry-After": "120"})
        answer = post(receiver.url)
        assert (answer.status, answer.retry_after_s) == (status, 120)
        assert f"it answered {status}" in str(answer.error)


def asked_for(told: str) -> float | None:
    with receiving() as receiver:
        receiver.answer = lambda _: (503, {"Retry-After": told})
        return post(receiver.url).retry_after_s


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("100000", 100_000),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 0),
        ("Fri Dec 31 23:59:59 1999", 0),
        ("Fri, 31 Dec 1999 23:59:59 +9999", None),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_more_time_is_asked_for_in_seconds_or_by_a_date(told: str, seconds: float | None) -> None:
    assert asked_for(told) == seconds


def test_a_date_to_come_is_waited_for() -> None:
    asked = asked_for(formatdate(time.time() + 7200, usegmt=True))
    assert asked is not None
    assert 7000 < asked <= 7200


def test_a_hanging_endpoint_is_given_up() -> None:
    let_go = threading.Event()
    with receiving() as receiver:
        receiver.answer = lambda _: (let_go.wait(20), 204)[1]
        answer = post(receiver.url, 0.1)
        let_go.set()
    assert (answer.status, answer.error) == (None, "no answer within 0.1 s")


def test_nobody_there_is_said() -> None:
    with receiving() as receiver:
        url = receiver.url
    answer = post(url)
    assert answer.status is None
    assert "ConnectError" in str(answer.error)


def test_a_name_that_nobody_knows_is_said() -> None:
    def nobody(_host: str, _port: int) -> list[str]:
        raise OSError("unknown")

    answer = anyio.run(WebhookClient(Addresses((), nobody)).post, "https://nobody.example/hook", {}, b"")
    assert "nobody.example has no address: unknown" in str(answer.error)
