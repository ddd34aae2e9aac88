"""A studio whose every event a test decides: the HTTP contract with nothing behind it.

The page must show states that a real run reaches by accident only: three refusals in a row, a call lost in
flight, two thousand events, a server that is gone for a while. Here a test says which event comes next and
when, and the page cannot tell the difference. Journeys against the real server are tests of their own.
"""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from tests.api.page import artwork

STATIC = Path(__file__).parents[3] / "api" / "static"
CSP = (
    "default-src 'self'; img-src 'self' blob:; media-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
STAGES = (
    "script_analysis",
    "prompt_generation",
    "image_generation",
    "audio_planning",
    "narration",
    "music",
    "composition",
)
STAGE_OF = {
    "analysis": "script_analysis",
    "storyboard": "prompt_generation",
    "image": "image_generation",
    "audio_plan": "audio_planning",
    "narration": "narration",
    "music": "music",
    "clip": "composition",
    "transition": "composition",
    "captions": "composition",
    "video": "composition",
    "poster": "composition",
    "manifest": "composition",
}
ENDED = ("completed", "failed", "cancelled")
MODELS = {"text": "gemini-3.8-flash", "image": "gemini-nano-banana-2.1", "speech": "gemini-3.8-flash-tts"}
MODEL_OF = {
    "analysis": "text",
    "storyboard": "text",
    "audio_plan": "text",
    "image": "image",
    "narration": "speech",
}


class ScriptedStudio:
    """The log, and everything that is read from it. Safe to write from a test's thread."""

    def __init__(self, provider: str = "emulator") -> None:
        self.provider = provider
        self.log: list[dict[str, Any]] = []
        self.submissions: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, str] = {}
        self.stopped = threading.Event()
        self.streams_opened = 0
        self.problem: tuple[int, dict[str, Any]] | None = None
        self.clock: datetime | None = None
        self._lock = threading.Lock()

    # ---- writing ------------------------------------------------------------------------------------

    def submit(self, body: dict[str, Any], job_id: str | None = None) -> str:
        job_id = job_id or str(uuid4())
        self.submissions[job_id] = body
        self.emit(
            job_id,
            "job.submitted",
            data={
                "script": body["script"],
                "models": MODELS | body.get("models", {}),
                "options": {"aspect_ratio": "16:9", "captions": "burned", **body.get("options", {})},
                "provider": self.provider,
                "max_cost_usd": body.get("max_cost_usd"),
            },
            message="Job submitted",
        )
        return job_id

    def emit(
        self,
        job_id: str,
        kind: str,
        *,
        stage: str | None = None,
        asset: str | None = None,
        data: dict[str, Any] | None = None,
        message: str = "",
        progress: float | None = None,
        eta_s: float | None = None,
        after_s: float = 0.0,
        revision: int = 1,
    ) -> dict[str, Any]:
        """Append one event; ``asset`` is a name such as ``image:2``."""
        with self._lock:
            name, _, scene = (asset or "").partition(":")
            last = next((e["progress"] for e in reversed(self.log) if e["job_id"] == job_id), 0.0)
            if self.clock is not None:
                self.clock += timedelta(seconds=after_s)
            now = self.clock or datetime.now(UTC)
            event = {
                "position": len(self.log) + 1,
                "type": kind,
                "job_id": job_id,
                "run": 1,
                "stage": stage or STAGE_OF.get(name),
                "asset": {
                    "id": str(uuid5(UUID(job_id), asset)),
                    "kind": name,
                    "scene": int(scene) if scene else None,
                    "revision": revision,
                }
                if asset
                else None,
                "occurred_at": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "causation": None,
                "message": message or kind,
                "progress": last if progress is None else progress,
                "eta_s": eta_s,
                "data": data or {},
            }
            self.log.append(event)
            return event

    def attempt(self, job_id: str, asset: str, number: int = 1, reserved: float = 0.01) -> None:
        kind = asset.partition(":")[0]
        model = MODELS.get(MODEL_OF.get(kind, ""))
        if number == 1:
            self.emit(
                job_id,
                "asset.requested",
                asset=asset,
                message=f"{asset} asked for",
                data={"model": model, "inputs": [], "parameters": {}},
            )
        self.emit(
            job_id,
            "asset.attempt_started",
            asset=asset,
            message=f"{asset}: attempt {number} started",
            data={"attempt": number, "worker": "w1", "reserved_usd": reserved},
        )

    def generated(
        self,
        job_id: str,
        asset: str,
        *,
        took_s: float,
        cost: float = 0.0,
        progress: float | None = None,
        eta_s: float | None = None,
        number: int = 1,
        **facts: Any,
    ) -> None:
        kind, _, scene = asset.partition(":")
        model = MODELS.get(MODEL_OF.get(kind, ""))
        where = f"Scene {scene}: " if scene else ""
        by = f" by {model}" if model else ""
        self.emit(
            job_id,
            "asset.generated",
            asset=asset,
            after_s=took_s,
            progress=progress,
            eta_s=eta_s,
            message=f"{where}{kind.replace('_', ' ')} made{by} in {took_s} s",
            data={
                "digest": "sha256:" + "0" * 64,
                "media_type": artwork.MEDIA_TYPES.get(kind, "application/json"),
                "bytes": 812345,
                "model": model,
                "latency_s": took_s,
                "cost_usd": cost,
                "attempt": number,
                "provider": self.provider if model else None,
                "usage": {"total_tokens": 1500} if model else None,
                **facts,
            },
        )

    # ---- reading ------------------------------------------------------------------------------------

    def events(self, job_id: str | None, after: int = 0) -> list[dict[str, Any]]:
        return [e for e in self.log[after:] if job_id is None or e["job_id"] == job_id]

    def job(self, job_id: str, at: int | None = None) -> dict[str, Any]:
        history = [e for e in self.events(job_id) if at is None or e["position"] <= at]
        submitted = history[0]
        stages: dict[str, dict[str, Any]] = {
            s: {
                "name": s,
                "status": "pending",
                "assets": 0,
                "done": 0,
                "started_at": None,
                "elapsed_s": None,
                "requests": 0,
                "tokens": 0,
                "cost_usd": 0.0,
            }
            for s in STAGES
        }
        job: dict[str, Any] = {
            "id": job_id,
            "status": "queued",
            "run": 1,
            "stage": None,
            "progress": 0.0,
            "eta_s": None,
            "position": history[-1]["position"],
            "created_at": submitted["occurred_at"],
            "started_at": None,
            "finished_at": None,
            "provider": self.provider,
            "models": submitted["data"]["models"],
            "options": submitted["data"]["options"],
            "metadata": {},
            "title": None,
            "scenes": [],
            "failure": None,
            "cancel_requested": False,
            "cost": {
                "usd": 0.0,
                "reserved_usd": 0.0,
                "max_usd": submitted["data"]["max_cost_usd"],
                "tokens": 0,
                "requests": 0,
                "unpriced": 0,
                "lost_calls": 0,
            },
            "links": {"self": f"/v1/jobs/{job_id}", "video": None},
        }
        for e in history:
            self._fold(job, stages, e)
        job["stages"] = list(stages.values())
        return job

    def _fold(self, job: dict[str, Any], stages: dict[str, dict[str, Any]], e: dict[str, Any]) -> None:
        kind, data, asset = e["type"], e["data"], e["asset"]
        job["progress"], job["eta_s"] = e["progress"], e["eta_s"]
        if kind == "job.stage_started":
            job["status"], job["stage"] = "running", e["stage"]
            job["started_at"] = job["started_at"] or e["occurred_at"]
            stages[e["stage"]] |= {"status": "running", "started_at": e["occurred_at"]}
        elif kind == "job.stage_completed":
            stages[e["stage"]] |= {"status": "completed", "elapsed_s": data.get("elapsed_s", 4.2)}
        elif kind == "job.cancel_requested":
            job["cancel_requested"] = True
        elif kind.removeprefix("job.") in ENDED:
            job |= {
                "status": kind.removeprefix("job."),
                "failure": data.get("failure"),
                "finished_at": e["occurred_at"],
            }
        elif kind == "job.reopened":
            job |= {"status": "running", "failure": None, "finished_at": None}
        if asset is None:
            return
        stage = stages[e["stage"]]
        if kind == "asset.requested":
            stage["assets"] += 1
        if kind == "asset.generated":
            stage["done"] += 1
            stage["cost_usd"] += data["cost_usd"] or 0
            job["cost"]["usd"] += data["cost_usd"] or 0
            job["cost"]["tokens"] += (data["usage"] or {}).get("total_tokens", 0)
            if asset["kind"] == "analysis":
                job["title"] = data["title"]
                empty: dict[str, Any] = {"id": None, "status": "pending", "revision": 0}
                job["scenes"] = [
                    {
                        "scene": n,
                        "text": text,
                        "image": dict(empty),
                        "narration": dict(empty),
                        "clip": dict(empty),
                    }
                    for n, text in enumerate(data["scenes"], 1)
                ]
            if asset["kind"] == "video":
                job["links"]["video"] = f"/v1/assets/{asset['id']}/content"
        status = {
            "asset.requested": "requested",
            "asset.attempt_started": "running",
            "asset.generated": "generated",
            "asset.attempt_failed": "waiting",
            "asset.attempt_lost": "waiting",
            "asset.failed": "failed",
        }[kind]
        if asset["kind"] in ("image", "narration", "clip"):
            job["scenes"][asset["scene"] - 1][asset["kind"]] = {
                "id": asset["id"],
                "status": status,
                "revision": asset["revision"],
            }

    # ---- HTTP ---------------------------------------------------------------------------------------

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route(
                    "/",
                    lambda _: FileResponse(STATIC / "index.html", headers={"Content-Security-Policy": CSP}),
                ),
                Route("/v1/jobs", self._jobs, methods=["GET", "POST"]),
                Route("/v1/jobs/{id}", self._job),
                Route("/v1/jobs/{id}/events", self._events),
                Route("/v1/events", self._events),
                Route("/v1/jobs/{id}/{verb}", self._verb, methods=["POST"]),
                Route("/v1/assets/{id}/content", self._content),
                Route("/v1/models", self._models),
                Route(
                    "/readyz",
                    lambda _: JSONResponse({"status": "ready", "provider": self.provider, "actors": "ready"}),
                ),
                Mount("/static", StaticFiles(directory=STATIC)),
            ]
        )

    async def _jobs(self, request: Request) -> Response:
        if request.method == "GET":
            ids = list(dict.fromkeys(e["job_id"] for e in self.log))[::-1]
            return JSONResponse({"data": [self.job(i) for i in ids], "has_more": False, "next": None})
        if self.problem:
            status, problem = self.problem
            return JSONResponse(problem, status, media_type="application/problem+json")
        body = await request.json()
        key = request.headers.get("Idempotency-Key")
        if key and key in self.keys:
            return JSONResponse(self.job(self.keys[key]), 200)
        job_id = self.submit(body)
        if key:
            self.keys[key] = job_id
        return JSONResponse(self.job(job_id), 201, headers={"Location": f"/v1/jobs/{job_id}"})

    async def _job(self, request: Request) -> Response:
        job_id, at = request.path_params["id"], request.query_params.get("at")
        if not self.events(job_id):
            problem = {
                "title": "Not found",
                "status": 404,
                "code": "not_found",
                "detail": f"There is no job {job_id}.",
            }
            return JSONResponse(problem, 404, media_type="application/problem+json")
        return JSONResponse(self.job(job_id, int(at) if at else None))

    async def _verb(self, request: Request) -> Response:
        job_id, verb = request.path_params["id"], request.path_params["verb"]
        if verb == "cancel":
            self.emit(job_id, "job.cancel_requested", message="Cancel asked for")
            self.emit(job_id, "job.cancelled", message="Job cancelled")
        elif verb == "retry":
            self.emit(job_id, "job.reopened", message="Job reopened", data={"reason": "retry"})
        return JSONResponse(self.job(job_id), 202)

    async def _events(self, request: Request) -> Response:
        job_id = request.path_params.get("id")
        after = int(request.headers.get("Last-Event-ID") or request.query_params.get("after") or 0)
        if "text/event-stream" in request.headers.get("accept", ""):
            self.streams_opened += 1
            return EventSourceResponse(self._follow(job_id, after), headers={"Cache-Control": "no-store"})
        limit = int(request.query_params.get("limit", "100"))
        found = self.events(job_id, after)
        page = found[:limit]
        more = len(found) > limit
        return JSONResponse({"data": page, "has_more": more, "next": page[-1]["position"] if more else None})

    async def _follow(self, job_id: str | None, after: int) -> AsyncIterator[dict[str, Any]]:
        yield {"retry": 200, "comment": "hello"}
        while not self.stopped.is_set():
            for e in self.events(job_id, after):
                after = e["position"]
                yield {"id": str(after), "event": e["type"], "data": json.dumps(e)}
            await asyncio.sleep(0.02)

    async def _content(self, request: Request) -> Response:
        asset_id = request.path_params["id"]
        asset = next((e["asset"] for e in self.log if e["asset"] and e["asset"]["id"] == asset_id), None)
        if asset is None:
            return Response(status_code=404)
        path = await asyncio.to_thread(artwork.file_for, asset["kind"], asset["scene"])
        return FileResponse(path, media_type=artwork.MEDIA_TYPES.get(asset["kind"], "application/json"))

    async def _models(self, _: Request) -> Response:
        return JSONResponse(MODEL_LIST)


MODEL_LIST: dict[str, Any] = {"data": []}


def a_film(studio: ScriptedStudio, job_id: str, title: str, scenes: list[str]) -> Iterator[None]:
    """Play one job to its end; each ``next`` is one visible step."""
    n = len(scenes)

    def step(stage: str) -> None:
        studio.emit(job_id, "job.stage_started", stage=stage, message=f"{stage} started")

    def done(stage: str, elapsed: float) -> None:
        studio.emit(
            job_id,
            "job.stage_completed",
            stage=stage,
            message=f"{stage} completed",
            data={"elapsed_s": elapsed},
        )

    step("script_analysis")
    studio.attempt(job_id, "analysis")
    yield
    studio.generated(
        job_id, "analysis", took_s=4.2, cost=0.0021, progress=0.06, eta_s=48, title=title, scenes=scenes
    )
    done("script_analysis", 4.2)
    step("prompt_generation")
    step("audio_planning")
    studio.attempt(job_id, "storyboard")
    studio.attempt(job_id, "audio_plan")
    yield
    studio.generated(job_id, "storyboard", took_s=3.1, cost=0.0034, progress=0.12, eta_s=44)
    done("prompt_generation", 3.1)
    step("image_generation")
    for i in range(1, n + 1):
        studio.attempt(job_id, f"image:{i}", reserved=0.04)
    studio.generated(job_id, "audio_plan", took_s=2.0, cost=0.0028, progress=0.15, eta_s=41)
    done("audio_planning", 4.9)
    step("narration")
    for i in range(1, n + 1):
        studio.attempt(job_id, f"narration:{i}")
    yield
    for i in range(1, n + 1):
        studio.generated(
            job_id,
            f"image:{i}",
            took_s=round(4.6 + i * 0.4, 1),
            cost=0.039,
            progress=0.15 + 0.4 * i / n,
            eta_s=40 - 4 * i,
            width=1344,
            height=768,
        )
        yield
        studio.generated(
            job_id,
            f"narration:{i}",
            took_s=1.4,
            cost=0.0016,
            progress=0.17 + 0.4 * i / n,
            eta_s=38 - 4 * i,
            duration_s=6.4,
        )
        if i == 1:
            step("composition")
        studio.attempt(job_id, f"clip:{i}", reserved=0)
        yield
        if i > 1:
            studio.generated(
                job_id,
                f"clip:{i - 1}",
                took_s=1.8,
                progress=0.2 + 0.4 * i / n,
                eta_s=36 - 4 * i,
                duration_s=7.2,
            )
    done("image_generation", 21.0)
    done("narration", 12.0)
    studio.generated(job_id, f"clip:{n}", took_s=1.8, progress=0.8, eta_s=9, duration_s=7.2)
    step("music")
    studio.attempt(job_id, "music", reserved=0)
    yield
    studio.generated(job_id, "music", took_s=2.2, progress=0.86, eta_s=6)
    done("music", 2.2)
    for kind in ("captions", "poster", "video"):
        studio.attempt(job_id, kind, reserved=0)
    studio.generated(job_id, "captions", took_s=0.1, progress=0.9, eta_s=4)
    studio.generated(job_id, "poster", took_s=0.1, progress=0.91, eta_s=4)
    yield
    studio.generated(
        job_id, "video", took_s=3.0, progress=0.99, eta_s=0.2, duration_s=7.2 * n, width=1280, height=720
    )
    studio.attempt(job_id, "manifest", reserved=0)
    studio.generated(job_id, "manifest", took_s=0.0, progress=0.99)
    done("composition", 18.0)
    studio.emit(job_id, "job.completed", message="The film is finished", progress=1.0, eta_s=0)
    yield


def new_id(name: str) -> str:
    """A job id that is the same in every run, so that a screenshot can be compared."""
    return str(uuid5(NAMESPACE_URL, name))
