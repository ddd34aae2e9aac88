"""Sending a request until there is an answer that counts, and reading what it says."""

import random
import time
from collections.abc import Generator, Mapping
from dataclasses import replace
from datetime import timezone
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import httpx

from reelog_client.configuration import Patience
from reelog_client.errors import (
    AnswerLostError,
    NotReelogError,
    ReelogError,
    ServerUnreachableError,
    problem_error,
)
from reelog_client.exchange import ERROR, STREAM_SILENCE_S, Flow, Pause, Request

KEY = "Idempotency-Key"
SHORTEST_TIMEOUT_S = 0.1
"""So long an answer is waited for also where no time is left."""


class Waiting:
    """Whether there is a next try, how long to pause before it, and when it is enough.

    ``until`` is a moment of ``time.monotonic``, at which the last try is made. ``reached`` says that the
    server was there a moment ago, so that it is waited for whoever asks.
    """

    def __init__(self, patience: Patience, until: float | None = None, *, reached: bool = False) -> None:
        self._patience = patience
        self._until = until
        self._reached = reached or patience.unreached
        self.sent = False
        """Whether something was sent of which nothing says what became."""
        self.reset()

    def reset(self) -> None:
        """There was a sign of life."""
        self._since = time.monotonic()
        self._pause = self._patience.pause_s

    def after(self, error: ReelogError, *, repeatable: bool = True) -> Generator[Pause, Any, bool]:
        """Pause after an error that another try may get past; False, at once, where none is to be made."""
        self.sent = self.sent or isinstance(error, AnswerLostError)
        if not repeatable or not error.transient or not (self.sent or self._reached):
            return False
        return (yield from self.pause(error.retry_after_s))

    def pause(self, asked_s: float | None = None) -> Generator[Pause, Any, bool]:
        """Pause, for as long as the server asks at least; False, at once, where that would be too long."""
        chance = random.uniform(0.5, 1.0)  # noqa: S311 - so that many clients do not come back at once
        pause = max(self._pause * chance, asked_s or 0.0)
        now = time.monotonic()
        if self._until is not None:
            if now >= self._until:
                return False
            pause = min(pause, self._until - now)
        if now + pause >= self._since + self._patience.for_s:
            return False
        self._pause = min(2 * self._pause, self._patience.longest_pause_s)
        yield Pause(pause)
        return True


def send(
    request: Request, patience: Patience, *, repeatable: bool, until: float | None = None
) -> Flow[httpx.Response]:
    """The answer to a request, which is repeated where that is safe and may help, until ``until``."""
    waiting = Waiting(patience, until)
    while True:
        try:
            response: httpx.Response = yield _ending(request, until)
            raise_problem(response)
        except ReelogError as error:  # noqa: PERF203 - it waits there anyway
            if (yield from waiting.after(error, repeatable=repeatable)):
                continue
            if waiting.sent and error.transient and request.writes:
                raise _lost(error, request.headers.get(KEY)) from error
            raise
        else:
            return response


def _ending(request: Request, until: float | None) -> Request:
    """The request, which waits for its answer no longer than there is time."""
    if until is None:
        return request
    left = max(until - time.monotonic(), SHORTEST_TIMEOUT_S)
    return replace(request, timeout_s=min(request.timeout_s, left))


def _lost(error: ReelogError, key: str | None) -> AnswerLostError:
    again = f"; ask again with idempotency key {key}, which does it once" if key else ""
    return AnswerLostError(f"{error}; it may have been done{again}", key, may_be_done=True)


def opened(
    path: str, query: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Flow[httpx.Response]:
    """The answer whose bytes are read next: the server's, or that of the bucket to which it points."""
    headers = headers or {}
    request = Request("GET", path, query, headers=headers, timeout_s=STREAM_SILENCE_S, read="bytes")
    response: httpx.Response = yield request
    if response.has_redirect_location and response.next_request is not None:
        # A bucket has a tag of its own for the same bytes; what is put together is held by its digest.
        asked = {name: value for name, value in headers.items() if name == "Range"}
        response = yield replace(request, path=str(response.next_request.url), query={}, headers=asked)
    return response


def ask(request: Request, patience: Patience, *, repeatable: bool | None = None) -> Flow[Any]:
    """The document that answers; what reads, or has a key, is repeated."""
    if repeatable is None:
        repeatable = not request.writes or KEY in request.headers
    return document((yield from send(request, patience, repeatable=repeatable)))


def with_key(request: Request, key: str | None = None) -> Request:
    """With a key, so that it is done once however often it is sent."""
    return replace(request, headers={**request.headers, KEY: key or uuid4().hex})


def document(response: httpx.Response) -> Any:
    """The JSON of an answer; None where there is nothing to say."""
    if response.status_code == HTTPStatus.NO_CONTENT:
        return None
    try:
        return response.json()
    except ValueError:
        raise _not_reelog(response) from None


def raise_problem(response: httpx.Response) -> None:
    """Raise what an answer of 4xx or 5xx stands for; its body has been read."""
    status = response.status_code
    if status < ERROR:
        return
    try:
        problem = response.json()
    except ValueError:
        problem = None
    if isinstance(problem, dict) and (problem.get("detail") or problem.get("title")):
        raise problem_error(status, problem, _retry_after(response))
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        raise problem_error(status, {"title": HTTPStatus(status).phrase})
    said = f"{_address(response)} answers HTTP {status}, but not as Reelog does"
    if status in {HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT}:
        # A gateway that gave up does not know whether the server did not.
        raise AnswerLostError(said)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        raise ServerUnreachableError(said)
    raise NotReelogError(said, status)


def _not_reelog(response: httpx.Response) -> NotReelogError:
    return NotReelogError(f"{_address(response)} answers, but not as Reelog does", response.status_code)


def _address(response: httpx.Response) -> str:
    return str(response.url.copy_with(path="/", query=None)).rstrip("/")


def _retry_after(response: httpx.Response) -> float | None:
    """The seconds that are asked for; what stands before a server may name a date instead (RFC 9110)."""
    asked = response.headers.get("Retry-After", "")
    if asked.isascii() and asked.isdecimal():
        return float(asked)
    try:
        at = parsedate_to_datetime(asked)
    except ValueError:
        return None
    return max(0.0, (at if at.tzinfo else at.replace(tzinfo=timezone.utc)).timestamp() - time.time())
