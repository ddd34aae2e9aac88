"""The operations of many jobs at once, and of what is removed."""

from api.cases.bulk import CancelJobs, RetryJobs
from api.http.list_parameters import BULK_KEY
from api.http.operations import JOB
from api.http.parameters import RUN_TRACEPARENT
from api.http.responses import JSON
from api.http.routing import Operation, ResponseSpec
from api.http.schema.bulk import BulkResult
from api.http.schema.jobs import JobDocument

OF_EACH = {200: ResponseSpec("What became of each job, or would", {JSON: BulkResult})}

CANCEL_JOBS = Operation(
    id="cancel_jobs",
    tag="jobs",
    summary="Cancel many jobs",
    problems=("invalid_submission", "position_unknown"),
    responses=OF_EACH,
    body=CancelJobs,
)
RETRY_JOBS = Operation(
    id="retry_jobs",
    tag="jobs",
    summary="Retry many jobs, or tell what that costs",
    problems=("invalid_submission", "position_unknown", "draining"),
    responses=OF_EACH,
    parameters=(BULK_KEY, RUN_TRACEPARENT),
    body=RetryJobs,
)
DELETE_JOB = Operation(
    id="delete_job",
    tag="jobs",
    summary="Remove an ended job's texts and files for good; its record stays",
    problems=(*JOB, "job_not_ended", "draining"),
    responses={
        200: ResponseSpec("They are gone, or were before", {JSON: JobDocument}),
        202: ResponseSpec(
            "Texts are gone, and nothing can be fetched any more; some bytes are removed within some hours",
            {JSON: JobDocument},
        ),
    },
)
