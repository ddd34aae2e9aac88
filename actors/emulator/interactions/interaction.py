"""One interaction from its acceptance to its end, and the files that interactions leave.

What was accepted is kept in memory, and its files in a folder that goes when the emulator ends: it stands for
a provider that does not restart. Killing and restarting whoever asked is what it is for.
"""

import asyncio
import base64
import hashlib
import secrets
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from actors.emulator.faults import Fault
from actors.emulator.interactions.request import InteractionRequest

Json = dict[str, Any]
KEPT, KEPT_FILES = 2_000, 500
"""Interactions, and files, that are remembered; the oldest is forgotten."""
KEPT_INPUT_BYTES = 128 * 1024 * 1024
"""Of pictures that went into interactions that have ended; the oldest are forgotten."""
FILE_LIVES = timedelta(hours=48)
OPEN = frozenset({"queued", "in_progress"})


def now() -> datetime:
    return datetime.now(UTC)


def iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


@dataclass(eq=False)
class Interaction:
    """What was asked, how far it is, and the fault that it meets."""

    id: str
    ask: InteractionRequest
    fault: Fault | None = None
    status: str = "in_progress"
    created: datetime = field(default_factory=now)
    updated: datetime = field(default_factory=now)
    steps: list[Json] = field(default_factory=list)
    usage: Json | None = None
    errors: list[Json] = field(default_factory=list)
    looks: int = 0
    input_kept: bool = True
    work: "asyncio.Task[None] | None" = None

    def meets(self, *names: str) -> bool:
        return self.fault is not None and self.fault.fault in names

    def struck_at_look(self) -> bool:
        """Counts a look; whether it is one of those that the fault strikes."""
        self.looks += 1
        return self.fault is not None and self.looks <= (self.fault.polls or 1)

    def expired(self) -> bool:
        if self.fault is None or not self.meets("id_expires"):
            return False
        return now() >= self.created + timedelta(seconds=self.fault.lasts())

    def end(self, status: str) -> None:
        """Ends it, unless it has ended already."""
        if self.status in OPEN:
            self.status, self.updated = status, now()

    def cancel(self) -> None:
        self.end("cancelled")
        if self.work is not None:
            self.work.cancel()

    def input_bytes(self) -> int:
        return sum(len(str(each.get("data") or "")) for each in self.ask.contents)

    def forget_input(self) -> None:
        """Lets go of the pictures that went in."""
        contents = [_without_data(each) for each in self.ask.contents]
        self.ask, self.input_kept = (
            InteractionRequest(self.ask.model, self.ask.body | {"input": contents}),
            False,
        )

    def public(self, *, with_input: bool = False) -> Json:
        body: Json = {
            "id": self.id,
            "object": "interaction",
            "status": self.status,
            "model": self.ask.model.name,
            "created": iso(self.created),
            "updated": iso(self.updated),
        }
        if self.status in OPEN:
            return body
        body["service_tier"] = "standard"
        # What went in comes back as words alone, unless its pictures are asked for.
        content = self.ask.contents
        if not (with_input and self.input_kept):
            content = [_without_data(each) for each in content]
        body["steps"] = [{"type": "user_input", "content": content}, *self.steps]
        if self.usage is not None:
            body["usage"] = self.usage
        if self.errors:
            body["errors"] = self.errors
        return body


def _without_data(content: Json) -> Json:
    return {name: value for name, value in content.items() if name != "data"}


@dataclass(eq=False)
class StoredFile:
    """A file that a model made; it is PROCESSING for so many looks, or until a moment."""

    id: str
    path: Path
    digest: str
    mime: str
    seconds: float
    fault: Fault | None = None
    created: datetime = field(default_factory=now)
    ready_at: datetime = field(default_factory=now)
    looks: int = 0
    downloads: int = 0

    def meets(self, *names: str) -> bool:
        return self.fault is not None and self.fault.fault in names

    def look(self) -> str:
        """Counts a look and answers the state that it sees."""
        self.looks += 1
        if self.meets("file_processing") and self.looks <= ((self.fault and self.fault.polls) or 1):
            return "PROCESSING"
        return self.state()

    def state(self) -> str:
        if self.meets("file_failed"):
            return "FAILED"
        waits = self.meets("file_processing") and self.looks < ((self.fault and self.fault.polls) or 1)
        return "PROCESSING" if waits or now() < self.ready_at else "ACTIVE"

    def public(self, base: str, state: str) -> Json:
        uri = f"{base}/v1beta/files/{self.id}"
        body: Json = {
            "name": f"files/{self.id}",
            "mimeType": self.mime,
            "createTime": iso(self.created),
            "updateTime": iso(max(self.created, self.ready_at)),
            "expirationTime": iso(self.created + FILE_LIVES),
            "uri": uri,
            "state": state,
            "source": "GENERATED",
        }
        if state == "FAILED":
            body["error"] = {"code": 13, "message": "The file could not be processed."}
        if state == "ACTIVE":
            body |= {
                "sizeBytes": str(self.path.stat().st_size),
                "sha256Hash": base64.b64encode(self.digest.encode()).decode(),
                "downloadUri": f"{uri}:download?alt=media",
                "videoMetadata": {"videoDuration": f"{self.seconds:.3f}s"},
            }
        return body


class InteractionStore:
    """What was accepted, and the files that came of it."""

    def __init__(self) -> None:
        self._interactions: OrderedDict[str, Interaction] = OrderedDict()
        self._files: OrderedDict[str, StoredFile] = OrderedDict()
        self._ended: deque[Interaction] = deque()
        self._input_bytes = 0
        self._folder: TemporaryDirectory[str] | None = None

    def add(self, interaction: Interaction) -> None:
        self._interactions[interaction.id] = interaction
        while len(self._interactions) > KEPT:
            self._interactions.popitem(last=False)[1].cancel()

    def find(self, name: str) -> Interaction | None:
        found = self._interactions.get(name)
        return None if found is None or found.expired() else found

    def remove(self, name: str) -> bool:
        found = self._interactions.pop(name, None)
        if found is not None:
            found.cancel()
        return found is not None

    def settle(self, interaction: Interaction) -> None:
        """Notes that it has ended: its pictures are kept while there is room."""
        self._ended.append(interaction)
        self._input_bytes += interaction.input_bytes()
        while self._input_bytes > KEPT_INPUT_BYTES:
            oldest = self._ended.popleft()
            self._input_bytes -= oldest.input_bytes()
            oldest.forget_input()

    def add_file(
        self, raw: bytes, mime: str, seconds: float, ready_at: datetime, fault: Fault | None
    ) -> StoredFile:
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="reelog-emulator-")
        name = base64.b32encode(secrets.token_bytes(8)).decode().rstrip("=").lower()
        path = Path(self._folder.name) / name
        path.write_bytes(raw)
        file = StoredFile(
            name, path, hashlib.sha256(raw).hexdigest(), mime, seconds, fault, ready_at=ready_at
        )
        self._files[file.id] = file
        while len(self._files) > KEPT_FILES:
            self._files.popitem(last=False)[1].path.unlink(missing_ok=True)
        return file

    def find_file(self, name: str) -> StoredFile | None:
        found = self._files.get(name)
        gone = found is None or found.meets("file_missing") or now() > found.created + FILE_LIVES
        return None if gone else found

    def close(self) -> None:
        """Cancels all that is open, and removes the files."""
        for each in self._interactions.values():
            each.cancel()
        if self._folder is not None:
            self._folder.cleanup()
