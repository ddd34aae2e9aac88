"""A job's events as they happen, through cuts, restarts and deployments, none twice and none left out.

The server begins a stream by saying which log it is of. A reader that comes back says which event it saw last
(``Last-Event-ID``); where the log is another one by then, positions mean nothing any more, and that is an
error rather than a gap. Only ``event: end``, or 204, is the end: any other is a cut.
"""

import json
from collections.abc import Generator
from http import HTTPStatus
from typing import Any

import httpx

from reelog_client.configuration import Patience
from reelog_client.documents import EventDocument
from reelog_client.errors import AnswerLostError, ProblemError, ReelogError, StoreChangedError
from reelog_client.exchange import READ, STREAM_SILENCE_S, Action, Give, ItemFlow, Request
from reelog_client.retries import Waiting, raise_problem

LONGEST_RETRY_S = 30.0


class EventStream:
    """Every event beyond ``after``, until all that is watched has ended."""

    def __init__(self, path: str, after: int, patience: Patience, *, jobs: str | None = None) -> None:
        self._path = path
        self._query = {"after": after, "jobs": jobs}
        self._position = self._after = after
        self._store: str | None = None
        self._opened = False
        self._retry_s: float | None = None
        self._unreached = patience.unreached
        self._waiting = Waiting(patience)

    def run(self) -> ItemFlow[EventDocument]:
        """Read, and come back after each cut; AnswerLostError when the server stays away for too long."""
        while True:
            cut: ReelogError = AnswerLostError("the stream was cut")
            try:
                if (yield from self._read()):
                    return
            except ReelogError as error:
                cut = self._worth_coming_back(error)
            asked = self._retry_s if cut.retry_after_s is None else cut.retry_after_s
            if not (yield from self._waiting.pause(asked)):
                raise AnswerLostError(f"the stream was lost at position {self._position}: {cut}") from cut

    def _read(self) -> Generator[Action | Give[EventDocument], Any, bool]:
        """One connection; True when the stream has come to its end."""
        # As browsers do: the address stays, and the header says where to go on.
        resume = {"Last-Event-ID": str(self._position)} if self._position > self._after else {}
        response: httpx.Response = yield Request(
            "GET", self._path, self._query, headers=resume, timeout_s=STREAM_SILENCE_S, read="events"
        )
        raise_problem(response)
        self._opened = True
        if response.status_code == HTTPStatus.NO_CONTENT:
            return True
        while (event := (yield READ)) is not None:
            if event.retry is not None:
                self._retry_s = min(event.retry / 1000, LONGEST_RETRY_S)
            if not event.data:
                continue
            self._waiting.reset()
            if event.event == "end":
                return True
            told = json.loads(event.data)
            if event.event == "log":
                self._greet(told["store"])
            else:
                self._position = told["position"]
                yield Give(told)
        return False

    def _greet(self, store: str) -> None:
        if self._store not in {None, store}:
            raise StoreChangedError(f"the server has another log than before: {store}, not {self._store}")
        self._store = store

    def _worth_coming_back(self, error: ReelogError) -> ReelogError:
        """The error, where the stream may go on after it; else it is raised."""
        if self._opened and isinstance(error, ProblemError) and error.code == "position_unknown":
            raise StoreChangedError(
                f"the server's log has no position {self._position}; it is another log than before"
            ) from error
        if not error.transient or not (self._opened or self._unreached):
            raise error
        return error
