"""What a server keeps for its callers: what each method sends, and what is never sent twice. Both kinds."""

import json
from typing import Any

import httpx
import pytest
from reelog_client import errors

from tests.api.client.conftest import Kind, Scripted, answer

LOST = httpx.ReadError("reset")
HOOK = "7fa1b2c3-0000-4000-8000-000000000001"
TOLD = "7fa1b2c3-0000-4000-8000-000000000002"
GONE: Any = lambda _: httpx.Response(204)  # noqa: E731 - an answer, as the others are

ONCE = {
    "webhooks.add": (
        lambda c: c.webhooks.add("https://example.org/hook", events=["job.failed"]),
        ("POST", "/v1/webhooks", {"url": "https://example.org/hook", "events": ["job.failed"]}),
    ),
    "webhooks.rotate_secret": (
        lambda c: c.webhooks.rotate_secret(HOOK), ("POST", f"/v1/webhooks/{HOOK}/secret", None),
    ),
    "webhooks.ping": (lambda c: c.webhooks.ping(HOOK), ("POST", f"/v1/webhooks/{HOOK}/ping", None)),
    "webhooks.remove": (lambda c: c.webhooks.remove(HOOK), ("DELETE", f"/v1/webhooks/{HOOK}", None)),
    "webhooks.redeliver": (
        lambda c: c.webhooks.redeliver(HOOK, TOLD),
        ("POST", f"/v1/webhooks/{HOOK}/deliveries/{TOLD}/redeliver", None),
    ),
    "keys.add": (
        lambda c: c.keys.add("web", rate=60, usd_per_day=5),
        ("POST", "/v1/keys", {"name": "web", "scope": "submit", "rate": 60, "usd_per_day": 5}),
    ),
    "presets.remove": (lambda c: c.presets.remove("a/b"), ("DELETE", "/v1/presets/a%2Fb", None)),
    "casts.remove": (lambda c: c.casts.remove("crew"), ("DELETE", "/v1/casts/crew", None)),
}  # fmt: skip
AGAIN = {
    "webhooks.get": (lambda c: c.webhooks.get(HOOK), ("GET", f"/v1/webhooks/{HOOK}", None)),
    "webhooks.change": (
        lambda c: c.webhooks.change(HOOK, enabled=False),
        ("PATCH", f"/v1/webhooks/{HOOK}", {"enabled": False}),
    ),
    "webhooks.delivery": (
        lambda c: c.webhooks.delivery(HOOK, TOLD), ("GET", f"/v1/webhooks/{HOOK}/deliveries/{TOLD}", None),
    ),
    "keys.get": (lambda c: c.keys.get("web"), ("GET", "/v1/keys/web", None)),
    "keys.own": (lambda c: c.keys.own(), ("GET", "/v1/key", None)),
    "keys.revoke": (lambda c: c.keys.revoke("web"), ("DELETE", "/v1/keys/web", None)),
    "presets.get": (lambda c: c.presets.get("serial"), ("GET", "/v1/presets/serial", None)),
    "presets.put": (
        lambda c: c.presets.put("serial", {"priority": "high"}),
        ("PUT", "/v1/presets/serial", {"priority": "high"}),
    ),
    "casts.get": (lambda c: c.casts.get("crew"), ("GET", "/v1/casts/crew", None)),
    "casts.put": (
        lambda c: c.casts.put("crew", [{"name": "Ada"}]), ("PUT", "/v1/casts/crew", [{"name": "Ada"}]),
    ),
    "assets.link": (
        lambda c: c.assets.link(TOLD, expires_in_s=60, download=True),
        ("POST", f"/v1/assets/{TOLD}/link", {"expires_in_s": 60, "download": True}),
    ),
}  # fmt: skip


def sent(request: httpx.Request) -> tuple[str, str, Any]:
    body = json.loads(request.content) if request.content else None
    return request.method, request.url.raw_path.decode(), body


@pytest.mark.parametrize("name", ONCE)
def test_what_makes_or_sends_something_is_asked_for_once(kind: Kind, server: Scripted, name: str) -> None:
    call, expected = ONCE[name]
    server.answers = [LOST]
    with pytest.raises(errors.AnswerLostError, match="may have been done"):
        kind.done(call(kind.client))
    server.answers = [GONE if name.endswith("remove") else answer({"id": HOOK})]

    told = kind.done(call(kind.client))

    assert [sent(request) for request in server.came] == [expected] * 2
    assert told == (None if name.endswith("remove") else {"id": HOOK})


@pytest.mark.parametrize("name", AGAIN)
def test_what_comes_to_the_same_is_asked_for_again(kind: Kind, server: Scripted, name: str) -> None:
    call, expected = AGAIN[name]
    server.answers = [LOST, answer({"name": "it"})]

    assert kind.done(call(kind.client)) == {"name": "it"}
    assert [sent(request) for request in server.came] == [expected] * 2


@pytest.mark.parametrize("of", ["webhooks", "keys", "presets", "casts"])
def test_what_is_kept_is_listed_whole(kind: Kind, server: Scripted, of: str) -> None:
    server.answers = [answer({"data": [{"name": "a"}, {"name": "b"}], "has_more": False})]

    assert kind.done(getattr(kind.client, of).list()) == [{"name": "a"}, {"name": "b"}]
    assert str(server.came[0].url.copy_with(host="x", scheme="http")) == f"http://x/v1/{of}?limit=1000"


def test_deliveries_are_read_page_by_page_and_no_further_than_asked(kind: Kind, server: Scripted) -> None:
    page = {"data": [{"id": TOLD}] * 2, "has_more": True, "next": 7}
    server.answers = [answer(page)]

    found = kind.listed(kind.client.webhooks.deliveries(HOOK, status="failed", job_id=TOLD, limit=3))

    assert found == [{"id": TOLD}] * 3
    assert [dict(request.url.params) for request in server.came] == [
        {"status": "failed", "job": TOLD, "limit": "3"},
        {"status": "failed", "job": TOLD, "limit": "3", "after": "7"},
    ]
    server.answers = [answer(page | {"has_more": False, "next": None})]
    assert len(kind.listed(kind.client.webhooks.deliveries(HOOK))) == 2
