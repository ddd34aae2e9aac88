"""The web application: the table of everything it answers to, and what stands before it."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from api import assets, events, health, jobs, login
from api.composition import System
from api.login import Key
from api.middleware import BodyLimitMiddleware, GateMiddleware, RequestIdMiddleware
from api.operations import Operation, routes
from api.problems import HANDLERS
from api.tail import Tail
from projections.projector import SIGNAL

MAX_BODY_BYTES = 1024 * 1024
STATIC = Path(__file__).parent / "static"

SUBMIT_PROBLEMS = ("unsupported_media_type", "invalid_submission", "idempotency_key_reused", "draining")
JOB = ("job_not_found",)
ASSET = ("asset_not_found",)

OPERATIONS = (
    Operation("POST", "/v1/jobs", jobs.submit, "Submit a script", SUBMIT_PROBLEMS),
    Operation("GET", "/v1/jobs", jobs.list_jobs, "List jobs, newest first"),
    Operation("GET", "/v1/jobs/{id}", jobs.show, "Show a job, now or at a position", JOB),
    Operation("GET", "/v1/jobs/{id}/events", events.of_job, "A job's events, as a page or a stream", JOB),
    Operation("GET", "/v1/jobs/{id}/assets", assets.of_job, "A job's assets", JOB),
    Operation("POST", "/v1/jobs/{id}/cancel", jobs.cancel, "Cancel a job", JOB),
    Operation("POST", "/v1/jobs/{id}/retry", jobs.retry, "Retry a job", (*JOB, "job_not_retryable")),
    Operation("GET", "/v1/events", events.of_all, "All events, as a page or a stream", JOB),
    Operation("GET", "/v1/assets/{id}", assets.show, "Show an asset", ASSET),
    Operation(
        "GET",
        "/v1/assets/{id}/content",
        assets.content,
        "An asset's bytes",
        (*ASSET, "content_not_found", "range_not_satisfiable"),
    ),
    Operation("GET", "/healthz", health.alive, "Is the process alive"),
    Operation("GET", "/login", login.form, "Where a person types the key"),
    Operation("POST", "/login", login.log_in, "Let a browser in"),
    Operation("POST", "/logout", login.log_out, "Forget a browser"),
    Operation("GET", "/readyz", health.ready, "Can jobs be accepted"),
)


def build_app(system: System) -> Starlette:
    """The application over an open system, which it starts and closes with itself."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        system.start()
        try:
            async with Tail(system.readers, system.store.signal(SIGNAL)) as tail:
                app.state.tail = tail
                yield
        finally:
            system.close()

    settings = system.settings
    key = Key(settings.api_key)
    app = Starlette(
        routes=[
            *routes(OPERATIONS),
            Route("/", page),
            Mount("/static", Files(directory=STATIC)),
        ],
        middleware=[
            Middleware(RequestIdMiddleware),
            Middleware(GateMiddleware, hosts=(settings.host, *settings.allowed_hosts), key=key),
            Middleware(BodyLimitMiddleware, limit=MAX_BODY_BYTES),
        ],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
    app.state.system = system
    app.state.key = key
    return app


async def page(_: Request) -> Response:
    """GET /: the web page."""
    return FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})


class Files(StaticFiles):
    """The web page's files; browsers ask each time whether they changed, so an update is seen at once."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response: Response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response
