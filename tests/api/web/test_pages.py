"""The page and its files, as they are served."""

from tests.api.conftest import Site


def test_the_page_and_its_files_are_served_and_nothing_beside_them(site: Site) -> None:
    page = site.client.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert site.client.get("/static/app.js").headers["cache-control"] == "no-cache"
    for outside in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py"):
        assert site.client.get(outside).status_code == 404
