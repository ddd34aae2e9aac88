"""A thousand cuts at any byte, the server killed and ended in between: nothing missing, nothing twice."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from random import Random
from threading import Event

import httpx
import pytest
from httpx_sse import ServerSentEvent, connect_sse

from domain.store import open_event_store
from tests.api.stream.conftest import Running, events_url, positions, serve
from tests.api.stream.relay import Relay
from tests.projections.filming import Filming

CUTS = 1000
RESTARTS = 4
FILMS = 20


def follow(http: httpx.Client, url: str, told: list[ServerSentEvent]) -> bool:
    """Read one connection as far as it goes; gives whether there is nothing left to tell."""
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": told[-1].id} if told else {})
    try:
        with connect_sse(http, "GET", url, headers=headers) as source:
            if source.response.status_code == httpx.codes.NO_CONTENT:
                return True
            for event in source.iter_sse():
                if event.data and event.event not in {"log", "end"}:
                    told.append(event)  # noqa: PERF401 - what came before a cut is kept
    except httpx.TransportError:
        pass
    return False


def restarted(server: Running, ended: int) -> Running:
    """The next server on the same folder; every other one is killed in the middle of what it does."""
    if ended % 2:
        server.process.kill()
        server.process.communicate()
    else:
        assert server.stop() == ""
    return serve(server.folder)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_thousand_cuts_and_restarts_miss_nothing_and_repeat_nothing(
    tmp_path: Path, http: httpx.Client
) -> None:
    random = Random(7)  # noqa: S311 - reproducible cuts, no secret
    server = serve(tmp_path)
    with closing(open_event_store(f"sqlite:///{tmp_path}/events.sqlite3")) as store:
        filming = Filming(store)
        jobs = [filming.submit() for _ in range(FILMS)]
        given_up = Event()

        def make() -> None:
            for job_id in jobs:
                if not given_up.is_set():
                    filming.finish(job_id)

        told: list[ServerSentEvent] = []
        # The maker ends before its store is closed: SQLite takes the process down when it is used after that.
        with closing(filming.studio), ThreadPoolExecutor(1) as pool:
            try:
                events_url(server, jobs[-1])
                making = pool.submit(make)
                # Most cuts fall into the head or the first event, a few let many events through.
                with Relay(server.url, lambda: int(random.expovariate(1 / 1000))) as relay:
                    url = f"{relay.url}/v1/events?jobs={','.join(map(str, jobs))}"
                    ended = 0
                    while not follow(http, url, told):
                        if relay.cuts > CUTS / RESTARTS * (ended + 1) and ended < RESTARTS:
                            server = restarted(server, ended)
                            relay.server = server.url
                            ended += 1
                    making.result()
                    assert positions(told) == list(range(1, filming.head() + 1))
                    assert relay.cuts >= CUTS
                    assert ended == RESTARTS
            finally:
                given_up.set()
                server.process.kill()
                server.process.communicate()
