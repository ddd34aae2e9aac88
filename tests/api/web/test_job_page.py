"""Films as documents: all there to read without script, nothing of it markup, and behind the key."""

from collections.abc import Callable

import pytest

from api.http.authentication import COOKIE
from domain.causes import Code
from domain.failures import Failure
from tests.api.conftest import Site

TRAP = "<script>alert('x')</script> & \"more\""
BROWSER = {"Accept": "text/html"}


def test_a_finished_film_is_read_without_script(site: Site) -> None:
    job_id = site.filming.submit()
    site.filming.finish(job_id)
    site.settle()
    page = site.client.get(f"/jobs/{job_id}")
    assert page.headers["content-type"].startswith("text/html")
    assert '<h1 dir="auto">The Boat</h1>' in page.text
    assert "Words of scene 2." in page.text
    assert "<video controls" in page.text
    assert "http-equiv" not in page.text
    image = next(
        a for a in site.client.get(f"/v1/jobs/{job_id}/assets").json()["data"] if a["name"] == "image:2"
    )
    assert f'src="/v1/assets/{image["id"]}/content"' in page.text
    assert f'href="/jobs/{job_id}"' in site.client.get("/jobs").text


def test_what_calls_may_have_cost_of_which_nobody_knows_is_told(site: Site) -> None:
    site.filming.unlearnt = {"image:1"}
    job_id = site.filming.submit()
    site.filming.finish(job_id)
    site.settle()
    assert "$0.0600, at most $0.0800" in site.client.get(f"/jobs/{job_id}").text


def test_a_film_that_is_being_made_asks_for_itself_again(site: Site) -> None:
    job_id = site.submit()
    site.settle()
    assert '<meta http-equiv="refresh" content="5">' in site.client.get(f"/jobs/{job_id}").text


def test_a_failure_is_told_in_full_and_never_as_markup(site: Site) -> None:
    site.filming.faults["image:1"] = [Failure.of(Code.SAFETY, TRAP, model=TRAP, elapsed_s=63.2)]
    job_id = site.filming.submit()
    site.filming.finish(job_id)
    site.settle()
    page = site.client.get(f"/jobs/{job_id}").text
    assert "What failed" in page
    assert "&lt;script&gt;alert(" in page
    assert "<script" not in page
    assert "<td dir=auto>Took</td><td dir=auto><code>1 min 03 s</code></td>" in page


def test_a_film_that_is_not_there_is_a_problem(site: Site) -> None:
    assert site.client.get("/jobs/00000000-0000-0000-0000-000000000000").status_code == 404


@pytest.mark.parametrize("path", ["/jobs", "/jobs/00000000-0000-0000-0000-000000000000"])
def test_who_has_not_the_key_is_shown_to_the_login(open_site: Callable[..., Site], path: str) -> None:
    client = open_site(API_KEY="a-long-secret").client
    answer = client.get(path, headers=BROWSER, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert client.get(path, headers={"Accept": "*/*"}).status_code == 401
    assert COOKIE not in client.cookies
