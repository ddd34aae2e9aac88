"""submit, watch, cancel and retry against a server whose every answer is written here."""

import json
from typing import Any
from uuid import uuid4

import click
import pytest

from tests.api.cli.conftest import END, PREVIEW, Floor, Run, Scripted, event, frame, plain
from tests.projections.filming import refusal


@pytest.fixture
def ended(floor: Floor) -> Any:
    """Jobs as a server would hand them out, by how they ended."""

    def make(status: str) -> dict[str, Any]:
        job_id = floor.filming.submit()
        if status == "failed":
            floor.filming.faults["image:1"] = [refusal()]
        if status == "cancelled":
            floor.filming.studio.change_job(job_id, lambda job: job.request_cancel(now=floor.filming.now))
        assert floor.filming.finish(job_id) == status
        floor.settle()
        body = floor.system.readers.job(job_id)
        assert body is not None
        job: dict[str, Any] = json.loads(body)
        return job

    return make


def serve_ended(scripted: Scripted, job: dict[str, Any]) -> str:
    scripted.answer(f"/v1/jobs/{job['id']}", job)
    last = event(job["position"], f"job.{job['status']}", message=f"Job {job['status']}", progress=1.0)
    scripted.stream(f"/v1/jobs/{job['id']}/events", frame(event(1, "job.submitted")), frame(last), END)
    return str(job["id"])


@pytest.mark.parametrize(("status", "code"), [("completed", 0), ("failed", 1), ("cancelled", 3)])
def test_watch_ends_as_the_job_does(run: Run, scripted: Scripted, ended: Any, status: str, code: int) -> None:
    job_id = serve_ended(scripted, ended(status))

    done = run("watch", job_id, "--url", scripted.url)

    assert done.exit_code == code
    assert done.stdout == ""
    assert f"Job {status}" in done.stderr


def test_watching_a_job_that_waits_for_review_ends_with_six_and_says_how_to_go_on(
    run: Run, scripted: Scripted, ended: Any
) -> None:
    job = ended("completed") | {"status": "awaiting_review", "review": "script"}
    address = f"/v1/jobs/{job['id']}"
    scripted.answer(address, job)
    last = event(job["position"], "job.review_requested", message="Waits", progress=0.1)
    scripted.stream(f"{address}/events", frame(event(1, "job.submitted")), frame(last))
    cost = {"usd": 0.2, "at_most_usd": 0.5, "unpriced": 0}
    scripted.answer(f"{address}/approve", {"cost": cost, "redone": [], "reused": [], "dry_run": True})

    done = run("watch", job["id"], "--url", scripted.url)

    assert done.exit_code == 6
    assert "waits for review of the script" in done.stderr
    assert f"reelog approve {job['id']}" in done.stderr


def test_ctrl_c_at_the_question_of_a_review_says_how_to_go_on(
    run: Run, scripted: Scripted, ended: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, **__: Any) -> bool:
        raise click.Abort

    monkeypatch.setattr(click, "confirm", interrupted)
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True, raising=False)
    job = ended("completed") | {"status": "awaiting_review", "review": "script"}
    address = f"/v1/jobs/{job['id']}"
    scripted.answer(address, job)
    last = event(job["position"], "job.review_requested", message="Waits", progress=0.1)
    scripted.stream(f"{address}/events", frame(last))
    cost = {"usd": 0.2, "at_most_usd": 0.5, "unpriced": 0}
    scripted.answer(f"{address}/approve", {"cost": cost, "redone": [], "reused": [], "dry_run": True})

    done = run("watch", job["id"], "--url", scripted.url, "--quiet")

    assert done.exit_code == 130
    assert f"  Look at it:   reelog show {job['id']} --url {scripted.url}\n" in done.stderr
    assert f"  Let it go on: reelog approve {job['id']} --url {scripted.url}\n" in done.stderr


def test_watching_a_film_that_was_pruned_offers_nothing_to_download(
    run: Run, scripted: Scripted, ended: Any
) -> None:
    job = ended("completed")
    whole = run("watch", serve_ended(scripted, job), "--url", scripted.url)
    video = job["links"]["video"]
    job |= {"pruned_at": "2026-11-27T10:00:00.000Z", "title": "[pruned: 2 words, 8 bytes]"}
    job["links"] |= {"video": None}

    done = run("watch", serve_ended(scripted, job), "--url", scripted.url)

    assert f"Download it: {scripted.url}{video}" in whole.stderr
    assert done.exit_code == 0
    assert "Its texts and files were removed on 2026-11-27" in done.stderr
    for wrong in ("None", "Download", "[pruned"):
        assert wrong not in done.output


def test_watch_away_from_a_terminal_says_one_plain_line_for_each_event(
    run: Run, scripted: Scripted, ended: Any
) -> None:
    job = ended("completed")
    job["created_at"] = "2026-11-22T10:00:00.000Z"
    job_id = serve_ended(scripted, job)

    done = run("watch", job_id, "--url", scripted.url)

    first, second, *_ = done.stderr.splitlines()
    assert first == "      0.0 s   50 %  Event 1"
    assert second == "      0.0 s  100 %  Job completed"
    assert "\x1b" not in done.output


def test_watch_as_json_is_the_events_and_nothing_else_on_standard_output(
    run: Run, scripted: Scripted, ended: Any
) -> None:
    job_id = serve_ended(scripted, ended("completed"))

    done = run("watch", job_id, "--url", scripted.url, "--json", "--quiet")

    assert [json.loads(line)["type"] for line in done.stdout.splitlines()] == [
        "job.submitted",
        "job.completed",
    ]


def test_a_failure_is_told_in_full(run: Run, scripted: Scripted, ended: Any) -> None:
    job = ended("failed")
    job["failure"] |= {
        "http_status": 429, "provider_status": "RESOURCE_EXHAUSTED", "finish_reason": "OTHER",
        "response_id": "resp-1", "retry_after_s": 28.0, "elapsed_s": 1.5, "may_have_been_billed": True,
        "prompt_digest": "sha256:aa", "raw_digest": "sha256:bb", "details": {"quota": {"limit": 0}},
    }  # fmt: skip
    job_id = serve_ended(scripted, job)

    told = plain(run("watch", job_id, "--url", scripted.url))

    for wanted in (
        "safety", "image_generation", "image:1", "attempt         1", "image-model", "HTTP status     429",
        "RESOURCE_EXHAUSTED", "finish reason   OTHER", "resp-1", "28 s", "Blocked by the safety filter.",
        "may have been billed", "sha256:aa", "sha256:bb", '{"limit": 0}', "what to do", "Change the wording",
    ):  # fmt: skip
        assert wanted in told


def test_what_a_provider_says_cannot_steer_the_terminal(run: Run, scripted: Scripted, ended: Any) -> None:
    job = ended("failed")
    job["failure"]["message"] = "evil \x1b[2J\x07 words"
    job_id = serve_ended(scripted, job)

    told = run("watch", job_id, "--url", scripted.url).stderr

    assert "\x1b[2J" not in told
    assert "\x07" not in told


def test_watching_with_a_timeout_ends_with_five(run: Run, scripted: Scripted, ended: Any) -> None:
    job = ended("completed")
    scripted.answer(f"/v1/jobs/{job['id']}", job | {"status": "running"})
    scripted.stream(f"/v1/jobs/{job['id']}/events", frame(event(1)))

    done = run("watch", job["id"], "--url", scripted.url, "--timeout", "0")

    assert done.exit_code == 5
    assert "had not ended after 0 s" in done.stderr


def test_nobody_there_ends_with_four(run: Run) -> None:
    done = run("watch", str(uuid4()), "--url", "http://127.0.0.1:9")

    assert done.exit_code == 4
    assert "nothing answers at http://127.0.0.1:9" in done.stderr
    assert "reelog serve" in done.stderr


def test_submit_prints_the_id_and_sends_what_was_asked_for(run: Run, scripted: Scripted, ended: Any) -> None:
    job = ended("completed")
    scripted.answer("/v1/jobs", job, 201)

    done = run(
        "submit",
        "-",
        "--url",
        scripted.url,
        "--fps",
        "24",
        "--idempotency-key",
        "k-1",
        stdin="Ein Märchen.".encode(),
    )

    assert (done.exit_code, done.stdout) == (0, f"{job['id']}\n")
    [(method, path, headers, body)] = scripted.asked
    assert (method, path, headers["Idempotency-Key"]) == ("POST", "/v1/jobs", "k-1")
    assert body == {"script": "Ein Märchen.", "options": {"fps": 24}}


@pytest.mark.parametrize("told", [f"00-{'4b' * 16}-{'00f0' * 4}-01", "nonsense", ""])
def test_a_server_is_told_the_span_of_who_started_the_command(
    run: Run, scripted: Scripted, ended: Any, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.setenv("TRACEPARENT", told)
    scripted.answer("/v1/jobs", ended("completed"), 201)

    assert run("submit", "-", "--url", scripted.url, stdin=b"Fine.").exit_code == 0
    [(_, _, headers, _)] = scripted.asked
    assert headers.get("traceparent") == (told if told.startswith("00-") else None)


def test_a_server_that_refuses_the_model_ends_with_two(run: Run, scripted: Scripted) -> None:
    errors = [{"pointer": "/models/image", "message": "models.image is 'x': unknown; these would do: a, b"}]
    scripted.answer("/v1/jobs", {"detail": "…", "errors": errors}, 422)

    done = run("submit", "-", "--url", scripted.url, "--image-model", "x", stdin=b"Fine.")

    assert done.exit_code == 2
    assert "--image-model is 'x': unknown; these would do: a, b" in done.stderr


def test_the_server_is_found_in_the_settings(
    run: Run, scripted: Scripted, ended: Any, monkeypatch: Any
) -> None:
    monkeypatch.setenv("REELOG_URL", scripted.url)
    job = ended("completed")
    scripted.answer(f"/v1/jobs/{job['id']}/cancel", job)

    done = run("cancel", job["id"], "--json")

    assert json.loads(done.stdout) == job
    assert scripted.asked[0][:2] == ("POST", f"/v1/jobs/{job['id']}/cancel")


def test_cancelling_says_whether_there_was_anything_to_cancel(
    run: Run, scripted: Scripted, ended: Any
) -> None:
    job = ended("completed")
    scripted.answer(f"/v1/jobs/{job['id']}/cancel", job | {"status": "running"}, 202)
    scripted.answer(f"/v1/jobs/{job['id']}/cancel", job)

    first, second = (run("cancel", job["id"], "--url", scripted.url) for _ in range(2))

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "Cancellation requested" in first.stderr
    assert "It had ended before: completed" in second.stderr


def test_retry_with_watch_tells_only_the_new_run(run: Run, scripted: Scripted, ended: Any) -> None:
    job = ended("completed") | {"run": 2}
    scripted.answer(f"/v1/jobs/{job['id']}/retry", PREVIEW)
    scripted.answer(f"/v1/jobs/{job['id']}/retry", job, 202)
    reopened = event(1, "job.reopened", occurred_at="2026-11-22T10:00:01.500Z")
    scripted.answer(f"/v1/jobs/{job['id']}/events", {"data": [reopened], "has_more": False})
    job_id = serve_ended(scripted, job)

    done = run("retry", job_id, "--watch", "--url", scripted.url)

    assert done.exit_code == 0, done.output
    *_, path = [path for _, path, _, _ in scripted.asked if "/events" in path]
    assert path.endswith(f"after={job['position'] - 1}")
    assert "      1.0 s  100 %  Job completed" in done.stderr


def test_retrying_what_cannot_be_retried_ends_with_two(run: Run, scripted: Scripted) -> None:
    job_id = str(uuid4())
    scripted.answer(f"/v1/jobs/{job_id}/retry", {"detail": "The job is running; only …"}, 409)

    done = run("retry", job_id, "--url", scripted.url)

    assert done.exit_code == 2
    assert "The job is running" in done.stderr
