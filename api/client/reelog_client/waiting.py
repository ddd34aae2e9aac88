"""Waiting for a job's film: asking how it stands, seldom and cheaply (``304`` while nothing has changed).

Not by its stream, as a wait with a limit must end in time also while a stream is silent; nor by one long
request, which a proxy would cut.
"""

import time
from http import HTTPStatus

from reelog_client.configuration import Patience
from reelog_client.documents import JobDocument
from reelog_client.errors import ReelogError, TimedOutError, ended
from reelog_client.exchange import Flow, Pause, Request
from reelog_client.retries import document, send

FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 3.0


def wait(path: str, timeout_s: float | None, patience: Patience) -> Flow[JobDocument]:
    """The completed job; a JobError where it ended otherwise, or waits for a person."""
    until = None if timeout_s is None else time.monotonic() + timeout_s
    over = f"{path} had not ended after {timeout_s:g} s" if timeout_s is not None else ""
    pause = FIRST_PAUSE_S
    asked: dict[str, str] = {}
    while True:
        try:
            response = yield from send(
                Request("GET", path, headers=asked), patience, repeatable=True, until=until
            )
        except ReelogError as error:
            if until is not None and error.transient and time.monotonic() >= until:
                raise TimedOutError(over) from error
            raise
        if response.status_code != HTTPStatus.NOT_MODIFIED:
            job: JobDocument = document(response)
            if (why := ended(job)) is not None:
                raise why
            if job["status"] == "completed":
                return job
            asked = {"If-None-Match": response.headers["ETag"]} if "ETag" in response.headers else {}
        if until is not None:
            left = until - time.monotonic()
            if left <= 0:
                raise TimedOutError(over)
            pause = min(pause, left)
        yield Pause(pause)
        pause = min(1.5 * pause, LONGEST_PAUSE_S)
