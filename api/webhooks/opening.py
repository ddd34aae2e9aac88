"""Webhooks as the rest of the API has them: endpoints, deliveries, the key, and the sender."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from api.settings import Settings
from api.webhooks.addresses import Addresses
from api.webhooks.answer import Answer
from api.webhooks.deliveries import Deliveries
from api.webhooks.messages import Messages
from api.webhooks.sender import Parts, Sender
from api.webhooks.signing import SigningKey, SigningKeyError, key_file
from api.webhooks.tables import TABLES
from domain.callers import LOCAL
from domain.store import Endpoints, EventLog, EventStore, Studio
from projections.database import open_database
from projections.readers import ReadModels

if TYPE_CHECKING:
    from api.webhooks.client import WebhookClient

KEY_FILE = "webhook-key"


class Webhooks:
    """Opened with its first use; ``close`` ends what was started and closes what was opened."""

    def __init__(
        self,
        settings: Settings,
        store: EventStore,
        studio: Studio,
        log: EventLog,
        readers: ReadModels,
        clock: Callable[[], datetime],
        owner_of: Callable[[UUID], str | None],
    ) -> None:
        """``owner_of`` a job is the caller that submitted it."""
        self._owner_of = owner_of
        self._settings = settings
        self._store = store
        self._log = log
        self._readers = readers
        self._clock = clock
        self.endpoints = Endpoints(studio, log)
        self.addresses = Addresses(settings.webhook_networks)
        self.sender: Sender | None = None

    @cached_property
    def deliveries(self) -> Deliveries:
        return Deliveries(
            open_database(self._settings.store, TABLES), lambda job_id: self._owner_of(job_id) or LOCAL
        )

    @cached_property
    def client(self) -> "WebhookClient":
        from api.webhooks.client import WebhookClient  # noqa: PLC0415 - a library that most commands never need

        return WebhookClient(self.addresses)

    def key(self) -> SigningKey:
        """What secrets are made from. SigningKeyError where several machines would each have another."""
        given = self._settings.webhook_key
        if given is not None:
            return SigningKey(given.get_secret_value())
        if not self._settings.store.startswith("sqlite:"):
            raise SigningKeyError(
                "secrets of webhooks are made from one key for all servers on this store; set "
                "REELOG_WEBHOOK_KEY to the same text for each, such as `openssl rand -hex 32` writes"
            )
        return key_file(Path(self._settings.data_dir) / KEY_FILE)

    def start(self, *, traces_exported: bool = False) -> None:
        """Begin to send, in one of the processes on this store."""
        messages = Messages(
            self._log, self._readers, self._settings.root_path, traces_exported=traces_exported
        )
        parts = Parts(
            store=self._store,
            log=self._log,
            endpoints=self.endpoints,
            deliveries=self.deliveries,
            messages=messages,
            post=self._post,
            key=self.key,
            clock=self._clock,
        )
        self.sender = Sender(parts)
        self.sender.start()

    def finish(self, endpoint: UUID, within_s: float) -> bool:
        """Have an endpoint told of all that has happened by now; False where it takes longer."""
        return self.sender is None or self.sender.finish(endpoint, within_s)

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        return await self.client.post(url, headers, body)

    def close(self) -> None:
        if self.sender is not None:
            self.sender.close()
        if "deliveries" in self.__dict__:
            self.deliveries.close()
