"""What is asked of a server, written once for programs that wait and for programs that await.

An operation is a generator, a *flow*: it yields what is to be done (send a request, read from its answer,
pause, hand an item to the caller) and is sent what came of it. It touches no network and knows nothing of
threads or event loops; ``client.py`` and ``async_client.py`` each carry flows out in some forty lines.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

import httpx
from httpx_sse import SSEError

from reelog_client.errors import AnswerLostError, ReelogError, ServerUnreachableError

T = TypeVar("T")

ANSWER_TIMEOUT_S = 30.0
UPLOAD_TIMEOUT_S = 900.0
"""A long clip is looked at to its end before it is answered."""
STREAM_SILENCE_S = 40.0
"""The server says something every 15 s; after two missed turns the connection is taken for dead."""
PIECE_BYTES = 1 << 16
ERROR = 400
READING = frozenset({"GET", "HEAD"})


@dataclass(frozen=True)
class Request:
    """Send this, and be sent the ``httpx.Response``: with its body, or open to be read piece by piece."""

    method: str
    path: str
    """Within the server; or a whole address to which the server points."""
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    """What is sent as JSON."""
    file: "Path | bytes | None" = None
    """What is sent as it is."""
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = ANSWER_TIMEOUT_S
    read: Literal["whole", "events", "bytes"] = "whole"

    @property
    def writes(self) -> bool:
        """Whether something may have been done where the answer is lost; asking for a price does nothing."""
        dry_run = isinstance(self.body, dict) and self.body.get("dry_run") is True
        return not (self.method in READING or dry_run or self.path == "/v1/estimate")

    @property
    def is_elsewhere(self) -> bool:
        """Whether it goes to a bucket, which has no business with our key."""
        return "://" in self.path


@dataclass(frozen=True)
class Read:
    """Be sent the next event or piece of the answer that is open; None at its end."""


@dataclass(frozen=True)
class Pause:
    seconds: float


@dataclass(frozen=True)
class Give(Generic[T]):
    """Hand an item to whoever iterates."""

    item: T


READ = Read()
Action = Request | Read | Pause
Flow = Generator[Action, Any, T]
"""Comes to a T."""
ItemFlow = Generator[Request | Read | Pause | Give[T], Any, None]
"""Gives any number of T."""


class Conversation(Generic[T]):
    """A flow on its way: ``advance`` to its next action, then say what came of it."""

    def __init__(self, flow: "Generator[Any, Any, T]") -> None:
        self._flow = flow
        self._answer: Any = None
        self._failure: ReelogError | None = None
        self.result: T | None = None

    def advance(self) -> Any:
        """The next action; None when the flow has ended, with its ``result``."""
        answer, failure = self._answer, self._failure
        self._answer = self._failure = None
        try:
            return self._flow.send(answer) if failure is None else self._flow.throw(failure)
        except StopIteration as end:
            self.result = end.value
            return None

    def answer(self, answer: Any) -> None:
        self._answer = answer

    def fail(self, error: Exception) -> None:
        """What the transport raised, as an error of ours."""
        self._failure = failure_of(error)

    def close(self) -> None:
        self._flow.close()


TRANSPORT_ERRORS = (httpx.HTTPError, SSEError)
"""What the network raises. An OSError is of a file of ours, and of no concern to the server."""


def failure_of(error: Exception) -> ReelogError:
    """Whether anything can have reached the server is what matters of an error of the transport."""
    said = str(error) or type(error).__name__
    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)):
        return ServerUnreachableError(f"nothing answers: {said}")
    return AnswerLostError(f"the answer was lost: {said}")


def prepared(
    http: "httpx.Client | httpx.AsyncClient",
    base: str,
    request: Request,
    content: Any,
    traceparent: str | None = None,
) -> httpx.Request:
    """The request as the transport takes it; ``content`` are a file's bytes, as such a transport reads.

    ``traceparent`` is the caller's span, which is our server's business alone.
    """
    headers = {"Accept": "application/json", **request.headers}
    if request.read == "events":
        headers["Accept"] = "text/event-stream"
    elif request.read == "bytes":
        headers["Accept"] = "*/*"
        # Bytes are counted and resumed as they lie there, so they are asked for unpacked.
        headers["Accept-Encoding"] = "identity"
    if traceparent is not None and not request.is_elsewhere:
        headers["traceparent"] = traceparent
    if request.file is not None:
        size = request.file.stat().st_size if isinstance(request.file, Path) else len(request.file)
        headers |= {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
    built = http.build_request(
        request.method,
        request.path if request.is_elsewhere else f"{base}{request.path}",
        # None, and not an empty dict, which would take its own query from the address.
        params={n: v for n, v in request.query.items() if v is not None} or None,
        json=request.body,
        content=content,
        headers=headers,
        timeout=httpx.Timeout(request.timeout_s, connect=min(request.timeout_s, ANSWER_TIMEOUT_S)),
    )
    if request.is_elsewhere:
        built.headers.pop("Authorization", None)
    return built
