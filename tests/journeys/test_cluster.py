"""On a Ray cluster: the API anywhere, the actors on the cluster, meeting only in the stores."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.nodes import RayCluster, cluster

__all__ = ["cluster"]

pytestmark = [pytest.mark.slow, pytest.mark.cluster, pytest.mark.timeout(400)]


def test_a_film_is_made_by_actors_on_a_cluster_for_an_api_that_has_none(
    cluster: RayCluster, emulator: Any, start: Callable[..., Any], serve: Callable[..., Any]
) -> None:
    cluster.add()
    server = serve(emulator, "--no-actors")
    workers = start("work", "--address", cluster.address, "--json", REELOG_GEMINI_BASE_URL=emulator.url)
    assert workers.first_line()["state"] == "ready"

    job = server.submit()
    history = server.follow(job["id"])

    done = server.job(job["id"])
    assert done["status"] == "completed", done["failure"]
    assert history[-1]["type"] == "job.completed"
    ready = server.http.get("/readyz").json()
    assert ready["actors"] == "none", "this process has no actors of its own"
    assert workers.stop() == 0, workers.told()
