"""A server on PostgreSQL: the database is started again in mid-job, then everything but it is killed.

Seen to fail when a worker does not take its presence again after a cut (its calls are told as lost), and when
the projector ends with the first error of the database (the stream stands still).
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.emulating import Emulator
from tests.processes import FILM_S, SMALL, UNTIL_KILLED, Server

pytestmark = [pytest.mark.slow, pytest.mark.crash, pytest.mark.timeout(900)]

SCRIPT = "[[fault: delay image_generation seconds=4]] A lamp burns on the cliff."


def a_picture_is_begun(event: dict[str, Any]) -> bool:
    return bool(event["type"] == "asset.attempt_started" and event["asset"]["kind"] == "image")


def to_the_end(server: Server, job_id: str, seen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Watch as a browser does: where the stream is cut, open it again after what was seen."""
    while not seen or seen[-1]["type"] != "job.completed":
        seen += server.follow(job_id, after=seen[-1]["position"] if seen else None)
        assert seen[-1]["type"] not in ("job.failed", "job.cancelled"), seen[-1]
    return seen


def test_a_job_survives_a_restart_of_the_database_and_another_the_death_of_all_else(
    emulator: Emulator, serve: Callable[..., Server], restartable_postgresql: Any
) -> None:
    store = restartable_postgresql.get_uri()
    server = serve(emulator, REELOG_STORE=store)
    wanted = {"script": SCRIPT, "options": SMALL | {"max_scenes": 1, "music": False}}
    job = server.submit(**wanted)
    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(to_the_end, server, job["id"], [])
        server.follow(job["id"], stop=a_picture_is_begun)
        restartable_postgresql._stop()
        try:
            refused = server.http.post("/v1/jobs", json=wanted)
        finally:
            restartable_postgresql.ensure_postgres_running()
        history = watching.result(FILM_S)

    # Which of its tables is asked for first is not the point.
    assert (refused.status_code, refused.json()["code"]) in {
        (503, "store_unavailable"),
        (503, "unavailable"),
    }
    told = server.http.get(f"/v1/jobs/{job['id']}/events", params={"limit": 1000}).json()["data"]
    assert history == told, "nothing is missing in the stream, and nothing came twice"
    assert [e["asset"]["name"] for e in told if e["type"] == "asset.attempt_lost"] == []
    assert set(Counter(e["asset"]["id"] for e in told if e["type"] == "asset.generated").values()) == {1}
    assert len(server.http.get("/v1/jobs").json()["data"]) == 1, "what was refused is not there"

    drawn = emulator.pictures()
    second = server.submit(**wanted | {"script": f"{UNTIL_KILLED} A lamp burns on the cliff."})
    before = server.follow(second["id"], stop=a_picture_is_begun)
    emulator.until_it_draws(besides=drawn)
    server.process.kill_tree()
    after = serve(emulator, REELOG_STORE=store)
    history = to_the_end(after, second["id"], before)
    [lost] = [e for e in history if e["type"] == "asset.attempt_lost" and e["asset"]["kind"] == "image"]
    assert lost["data"]["may_have_been_billed"]
    assert any(e["type"] == "job.resumed" for e in history)
    assert set(Counter(e["asset"]["id"] for e in history if e["type"] == "asset.generated").values()) == {1}
    assert after.process.stop() == 0, after.process.told()
