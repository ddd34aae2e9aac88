"""A whole film with its bytes in a bucket: killed, gone on with where nothing of it is, taken elsewhere."""

from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from actors.blobs.copying import copy_blobs
from actors.blobs.folder import LocalBlobs, key_of
from domain.store import EventLog, Studio, open_event_store
from domain.tombstones import digests_in
from tests.emulating import Emulator
from tests.object_store import S3, Refused, proxy_before
from tests.processes import SHORT, UNTIL_KILLED, Server, run

pytestmark = [pytest.mark.slow, pytest.mark.crash, pytest.mark.timeout(600)]

SCRIPT = f"{UNTIL_KILLED} {SHORT}"


def named_digests(store_url: str) -> set[str]:
    """Every digest that an event names."""
    store = open_event_store(store_url)
    studio = Studio(store)
    try:
        stored = EventLog(studio).stored(range(1, EventLog(studio).head() + 1))
        return {digest for event in stored for digest in digests_in(event.state)}
    finally:
        studio.close()
        store.close()


def test_a_film_in_a_bucket_is_killed_and_gone_on_with_where_nothing_of_it_is(
    s3: S3, serve: Callable[..., Server], emulator: Emulator, tmp_path: Path
) -> None:
    url = s3.bucket()
    with proxy_before(s3) as (proxy, far):
        places = {**far.variables, "REELOG_BLOBS": url}
        first = serve(emulator, **places, REELOG_BLOBS_CACHE=str(tmp_path / "first"))
        # An overloaded store is no reason to give anything up; each pause is three times the one before.
        proxy.once(Refused(503, "SlowDown"), "PUT", times=3)
        job = first.submit(script=SCRIPT)

        def a_picture_is_begun(event: dict[str, Any]) -> bool:
            return bool(event["type"] == "asset.attempt_started" and event["asset"]["kind"] == "image")

        first.follow(job["id"], stop=a_picture_is_begun)
        emulator.until_it_draws()
        first.process.kill_tree()

        second = serve(emulator, **places, REELOG_BLOBS_CACHE=str(tmp_path / "second"))
        history = second.follow(job["id"])
        done = second.job(job["id"])
        assert done["status"] == "completed", done["failure"]
        made = Counter(e["asset"]["id"] for e in history if e["type"] == "asset.generated")
        assert set(made.values()) == {1}, "every asset was made exactly once"

        # Another server, which made nothing: the film comes from the bucket.
        third = serve(emulator, "--no-actors", **places, REELOG_BLOBS_CACHE=str(tmp_path / "third"))
        assets = third.http.get(f"/v1/jobs/{job['id']}/assets").json()["data"]
        [video] = [asset for asset in assets if asset["name"] == "video"]
        film = third.http.get(video["links"]["content"]).content
        assert f"sha256:{sha256(film).hexdigest()}" == video["digest"]
        part = third.http.get(video["links"]["content"], headers={"Range": "bytes=100-199"})
        assert (part.status_code, part.content) == (206, film[100:200])
        assert third.http.get("/readyz").json()["blobs"] == "s3"
        for server in (third, second):
            assert server.process.stop() == 0, server.process.told()

        again = run(tmp_path, "remake", job["id"], "--verify", **places)
        assert again.returncode == 0, again.stderr
        young = run(tmp_path, "prune", "--older-than", "0s", "--yes", **places)
        assert young.returncode == 0, young.stderr

    # All that an event names is in the bucket and whole, and can be taken along.
    digests = named_digests(f"sqlite:///{tmp_path}/reelog-data/events.sqlite3")
    assert {key_of(digest) for digest in digests} <= set(s3.keys(url))
    bucket = s3.open(url, tmp_path / "fourth")
    folder = LocalBlobs(tmp_path / "taken-along")
    assert {copied.digest for copied in copy_blobs(sorted(digests), bucket, folder)} == digests
    assert folder.get(video["digest"]) == film
