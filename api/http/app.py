"""The web application: the table of everything it answers to, and what stands before it."""

import contextlib
import functools
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from api.composition import System
from api.http import (
    assets,
    batches,
    bulk,
    estimates,
    events,
    explanations,
    exports,
    files,
    forks,
    health,
    jobs,
    keys,
    links,
    metrics,
    models,
    presets,
    revisions,
    webhooks,
)
from api.http import operations as o
from api.http import operations_again as again
from api.http import operations_keys as k
from api.http import operations_lists as many
from api.http import operations_pages as people
from api.http import operations_webhooks as hooks
from api.http.authentication import AdministratorKey, Door
from api.http.compression import CompressionMiddleware
from api.http.cross_origin import CrossOriginMiddleware
from api.http.file_responses import without_range
from api.http.key_watch import KeyWatch
from api.http.limits import Buckets, Guesses, RateLimitMiddleware
from api.http.mcp import McpEndpoint
from api.http.metrics import Meter
from api.http.middleware import (
    MCP,
    BodyLimitMiddleware,
    ForwardedMiddleware,
    GateMiddleware,
    RequestIdMiddleware,
    is_limited,
)
from api.http.openapi import document as openapi
from api.http.operations_explain import EXPLAIN_JOB
from api.http.operations_links import ADD_LINK, OPEN_LINK
from api.http.operations_scenes import EDIT_SCENES
from api.http.root_path import RootPathMiddleware
from api.http.routing import Endpoint, routes
from api.http.threads import SingleFlight, Threads
from api.stream.tail import Tail
from api.web import docs, frame, job_page, login, pages
from api.web.missing import ANYBODY
from api.web.pages import STATIC
from domain.preset import PresetKind
from projections.projector import SIGNAL

MAX_BODY_BYTES = 1024 * 1024

ENDPOINTS = (
    Endpoint("POST", "/v1/jobs", jobs.submit, o.SUBMIT_JOB),
    Endpoint("GET", "/v1/jobs", jobs.list_jobs, o.LIST_JOBS),
    Endpoint("POST", "/v1/jobs/cancel", bulk.cancel, many.CANCEL_JOBS),
    Endpoint("POST", "/v1/jobs/retry", bulk.retry, many.RETRY_JOBS),
    Endpoint("GET", "/v1/jobs/{id}", jobs.show, o.GET_JOB),
    Endpoint("PATCH", "/v1/jobs/{id}", jobs.rename, o.RENAME_JOB),
    Endpoint("DELETE", "/v1/jobs/{id}", jobs.delete, many.DELETE_JOB),
    Endpoint("GET", "/v1/jobs/{id}/events", events.of_job, o.LIST_JOB_EVENTS),
    Endpoint("GET", "/v1/jobs/{id}/assets", assets.of_job, o.LIST_JOB_ASSETS),
    Endpoint("POST", "/v1/jobs/{id}/cancel", jobs.cancel, o.CANCEL_JOB),
    Endpoint("POST", "/v1/jobs/{id}/retry", revisions.retry, o.RETRY_JOB),
    Endpoint("POST", "/v1/jobs/{id}/approve", revisions.approve, o.APPROVE_JOB),
    Endpoint("PATCH", "/v1/jobs/{id}/scenes", revisions.edit_scenes, EDIT_SCENES),
    Endpoint("POST", "/v1/jobs/{id}/fork", forks.fork, o.FORK_JOB),
    Endpoint("GET", "/v1/jobs/{id}/explain", explanations.explain, EXPLAIN_JOB),
    Endpoint("GET", "/v1/jobs/{id}/export", exports.export, o.EXPORT_JOB),
    Endpoint("POST", "/v1/estimate", estimates.estimate, o.ESTIMATE_JOB),
    Endpoint("GET", "/v1/models", models.list_models, o.LIST_MODELS),
    Endpoint("GET", "/v1/events", events.of_all, o.LIST_EVENTS),
    Endpoint("GET", "/v1/assets/{id}", assets.show, o.GET_ASSET),
    Endpoint("GET", "/v1/assets/{id}/content", assets.content, o.GET_ASSET_CONTENT),
    Endpoint("GET", "/v1/assets/{id}/blobs/{digest}", assets.blob, o.GET_ASSET_BLOB),
    Endpoint("POST", "/v1/assets/{id}/regenerate", revisions.regenerate, o.REGENERATE_ASSET),
    Endpoint("PUT", "/v1/assets/{id}", revisions.provide, o.PROVIDE_ASSET),
    Endpoint("POST", "/v1/assets/{id}/link", links.add, ADD_LINK),
    Endpoint("GET", "/links/{id}", links.content, OPEN_LINK),
    Endpoint("POST", "/v1/files", files.add, o.ADD_FILE),
    Endpoint("GET", "/v1/files/{digest}", files.show, o.GET_FILE),
    Endpoint("GET", "/v1/files/{digest}/content", files.content, o.GET_FILE_CONTENT),
    Endpoint("GET", "/v1/presets", presets.listing(PresetKind.PRESET), again.LIST_PRESETS),
    Endpoint("GET", "/v1/presets/{name}", presets.showing(PresetKind.PRESET), again.GET_PRESET),
    Endpoint("PUT", "/v1/presets/{name}", presets.putting(PresetKind.PRESET), again.PUT_PRESET),
    Endpoint("DELETE", "/v1/presets/{name}", presets.deleting(PresetKind.PRESET), again.DELETE_PRESET),
    Endpoint("GET", "/v1/casts", presets.listing(PresetKind.CAST), again.LIST_CASTS),
    Endpoint("GET", "/v1/casts/{name}", presets.showing(PresetKind.CAST), again.GET_CAST),
    Endpoint("PUT", "/v1/casts/{name}", presets.putting(PresetKind.CAST), again.PUT_CAST),
    Endpoint("DELETE", "/v1/casts/{name}", presets.deleting(PresetKind.CAST), again.DELETE_CAST),
    Endpoint("POST", "/v1/batches", batches.submit, again.SUBMIT_BATCH),
    Endpoint("GET", "/v1/batches/{id}", batches.show, again.GET_BATCH),
    Endpoint("POST", "/v1/keys", keys.add, k.ADD_KEY),
    Endpoint("GET", "/v1/keys", keys.show_all, k.LIST_KEYS),
    Endpoint("GET", "/v1/keys/{name}", keys.show, k.GET_KEY),
    Endpoint("DELETE", "/v1/keys/{name}", keys.revoke, k.REVOKE_KEY),
    Endpoint("GET", "/v1/key", keys.own, k.GET_OWN_KEY),
    Endpoint("POST", "/v1/webhooks", webhooks.create, hooks.CREATE_WEBHOOK),
    Endpoint("GET", "/v1/webhooks", webhooks.list_all, hooks.LIST_WEBHOOKS),
    Endpoint("GET", "/v1/webhooks/{id}", webhooks.show, hooks.GET_WEBHOOK),
    Endpoint("PATCH", "/v1/webhooks/{id}", webhooks.update, hooks.UPDATE_WEBHOOK),
    Endpoint("DELETE", "/v1/webhooks/{id}", webhooks.delete, hooks.DELETE_WEBHOOK),
    Endpoint("POST", "/v1/webhooks/{id}/secret", webhooks.rotate_secret, hooks.ROTATE_WEBHOOK_SECRET),
    Endpoint("POST", "/v1/webhooks/{id}/ping", webhooks.ping, hooks.PING_WEBHOOK),
    Endpoint("GET", "/v1/webhooks/{id}/deliveries", webhooks.list_deliveries, hooks.LIST_DELIVERIES),
    Endpoint("GET", "/v1/webhooks/{id}/deliveries/{delivery}", webhooks.show_delivery, hooks.GET_DELIVERY),
    Endpoint(
        "POST",
        "/v1/webhooks/{id}/deliveries/{delivery}/redeliver",
        webhooks.redeliver,
        hooks.REDELIVER,
    ),
    Endpoint("GET", "/healthz", health.alive, o.CHECK_ALIVE),
    Endpoint("GET", "/readyz", health.ready, o.CHECK_READY),
    Endpoint("GET", "/", pages.page, people.OPEN_PAGE),
    Endpoint("GET", "/jobs", job_page.index, people.OPEN_JOBS_PAGE),
    Endpoint("GET", "/jobs/{id}", job_page.show, people.OPEN_JOB_PAGE),
    Endpoint("GET", "/login", login.form, people.OPEN_LOGIN_PAGE),
    Endpoint("POST", "/login", login.log_in, people.LOG_IN),
    Endpoint("POST", "/logout", login.log_out, people.LOG_OUT),
    Endpoint("GET", "/metrics", metrics.show, o.GET_METRICS),
    Endpoint("GET", "/openapi.json", openapi.show, o.GET_OPENAPI),
    Endpoint("GET", "/docs", docs.index, people.READ_DOCS),
    Endpoint("GET", "/docs/problems", docs.problems, people.READ_PROBLEM_DOCS),
    Endpoint("GET", "/docs.css", frame.style, people.GET_STYLE),
)


def build_app(system: System) -> Starlette:
    """The application over an open system, which it starts and closes with itself."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        system.start()
        system.webhooks.start(traces_exported=system.traces.are_exported)
        system.traces.start()
        try:
            async with Tail(system.readers, system.store.signal(SIGNAL), system.owners.of) as tail:
                app.state.tail = tail
                async with meter.running(), watch.running(asked_for=door.key.is_set), mcp.running():
                    yield
        finally:
            system.close()

    settings = system.settings
    meter = Meter()
    films_from = system.blobs.signed_origin if settings.blobs_redirect_s is not None else None
    door = Door(AdministratorKey(settings.api_key, system.sessions), Guesses(), system.keys)
    watch = KeyWatch(system.keys, system.sessions)
    mcp = McpEndpoint(system)
    app = Starlette(
        routes=[
            *routes(ENDPOINTS),
            Mount("/static", Files(directory=STATIC)),
            Route(MCP, mcp),
        ],
        middleware=[
            Middleware(RootPathMiddleware, root=settings.root_path),
            Middleware(ForwardedMiddleware, trusted=settings.trusted_proxies),
            Middleware(RequestIdMiddleware, meter=meter, films_from=films_from),
            *_other_sites(settings.cors_origins),
            Middleware(CompressionMiddleware),
            Middleware(RateLimitMiddleware, buckets=Buckets(settings.rate_limit), counts=is_limited),
            Middleware(GateMiddleware, hosts=(settings.host, *settings.allowed_hosts), door=door),
            Middleware(
                BodyLimitMiddleware,
                limit=MAX_BODY_BYTES,
                larger={"/v1/files": settings.max_file_mb * 1_000_000},
            ),
        ],
        exception_handlers=ANYBODY,
        lifespan=lifespan,
    )
    # The framework would send /v1/jobs/ on to /v1/jobs: an answer that no description names.
    app.router.redirect_slashes = False
    app.state.system = system
    app.state.door = door
    app.state.key_watch = watch
    app.state.meter = meter
    app.state.threads = Threads()
    app.state.stores = SingleFlight(health.stores)
    app.state.blobs = SingleFlight(health.blobs)
    app.state.webhooks = SingleFlight(health.webhooks)
    app.state.crew = SingleFlight(health.crew)
    app.state.openapi = functools.partial(_description, settings.root_path)
    return app


@functools.cache
def _description(root: str) -> str:
    """What ``/openapi.json`` says. It takes a third of a second: so not at the start, and in a thread."""
    return openapi.rendered(ENDPOINTS, root)


def _other_sites(origins: tuple[str, ...]) -> list[Middleware]:
    return [Middleware(CrossOriginMiddleware, origins=origins)] if origins else []


class Files(StaticFiles):
    """The web page's files; browsers ask each time whether they changed, so an update is seen at once."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().__call__(without_range(scope), receive, send)

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response: Response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response
