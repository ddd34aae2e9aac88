"""The answers that operations share, so that the table of operations stays one line for each."""

from api.http.operations import HTML, JSON, STREAM, Answer
from api.http.schema import (
    Alive,
    AssetDocument,
    AssetList,
    EventDocument,
    EventPage,
    JobDocument,
    JobPage,
    Readiness,
)

BYTES: dict[str, str] = {}
"""Of any type: a document, a picture, a sound, a film."""

TEXT = {"type": "string"}

SUBMITTED = {
    201: Answer("A new job", {JSON: JobDocument}, ("Location", "Preference-Applied")),
    200: Answer(
        "The job that came of the same key and body before",
        {JSON: JobDocument},
        ("Location", "Preference-Applied"),
    ),
}
JOBS = {200: Answer("A page of jobs", {JSON: JobPage})}
JOB = {
    200: Answer("The job", {JSON: JobDocument}, ("ETag", "Cache-Control")),
    304: Answer("It has not changed", headers=("ETag", "Cache-Control")),
}
CANCELLED = {
    202: Answer("It is being cancelled", {JSON: JobDocument}),
    200: Answer("It had ended already, and is as it was", {JSON: JobDocument}),
}
REOPENED = {202: Answer("It goes on", {JSON: JobDocument})}
EVENTS = {
    200: Answer("A page of events, or a stream of them", {JSON: EventPage, STREAM: EventDocument}),
    204: Answer("A stream that has nothing left to tell: do not come back"),
}
ASSETS = {200: Answer("The job's assets, in the order in which a film comes about", {JSON: AssetList})}
ASSET = {200: Answer("The asset", {JSON: AssetDocument})}
CONTENT = {
    200: Answer("All of it", {"*/*": BYTES}, ("ETag", "Cache-Control", "Accept-Ranges")),
    206: Answer("A part of it", {"*/*": BYTES}, ("ETag", "Cache-Control", "Content-Range")),
    304: Answer("It has not changed", headers=("ETag", "Cache-Control")),
}
BLOB = {
    200: Answer("All of it", {"text/plain": TEXT}, ("ETag", "Cache-Control", "Accept-Ranges")),
    206: Answer("A part of it", {"text/plain": TEXT}, ("ETag", "Cache-Control", "Content-Range")),
}
ALIVE = {200: Answer("It is", {JSON: Alive})}
READY = {
    200: Answer("They can", {JSON: Readiness}),
    503: Answer("They cannot, and why", {JSON: Readiness}),
}
PAGE = {200: Answer("The page", {HTML: TEXT})}
METRICS = {200: Answer("In the text format", {"text/plain": TEXT})}
STYLE = {200: Answer("The style sheet", {"text/css": TEXT})}
OPENAPI = {200: Answer("OpenAPI 3.1", {JSON: {"type": "object"}})}
SENT_ON = {303: Answer("Go there", headers=("Location",))}
ENTERED = {
    303: Answer("In", headers=("Location",)),
    401: Answer("The form again", {HTML: TEXT}),
    429: Answer("The form again, for later", {HTML: TEXT}),
}
LOGIN_FORM = (
    "application/x-www-form-urlencoded",
    {"type": "object", "properties": {"key": {"type": "string", "format": "password"}}, "required": ["key"]},
)
