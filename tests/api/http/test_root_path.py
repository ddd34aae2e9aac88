"""Under a path of another site, as a browser behind the proxy sees it: every address leads back there."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.cli.client import Client
from api.composition import open_system
from api.http.app import build_app
from api.model_directory import ModelDirectory
from api.settings import SettingsError, load_settings
from tests.api.conftest import SHIPPED
from tests.api.serving import serving

KEY = "a-long-enough-secret"
ROOT = "/studio/reelog"
BROWSER = {"Accept": "text/html"}
OPEN = {"Authorization": f"Bearer {KEY}"}


@pytest.fixture
def open_client(tmp_path: Path) -> Iterator[Callable[..., TestClient]]:
    clients: list[TestClient] = []

    def open_(**changes: object) -> TestClient:
        settings = load_settings(
            {}, tmp_path / "none.env", DATA_DIR=tmp_path, **({"ROOT_PATH": ROOT} | changes)
        )
        app = build_app(open_system(settings, provider="emulator", models=ModelDirectory(SHIPPED)))
        client = TestClient(app, "http://127.0.0.1", raise_server_exceptions=False, follow_redirects=False)
        client.__enter__()
        clients.append(client)
        return client

    yield open_
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def client(open_client: Callable[..., TestClient]) -> TestClient:
    return open_client(API_KEY=KEY)


@pytest.mark.parametrize("handed_on", [ROOT, ""], ids=["the proxy keeps the path", "the proxy takes it off"])
def test_what_is_answered_leads_back_through_the_proxy(client: TestClient, handed_on: str) -> None:
    made = client.post(f"{handed_on}/v1/jobs", json={"script": "A boat sets out."}, headers=OPEN)
    assert made.status_code == 201
    job_id = made.json()["id"]
    assert made.headers["location"] == f"{ROOT}/v1/jobs/{job_id}"
    job = client.get(made.headers["location"], headers=OPEN).json()
    assert job["links"]["self"] == f"{ROOT}/v1/jobs/{job_id}"
    assert job["links"]["video"] is None
    [listed] = client.get(f"{handed_on}/v1/jobs", headers=OPEN).json()["data"]
    assert listed["links"] == job["links"]
    for name in ("events", "assets"):
        assert client.get(job["links"][name], headers=OPEN).status_code == 200
    missing = client.get(f"{handed_on}/v1/nothing", headers=OPEN)
    assert (missing.status_code, missing.json()["type"]) == (404, f"{ROOT}/docs/problems#not_found")
    assert f"{ROOT}/v1/nothing" in missing.json()["detail"]
    description = client.get(f"{handed_on}/openapi.json").json()
    assert description["servers"] == [{"url": ROOT}]
    assert "/v1/jobs" in description["paths"], "addresses are relative to that of the server"


def test_what_somebody_wrote_is_given_back_as_it_was(client: TestClient) -> None:
    mine = {"links": {"self": "/v1/jobs/mine"}}
    made = client.post(f"{ROOT}/v1/jobs", json={"script": "A boat.", "metadata": mine}, headers=OPEN)
    assert client.get(made.headers["location"], headers=OPEN).json()["metadata"] == mine


def test_a_person_signs_in_and_out_within_the_path(client: TestClient) -> None:
    sent = client.get(f"{ROOT}/", headers=BROWSER)
    assert (sent.status_code, sent.headers["location"]) == (303, f"{ROOT}/login")
    let_in = client.post(f"{ROOT}/login", data={"key": KEY}, headers=BROWSER)
    assert (let_in.status_code, let_in.headers["location"]) == (303, f"{ROOT}/")
    cookies = let_in.headers.get_list("set-cookie")
    assert len(cookies) == 2
    assert all(f"; Path={ROOT};" in f"{cookie};" for cookie in cookies), cookies
    assert client.get(f"{ROOT}/v1/jobs").status_code == 200
    left = client.post(f"{ROOT}/logout")
    assert left.headers["location"] == f"{ROOT}/login"
    assert all(f"; Path={ROOT};" in f"{cookie};" for cookie in left.headers.get_list("set-cookie"))
    assert client.get(f"{ROOT}/v1/jobs").status_code == 401


@pytest.mark.parametrize("page", ["/", "/jobs", "/docs", "/docs/problems", "/login", "/gone"])
def test_every_address_on_a_page_is_there(open_client: Callable[..., TestClient], page: str) -> None:
    client = open_client()
    client.headers.update(BROWSER)
    answer = client.get(f"{ROOT}{page}")
    addresses = set(re.findall(r'(?:href|src|action)="([^"#]+)', answer.text))
    assert addresses or page == "/login"
    for address in addresses:
        if address.startswith("data:"):
            continue
        target = str(answer.url.join(address).path)
        assert target.startswith(f"{ROOT}/"), address
        assert client.get(target).status_code == 200, address


def test_the_path_without_its_last_slash_is_sent_on(client: TestClient) -> None:
    answer = client.get(ROOT)
    assert (answer.status_code, answer.headers["location"]) == (308, f"{ROOT}/")
    assert client.get(f"{ROOT}{ROOT}/healthz").status_code == 404, "it is taken off once"
    assert client.get(f"{ROOT}healthz").status_code == 404


def test_a_key_is_asked_for_whatever_path_is_used(client: TestClient) -> None:
    for path in ("/v1/jobs", f"{ROOT}/v1/jobs", f"{ROOT}/metrics", "/metrics"):
        assert client.get(path).status_code == 401, path


def test_a_command_works_with_the_proxys_address_and_a_stream_is_resumed(tmp_path: Path) -> None:
    settings = load_settings({}, tmp_path / "none.env", DATA_DIR=tmp_path, PORT=0, ROOT_PATH=ROOT)
    with serving(open_system(settings, provider="emulator", models=ModelDirectory(SHIPPED))) as address:
        client = Client(f"{address}{ROOT}")
        assert client.is_there()
        job = client.post_once("/v1/jobs", {"script": "A boat sets out."}, "once")
        client.post(f"/v1/jobs/{job['id']}/cancel")
        positions = [event["position"] for event in client.pages(f"/v1/jobs/{job['id']}/events")]
        stream = client.stream(f"/v1/jobs/{job['id']}/events", positions[0])
        assert [next(stream)["position"] for _ in positions[1:]] == positions[1:]
        assert len(positions) > 1
        stream.close()


@pytest.mark.parametrize("text", ["reelog", "/reelog/../x", "/a b", "//host", "/x?y", "/%2e", "https://x/y"])
def test_what_is_no_path_is_refused_by_name(text: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="REELOG_ROOT_PATH"):
        load_settings({}, tmp_path / "none.env", ROOT_PATH=text)


@pytest.mark.parametrize(("text", "meant"), [("/reelog/", "/reelog"), ("/", ""), ("/a/b", "/a/b")])
def test_a_last_slash_means_nothing(text: str, meant: str, tmp_path: Path) -> None:
    assert load_settings({}, tmp_path / "none.env", ROOT_PATH=text).root_path == meant
