"""However much is wrong with a request, its answer stays small, and others are answered meanwhile."""

import json
import threading
from typing import Any

import pytest

from api.cases import validation
from api.cases.errors import MOST_ERRORS
from api.cases.validation import MOST_NAMES
from api.http import request_body
from domain.plain import DEEPEST
from tests.api.conftest import Site

pytestmark = pytest.mark.slow  # each takes a while, or there are many

UNKNOWN = 20_000


@pytest.fixture
def paths(site: Site) -> dict[str, str]:
    job = f"/v1/jobs/{site.submit()}"
    return {
        "submit": "/v1/jobs",
        "estimate": "/v1/estimate",
        "retry": f"{job}/retry",
        "fork": f"{job}/fork",
        "regenerate": "/v1/assets/5b9a3c0e-2f0d-5d1c-9e57-0f5f0b6f7a11/regenerate",
    }


@pytest.mark.parametrize("operation", ["submit", "estimate", "retry", "fork", "regenerate"])
def test_fifty_faults_are_told_and_how_many_more_there_are(
    site: Site, paths: dict[str, str], operation: str
) -> None:
    body = {f"n{number}": 0 for number in range(UNKNOWN)}
    answer = site.client.post(paths[operation], json=body)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "invalid_submission")
    assert len(problem["errors"]) == MOST_ERRORS
    missing = 1 if operation in ("submit", "estimate") else 0
    assert f"Here are 50, and {UNKNOWN + missing - 50:,} more." in problem["detail"]
    assert len(answer.content) < 50_000


@pytest.mark.parametrize(
    "body",
    [
        {"script": "A boat.", "options": {f"n{n}": 0 for n in range(5000)}},
        {"script": "A boat.", "models": {f"n{n}": 0 for n in range(5000)}},
        {"script": "A boat.", "metadata": {"list": ["\x00"] * 5000}},
        {f"{'x' * 900_000}": 0, "script": "A boat."},
    ],
    ids=["options", "models", "unstorable", "one long name"],
)
def test_wherever_the_faults_are(site: Site, body: dict[str, Any]) -> None:
    answer = site.client.post("/v1/jobs", json=body)
    assert answer.status_code == 422
    assert 1 <= len(answer.json()["errors"]) <= MOST_ERRORS
    assert len(answer.content) < 50_000


def test_what_is_not_judged_is_not_taken_either(site: Site, paths: dict[str, str]) -> None:
    prompts = {f"image:{number}": "A boat." for number in range(1, MOST_NAMES + 2)}
    refused = site.client.post(paths["fork"], json={"changes": {"prompts": prompts}})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_submission")
    assert "1 too many" in refused.json()["detail"]


def test_a_body_may_not_be_nested_without_end(site: Site) -> None:
    for levels in (DEEPEST + 1, 900, 100_000):
        text = '{"script": "A boat.", "metadata": {"a": ' + "[" * levels + "]" * levels + "}}"
        refused = site.client.post("/v1/jobs", content=text, headers={"Content-Type": "application/json"})
        assert refused.status_code == 422, levels
        assert "nested too deeply" in refused.json()["errors"][0]["message"]


def test_many_parameters_are_told_in_one_small_answer(site: Site) -> None:
    query = "&".join(f"p{number}=1" for number in range(3000))
    answer = site.client.get(f"/v1/jobs?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_parameter")
    assert len(answer.json()["errors"]) == MOST_ERRORS
    assert "and 2,950 more" in answer.json()["detail"]


@pytest.mark.parametrize(
    "query",
    ["limit=1e9", "limit=-1", "limit=٣", "limit=²", "limit=0", "limit=1001", "limit=", "limit=1&limit=2",
     "%00=1", "limit=%00", "limit=+5", "limit=" + "9" * 5000, "after=-1", "status=%ff",
     "jobs=" + "a," * 2000],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/events"])
def test_an_odd_parameter_is_a_problem_that_names_it(site: Site, path: str, query: str) -> None:
    answer = site.client.get(f"{path}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_parameter")
    assert len(answer.content) < 2000


def test_bodies_are_read_and_judged_beside_the_event_loop(
    site: Site, paths: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = site.client.portal.call(threading.get_ident)  # type: ignore[union-attr]
    seen: dict[str, set[int]] = {}

    def noting(name: str, call: Any) -> Any:
        def noted(*arguments: Any) -> Any:
            seen.setdefault(name, set()).add(threading.get_ident())
            return call(*arguments)

        return noted

    for module, name in (
        (request_body, "_json"),
        (request_body, "validated"),
        (validation, "_thinned"),
    ):
        monkeypatch.setattr(module, name, noting(name, getattr(module, name)))
    for path in paths.values():
        site.client.post(path, json={"nothing": 1})
    assert set(seen) == {"_json", "validated", "_thinned"}
    assert all(loop not in threads for threads in seen.values())


def test_a_body_of_nothing_is_as_none_was_sent(site: Site, paths: dict[str, str]) -> None:
    assert site.client.post(paths["retry"]).json()["code"] == "job_not_retryable"
    assert json.loads(site.client.post(paths["retry"], json={}).content)["code"] == "job_not_retryable"
