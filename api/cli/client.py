"""The server that a command talks to: Reelog's own Python client, its errors as those of commands.

What is sent again, and when, how a stream is gone on with and a download resumed stands in the client
(``api/client/``), for everybody's programs. Here every way in which that can go wrong becomes one clear error
with its exit code; nothing is ever printed as a traceback. The client is loaded when a server is asked.
"""

import contextlib
import copy
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from api.cases.errors import FieldError
from api.cli.errors import CliError, InputError, NotAllowedError, UnreachableError
from api.cli.refusals import error_of
from api.cli.text import printable

if TYPE_CHECKING:
    import reelog_client
    from reelog_client import ProblemError, Progress, ReelogError

Json = dict[str, Any]

RECONNECT_FOR_S = 60.0
RECONNECT_PAUSE_S = 1.0
PAGE = 1000
_TOO_MANY = HTTPStatus.TOO_MANY_REQUESTS


class Client:
    """One server; ``url`` is its base address, ``traceparent`` the span that what is begun is part of."""

    reconnect_for_s = RECONNECT_FOR_S
    reconnect_pause_s = RECONNECT_PAUSE_S

    def __init__(self, url: str, api_key: str | None = None, traceparent: str | None = None) -> None:
        import reelog_client

        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InputError(
                f"--url: {url!r} is no address of a server; write one such as http://127.0.0.1:8080"
            )
        self.url = url.rstrip("/")
        # A person who mistyped an address is told at once; what was begun is waited for.
        patience = reelog_client.Patience(self.reconnect_for_s, self.reconnect_pause_s, unreached=False)
        client = reelog_client.Client(url, api_key, patience=patience, keep_alive=False)
        self._client = client if traceparent is None else client.within(traceparent)

    def within(self, traceparent: str | None) -> Self:
        """The same server, asked within this span, where there is one."""
        other = copy.copy(self)
        if traceparent is not None:
            other._client = self._client.within(traceparent)  # noqa: SLF001 - a copy of this one
        return other

    def get(self, path: str, **query: Any) -> Any:
        return self._request("GET", path, query=query)

    def post(self, path: str, body: Any = None, key: str | None = None, method: str = "POST") -> Any:
        """Ask once, and never again."""
        return self._request(method, path, body=body or {}, idempotency_key=key)

    def post_once(self, path: str, body: Json, key: str, method: str = "POST") -> Any:
        """POST, or PUT, what costs money: it is paid for once, however often the answer is lost."""
        return self._request(method, path, body=body, idempotency_key=key, repeatable=True)

    def _request(self, method: str, path: str, *, repeatable: bool = False, **more: Any) -> Any:
        with self._errors():
            return self._client.api.request(method, path, repeatable=repeatable, **more)

    def ask(self, ask: "Callable[[reelog_client.Client], Any]") -> Any:
        """What a method of Reelog's own client gives; its errors as those of commands."""
        with self._errors():
            return ask(self._client)

    def upload(self, file: Path) -> Json:
        """Send a file's bytes, piece by piece."""
        with self._errors():
            try:
                return dict(self._client.files.upload(file))
            except OSError as error:
                raise InputError(f"it cannot be read: {error.strerror}") from None

    def readiness(self, timeout_s: float) -> Json | None:
        """What ``/readyz`` says, ready or not; None when no server of ours answers in time."""
        from reelog_client import ReelogError

        try:
            return dict(self._client.health.ready(timeout_s=timeout_s))
        except ReelogError:
            return None

    def is_there(self, within_s: float = 0.5) -> bool:
        """Whether a Reelog runs there, as far as can be told at once."""
        try:
            return "status" in self._request("GET", "/healthz", timeout_s=within_s)
        except (CliError, TypeError):
            return False

    def data(self, path: str) -> bytes:
        """The bytes at an address, as they are."""
        with self._errors():
            return self._client.api.content(path)

    def chunks(self, path: str) -> Iterator[bytes]:
        """The bytes at an address, piece by piece; UnreachableError where they end too soon."""
        with self._errors():
            yield from self._client.api.pieces(path)

    def pages(self, path: str, **query: Any) -> Iterator[Json]:
        """Every item of a list, page by page."""
        with self._errors():
            yield from self._client.api.items(path, query=query)

    def stream(self, path: str, after: int) -> Iterator[Json]:
        """Every event beyond ``after`` until the stream ends; a broken connection is resumed where it broke.

        UnreachableError at once when there is no server to begin with, and when it then stays away for a
        minute.
        """
        from reelog_client import AnswerLostError

        with self._errors():
            try:
                for event in self._client.api.stream(path, after=after):
                    yield dict(event)
            except AnswerLostError as error:
                raise UnreachableError(
                    f"the connection to {self.url} was lost: {_on_one_line(error)}",
                    "The job goes on where it runs; watch it again when the server is back.",
                ) from None

    def download(self, job: Json, folder: Path, progress: Callable[["Progress"], None]) -> dict[str, Path]:
        """Bring a finished film's files into a folder, going on where an earlier download was cut."""
        with self._errors():
            return self._client.jobs.get(job["id"]).download(folder, progress=progress)

    # ---- what goes wrong --------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        from reelog_client import ReelogError

        try:
            yield
        except ReelogError as error:
            raise self._error(error) from None

    def _error(self, error: "ReelogError") -> CliError:
        from reelog_client import AnswerLostError, JobError, ProblemError, ServerUnreachableError

        said = _on_one_line(error)
        if isinstance(error, ProblemError):
            return self._refusal(error)
        if isinstance(error, AnswerLostError) and error.idempotency_key:
            return UnreachableError(
                said,
                f"It may have been done. Ask again with --idempotency-key {error.idempotency_key}: the same "
                f"request is done and paid for once. Or look: reelog ls --url {self.url}",
            )
        if isinstance(error, AnswerLostError):
            look = "look before you ask again: what was asked may have been done"
            return UnreachableError(
                f"{self.url}: {said}",
                f"See that the server runs, and {look if error.may_be_done else 'ask again'}.",
            )
        if isinstance(error, ServerUnreachableError):
            return UnreachableError(
                said.replace("nothing answers:", f"nothing answers at {self.url}:", 1),
                "Start a server with `reelog serve`, or name one with --url or REELOG_URL.",
            )
        if isinstance(error, JobError):
            return InputError(f"JOB: {said}")
        return UnreachableError(said, "See that the address and port are those of a server.")

    def _refusal(self, refused: "ProblemError") -> CliError:
        """The error that an answer of 4xx or 5xx stands for."""
        detail = _on_one_line(refused.detail)
        if refused.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return NotAllowedError(
                f"the server at {self.url} does not let you in: {detail}",
                "Set REELOG_API_KEY to a key of that server.",
            )
        if (
            refused.status >= HTTPStatus.INTERNAL_SERVER_ERROR
            or refused.status == HTTPStatus.TOO_MANY_REQUESTS
        ):
            named = f" (request {refused.request_id})" if refused.request_id else ""
            return UnreachableError(f"the server at {self.url} cannot do it now: {detail}{named}")
        errors = [FieldError(_on_one_line(e["pointer"]), _on_one_line(e["message"])) for e in refused.errors]
        return error_of(refused.code, detail, errors, where=self.url)


def _on_one_line(said: object) -> str:
    """What a server says stays within its line of ours."""
    return " ".join(printable(str(said)).split())
