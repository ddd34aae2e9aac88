"""Keys over HTTP: what each may do, and that it is its own."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.composition import open_system
from api.http.app import ENDPOINTS, build_app
from api.http.limits import KeyRates
from api.http.middleware import SAFE_METHODS, needs_key
from api.http.routing import Endpoint
from api.model_directory import ModelDirectory
from api.settings import load_settings
from domain.asset import AssetKey
from domain.file import File, FileKind
from tests.api.conftest import SHIPPED, Site
from tests.api.contract import CheckedClient
from tests.projections.filming import Filming, refusal

ADMIN = "the-administrators-key"
SUBMISSION = {"script": "A boat sets out at dawn."}
PRESET = {"options": {"fps": 24}}
CAST = [{"name": "Ada", "look": "a tall woman in a yellow coat"}]
DIGEST = f"sha256:{'ab' * 32}"
BEGINS_NOTHING = {"estimate_job", "add_asset_link"}
"""Operations that are no GET and still only look."""


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def give(site: Site, name: str, **asked: Any) -> dict[str, str]:
    """Give a key; what to send with a request that is made with it."""
    body = {"name": name, "scope": "submit"} | asked
    answer = site.client.post("/v1/keys", json=body, headers=bearer(ADMIN))
    assert answer.status_code == 201, answer.text
    return bearer(answer.json()["key"])


HOOK = "https://hook.invalid/told"


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def opened(folder: Path, **changes: Any) -> Site:
    settings = load_settings({}, Path("/nonexistent.env"), DATA_DIR=folder, PORT=0, API_KEY=ADMIN, **changes)
    system = open_system(settings, provider="emulator", models=ModelDirectory(SHIPPED))
    client = CheckedClient(build_app(system), base_url="http://127.0.0.1", raise_server_exceptions=False)
    client.__enter__()
    return Site(client, system, Filming(system.store, system.blobs))


@dataclass
class Shared:
    """Alice has one of everything; Bob may do all; Carol may look."""

    site: Site
    bob: dict[str, str]
    carol: dict[str, str]
    alice: dict[str, str]
    job: str
    asset: str
    batch: str
    webhook: str
    carols_job: str
    carols_asset: str

    def path_of(self, endpoint: Endpoint) -> str | None:
        """Where the endpoint is about what is Alice's; None where its path names nothing."""
        ids = {
            "/v1/jobs/{id}": self.job,
            "/jobs/{id}": self.job,
            "/v1/assets/{id}": self.asset,
            "/v1/batches/{id}": self.batch,
            "/v1/webhooks/{id}": self.webhook,
        }
        path = endpoint.path
        if "{" not in path:
            return None
        for begins, of in ids.items():
            if path.startswith(begins):
                path = path.replace("{id}", of)
        path = (
            path.replace("{delivery}", str(UUID(int=1))).replace("{name}", "mine").replace("{digest}", DIGEST)
        )
        assert "{" not in path, f"{endpoint.path}: say here what of Alice's it names, and whose it is there"
        return path


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    site = opened(tmp_path_factory.mktemp("keys"), RATE_LIMIT=0)
    alice, bob, carol = (
        give(site, name, scope=scope) for name, scope in (("alice", "all"), ("bob", "all"), ("carol", "read"))
    )
    job = site.client.post("/v1/jobs", json=SUBMISSION, headers=alice).json()["id"]
    site.filming.finish(UUID(job))
    batch = site.client.post("/v1/batches", json={"submissions": [SUBMISSION]}, headers=alice).json()["id"]
    for kind, values in (("presets", PRESET), ("casts", CAST)):
        assert site.client.put(f"/v1/{kind}/mine", json=values, headers=alice).status_code == 201
    facts = {"width": 1, "height": 1}
    now = site.system.clock()
    file = File.add(
        "alice", DIGEST, FileKind.IMAGE, now=now, media_type="image/png", size=3, facts=facts, notes=[]
    )
    site.system.files.add(file, now)
    webhook = site.client.post("/v1/webhooks", json={"url": HOOK}, headers=alice)
    site.settle()
    assets = site.client.get(f"/v1/jobs/{job}/assets", headers=alice).json()["data"]
    asset = next(one["id"] for one in assets if one["kind"] == "video")
    # Asked for when her key could do so: a caller is a name.
    carols = site.filming.submit(caller="carol")
    site.filming.finish(carols)
    site.settle()
    asset_of_carol = str(AssetKey.parse("video").id_in(carols))
    yield Shared(
        site, bob, carol, alice, job, asset, batch, webhook.json()["id"], str(carols), asset_of_carol
    )
    site.client.__exit__(None, None, None)


NEEDING = [endpoint for endpoint in ENDPOINTS if needs_key(endpoint.path)]
ABOUT_ONE = [e for e in NEEDING if "{" in e.path and not e.path.startswith("/v1/keys")]
ABOUT_FILMS = [e for e in ABOUT_ONE if e.path.startswith(("/v1/jobs", "/jobs", "/v1/assets"))]
WRITING = [e for e in NEEDING if e.method not in SAFE_METHODS and e.operation.id not in BEGINS_NOTHING]
THE_ADMINISTRATORS = [e for e in NEEDING if e.path.startswith(("/v1/keys", "/metrics"))]


def by_id(endpoint: Endpoint) -> str:
    return endpoint.operation.id


@pytest.mark.parametrize("endpoint", ABOUT_ONE, ids=by_id)
def test_what_is_anothers_is_not_there(shared: Shared, endpoint: Endpoint) -> None:
    path = shared.path_of(endpoint)
    assert path is not None
    body = None if endpoint.method in SAFE_METHODS | {"DELETE"} else {"file": DIGEST}
    if endpoint.operation.tag == "webhooks" and endpoint.method == "PATCH":
        body = {"url": HOOK}
    if endpoint.operation.tag == "presets" and endpoint.method == "PUT":
        # A name is each caller's own: nothing of Alice's is touched.
        mine = shared.site.client.get(path, headers=shared.alice).json()
        values = CAST if "casts" in path else {"priority": "low"}
        assert shared.site.client.put(path, json=values, headers=shared.bob).status_code in (200, 201)
        assert shared.site.client.get(path, headers=shared.alice).json() == mine
        assert shared.site.client.delete(path, headers=shared.bob).status_code == 204
        return
    head = shared.site.system.log.head()
    answer = shared.site.client.request(endpoint.method, path, json=body, headers=shared.bob)
    assert answer.status_code == 404, f"{path}: {answer.text}"
    assert shared.site.system.log.head() == head, "nothing of it was recorded"


@pytest.mark.parametrize("endpoint", ABOUT_FILMS, ids=by_id)
def test_what_is_anothers_is_not_there_whatever_the_key_may_do(shared: Shared, endpoint: Endpoint) -> None:
    path = shared.path_of(endpoint)
    assert path is not None
    nobodys = (
        path.replace(shared.job, name).replace(shared.asset, name) for name in (str(UUID(int=2)), "mine")
    )
    for whose in (path, *nobodys):
        answer = shared.site.client.request(endpoint.method, whose, json={}, headers=shared.carol)
        assert answer.status_code == 404, f"{whose}: {answer.text}"


@pytest.mark.parametrize("endpoint", WRITING, ids=by_id)
def test_who_may_look_may_change_nothing(shared: Shared, endpoint: Endpoint) -> None:
    path = (shared.path_of(endpoint) or endpoint.path).replace(shared.job, shared.carols_job)
    path = path.replace(shared.asset, shared.carols_asset)
    head = shared.site.system.log.head()
    answer = shared.site.client.request(endpoint.method, path, json={}, headers=shared.carol)
    assert refused(answer) == (403, "not_allowed")
    assert "carol has the scope read" in answer.json()["detail"]
    assert shared.site.system.log.head() == head


@pytest.mark.parametrize("endpoint", THE_ADMINISTRATORS, ids=by_id)
def test_what_is_of_all_callers_is_the_administrators(shared: Shared, endpoint: Endpoint) -> None:
    path = endpoint.path.replace("{name}", "alice")
    answer = shared.site.client.request(endpoint.method, path, json={}, headers=shared.bob)
    assert refused(answer) == (403, "not_allowed")


def test_an_asset_of_anothers_job_that_was_never_begun_is_not_there_either(shared: Shared) -> None:
    site = shared.site
    site.filming.faults["image:1"] = [refusal()]
    job_id = site.filming.submit(caller="alice")
    assert site.filming.finish(job_id) == "failed"
    site.settle()
    music = AssetKey.parse("music").id_in(job_id)
    assert site.system.studio.find_asset(job_id, AssetKey.parse("music")) is None
    body = {"file": DIGEST, "dry_run": True}
    answers = [
        site.client.put(f"/v1/assets/{music}", json=body, headers=who) for who in (shared.bob, shared.alice)
    ]
    assert refused(answers[0]) == (404, "asset_not_found")
    assert answers[1].json()["code"] != "asset_not_found"


def test_the_administrator_sees_the_batch_of_another(shared: Shared) -> None:
    answer = shared.site.client.get(f"/v1/batches/{shared.batch}", headers=bearer(ADMIN))
    assert (answer.status_code, answer.json()["id"]) == (200, shared.batch)


@pytest.mark.parametrize("endpoint", NEEDING, ids=by_id)
def test_without_a_key_nothing_is_told(shared: Shared, endpoint: Endpoint) -> None:
    path = shared.path_of(endpoint) or endpoint.path
    answer = shared.site.client.request(endpoint.method, path)
    assert answer.status_code == 401, f"{path}: {answer.text}"


def test_the_lists_by_hand_hold_what_the_tables_say() -> None:
    """Seen to fail with a scope of ``read`` on any operation that writes."""
    assert len(ABOUT_ONE) > 20
    assert {by_id(e) for e in WRITING} >= {"submit_job", "cancel_job", "put_preset", "add_file", "add_key"}
    deleting = {by_id(e) for e in NEEDING if e.method == "DELETE"}
    assert deleting >= {"delete_preset", "delete_cast", "revoke_key"}


def test_submit_makes_films_and_deletes_nothing(shared: Shared) -> None:
    site, dora = shared.site, give(shared.site, "dora", scope="submit")
    assert site.client.post("/v1/jobs", json=SUBMISSION, headers=dora).status_code == 201
    assert site.client.put("/v1/presets/mine", json=PRESET, headers=dora).status_code == 201
    assert refused(site.client.delete("/v1/presets/mine", headers=dora)) == (403, "not_allowed")
    batch = site.client.post("/v1/batches", json={"submissions": [SUBMISSION]}, headers=dora)
    assert refused(batch) == (403, "not_allowed")


def test_each_sees_its_own_and_the_administrator_everything(shared: Shared) -> None:
    site = shared.site
    mine = site.client.post("/v1/jobs", json=SUBMISSION, headers=shared.bob).json()
    assert mine["caller"] == "bob"
    site.settle()

    def jobs(headers: dict[str, str], query: str = "") -> set[str]:
        return {job["id"] for job in site.client.get(f"/v1/jobs{query}", headers=headers).json()["data"]}

    def told(headers: dict[str, str], query: str = "?limit=1000") -> set[str]:
        return {e["job_id"] for e in site.client.get(f"/v1/events{query}", headers=headers).json()["data"]}

    assert jobs(shared.bob) == {mine["id"]} == jobs(shared.bob, "?status=queued")
    assert jobs(shared.bob, f"?id={shared.job[:8]}") == set()
    assert jobs(shared.alice, f"?id={shared.job[:8]}&status=completed") == {shared.job}
    assert jobs(bearer(ADMIN)) >= {mine["id"], shared.job}
    assert told(shared.bob) == {mine["id"]}
    assert told(shared.alice, f"?jobs={shared.job}") == {shared.job}
    assert refused(site.client.get(f"/v1/events?jobs={shared.job}", headers=shared.bob)) == (
        404,
        "job_not_found",
    )
    page = site.client.get(f"/v1/jobs/{mine['id']}/events", headers=shared.bob).json()
    assert page["data"][0]["data"]["caller"] == "bob"
    listed = site.client.get("/jobs", headers=shared.bob).text
    assert mine["id"] in listed
    assert shared.job not in listed


def test_pages_of_a_callers_list_follow_each_other(shared: Shared) -> None:
    site, eve = shared.site, give(shared.site, "eve")
    made = [site.client.post("/v1/jobs", json=SUBMISSION, headers=eve).json()["id"] for _ in range(3)]
    site.settle()
    first = site.client.get("/v1/jobs?limit=2", headers=eve).json()
    rest = site.client.get(f"/v1/jobs?limit=2&after={first['next']}", headers=eve).json()
    assert [job["id"] for job in first["data"] + rest["data"]] == made[::-1]
    assert (first["has_more"], rest["has_more"]) == (True, False)


def test_one_idempotency_key_of_two_callers_is_two(shared: Shared) -> None:
    site, key = shared.site, {"Idempotency-Key": "once"}
    ids = set()
    for headers in (shared.alice, shared.bob, bearer(ADMIN)):
        answers = [site.client.post("/v1/jobs", json=SUBMISSION, headers=headers | key) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 200]
        ids |= {answer.json()["id"] for answer in answers}
    assert len(ids) == 3
    fork = {"changes": {"metadata": {"n": 1}}}
    job = site.client.post("/v1/jobs", json=SUBMISSION, headers=shared.bob).json()["id"]
    forks = [
        site.client.post(f"/v1/jobs/{job}/fork", json=fork, headers=headers | key).json()
        for headers in (shared.bob, bearer(ADMIN))
    ]
    assert len({one["id"] for one in forks}) == 2
    assert [one["caller"] for one in forks] == ["bob", "local"]


def test_metrics_tell_what_each_key_submitted_and_spent(shared: Shared) -> None:
    text = shared.site.client.get("/metrics", headers=bearer(ADMIN)).text
    assert 'reelog_caller_jobs_total{caller="alice"}' in text
    spent = next(
        line for line in text.splitlines() if line.startswith('reelog_caller_cost_usd_total{caller="alice"')
    )
    assert float(spent.split()[-1]) > 0


# ---- given and taken ------------------------------------------------------------------------------------


@pytest.fixture
def site(open_site: Callable[..., Site]) -> Site:
    return open_site(API_KEY=ADMIN, RATE_LIMIT=0)


def test_a_key_is_shown_once_and_its_secret_is_nowhere_in_the_store(site: Site) -> None:
    answer = site.client.post("/v1/keys", json={"name": "web", "scope": "read"}, headers=bearer(ADMIN))
    told = answer.json()
    secret = told.pop("key")
    assert (answer.headers["location"], answer.headers["cache-control"]) == ("/v1/keys/web", "no-store")
    assert told.pop("notice") is None
    shown = site.client.get("/v1/keys/web", headers=bearer(ADMIN)).json()
    listed = site.client.get("/v1/keys", headers=bearer(ADMIN)).json()
    assert shown == told == listed["data"][0]
    assert (told["scope"], told["rate"], told["usd_per_day"], told["left_today_usd"]) == ("read", *[None] * 3)
    assert site.client.get("/v1/key", headers=bearer(secret)).json() == shown
    site.system.close()
    stored = b"".join(
        file.read_bytes() for file in site.system.settings.data_dir.rglob("*") if file.is_file()
    )
    assert b"web" in stored
    assert secret.encode() not in stored
    assert secret.removeprefix("reelog_").encode() not in stored


def test_a_name_is_never_given_twice_and_the_administrators_never(site: Site) -> None:
    give(site, "web")
    for name in ("web", "WEB"):
        again = site.client.post("/v1/keys", json={"name": name, "scope": "all"}, headers=bearer(ADMIN))
        assert refused(again) == (409, "key_exists")
    site.client.delete("/v1/keys/web", headers=bearer(ADMIN))
    again = site.client.post("/v1/keys", json={"name": "web", "scope": "all"}, headers=bearer(ADMIN))
    assert refused(again) == (409, "key_exists")
    local = site.client.post("/v1/keys", json={"name": "Local", "scope": "all"}, headers=bearer(ADMIN))
    assert local.json()["errors"][0]["pointer"] == "/name"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": "two words"}, "/name"),
        ({"scope": "administrator"}, "/scope"),
        ({"rate": 0}, "/rate"),
        ({"usd_per_day": 0}, "/usd_per_day"),
        ({"budget": 3}, "/budget"),
    ],
)
def test_what_is_wrong_with_a_key_is_named(site: Site, changes: dict[str, Any], pointer: str) -> None:
    body = {"name": "web", "scope": "read"} | changes
    answer = site.client.post("/v1/keys", json=body, headers=bearer(ADMIN))
    assert refused(answer) == (422, "invalid_submission")
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_a_revoked_key_opens_nothing_and_its_jobs_stay(site: Site) -> None:
    web = give(site, "web")
    job = site.client.post("/v1/jobs", json=SUBMISSION, headers=web).json()["id"]
    revoked = site.client.delete("/v1/keys/web", headers=bearer(ADMIN))
    assert revoked.json()["revoked_at"] is not None
    assert refused(site.client.get("/v1/jobs", headers=web)) == (401, "not_authenticated")
    assert site.client.delete("/v1/keys/web", headers=bearer(ADMIN)).json() == revoked.json()
    assert site.client.get(f"/v1/jobs/{job}", headers=bearer(ADMIN)).json()["caller"] == "web"
    assert refused(site.client.delete("/v1/keys/no", headers=bearer(ADMIN))) == (404, "key_not_found")


def test_a_key_counts_after_a_restart_and_at_a_server_beside(
    site: Site, open_site: Callable[..., Site]
) -> None:
    web = give(site, "web")
    beside = open_site(API_KEY=ADMIN)
    later = give(site, "later")
    for one in (web, later):
        assert beside.client.get("/v1/jobs", headers=one).status_code == 200
    site.client.delete("/v1/keys/later", headers=bearer(ADMIN))
    beside.system.keys.catch_up()  # as it does each half second
    assert beside.client.get("/v1/jobs", headers=later).status_code == 401


def test_webhooks_end_with_their_key(site: Site) -> None:
    alice = give(site, "alice", scope="all")
    kept = site.client.post("/v1/webhooks", json={"url": HOOK}, headers=bearer(ADMIN)).json()["id"]
    own = site.client.post("/v1/webhooks", json={"url": HOOK}, headers=alice).json()["id"]
    of_job = site.client.post("/v1/jobs", json=SUBMISSION | {"webhook": {"url": HOOK}}, headers=alice).json()
    assert site.client.delete("/v1/keys/alice", headers=bearer(ADMIN)).status_code == 200
    endpoints = [site.system.webhooks.endpoints.get(UUID(of)) for of in (kept, own, of_job["webhook"]["id"])]
    assert [one is not None and one.is_kept for one in endpoints] == [True, False, False]


def test_a_person_signs_in_with_any_key_and_is_out_when_it_is_revoked(site: Site) -> None:
    key = give(site, "web")["Authorization"].removeprefix("Bearer ")
    let_in = site.client.post("/login", data={"key": key}, follow_redirects=False)
    assert let_in.status_code == 303
    assert key not in let_in.headers["set-cookie"]
    assert site.client.get("/v1/key").json()["name"] == "web"
    assert site.client.post("/v1/jobs", json=SUBMISSION).json()["caller"] == "web"
    assert refused(site.client.get("/v1/keys")) == (403, "not_allowed")
    assert set(site.client.get("/readyz").json()) == {"status", "provider", "store"}
    site.client.delete("/v1/keys/web", headers=bearer(ADMIN))
    assert site.client.get("/v1/key").status_code == 401


def test_the_administrator_is_told_so(site: Site) -> None:
    told = site.client.get("/v1/key", headers=bearer(ADMIN)).json()
    assert (told["name"], told["scope"]) == ("local", "administrator")


def test_a_key_has_a_rate_wherever_it_is_used_from(site: Site) -> None:
    web, other = give(site, "web", rate=2), give(site, "other")
    answers = [site.client.get("/v1/jobs", headers=web) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 30
    assert "web" in answers[-1].json()["detail"]
    assert site.client.get("/v1/jobs", headers=other).status_code == 200


def test_a_rate_fills_again() -> None:
    now = 0.0
    rates = KeyRates(lambda: now)
    assert [rates.take("web", 2) for _ in range(3)] == [0.0, 0.0, 30.0]
    now = 30.0
    assert rates.take("web", 2) == 0.0
    assert rates.take("web", None) == 0.0


def test_where_no_key_is_asked_for_keys_do_not_count_and_whoever_gives_one_is_told(
    open_site: Callable[..., Site], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("WARNING", "api.http.key_watch"):
        laptop = open_site()
    assert caplog.text == ""
    told = laptop.client.post("/v1/keys", json={"name": "web", "scope": "read"}).json()
    assert "REELOG_API_KEY" in told["notice"]
    made = laptop.client.post("/v1/jobs", json=SUBMISSION, headers=bearer(told["key"]))
    assert (made.status_code, made.json()["caller"]) == (201, "local")
    with caplog.at_level("WARNING", "api.http.key_watch"):
        open_site()
    assert (
        "there are keys, and nobody is asked for one. Keys count where REELOG_API_KEY is set" in caplog.text
    )


def test_what_was_recorded_of_keys_is_no_event_of_a_job(site: Site) -> None:
    web = give(site, "web", usd_per_day=5)
    site.client.post("/v1/jobs", json=SUBMISSION, headers=web)
    site.settle()
    told = site.client.get("/v1/events?limit=1000", headers=bearer(ADMIN)).json()["data"]
    assert [event["type"] for event in told] == ["job.submitted"]
    topics = [recorded.event.TOPIC for recorded in site.system.log.read(0, 100)]
    assert topics == ["key.added", "key.changed", "job.submitted", "key.reserved"]
    assert "digest" not in json.dumps(told)
