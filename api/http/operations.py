"""Every operation of the API: what it is called, what it reads, and what it answers.

Ids and tags are words of the product, as clients are generated from them; a test holds them. Where each is
found and who answers it says the table in ``app.py``. Longer than other modules: a table is read as one.
"""

from api.cases.approve import Approve
from api.cases.fork import Fork
from api.cases.provide import Provide
from api.cases.regenerate import Regenerate
from api.cases.rename import Rename
from api.cases.retry import Retry
from api.http import parameters as p
from api.http.assets import SHOWN_IN_PLACE
from api.http.list_parameters import FIELDS, FILTER
from api.http.responses import JSON, STREAM
from api.http.routing import Operation, ResponseSpec
from api.http.schema.assets import AssetDocument, AssetList
from api.http.schema.estimates import (
    Estimate,
    PreviewOrJob,
    ProvidePreviewOrJob,
    RegeneratePreviewOrJob,
    RetryPreviewOrJob,
)
from api.http.schema.events import EventDocument, EventPage
from api.http.schema.files import FileDocument
from api.http.schema.health import Alive, Readiness
from api.http.schema.jobs import JobDocument, JobOrFields, JobPageOrFields
from api.http.schema.models import ModelList
from api.http.schema.webhooks import SubmittedJob
from domain.key import Scope
from domain.submission import Submission

JOB = ("job_not_found",)
ASSET = ("asset_not_found",)
FILE = ("file_not_found",)
CONTENT = (*ASSET, "content_not_found", "content_pruned", "content_damaged", "range_not_satisfiable")
SUBMIT = (
    *("invalid_submission", "unpriced_model", "idempotency_key_reused", "queue_full", "draining"),
    *("budget_exhausted", "webhook_key_missing"),
)
REVISE = (
    *("job_pruned", "other_provider", "invalid_submission", "content_damaged", "idempotency_key_reused"),
    *("draining", "budget_exhausted"),
)
UNAVAILABLE = ("store_unavailable", "unavailable")

PAGED_EVENTS = (p.EVENTS_AFTER, p.LIMIT, p.STREAM, p.LAST_EVENT_ID)

ANY_JSON: dict[str, str] = {}
TEXT = {"type": "string"}
BINARY = {"type": "string", "format": "binary"}
TEXTS = ("text/plain", "text/vtt")
CONTENT_BYTES = {
    "application/octet-stream": BINARY,
    **{name: TEXT if name in TEXTS else BINARY for name in sorted(SHOWN_IN_PLACE - {JSON})},
    "audio/midi": BINARY,
    JSON: ANY_JSON,
}
"""A document, a picture, a sound, a film: what a browser cannot show by itself comes as octets."""
FILE_BYTES = dict.fromkeys(
    ("application/octet-stream", "audio/flac", "image/jpeg", "image/png", "video/mp4"), BINARY
)
"""As they are kept; a kind that a later version keeps comes as octets to who does not know it."""
EVENTS = {
    200: ResponseSpec("A page of events, or a stream of them", {JSON: EventPage, STREAM: EventDocument}),
    204: ResponseSpec("A stream that has nothing left to tell: do not come back"),
}
BARE_BYTES = ("application/octet-stream", BINARY)
"""Whatever the type that is named: what a file is, is seen."""
# ---- jobs -----------------------------------------------------------------------------------------------

SUBMIT_JOB = Operation(
    id="submit_job",
    tag="jobs",
    summary="Submit a script",
    problems=SUBMIT,
    responses={
        201: ResponseSpec("A new job", {JSON: SubmittedJob}, ("Location", "Preference-Applied")),
        200: ResponseSpec(
            "The job that came of the same key and body before",
            {JSON: SubmittedJob},
            ("Location", "Preference-Applied"),
        ),
    },
    parameters=(p.IDEMPOTENCY_KEY, p.PREFER, p.TRACEPARENT),
    body=Submission,
)
LIST_JOBS = Operation(
    id="list_jobs",
    tag="jobs",
    summary="List jobs, newest first",
    responses={200: ResponseSpec("A page of jobs", {JSON: JobPageOrFields})},
    parameters=(*FILTER, FIELDS, p.PAGE_AFTER, p.LIMIT),
)
GET_JOB = Operation(
    id="get_job",
    tag="jobs",
    summary="Show a job, now or as it was",
    problems=JOB,
    responses={
        200: ResponseSpec("The job", {JSON: JobOrFields}, ("ETag", "Cache-Control")),
        304: ResponseSpec("It has not changed", headers=("ETag", "Cache-Control")),
    },
    parameters=(p.AT, FIELDS, p.IF_NONE_MATCH),
)
RENAME_JOB = Operation(
    id="rename_job",
    tag="jobs",
    summary="Call a film otherwise; nothing is made anew",
    problems=(*JOB, "job_pruned", "invalid_submission"),
    responses={200: ResponseSpec("The job, with its name", {JSON: JobDocument})},
    body=Rename,
)
CANCEL_JOB = Operation(
    id="cancel_job",
    tag="jobs",
    summary="Cancel a job",
    problems=JOB,
    responses={
        202: ResponseSpec("It is being cancelled", {JSON: JobDocument}),
        200: ResponseSpec("It had ended already, and is as it was", {JSON: JobDocument}),
    },
)
RETRY_JOB = Operation(
    id="retry_job",
    tag="jobs",
    summary="Retry a job",
    problems=(*JOB, *REVISE, "job_not_retryable", "unpriced_model"),
    responses={
        202: ResponseSpec("It goes on", {JSON: JobDocument}),
        200: ResponseSpec(
            "A dry run, or the job that went on for the same key and body before", {JSON: RetryPreviewOrJob}
        ),
    },
    parameters=(p.RUN_KEY, p.RUN_TRACEPARENT),
    body=Retry,
    body_required=False,
)
APPROVE_JOB = Operation(
    id="approve_job",
    tag="jobs",
    summary="Approve what a job waits for",
    problems=(*JOB, *REVISE, "job_not_awaiting_review", "unpriced_model"),
    responses={
        202: ResponseSpec("It goes on", {JSON: JobDocument}),
        200: ResponseSpec(
            "A dry run, or the job that went on for the same key and body before", {JSON: RetryPreviewOrJob}
        ),
    },
    parameters=(p.RUN_KEY, p.RUN_TRACEPARENT),
    body=Approve,
    body_required=False,
)
FORK_JOB = Operation(
    id="fork_job",
    tag="jobs",
    summary="Make a changed copy of a job",
    problems=(*JOB, *SUBMIT, "job_pruned", "other_provider", "content_damaged", "position_unknown"),
    responses={
        201: ResponseSpec("A new job", {JSON: SubmittedJob}, ("Location",)),
        200: ResponseSpec(
            "A dry run, or the job that came of the same key and body before", {JSON: PreviewOrJob}
        ),
    },
    parameters=(p.IDEMPOTENCY_KEY, p.TRACEPARENT),
    body=Fork,
    body_required=False,
)
EXPORT_JOB = Operation(
    id="export_job",
    tag="jobs",
    summary="Take a finished film elsewhere",
    problems=(*JOB, "job_not_finished", "job_pruned", "content_damaged"),
    responses={
        200: ResponseSpec(
            "The film's edit as OpenTimelineIO, or an archive of all its files, sent as it is read",
            {"application/zip": BINARY, JSON: ANY_JSON},
            ("Content-Disposition",),
        )
    },
    parameters=(p.EXPORT_FORM,),
)
ESTIMATE_JOB = Operation(
    id="estimate_job",
    tag="jobs",
    summary="What a job would cost and take",
    problems=("invalid_submission", "unpriced_model"),
    responses={200: ResponseSpec("The estimate", {JSON: Estimate})},
    body=Submission,
    scope=Scope.READ,  # nothing is begun
)

# ---- models and events ----------------------------------------------------------------------------------

LIST_MODELS = Operation(
    id="list_models",
    tag="models",
    summary="Models by stage",
    responses={200: ResponseSpec("The models", {JSON: ModelList})},
)
LIST_JOB_EVENTS = Operation(
    id="list_job_events",
    tag="events",
    summary="A job's events, as a page or a stream",
    problems=JOB,
    responses=EVENTS,
    parameters=PAGED_EVENTS,
)
LIST_EVENTS = Operation(
    id="list_events",
    tag="events",
    summary="All events, as a page or a stream",
    problems=JOB,
    responses=EVENTS,
    parameters=(p.JOBS, *PAGED_EVENTS),
)

# ---- assets ---------------------------------------------------------------------------------------------

LIST_JOB_ASSETS = Operation(
    id="list_job_assets",
    tag="assets",
    summary="A job's assets",
    problems=JOB,
    responses={
        200: ResponseSpec("The job's assets, in the order in which a film comes about", {JSON: AssetList})
    },
    parameters=(p.REVISIONS,),
)
GET_ASSET = Operation(
    id="get_asset",
    tag="assets",
    summary="Show an asset",
    problems=ASSET,
    responses={200: ResponseSpec("The asset", {JSON: AssetDocument})},
    parameters=(p.REVISIONS,),
)
GET_ASSET_CONTENT = Operation(
    id="get_asset_content",
    tag="assets",
    summary="An asset's bytes",
    problems=CONTENT,
    responses={
        200: ResponseSpec("All of it", CONTENT_BYTES, ("ETag", "Cache-Control", "Accept-Ranges")),
        206: ResponseSpec("A part of it", CONTENT_BYTES, ("ETag", "Cache-Control", "Content-Range")),
        304: ResponseSpec("It has not changed", headers=("ETag", "Cache-Control")),
        307: ResponseSpec(
            "A signed address in the bucket, where REELOG_BLOBS_REDIRECT is set", headers=("Location",)
        ),
    },
    parameters=(p.REVISION, p.FORM, p.DOWNLOAD, p.IF_NONE_MATCH, p.RANGE, p.IF_RANGE),
)
GET_ASSET_BLOB = Operation(
    id="get_asset_blob",
    tag="assets",
    summary="A prompt that was sent or a raw answer that came, by the digest in the asset's record",
    problems=CONTENT,
    responses={
        200: ResponseSpec("All of it", {"text/plain": TEXT}, ("ETag", "Cache-Control", "Accept-Ranges")),
        206: ResponseSpec("A part of it", {"text/plain": TEXT}, ("ETag", "Cache-Control", "Content-Range")),
    },
    parameters=(p.RANGE, p.IF_RANGE),
)
REGENERATE_ASSET = Operation(
    id="regenerate_asset",
    tag="assets",
    summary="Make an asset again, and what depends on it",
    problems=(*ASSET, *REVISE, "asset_not_revisable"),
    responses={
        202: ResponseSpec("The next run has begun", {JSON: JobDocument}),
        200: ResponseSpec(
            "A dry run: what would be made again; or the job whose run was begun for the same key and body "
            "before",
            {JSON: RegeneratePreviewOrJob},
        ),
    },
    parameters=(p.RUN_KEY, p.RUN_TRACEPARENT),
    body=Regenerate,
    body_required=False,
)

PROVIDE_ASSET = Operation(
    id="provide_asset",
    tag="assets",
    summary="Give an asset yourself; what depends on it is made again",
    problems=(*ASSET, *REVISE, "asset_not_revisable", "file_refused", "file_unsupported"),
    responses={
        202: ResponseSpec("The next run has begun", {JSON: JobDocument}),
        200: ResponseSpec(
            "A dry run: what would be made again; or the job, where the file was in its place already, or "
            "the run was begun for the same key and body before",
            {JSON: ProvidePreviewOrJob},
        ),
    },
    parameters=(p.RUN_KEY, p.RUN_TRACEPARENT),
    body=Provide,
)

# ---- files ----------------------------------------------------------------------------------------------

ADD_FILE = Operation(
    id="add_file",
    tag="files",
    summary="Send a picture, a clip, a voice-over or a song of one's own",
    problems=("file_unsupported", "file_refused", "draining"),
    responses={
        201: ResponseSpec("It is kept, without personal metadata", {JSON: FileDocument}),
        200: ResponseSpec("The same file was kept already", {JSON: FileDocument}),
    },
    body=BARE_BYTES,
)
GET_FILE = Operation(
    id="get_file",
    tag="files",
    summary="Show a file",
    problems=FILE,
    responses={200: ResponseSpec("The file", {JSON: FileDocument})},
)
GET_FILE_CONTENT = Operation(
    id="get_file_content",
    tag="files",
    summary="A file's bytes, as they are kept",
    problems=(*FILE, "content_damaged", "range_not_satisfiable"),
    responses={
        200: ResponseSpec("All of it", FILE_BYTES, ("ETag", "Cache-Control", "Accept-Ranges")),
        206: ResponseSpec("A part of it", FILE_BYTES, ("ETag", "Cache-Control", "Content-Range")),
        304: ResponseSpec("It has not changed", headers=("ETag", "Cache-Control")),
    },
    parameters=(p.IF_NONE_MATCH, p.RANGE, p.IF_RANGE),
)

# ---- health ---------------------------------------------------------------------------------------------

CHECK_ALIVE = Operation(
    id="check_alive",
    tag="health",
    summary="Is the process alive",
    responses={200: ResponseSpec("It is", {JSON: Alive})},
)
CHECK_READY = Operation(
    id="check_ready",
    tag="health",
    summary="Can jobs be accepted",
    responses={
        200: ResponseSpec("They can", {JSON: Readiness}),
        503: ResponseSpec("They cannot, and why", {JSON: Readiness}),
    },
)
GET_METRICS = Operation(
    id="get_metrics",
    tag="health",
    summary="What Prometheus asks",
    problems=UNAVAILABLE,
    responses={200: ResponseSpec("In the text format", {"text/plain": TEXT})},
    scope=Scope.ADMINISTRATOR,  # it counts what is everybody's
)

# ---- the description --------------------------------------------------------------

GET_OPENAPI = Operation(
    id="get_openapi",
    tag="docs",
    summary="This description",
    responses={200: ResponseSpec("OpenAPI 3.1", {JSON: {"type": "object"}})},
)
