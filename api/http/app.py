"""The web application: the table of everything it answers to, and what stands before it."""

import contextlib
import time
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from api.composition import System
from api.http import (
    assets,
    bodies,
    estimates,
    events,
    forks,
    health,
    jobs,
    login,
    metrics,
    model_list,
    openapi,
    revisions,
    table,
)
from api.http import parameters as p
from api.http import schema_plans as plans
from api.http.file_responses import without_range
from api.http.limits import Buckets, Guesses, Queue, RateLimitMiddleware
from api.http.login import Door, EndedSessions, Key
from api.http.metrics import Meter
from api.http.middleware import (
    BodyLimitMiddleware,
    ForwardedMiddleware,
    GateMiddleware,
    RequestIdMiddleware,
    is_limited,
)
from api.http.operations import Operation, routes
from api.http.threads import SingleFlight, Threads
from api.settings import Settings
from api.stream.tail import Tail
from api.web import docs, job_page, pages
from api.web.missing import ANYBODY
from api.web.pages import STATIC
from domain.submission import Submission
from projections.projector import SIGNAL

MAX_BODY_BYTES = 1024 * 1024

JOB = ("job_not_found",)
ASSET = ("asset_not_found",)
CONTENT = (*ASSET, "content_not_found", "content_pruned", "content_damaged", "range_not_satisfiable")
SUBMIT = ("invalid_submission", "unpriced_model", "idempotency_key_reused", "queue_full", "draining")
REVISE = ("job_pruned", "other_provider", "invalid_submission", "content_damaged", "draining")
PAGED_EVENTS = (p.EVENTS_AFTER, p.LIMIT, p.STREAM, p.LAST_EVENT_ID)

UNAVAILABLE = ("store_unavailable", "unavailable")

OPERATIONS = (
    Operation(
        "POST",
        "/v1/jobs",
        jobs.submit,
        "Submit a script",
        SUBMIT,
        table.SUBMITTED,
        (p.IDEMPOTENCY_KEY, p.PREFER),
        Submission,
    ),
    Operation(
        "GET",
        "/v1/jobs",
        jobs.list_jobs,
        "List jobs, newest first",
        (),
        table.JOBS,
        (p.STATUS, p.BEGINNING, p.JOBS_AFTER, p.LIMIT),
    ),
    Operation(
        "GET",
        "/v1/jobs/{id}",
        jobs.show,
        "Show a job, now or as it was",
        JOB,
        table.JOB,
        (p.AT, p.IF_NONE_MATCH),
    ),
    Operation(
        "GET",
        "/v1/jobs/{id}/events",
        events.of_job,
        "A job's events, as a page or a stream",
        JOB,
        table.EVENTS,
        PAGED_EVENTS,
    ),
    Operation(
        "GET", "/v1/jobs/{id}/assets", assets.of_job, "A job's assets", JOB, table.ASSETS, (p.REVISIONS,)
    ),
    Operation("POST", "/v1/jobs/{id}/cancel", jobs.cancel, "Cancel a job", JOB, table.CANCELLED),
    Operation(
        "POST",
        "/v1/jobs/{id}/retry",
        revisions.retry,
        "Retry a job",
        (*JOB, *REVISE, "job_not_retryable", "unpriced_model"),
        table.REOPENED,
        body=bodies.Retry,
        body_required=False,
    ),
    Operation(
        "POST",
        "/v1/jobs/{id}/fork",
        forks.fork,
        "Make a changed copy of a job",
        (*JOB, *SUBMIT, "job_pruned", "other_provider", "content_damaged"),
        plans.FORKED,
        (p.IDEMPOTENCY_KEY,),
        bodies.Fork,
        body_required=False,
    ),
    Operation(
        "POST",
        "/v1/estimate",
        estimates.estimate,
        "What a job would cost and take",
        ("invalid_submission", "unpriced_model"),
        plans.ESTIMATE,
        (),
        Submission,
    ),
    Operation("GET", "/v1/models", model_list.list_models, "Models by stage", (), plans.MODELS),
    Operation(
        "GET",
        "/v1/events",
        events.of_all,
        "All events, as a page or a stream",
        JOB,
        table.EVENTS,
        (p.JOBS, *PAGED_EVENTS),
    ),
    Operation("GET", "/v1/assets/{id}", assets.show, "Show an asset", ASSET, table.ASSET, (p.REVISIONS,)),
    Operation(
        "GET",
        "/v1/assets/{id}/content",
        assets.content,
        "An asset's bytes",
        CONTENT,
        table.CONTENT,
        (p.REVISION, p.FORM, p.IF_NONE_MATCH, p.RANGE, p.IF_RANGE),
    ),
    Operation(
        "GET",
        "/v1/assets/{id}/blobs/{digest}",
        assets.blob,
        "A prompt that was sent or a raw answer that came, by the digest in the asset's record",
        CONTENT,
        table.BLOB,
        (p.RANGE, p.IF_RANGE),
    ),
    Operation(
        "POST",
        "/v1/assets/{id}/regenerate",
        revisions.regenerate,
        "Make an asset again, and what depends on it",
        (*ASSET, *REVISE, "asset_not_revisable"),
        plans.REGENERATED,
        body=bodies.Regenerate,
        body_required=False,
    ),
    Operation("GET", "/healthz", health.alive, "Is the process alive", (), table.ALIVE),
    Operation("GET", "/readyz", health.ready, "Can jobs be accepted", (), table.READY),
    Operation("GET", "/", pages.page, "The page", (), table.PAGE | table.SENT_ON),
    Operation("GET", "/jobs", job_page.index, "The jobs, without script", (), table.PAGE | table.SENT_ON),
    Operation("GET", "/jobs/{id}", job_page.show, "A job, without script", JOB, table.PAGE | table.SENT_ON),
    Operation("GET", "/login", login.form, "Where a person types the key", (), table.PAGE | table.SENT_ON),
    Operation(
        "POST",
        "/login",
        login.log_in,
        "Let a browser in",
        ("not_authenticated", "invalid_submission"),
        table.ENTERED,
        (),
        table.LOGIN_FORM,
    ),
    Operation("GET", "/metrics", metrics.show, "What Prometheus asks", UNAVAILABLE, table.METRICS),
    Operation("GET", "/openapi.json", openapi.show, "This description", (), table.OPENAPI),
    Operation("GET", "/docs", docs.index, "This description, for people", (), table.PAGE),
    Operation("GET", "/docs/problems", docs.problems, "Every error code explained", (), table.PAGE),
    Operation("GET", "/docs.css", docs.style, "How pages without script look", (), table.STYLE),
    Operation("POST", "/logout", login.log_out, "Forget a browser", (), table.SENT_ON),
)


def build_app(system: System) -> Starlette:
    """The application over an open system, which it starts and closes with itself."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        system.start()
        try:
            async with Tail(system.readers, system.store.signal(SIGNAL)) as tail:
                app.state.tail = tail
                async with meter.running():
                    yield
        finally:
            system.close()

    settings = system.settings
    meter = Meter()
    door = Door(Key(settings.api_key, _ended(settings)), Guesses())
    app = Starlette(
        routes=[
            *routes(OPERATIONS),
            Mount("/static", Files(directory=STATIC)),
        ],
        middleware=[
            Middleware(ForwardedMiddleware, trusted=settings.trusted_proxies),
            Middleware(RequestIdMiddleware, meter=meter),
            Middleware(RateLimitMiddleware, buckets=Buckets(settings.rate_limit), counts=is_limited),
            Middleware(GateMiddleware, hosts=(settings.host, *settings.allowed_hosts), door=door),
            Middleware(BodyLimitMiddleware, limit=MAX_BODY_BYTES),
        ],
        exception_handlers=ANYBODY,
        lifespan=lifespan,
    )
    # The framework would send /v1/jobs/ on to /v1/jobs: an answer that no description names.
    app.router.redirect_slashes = False
    app.state.system = system
    app.state.door = door
    app.state.meter = meter
    app.state.threads = Threads()
    app.state.stores = SingleFlight(health.stores)
    app.state.crew = SingleFlight(health.crew)
    app.state.queue = Queue(system.readers, settings.queue_limit)
    app.state.openapi = openapi.rendered(OPERATIONS).encode()
    return app


def _ended(settings: Settings) -> EndedSessions | None:
    return EndedSessions(settings.data_dir / "ended-sessions", time.time()) if settings.api_key else None


class Files(StaticFiles):
    """The web page's files; browsers ask each time whether they changed, so an update is seen at once."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().__call__(without_range(scope), receive, send)

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response: Response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response
