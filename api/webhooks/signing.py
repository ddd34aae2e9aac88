"""Signatures as Standard Webhooks has them, by secrets that are kept nowhere.

A secret is made from one key of the server and from what it is for, so that it can be shown once and made
again whenever something is to be signed. No table and no event holds one; whoever copies the store has none.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from api.configuration.key_file import kept_key
from domain.webhook import Endpoint

PREFIX = "whsec_"


class SigningKeyError(Exception):
    """There is no key, or not the one that is needed."""


@dataclass(frozen=True)
class SigningKey:
    """The key of the server that all secrets are made from."""

    text: str = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """Tells keys apart without telling one."""
        return self._mac("fingerprint").hex()[:16]

    def secret_of(self, endpoint: Endpoint, edition: int | None = None) -> str:
        """Of an endpoint; those that submissions named for their own jobs share one of their caller's."""
        if endpoint.job is not None:
            return self.secret_of_jobs(endpoint.caller)
        return self._secret(f"endpoint\n{endpoint.id}\n{edition or endpoint.edition}")

    def secrets_at(self, endpoint: Endpoint, now: datetime) -> list[str]:
        """Those that sign what is sent now. SigningKeyError where they were made from another key."""
        if endpoint.key != self.fingerprint:
            raise SigningKeyError(
                "the endpoint's secret was made from another key; set REELOG_WEBHOOK_KEY as it was, or give "
                "the endpoint a new secret"
            )
        return [self.secret_of(endpoint, edition) for edition in endpoint.editions_at(now)]

    def secret_of_jobs(self, caller: str) -> str:
        return self._secret(f"jobs\n{caller}")

    def _secret(self, of: str) -> str:
        return PREFIX + b64encode(self._mac(f"secret\n{of}")).decode()

    def _mac(self, text: str) -> bytes:
        return hmac.digest(self.text.encode(), f"reelog webhooks\n{text}".encode(), sha256)


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """``v1,…`` over id, time and body."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + b64encode(hmac.digest(b64decode(secret.removeprefix(PREFIX)), signed, sha256)).decode()


def signed_headers(
    secrets_in_force: Iterable[str], message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            signature(secret, message_id, timestamp, body) for secret in secrets_in_force
        ),
    }


def key_file(path: Path) -> SigningKey:
    """The key in a file that only this user reads; made when there is none."""
    return SigningKey(kept_key(path))
