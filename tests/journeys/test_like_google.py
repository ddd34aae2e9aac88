"""A film with an emulator that is like Google, at a fast pace: by one command; over HTTP, killed half-way.

Which troubles it meets follows from its prompts. So a journey does not say that the film is finished; it says
what must hold whatever they are: it is finished rightly or ends with a clear failure that may be tried again;
each call is on record and paid once, and the limit of cost is kept.
"""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.script import PROVIDER_KINDS
from tests.emulating import Emulator
from tests.processes import Process, Server, run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

SCRIPT = (
    "Mara was the keeper of the lighthouse. Every evening Mara lit the lamp.\n\n"
    "The sea was grey and the wind was cold. One night a ship came out of the fog.\n\n"
    "Mara rowed out alone. She found a lamp like her own, still burning.\n"
)
PACE = "0.01"
BUDGET_USD = 2.0
TRIES = 5
OPTIONS = {"quality": "low", "fps": 24, "max_scenes": 3}


def paid(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    kinds = {each.value for each in PROVIDER_KINDS}
    return [event for event in events if event["type"] == kind and event["asset"]["kind"] in kinds]


def what_must_hold(job: dict[str, Any], events: list[dict[str, Any]], script: str = SCRIPT) -> None:
    made = Counter(event["asset"]["id"] for event in paid(events, "asset.generated"))
    assert set(made.values()) <= {1}, "nothing was made twice"
    assert made or job["failure"]["stage"] == "script_analysis", "what failed first is the first thing made"
    assert 0 < job["cost"]["usd"] <= BUDGET_USD
    failures = [event["data"]["failure"] for event in paid(events, "asset.attempt_failed")]
    assert all(failure["code"] and failure["message"] and failure["hint"] for failure in failures)
    if job["status"] == "completed":
        analysis = next(e for e in paid(events, "asset.generated") if e["asset"]["kind"] == "analysis")
        spoken = " ".join(scene["text"] for scene in analysis["data"]["scenes"])
        assert " ".join(spoken.split()) == " ".join(script.split()), "the author's own words"
        return
    assert job["status"] == "failed"
    assert job["failure"]["hint"]
    assert job["failure"]["retryable"], job["failure"]


def test_make_ends_in_a_film_or_a_clear_failure(tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_text(SCRIPT, encoding="utf-8")
    emulating = ("--emulate", "--like-google", "--pace", PACE)
    options = ("--quality", "low", "--fps", "24", "--max-scenes", "3", "--max-cost", str(BUDGET_USD))

    done = run(tmp_path, "make", "story.txt", "--out", "film", *emulating, *options, "--json")

    *events, job = [json.loads(line) for line in done.stdout.splitlines()]
    what_must_hold(job, events)
    assert (done.returncode == 0) == (job["status"] == "completed"), done.stderr
    assert (tmp_path / "film" / "video.mp4").exists() == (job["status"] == "completed")


@pytest.fixture
def google(start: Callable[..., Process]) -> Emulator:
    """In a process of its own, which outlives the server."""
    arguments = ("--like-google", "--pace", PACE, "--seed", "3", "--json")
    return Emulator(start("emulate", "--port", "0", *arguments).first_line()["url"])


@pytest.mark.crash
def test_a_film_that_is_killed_half_way_goes_on_and_pays_for_nothing_twice(
    google: Emulator, serve: Callable[..., Server]
) -> None:
    first = serve(google)

    def a_picture_is_made(event: dict[str, Any]) -> bool:
        return bool(event["type"] == "asset.generated" and event["asset"]["kind"] == "image")

    for number in range(1, TRIES + 1):  # a film may well fail before it has a picture
        script, calls_of_others = f"{SCRIPT}It was ship number {number}.\n", len(google.calls())
        job = first.submit(script=script, options=OPTIONS, max_cost_usd=BUDGET_USD)
        if any(map(a_picture_is_made, first.follow(job["id"], stop=a_picture_is_made))):
            break
    first.process.kill_tree()
    calls_before = len(google.calls()) - calls_of_others

    second = serve(google)
    events = second.follow(job["id"])
    what_must_hold(second.job(job["id"]), events, script)
    begun = paid(events, "asset.attempt_started")
    calls = len(google.calls()) - calls_of_others
    assert calls_before <= calls <= len(begun), "one call for each attempt on record"
    resumed_at = next(event["position"] for event in events if event["type"] == "job.resumed")
    finished = {e["asset"]["id"] for e in paid(events, "asset.generated") if e["position"] < resumed_at}
    assert finished
    assert not finished & {event["asset"]["id"] for event in begun if event["position"] > resumed_at}


@pytest.mark.beside
def test_like_google_without_the_emulator_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "story.txt").write_text(SCRIPT, encoding="utf-8")
    refused = run(tmp_path, "make", "story.txt", "--out", "film", "--like-google", GEMINI_API_KEY="a-key")
    assert refused.returncode == 2
    assert "--emulate" in refused.stderr
    assert not (tmp_path / "film").exists()
