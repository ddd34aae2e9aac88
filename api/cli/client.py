"""A small client of Reelog's own HTTP API, for the commands that talk to a server.

The standard library is enough: a command makes one request or follows one stream. Every way in which that
can go wrong becomes one clear error with its exit code; nothing is ever printed as a traceback.
"""

import contextlib
import http.client
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlencode, urlsplit

from api.cases.errors import FieldError
from api.cli.errors import CliError, InputError, NotAllowedError, UnreachableError
from api.cli.refusals import error_of
from api.cli.text import printable

Json = dict[str, Any]

ANSWER_TIMEOUT_S = 30.0
UPLOAD_TIMEOUT_S = 900.0
"""A long clip is looked at to its end before it is answered."""
STREAM_SILENCE_S = 40.0
"""The server says something every 15 s; after two missed turns the connection is taken for dead."""
RECONNECT_FOR_S = 60.0
RECONNECT_PAUSE_S = 1.0
PAGE = 1000
_LOCAL = {"127.0.0.1", "localhost", "::1"}


# What can break a connection that had been made.
_AFTER_SENDING = (BrokenPipeError, ConnectionAbortedError, ConnectionResetError, TimeoutError)


class LostAnswerError(UnreachableError):
    """The request was sent, or may have been, and nothing came back that says what became of it."""


class Client:
    """One server; ``url`` is its base address."""

    reconnect_for_s = RECONNECT_FOR_S
    reconnect_pause_s = RECONNECT_PAUSE_S

    def __init__(self, url: str, api_key: str | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InputError(
                f"--url: {url!r} is no address of a server; write one such as http://127.0.0.1:8080"
            )
        self.url = url.rstrip("/")
        self._headers = {"Accept": "application/json"}
        self._api_key = api_key
        # A proxy of the environment cannot reach this machine's own loopback.
        proxies = [urllib.request.ProxyHandler({})] if parts.hostname in _LOCAL else []
        self._opener = urllib.request.build_opener(*proxies)

    def get(self, path: str, **query: Any) -> Any:
        return self._json(self._request("GET", path, query))

    def post(
        self,
        path: str,
        body: Json | None = None,
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
    ) -> Any:
        data = json.dumps(body or {}, ensure_ascii=False).encode()
        return self._json(
            self._request(method, path, {}, data, {"Content-Type": "application/json", **(headers or {})})
        )

    def delete(self, path: str) -> None:
        self._request("DELETE", path, {}).close()

    def upload(self, path: str, file: Path) -> Any:
        """POST a file's bytes, piece by piece."""
        try:
            with file.open("rb") as data:
                size = str(os.fstat(data.fileno()).st_size)
                headers = {"Content-Type": "application/octet-stream", "Content-Length": size}
                return self._json(self._request("POST", path, {}, data, headers, UPLOAD_TIMEOUT_S))
        except OSError as error:
            raise InputError(f"FILE: {file} cannot be read: {error.strerror}") from None

    def readiness(self, timeout_s: float) -> Json | None:
        """What ``/readyz`` says, ready or not; None when no server of ours answers in time."""
        request = self._asking(f"{self.url}/readyz", headers=self._headers)
        try:
            with self._opener.open(request, timeout=timeout_s) as answer:
                told = json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            with refused, contextlib.suppress(ValueError, OSError, http.client.HTTPException):
                told = json.loads(refused.read())
                return told if isinstance(told, dict) and "actors" in told else None
            return None
        except (ValueError, OSError, http.client.HTTPException):
            return None
        return told if isinstance(told, dict) and "actors" in told else None

    def data(self, path: str) -> bytes:
        """The bytes at an address, as they are."""
        with self._request("GET", path, {}, headers={"Accept": "*/*"}) as answer:
            try:
                return answer.read()
            except (OSError, http.client.HTTPException) as error:
                raise self._lost(error) from None

    def chunks(self, path: str) -> Iterator[bytes]:
        """The bytes at an address, piece by piece; UnreachableError where they end too soon."""
        headers = {"Accept": "*/*"}
        with self._request("GET", path, {}, headers=headers, timeout_s=UPLOAD_TIMEOUT_S) as answer:
            try:
                while chunk := answer.read(1 << 18):
                    yield chunk
                if answer.length:  # the library says nothing of an end that comes too soon
                    raise http.client.IncompleteRead(b"", answer.length)
            except (OSError, http.client.HTTPException) as error:
                raise self._lost(error) from None

    def post_once(self, path: str, body: Json, key: str, method: str = "POST") -> Any:
        """POST, or PUT, what costs money: it is paid for once, however often the answer is lost on its way.

        The server knows the request again by its ``Idempotency-Key``, so it is sent again for a minute. Then
        nobody knows whether it was carried out: UnreachableError tells the key, with which one may ask later.
        """
        deadline = time.monotonic() + self.reconnect_for_s
        sent = False
        while True:
            try:
                return self.post(path, body, {"Idempotency-Key": key}, method)
            except NotAllowedError:
                raise
            except UnreachableError as error:
                sent = sent or isinstance(error, LostAnswerError)
                if not sent:
                    raise
                if time.monotonic() > deadline:
                    raise UnreachableError(
                        error.message,
                        f"It may have been done. Ask again with --idempotency-key {key}: the same request "
                        f"is done and paid for once. Or look: reelog ls --url {self.url}",
                    ) from None
            time.sleep(self.reconnect_pause_s)

    def is_there(self, within_s: float = 0.5) -> bool:
        """Whether a Reelog runs there, as far as can be told at once."""
        try:
            return "status" in self._json(self._request("GET", "/healthz", {}, timeout_s=within_s))
        except (CliError, TypeError):
            return False

    def pages(self, path: str, **query: Any) -> Iterator[Json]:
        """Every item of a list, page by page."""
        while True:
            page = self.get(path, **{"limit": PAGE, **query})
            yield from page["data"]
            if not page["has_more"]:
                return
            query["after"] = page["next"]

    def stream(self, path: str, after: int) -> Iterator[Json]:
        """Every event beyond ``after`` until the stream ends; a broken connection is resumed where it broke.

        UnreachableError at once when there is no server to begin with, and when it then stays away for a
        minute.
        """
        answer = self._open_stream(path, after)
        while True:
            broken: Exception | None = None
            try:
                for event in _events(answer):
                    if event is None:
                        return
                    after = event["position"]
                    yield event
            except (OSError, http.client.HTTPException) as error:
                broken = error
            answer = self._reopen_stream(path, after, broken)

    def _reopen_stream(self, path: str, after: int, broken: Exception | None) -> http.client.HTTPResponse:
        deadline = time.monotonic() + self.reconnect_for_s
        while True:
            time.sleep(self.reconnect_pause_s)
            try:
                return self._open_stream(path, after)
            except NotAllowedError:
                raise
            except UnreachableError as error:
                if time.monotonic() > deadline:
                    raise UnreachableError(
                        f"the connection to {self.url} was lost ({broken or 'closed'}): {error.message}",
                        "The job goes on where it runs; watch it again when the server is back.",
                    ) from None

    def _open_stream(self, path: str, after: int) -> http.client.HTTPResponse:
        # ``after`` alone says where to go on: a position that is refused then has the name that was typed.
        headers = {"Accept": "text/event-stream"}
        return self._request("GET", path, {"after": after}, headers=headers, timeout_s=STREAM_SILENCE_S)

    def _asking(self, url: str, **how: Any) -> urllib.request.Request:
        request = urllib.request.Request(url, **how)  # noqa: S310 - the scheme was checked above
        if self._api_key:
            # The key is for the server alone, and not for a bucket to which it points.
            request.add_unredirected_header("Authorization", f"Bearer {self._api_key}")
        return request

    def _request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        data: bytes | BinaryIO | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = ANSWER_TIMEOUT_S,
    ) -> http.client.HTTPResponse:
        asked = urlencode({name: value for name, value in query.items() if value is not None})
        request = self._asking(
            f"{self.url}{path}{'?' + asked if asked else ''}",
            data=data,
            headers={**self._headers, **(headers or {})},
            method=method,
        )
        try:
            answer: http.client.HTTPResponse = self._opener.open(request, timeout=timeout_s)
        except urllib.error.HTTPError as refused:
            with refused:
                raise self._refusal(refused) from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            if not isinstance(error, urllib.error.URLError) or isinstance(reason, _AFTER_SENDING):
                raise self._lost(reason) from None
            raise UnreachableError(
                f"nothing answers at {self.url}: {getattr(reason, 'strerror', None) or reason}",
                "Start a server with `reelog serve`, or name one with --url or REELOG_URL.",
            ) from None
        return answer

    def _json(self, answer: http.client.HTTPResponse) -> Any:
        with answer:
            try:
                return json.loads(answer.read())
            except (OSError, http.client.HTTPException) as error:
                raise self._lost(error) from None
            except ValueError:
                raise self._no_reelog() from None

    def _refusal(self, refused: urllib.error.HTTPError) -> CliError:
        """The error that an answer of 4xx or 5xx stands for."""
        try:
            problem = json.loads(refused.read())
        except (ValueError, OSError, http.client.HTTPException):
            problem = None
        if refused.code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            detail = _detail(problem) or HTTPStatus(refused.code).phrase
            return NotAllowedError(
                f"the server at {self.url} does not let you in: {detail}",
                "Set REELOG_API_KEY to a key of that server.",
            )
        if not isinstance(problem, dict) or not _detail(problem):
            said = self._no_reelog(refused.code)
            # A gateway that gave up does not know whether the server did not.
            lost = refused.code in {HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT}
            return LostAnswerError(said.message, said.hint) if lost else said
        if refused.code >= HTTPStatus.INTERNAL_SERVER_ERROR or refused.code == HTTPStatus.TOO_MANY_REQUESTS:
            request_id = problem.get("request_id")
            named = f" (request {request_id})" if request_id else ""
            return UnreachableError(f"the server at {self.url} cannot do it now: {_detail(problem)}{named}")
        errors = [
            FieldError(_on_one_line(e.get("pointer", "")), _on_one_line(e.get("message", "")))
            for e in problem.get("errors") or ()
        ]
        return error_of(str(problem.get("code")), str(_detail(problem)), errors, where=self.url)

    def _lost(self, reason: object) -> "LostAnswerError":
        said = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        return LostAnswerError(
            f"the answer of {self.url} was lost: {said}",
            "See that the server runs, and look before you ask again: what was asked may have been done.",
        )

    def _no_reelog(self, status: int | None = None) -> UnreachableError:
        answered = f"answers HTTP {status}, but" if status else "answers, but"
        return UnreachableError(
            f"{self.url} {answered} not as Reelog does",
            "See that the address and port are those of a server.",
        )


def _detail(problem: Any) -> str | None:
    if not isinstance(problem, dict):
        return None
    said = problem.get("detail") or problem.get("title")
    return _on_one_line(said) if said else None


def _on_one_line(said: Any) -> str:
    """What a server says stays within its line of ours."""
    return " ".join(printable(str(said)).split())


def _events(answer: http.client.HTTPResponse) -> Iterator[Json | None]:
    """The events of one connection; None is the stream's own end."""
    with answer:
        if answer.status == HTTPStatus.NO_CONTENT:
            yield None
            return
        for name, data in _frames(answer):
            if name != "log":  # which store it is; what is asked beyond its end is refused by itself
                yield None if name == "end" else json.loads(data)


def _frames(lines: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """The frames of an event stream as (event, data); comments and other fields are skipped."""
    name = "message"
    data: list[str] = []
    for raw in lines:
        line = raw.decode().rstrip("\r\n")
        if not line:
            if data:
                yield name, "\n".join(data)
            name, data = "message", []
            continue
        field, _, value = line.partition(":")
        if field == "event":
            name = value.removeprefix(" ")
        elif field == "data":
            data.append(value.removeprefix(" "))
