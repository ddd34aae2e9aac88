"""An id of one kind, where one of another is asked for: it is not found, and nothing is done.

Seen to fail where whatever has the id is taken for a job.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from api.http.app import ENDPOINTS
from api.http.routing import Endpoint
from domain.file import file_id
from domain.key import KEY_LIST, key_id
from domain.preset import PresetKind, preset_id
from tests.api.conftest import Site
from tests.api.http.test_keys import ADMIN, DIGEST, HOOK, PRESET, SUBMISSION, bearer, give, opened, refused
from tests.projections.filming import refusal

KINDS = {"/v1/jobs/{id}": "job", "/v1/assets/{id}": "asset", "/v1/batches/{id}": "batch"} | {
    "/v1/webhooks/{id}": "webhook"
}
BODIES: dict[str, Any] = {
    "rename_job": {"title": "Holidays"},
    "edit_scenes": {"order": [1]},
    "provide_asset": {"file": DIGEST},
    "update_webhook": {"enabled": False},
}
"""What is asked for, where nothing at all would be refused for that."""

OUTCOMES = {"cancel": {True: "unchanged", False: "unchanged"}, "retry": {True: "possible", False: "accepted"}}
"""Of a job that has failed."""


@dataclass
class House:
    site: Site
    alice: dict[str, str]
    ids: dict[str, UUID]
    failed: list[str]


def kind_of(endpoint: Endpoint) -> str | None:
    return next((kind for begins, kind in KINDS.items() if endpoint.path.startswith(begins)), None)


BY_ID = [endpoint for endpoint in ENDPOINTS if kind_of(endpoint) is not None]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Alice has one of everything, and films that failed."""
    site = opened(tmp_path_factory.mktemp("ids"), RATE_LIMIT=0)
    alice = give(site, "alice", scope="all")

    def post(path: str, body: Any) -> str:
        answer = site.client.post(path, json=body, headers=alice)
        assert answer.status_code == 201, answer.text
        of: str = answer.json()["id"]
        return of

    failed = [post("/v1/jobs", SUBMISSION) for _ in range(3)]
    for job_id in failed:
        site.filming.faults["image:1"] = [refusal()]
        assert site.filming.finish(UUID(job_id)) == "failed"
    batch, webhook = post("/v1/batches", {"submissions": [SUBMISSION]}), post("/v1/webhooks", {"url": HOOK})
    assert site.client.put("/v1/presets/mine", json=PRESET, headers=alice).status_code == 201
    site.settle()
    assets = site.client.get(f"/v1/jobs/{failed[0]}/assets", headers=alice).json()["data"]
    ids = {
        "job": UUID(failed[0]),
        "asset": UUID(assets[0]["id"]),
        "batch": UUID(batch),
        "webhook": UUID(webhook),
        "key": key_id("alice"),
        "list of keys": KEY_LIST,
        "preset": preset_id("alice", PresetKind.PRESET, "mine"),
        "file": file_id("alice", DIGEST),
    }
    yield House(site, alice, ids, failed)
    site.client.__exit__(None, None, None)


@pytest.mark.parametrize("endpoint", BY_ID, ids=lambda endpoint: endpoint.operation.id)
def test_an_id_of_another_kind_is_not_found(house: House, endpoint: Endpoint) -> None:
    kind, client, head = kind_of(endpoint), house.site.client, house.site.system.log.head()
    body = None if endpoint.method in ("GET", "DELETE") else BODIES.get(endpoint.operation.id, {})
    for other, of in house.ids.items():
        if other == kind:
            continue
        path = endpoint.path.replace("{id}", str(of))
        path = path.replace("{digest}", DIGEST).replace("{delivery}", str(UUID(int=1)))
        for who in (bearer(ADMIN), house.alice):
            answer = client.request(endpoint.method, path, json=body, headers=who)
            assert refused(answer) == (404, f"{kind}_not_found"), f"{other}: {path}"
    assert house.site.system.log.head() == head, "nothing of it was recorded"


@pytest.mark.parametrize("what", ["cancel", "retry"])
def test_among_many_it_is_refused_alone(house: House, what: str) -> None:
    strange = [str(of) for kind, of in house.ids.items() if kind != "job"]
    asked = [house.failed[1], *strange, house.failed[2]]
    for who, dry_run in ((bearer(ADMIN), True), (house.alice, False)):
        body = {"ids": asked, "dry_run": dry_run}
        answer = house.site.client.post(f"/v1/jobs/{what}", json=body, headers=who)
        assert answer.status_code == 200, answer.text
        told = {item["id"]: item for item in answer.json()["data"]}
        assert list(told) == asked
        assert {told[of]["problem"]["code"] for of in strange} == {"job_not_found"}
        assert {told[of]["outcome"] for of in house.failed[1:]} == {OUTCOMES[what][dry_run]}
