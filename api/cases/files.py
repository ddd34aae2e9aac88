"""What people bring: a picture, a clip or sound of their own, checked, cleaned and kept for their films."""

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.cases.callers import LOCAL
from api.cases.content import Content, unavailable_bytes
from api.cases.errors import SOON_S, Refusal
from api.composition import FileRefusedError, OpeningFailedError, System
from domain.file import File, FileKind
from projections.wire import encode, iso

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class AddFileRequest:
    """``source`` holds the bytes as they came; it is the asker's to remove."""

    source: Path
    caller: str = LOCAL


@dataclass(frozen=True)
class AddedFile:
    """``page`` is JSON; ``added`` is False where the same file was there already."""

    page: bytes
    added: bool


def add_file(system: System, request: AddFileRequest) -> AddedFile:
    """Keep what is in a file, cleaned. Refusals ``file_unsupported`` and ``file_refused``. Blocks."""
    with unavailable_bytes():
        target = system.blobs.new_file()
    try:
        with refused_files():
            opened = system.opening.clean(request.source, target)
        with unavailable_bytes():
            digest, size = system.blobs.put_file(target)
    finally:
        system.blobs.discard(target)
    file = File.add(
        request.caller,
        digest,
        FileKind(opened.kind),
        now=system.clock(),
        media_type=opened.media_type,
        size=size,
        facts=opened.facts,
        notes=opened.notes,
    )
    kept, added = system.files.add(file, system.clock())
    return AddedFile(encode(_page(kept)), added)


@contextlib.contextmanager
def refused_files() -> Iterator[None]:
    """What is wrong with a file, as a refusal."""
    try:
        yield
    except FileRefusedError as error:
        code = "file_unsupported" if error.code == "unsupported" else "file_refused"
        raise Refusal(code, f"{error.message}.") from error
    except (OpeningFailedError, OSError) as error:
        logger.exception("files cannot be opened")
        raise Refusal("unavailable", "Files cannot be opened here now.", retry_after_s=SOON_S) from error


@dataclass(frozen=True)
class FileRequest:
    digest: str
    caller: str = LOCAL


def get_file(system: System, request: FileRequest) -> bytes:
    """A file as JSON. Refusal ``file_not_found``. Blocks."""
    return encode(_page(require_file(system, request)))


def file_content(system: System, request: FileRequest) -> Content:
    """The bytes of a file, as they are kept. Refusals as for content. Blocks."""
    file = require_file(system, request)
    with unavailable_bytes():
        remote = system.blobs.remote(file.digest)
        path = system.blobs.path(file.digest) if remote is None else None
        return Content(file.digest, file.media_type, path, remote)


def require_file(system: System, request: FileRequest) -> File:
    file = system.files.find(request.caller, request.digest)
    if file is None:
        raise Refusal("file_not_found", f"There is no file {request.digest[:100]!r}.")
    return file


def _page(file: File) -> dict[str, Any]:
    own = f"/v1/files/{file.digest}"
    facts = {name: file.facts.get(name) for name in ("width", "height", "duration_s")}
    return {
        "digest": file.digest,
        "kind": file.kind.value,
        "media_type": file.media_type,
        "bytes": file.bytes,
        **facts,
        "facts": file.facts,
        "notes": file.notes,
        "created_at": iso(file.added_at),
        "links": {"self": own, "content": f"{own}/content"},
    }
