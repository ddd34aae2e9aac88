"""What has no operation of its own: any request, any list, any bytes. What the others are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reelog_client.configuration import Patience
from reelog_client.documents import EventDocument
from reelog_client.errors import ReelogError
from reelog_client.event_stream import EventStream
from reelog_client.exchange import ANSWER_TIMEOUT_S, READ, UPLOAD_TIMEOUT_S, Flow, Give, ItemFlow, Request
from reelog_client.retries import Waiting, ask, opened, raise_problem, with_key

Json = dict[str, Any]
PAGE = 1000


class AnyOperations:
    """Flows that are told an address."""

    def __init__(self, patience: Patience) -> None:
        self.patience = patience

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        idempotency_key: str | None = None,
        repeatable: bool | None = None,
        timeout_s: float = ANSWER_TIMEOUT_S,
    ) -> Flow[Any]:
        """Any request: how to ask for what has no method here, such as ``GET /v1/presets``."""
        asked = Request(method, path, query or {}, body, timeout_s=timeout_s)
        if idempotency_key is not None:
            asked = with_key(asked, idempotency_key)
        return ask(asked, self.patience, repeatable=repeatable)

    def items(self, path: str, *, query: Mapping[str, Any] | None = None) -> ItemFlow[Json]:
        """Every item of a list, page by page."""
        asked = {"limit": PAGE, **(query or {})}
        while True:
            page = yield from ask(Request("GET", path, asked), self.patience)
            for item in page["data"]:
                yield Give(item)
            if not page["has_more"]:
                return
            asked["after"] = page["next"]

    def content_of(self, path: str, *, query: Mapping[str, Any] | None = None) -> Flow[bytes]:
        """The bytes at an address, whole; where they were cut they are asked for again."""
        waiting, most = Waiting(self.patience), 0
        while True:
            pieces: list[bytes] = []
            size = 0
            try:
                raise_problem((yield from opened(path, query or {})))
                while (piece := (yield READ)) is not None:
                    pieces.append(piece)
                    size += len(piece)
                    if size > most:
                        # What came before is no sign of life: a line may be cut at one place for ever.
                        most = size
                        waiting.reset()
            except ReelogError as error:
                if not (yield from waiting.after(error)):
                    raise
            else:
                return b"".join(pieces)

    def pieces(self, path: str, *, query: Mapping[str, Any] | None = None) -> ItemFlow[bytes]:
        """The bytes at an address as they come; AnswerLostError where they end too soon."""
        response = yield Request("GET", path, query or {}, read="bytes", timeout_s=UPLOAD_TIMEOUT_S)
        raise_problem(response)
        while (piece := (yield READ)) is not None:
            yield Give(piece)

    def stream(self, path: str, *, after: int = 0) -> ItemFlow[EventDocument]:
        """The events at an address, as ``watch`` gives those of a job."""
        return EventStream(path, after, self.patience).run()

    def _begin(self, method: str, path: str, body: Json, key: str | None) -> Flow[Any]:
        """What costs money: it is begun and paid for once, however often an answer is lost on its way."""
        return ask(with_key(Request(method, path, body=body), key), self.patience)
