"""The operations of what a server keeps for its callers: webhooks, keys, presets and casts.

Lists of these are short and come whole. What makes a secret is asked for once: where its answer is lost, the
error says so, and whoever asked looks before asking again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import quote
from uuid import UUID

from reelog_client.configuration import Patience
from reelog_client.documents import (
    CastDocument,
    CastMember,
    DeliveryDocument,
    DeliveryWithTries,
    KeyDocument,
    NewKeyDocument,
    PingResult,
    PresetDocument,
    Submission,
    WebhookDocument,
    WebhookWithSecret,
)
from reelog_client.exchange import Flow, Give, ItemFlow, Request
from reelog_client.retries import ask

DeliveryStatus = Literal["pending", "delivered", "failed", "dropped"]
KeyScope = Literal["read", "submit", "all"]
MOST_LISTED = 1000


class KeptOperations:
    """Flows of each operation; ids and names are as the server gives them."""

    patience: Patience

    # ---- webhooks ---------------------------------------------------------------------------------------

    def add_webhook(self, url: str, *, events: Sequence[str] | None = None) -> Flow[WebhookWithSecret]:
        """Have all of your jobs told to an address; its ``secret`` is in this answer alone."""
        return self._once("POST", "/v1/webhooks", given(url=url, events=events))

    def list_webhooks(self) -> Flow[list[WebhookDocument]]:
        """Your endpoints for all jobs, in the order in which they were added."""
        return self._all("/v1/webhooks")

    def get_webhook(self, webhook_id: str | UUID) -> Flow[WebhookDocument]:
        """An endpoint, also that of one job."""
        return ask(Request("GET", _webhook(webhook_id)), self.patience)

    def change_webhook(
        self,
        webhook_id: str | UUID,
        *,
        url: str | None = None,
        events: Sequence[str] | None = None,
        enabled: bool | None = None,
    ) -> Flow[WebhookDocument]:
        """Change, disable or enable an endpoint; what is not named stays as it is."""
        body = given(url=url, events=events, enabled=enabled)
        return self._again("PATCH", _webhook(webhook_id), body)

    def rotate_webhook_secret(self, webhook_id: str | UUID) -> Flow[WebhookWithSecret]:
        """Give an endpoint a new secret; for a day the old one signs as well."""
        return self._once("POST", f"{_webhook(webhook_id)}/secret")

    def ping_webhook(self, webhook_id: str | UUID) -> Flow[PingResult]:
        """Send a signed message now, once, and tell what came of it."""
        return self._once("POST", f"{_webhook(webhook_id)}/ping")

    def remove_webhook(self, webhook_id: str | UUID) -> Flow[None]:
        """Remove an endpoint; what waits for it is dropped."""
        return self._once("DELETE", _webhook(webhook_id))

    def list_deliveries(
        self,
        webhook_id: str | UUID,
        *,
        status: DeliveryStatus | None = None,
        job_id: str | UUID | None = None,
        limit: int | None = None,
    ) -> ItemFlow[DeliveryDocument]:
        """What was and is to be told to an endpoint, newest first; ``limit`` is the most that are given."""
        asked: dict[str, Any] = {
            "status": status,
            "job": job_id,
            "limit": min(limit or MOST_LISTED, MOST_LISTED),
        }
        left = limit
        while left is None or left > 0:
            page = yield from ask(Request("GET", f"{_webhook(webhook_id)}/deliveries", asked), self.patience)
            for delivery in page["data"][:left]:
                yield Give(delivery)
            left = None if left is None else left - len(page["data"])
            if not page["has_more"]:
                return
            asked["after"] = page["next"]

    def get_delivery(self, webhook_id: str | UUID, delivery_id: str | UUID) -> Flow[DeliveryWithTries]:
        """A delivery and each try of it."""
        return ask(Request("GET", _delivery(webhook_id, delivery_id)), self.patience)

    def redeliver(self, webhook_id: str | UUID, delivery_id: str | UUID) -> Flow[DeliveryWithTries]:
        """Send a delivery again, now."""
        return self._once("POST", f"{_delivery(webhook_id, delivery_id)}/redeliver")

    # ---- keys -------------------------------------------------------------------------------------------

    def add_key(
        self,
        name: str,
        *,
        scope: KeyScope = "submit",
        rate: int | None = None,
        usd_per_day: float | None = None,
    ) -> Flow[NewKeyDocument]:
        """Give a key to somebody (administrators alone); the ``key`` is in this answer alone."""
        body = given(name=name, scope=scope, rate=rate, usd_per_day=usd_per_day)
        return self._once("POST", "/v1/keys", body)

    def list_keys(self) -> Flow[list[KeyDocument]]:
        """The keys by name, those that were revoked among them."""
        return self._all("/v1/keys")

    def get_key(self, name: str) -> Flow[KeyDocument]:
        """A key, and what is left of its budget."""
        return ask(Request("GET", f"/v1/keys/{_part(name)}"), self.patience)

    def own_key(self) -> Flow[KeyDocument]:
        """Who you are, and what is left to you."""
        return ask(Request("GET", "/v1/key"), self.patience)

    def revoke_key(self, name: str) -> Flow[KeyDocument]:
        """Let nobody in with a key any more; its jobs stay, and go on."""
        return self._again("DELETE", f"/v1/keys/{_part(name)}")

    # ---- presets and casts ------------------------------------------------------------------------------

    def list_presets(self) -> Flow[list[PresetDocument]]:
        """The presets by name."""
        return self._all("/v1/presets")

    def get_preset(self, name: str) -> Flow[PresetDocument]:
        """A preset: its ``values``, and which version it is."""
        return ask(Request("GET", f"/v1/presets/{_part(name)}"), self.patience)

    def put_preset(self, name: str, values: Submission) -> Flow[PresetDocument]:
        """Keep values of a submission under a name; ``submit(…, preset=name)`` uses them."""
        return self._again("PUT", f"/v1/presets/{_part(name)}", values)

    def remove_preset(self, name: str) -> Flow[None]:
        """Forget a preset; jobs that used it stay as they are."""
        return self._once("DELETE", f"/v1/presets/{_part(name)}")

    def list_casts(self) -> Flow[list[CastDocument]]:
        """The casts by name."""
        return self._all("/v1/casts")

    def get_cast(self, name: str) -> Flow[CastDocument]:
        """A cast: its characters, and which version it is."""
        return ask(Request("GET", f"/v1/casts/{_part(name)}"), self.patience)

    def put_cast(self, name: str, cast: Sequence[CastMember]) -> Flow[CastDocument]:
        """Keep characters under a name; ``submit(…, cast=name)`` uses them."""
        return self._again("PUT", f"/v1/casts/{_part(name)}", cast)

    def remove_cast(self, name: str) -> Flow[None]:
        """Forget a cast; jobs that used it stay as they are."""
        return self._once("DELETE", f"/v1/casts/{_part(name)}")

    # ---- what they share --------------------------------------------------------------------------------

    def _all(self, path: str) -> Flow[Any]:
        page = yield from ask(Request("GET", path, {"limit": MOST_LISTED}), self.patience)
        return page["data"]

    def _once(self, method: str, path: str, body: Any = None) -> Flow[Any]:
        return ask(Request(method, path, body=body), self.patience, repeatable=False)

    def _again(self, method: str, path: str, body: Any = None) -> Flow[Any]:
        """What comes to the same however often it is done."""
        return ask(Request(method, path, body=body), self.patience, repeatable=True)


def given(**values: Any) -> dict[str, Any]:
    """What is not None."""
    return {name: value for name, value in values.items() if value is not None}


def _part(name: object) -> str:
    return quote(str(name), safe="")


def _webhook(webhook_id: object) -> str:
    return f"/v1/webhooks/{_part(webhook_id)}"


def _delivery(webhook_id: object, delivery_id: object) -> str:
    return f"{_webhook(webhook_id)}/deliveries/{_part(delivery_id)}"
