"""A stream that has nothing left to send."""

from uuid import UUID

from tests.api.conftest import Site


def test_that_nothing_is_left_to_tell_is_not_remembered_by_caches(site: Site) -> None:
    job_id = site.submit()
    site.client.post(f"/v1/jobs/{job_id}/cancel")
    site.filming.finish(UUID(job_id))
    site.settle()
    last = site.client.get(f"/v1/jobs/{job_id}").json()["position"]
    told = site.client.get(f"/v1/jobs/{job_id}/events?stream=1&after={last}")
    assert (told.status_code, told.headers["cache-control"]) == (204, "no-store")
