"""The operations of pages for a browser: they are answered as all are, and stand in no description."""

from api.http.operations import JOB, TEXT
from api.http.responses import HTML
from api.http.routing import Operation, ResponseSpec

PAGE = {
    200: ResponseSpec("The page", {HTML: TEXT}),
    303: ResponseSpec("Go there", headers=("Location",)),
}
PLAIN_PAGE = {200: PAGE[200]}
REDIRECT = {303: PAGE[303]}
LOGIN_FORM = (
    "application/x-www-form-urlencoded",
    {"type": "object", "properties": {"key": {"type": "string", "format": "password"}}, "required": ["key"]},
)

READ_DOCS = Operation(
    id="read_docs", tag="pages", summary="This description, for people", responses=PLAIN_PAGE
)
READ_PROBLEM_DOCS = Operation(
    id="read_problem_docs", tag="pages", summary="Every error code explained", responses=PLAIN_PAGE
)
GET_STYLE = Operation(
    id="get_style",
    tag="pages",
    summary="How pages without script look",
    responses={200: ResponseSpec("The style sheet", {"text/css": TEXT})},
)
OPEN_PAGE = Operation(id="open_page", tag="pages", summary="The page", responses=PAGE)
OPEN_JOBS_PAGE = Operation(
    id="open_jobs_page", tag="pages", summary="The jobs, without script", responses=PAGE
)
OPEN_JOB_PAGE = Operation(
    id="open_job_page",
    tag="pages",
    summary="A job, without script",
    problems=(*JOB, "job_set_aside"),
    responses=PAGE,
)
OPEN_LOGIN_PAGE = Operation(
    id="open_login_page", tag="login", summary="Where a person types the key", responses=PAGE
)
LOG_IN = Operation(
    id="log_in",
    tag="login",
    summary="Let a browser in",
    problems=("not_authenticated", "invalid_submission"),
    responses={
        303: ResponseSpec("In", headers=("Location",)),
        401: ResponseSpec("The form again", {HTML: TEXT}),
        429: ResponseSpec("The form again, for later", {HTML: TEXT}),
    },
    body=LOGIN_FORM,
)
LOG_OUT = Operation(
    id="log_out",
    tag="login",
    summary="Forget a browser",
    problems=("store_unavailable", "conflict"),
    responses=REDIRECT,
)
