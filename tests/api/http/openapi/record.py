"""Records the examples of the API's description: ``python -m tests.api.http.openapi.record [--all]``.

A real server makes real films on the emulator, and each answer that has no example yet, or whose example the
description no longer allows, is kept (``--all``: every one; ``--errors``: only those that are made in this
process). A new operation gets its example by a line in one of ``STORY``'s functions: call it, with what makes
it answer each of its statuses; it is known by its path. What is asked first is the example of the request.
"""

import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from actors.emulator.server import EmulatorThread
from api.http.app import ENDPOINTS
from api.http.openapi.document import described
from api.http.openapi.examples import FOLDER, PROBLEMS
from api.http.problems import MEDIA_TYPE
from api.http.routing import Endpoint
from tests.actors.files.material import photo
from tests.api.contract import endpoint_of
from tests.api.http.openapi.answering import broken_answers
from tests.api.http.openapi.checking import faults_of
from tests.processes import SHORT, SMALL, Process
from tests.receiver import receiving

ENTRIES = 2
"""How many of a list an example shows."""
TEXT = 1200
"""How many characters of a text."""
SPOKEN = {"Idempotency-Key", "Prefer", "Accept", "Range", "Content-Type"}
"""Headers of a request that its example shows."""
Json = dict[str, Any]


def shortened(value: Any) -> Any:
    if isinstance(value, list):
        return [shortened(item) for item in value[:ENTRIES]]
    if isinstance(value, dict):
        return {name: shortened(item) for name, item in value.items()}
    return value[:TEXT] if isinstance(value, str) else value


class Recorder:
    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=url, timeout=120, trust_env=False)
        self.file = ""
        """The digest of a picture that was sent."""
        self.found: dict[str, Json] = {}
        self.problems: Json = {}

    def __call__(self, method: str, path: str, **request: Any) -> Any:
        """Make the call, keep what was asked and answered, and give the answer."""
        answer = self.client.request(method, path, **request)
        print(f"{answer.status_code} {method} {path}", file=sys.stderr)  # noqa: T201 - a command of ours
        media_type = answer.headers.get("content-type", "").partition(";")[0]
        if media_type == MEDIA_TYPE:
            self.problems.setdefault(answer.json()["code"], answer.json())
            return answer
        endpoint = endpoint_of(method, answer.request.url.path)
        assert endpoint is not None, path
        kept = self.found.setdefault(
            endpoint.operation.id, {**asked(endpoint, answer, request), "responses": {}}
        )
        if media_type:
            shown = body_of(endpoint, answer, media_type)
            if shown is not None:
                kept["responses"].setdefault(str(answer.status_code), {}).setdefault(media_type, shown)
        return answer

    def until(self, job_id: str, *statuses: str) -> Json:
        while True:
            job: Json = self.client.get(f"/v1/jobs/{job_id}").json()
            if job["status"] in statuses:
                return job
            assert job["status"] != "failed", job["failure"]
            time.sleep(0.5)


def asked(endpoint: Endpoint, answer: httpx.Response, request: Json) -> Json:
    named = zip(endpoint.path.split("/"), answer.request.url.path.split("/"), strict=True)
    return {
        "path": {name[1:-1]: value for name, value in named if name.startswith("{")},
        "query": {name: str(value) for name, value in request.get("params", {}).items()},
        "headers": {n: v for n, v in request.get("headers", {}).items() if n in SPOKEN},
        "body": request.get("json"),
    }


def body_of(endpoint: Endpoint, answer: httpx.Response, media_type: str) -> Any:
    """What an example can show: JSON, or text; None of bytes."""
    if endpoint.operation.id == "get_openapi":
        return {name: answer.json()[name] for name in ("openapi", "info")}
    if media_type == "application/json" and answer.status_code != httpx.codes.PARTIAL_CONTENT:
        return shortened(answer.json())
    if media_type == "text/event-stream":
        # One message, as the schema of a stream describes one.
        lines = next(m for m in answer.text.split("\n\n") if "id: " in m and "data: " in m).splitlines()
        return dict(line.split(": ", 1) for line in lines if not line.startswith(":"))
    return answer.text[:TEXT] if media_type in ("text/plain", "text/vtt") else None


# ---- what is recorded -----------------------------------------------------------------------------------


def kept_things(call: Recorder) -> None:
    with tempfile.TemporaryDirectory() as folder:
        picture = photo(Path(folder) / "a.jpg").read_bytes()
    octets = {"Content-Type": "application/octet-stream"}
    file = call("POST", "/v1/files", content=picture, headers=octets).json()
    call("POST", "/v1/files", content=picture, headers=octets)
    call("POST", "/v1/files", content=b"no picture", headers=octets)
    call("GET", f"/v1/files/{file['digest']}")
    call("GET", f"/v1/files/{file['digest']}/content")
    call("POST", "/v1/files", content=picture[:5000], headers=octets)
    call("GET", f"/v1/files/sha256:{'0' * 64}")
    values = {"options": {"quality": "low", "aspect_ratio": "9:16", "captions": "sidecar"}}
    for fps in (24, 24, 30):
        call("PUT", "/v1/presets/shorts", json={"options": values["options"] | {"fps": fps}})
        call(
            "PUT",
            "/v1/casts/harbour",
            json=[{"name": "Mara", "voice": "Kore", "look": "a keeper in oilskins"}],
        )
    for kind, name in (("presets", "shorts"), ("casts", "harbour")):
        call("GET", f"/v1/{kind}")
        call("GET", f"/v1/{kind}/{name}")
        call("GET", f"/v1/{kind}/none")
        call("DELETE", f"/v1/{kind}/{name}")
    call.file = file["digest"]


def submissions(call: Recorder) -> str:
    body = {"script": SHORT, "options": SMALL, "max_cost_usd": 2.5, "metadata": {"order": "A-17"}}
    call("POST", "/v1/estimate", json=body)
    key = {"Idempotency-Key": "order-A-17"}
    job = call("POST", "/v1/jobs", json=body, headers=key).json()
    call("POST", "/v1/jobs", json=body, headers=key)
    call("POST", "/v1/jobs", json=body | {"priority": "high"}, headers=key)
    call("POST", "/v1/jobs", json={"script": "", "options": {"fps": 7}})
    call("POST", "/v1/jobs", json={"script": "A boat. " * 200_000})
    call(
        "POST",
        "/v1/jobs",
        json={"script": "A boat.", "models": {"text": "gemini-of-tomorrow"}, "max_cost_usd": 1},
    )
    call("POST", "/v1/jobs", content=b"{", headers={"Content-Type": "application/json"})
    call("POST", "/v1/jobs", content=b"a=1", headers={"Content-Type": "text/plain"})
    call("GET", f"/v1/jobs/{job['id']}/export")
    call.until(job["id"], "running")
    if assets := call.client.get(f"/v1/jobs/{job['id']}/assets").json()["data"]:
        call("POST", f"/v1/assets/{assets[0]['id']}/regenerate")
        call("GET", f"/v1/assets/{assets[0]['id']}/content", params={"revision": 9})
    return str(job["id"])


def batches(call: Recorder) -> None:
    body = {"submissions": [{"script": SHORT}, {"script": "Night falls."}], "common": {"options": SMALL}}
    call("POST", "/v1/batches", json=body | {"dry_run": True, "max_cost_usd": 5})
    batch = call("POST", "/v1/batches", json=body | {"max_cost_usd": 5}).json()
    call("GET", f"/v1/batches/{batch['id']}")
    for job in batch["jobs"]:
        call("POST", f"/v1/jobs/{job['id']}/cancel")
    job_id = str(batch["jobs"][0]["id"])
    call.until(job_id, "cancelled")
    call("POST", f"/v1/jobs/{job_id}/retry", json={"dry_run": True})
    call("POST", f"/v1/jobs/{job_id}/retry", json={"max_cost_usd": 3})
    call("POST", f"/v1/jobs/{job_id}/cancel")


def film(call: Recorder) -> None:
    job_id = submissions(call)
    call.until(job_id, "completed")
    job = f"/v1/jobs/{job_id}"
    call("GET", job)
    call("GET", "/v1/jobs", params={"status": "completed", "limit": 1})
    stream = {"Accept": "text/event-stream"}
    for path in (f"{job}/events", "/v1/events"):
        call("GET", path, params={"limit": 2} | ({} if path == f"{job}/events" else {"jobs": job_id}))
    call("GET", f"{job}/events", headers=stream)
    call("GET", "/v1/events", params={"jobs": job_id}, headers=stream)
    call("POST", f"{job}/cancel")
    assets = call("GET", f"{job}/assets").json()["data"]
    image = next(a for a in assets if a["kind"] == "image")
    asset = f"/v1/assets/{image['id']}"
    call("GET", asset)
    for kind in ("video", "captions", "analysis", "image", "narration"):
        made = next(a for a in assets if a["kind"] == kind)
        call("GET", f"/v1/assets/{made['id']}/content")
    captions = next(a for a in assets if a["kind"] == "captions")
    for other in ("captions", "analysis"):
        made = next(a for a in assets if a["kind"] == other)
        call("GET", f"/v1/assets/{made['id']}/content", headers={"Range": "bytes=0-99"})
    call("GET", f"/v1/assets/{captions['id']}/content", headers={"Range": "bytes=9999999-"})
    for kind in ("image", "captions", "analysis"):
        of = next(a for a in assets if a["kind"] == kind)
        link = httpx.URL(
            call("POST", f"/v1/assets/{of['id']}/link", json={"expires_in_s": 3600}).json()["url"]
        )
        for headers in ({}, {"Range": "bytes=0-99"}):
            call("GET", link.path, params=dict(link.params), headers=headers)
    call("GET", link.path, params=dict(link.params) | {"signature": "0" * 43})
    call("GET", f"{job}/explain", params={"at": call.client.get(job).json()["position"]})
    call("GET", f"{asset}/blobs/{image['recipe']['prompt_digest']}")
    call("GET", f"{asset}/blobs/{image['recipe']['prompt_digest']}", headers={"Range": "bytes=0-99"})
    call("GET", f"{asset}/blobs/sha256:{'0' * 64}")
    for form in ("zip", "otio"):
        call("GET", f"{job}/export", params={"as": form})
    call("PATCH", job, json={"title": "The keeper of the light"})
    for refused in ("retry", "approve"):
        call("POST", f"{job}/{refused}")
    call("POST", f"{job}/fork", json={"changes": {"options": {"style": "woodcut"}}, "dry_run": True})
    fork = call("POST", f"{job}/fork", json={"changes": {"options": {"style": "woodcut"}}}).json()
    call("POST", f"/v1/jobs/{fork['id']}/cancel")
    changes: list[tuple[str, str, Json]] = [
        (
            "PATCH",
            f"{job}/scenes",
            {"scenes": {"1": {"text": "A lighthouse stands above the grey sea, alone."}}},
        ),
        ("POST", f"{asset}/regenerate", {}),
        ("PUT", asset, {"file": call.file}),
    ]
    for method, path, body in changes:
        call(method, path, json=body | {"dry_run": True})
        call(method, path, json=body)
        call.until(job_id, "completed")
    other = call.client.post("/v1/jobs", json={"script": SHORT, "options": SMALL}).json()
    call("DELETE", job)  # a film that is being made may be about to use some of its bytes
    call("POST", f"/v1/jobs/{other['id']}/cancel")


def review(call: Recorder) -> None:
    body = {"script": SHORT, "options": SMALL | {"review": ["storyboard"]}}
    job = call("POST", "/v1/jobs", json=body).json()
    call.until(job["id"], "awaiting_review")
    path = f"/v1/jobs/{job['id']}"
    call("POST", f"{path}/approve", json={"dry_run": True})
    call("POST", f"{path}/approve", json={"max_cost_usd": 3})
    call("POST", f"{path}/cancel")


def keys(call: Recorder) -> None:
    call("GET", "/v1/key")
    for _ in range(2):
        call("POST", "/v1/keys", json={"name": "harbour", "scope": "submit", "rate": 600, "usd_per_day": 20})
    call("GET", "/v1/keys")
    call("GET", "/v1/keys/harbour")
    call("GET", "/v1/keys/none")
    call("DELETE", "/v1/keys/harbour")


def webhooks(call: Recorder) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    asked = {"url": "https://hooks.example.org/reelog", "events": ["job.completed", "job.failed"]}
    shown = call("POST", "/v1/webhooks", json=asked).json()["id"]
    call("GET", "/v1/webhooks")
    with receiving() as receiver:
        own = {"url": receiver.url, "events": ["job.cancelled"]}
        endpoint = call("POST", "/v1/webhooks", json=own).json()["id"]
        path = f"/v1/webhooks/{endpoint}"
        call("GET", path)
        call("POST", f"{path}/ping")
        job = call.client.post("/v1/jobs", json={"script": SHORT, "options": SMALL, "webhook": asked}).json()
        call("POST", f"/v1/jobs/{job['id']}/cancel")
        call.until(job["id"], "cancelled")
        delivered = {"status": "delivered"}
        while not (told := call.client.get(f"{path}/deliveries", params=delivered).json()["data"]):
            time.sleep(0.2)
        call("GET", f"{path}/deliveries")
        delivery = f"{path}/deliveries/{told[0]['id']}"
        call("GET", delivery)
        call("POST", f"{delivery}/redeliver")
        call("GET", f"{path}/deliveries/{nobody}")
        call("POST", f"{path}/secret")
        call("PATCH", path, json={"events": ["job.completed", "job.failed"]})
        call("PATCH", path, json={"enabled": False})
        call("POST", f"{delivery}/redeliver")
    call("POST", f"/v1/webhooks/{job['webhook']['id']}/secret")
    for of in (endpoint, shown):
        call("DELETE", f"/v1/webhooks/{of}")
    call("GET", f"/v1/webhooks/{nobody}")


def many_jobs(call: Recorder) -> None:
    body = {"script": SHORT, "options": SMALL}
    ids = [call.client.post("/v1/jobs", json=body).json()["id"] for _ in range(2)]
    call("DELETE", f"/v1/jobs/{ids[0]}")
    call("POST", "/v1/jobs/cancel", json={"ids": ids})
    for job_id in ids:
        call.until(job_id, "cancelled")
    call("POST", "/v1/jobs/retry", json={"ids": ids, "dry_run": True})
    call("DELETE", f"/v1/jobs/{ids[0]}")


def service(call: Recorder) -> None:
    for path in ("/v1/models", "/healthz", "/readyz", "/metrics", "/openapi.json"):
        call("GET", path)
    nobody = "00000000-0000-4000-8000-000000000000"
    for path in (f"/v1/jobs/{nobody}", f"/v1/assets/{nobody}", f"/v1/batches/{nobody}", "/v1/nothing"):
        call("GET", path)
    call("GET", "/v1/jobs", params={"limit": 5000, "stauts": "failed"})
    call("GET", "/v1/events", params={"after": 10**12})
    call("DELETE", "/v1/jobs")
    call("POST", "/v1/jobs", json={"script": "A boat."}, headers={"Origin": "https://other.example"})
    call("GET", "/v1/jobs", headers={"Host": "other.example"})


STORY: tuple[Callable[[Recorder], Any], ...] = (
    *(kept_things, film, batches, review, keys, webhooks, many_jobs, service),
)


@contextlib.contextmanager
def server() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder, EmulatorThread() as emulator:
        environment = {"REELOG_GEMINI_BASE_URL": emulator.url, "RAY_TMPDIR": tempfile.gettempdir()}
        environment["REELOG_WEBHOOK_NETWORKS"] = "127.0.0.1"
        process = Process("serve", "--port", "0", "--json", folder=Path(folder), environment=environment)
        try:
            yield str(process.first_line()["url"])
        finally:
            process.stop()


def main() -> None:
    everything = "--all" in sys.argv
    FOLDER.mkdir(exist_ok=True)
    call = Recorder("http://127.0.0.1")
    if "--errors" not in sys.argv:
        with server() as url:
            call.client = httpx.Client(base_url=url, timeout=120, trust_env=False)
            for part in STORY:
                part(call)
    broken_answers(call)
    for endpoint in described(ENDPOINTS):
        operation_id = endpoint.operation.id
        if operation_id in call.found:
            write(operation_id, call.found[operation_id], everything)
    known = json.loads(path_of(PROBLEMS).read_text("utf-8")) if path_of(PROBLEMS).is_file() else {}
    save(PROBLEMS, known | call.problems if everything else call.problems | known)


def write(operation_id: str, found: Json, everything: bool) -> None:
    old = path_of(operation_id)
    if not everything and old.is_file() and not faults_of(operation_id):
        return
    save(operation_id, found)


def path_of(name: str) -> Path:
    return FOLDER / f"{name}.json"


def save(name: str, value: Json) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=name == PROBLEMS)
    path_of(name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
