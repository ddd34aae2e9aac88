"""Reelog from Python: a script goes in, a finished, captioned video comes out.

    with Client() as client:
        job = client.jobs.submit("A boat sets out at dawn.")
        for event in job.watch():
            print(event["message"])
        job.wait().download("film")

``AsyncClient`` is the same for programs that await. Errors are those of ``reelog_client.errors``, and the
documents that come back are typed in ``reelog_client.documents``.
"""

from reelog_client.async_client import AsyncClient, AsyncJob
from reelog_client.client import Client, Job
from reelog_client.configuration import Patience
from reelog_client.downloads import Progress
from reelog_client.errors import (
    AnswerLostError,
    JobAwaitsReviewError,
    JobCancelledError,
    JobError,
    JobFailedError,
    ProblemError,
    ReelogError,
    ServerUnreachableError,
    TimedOutError,
)

__all__ = [
    "AnswerLostError",
    "AsyncClient",
    "AsyncJob",
    "Client",
    "Job",
    "JobAwaitsReviewError",
    "JobCancelledError",
    "JobError",
    "JobFailedError",
    "Patience",
    "ProblemError",
    "Progress",
    "ReelogError",
    "ServerUnreachableError",
    "TimedOutError",
]
