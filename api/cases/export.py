"""A finished film to go on with elsewhere: its edit for an editing program, or all its files in one archive.

The archive is never whole anywhere here: its bytes come as whoever reads takes them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from api.cases.archive import Member, zipped
from api.cases.checks import refuse_set_aside
from api.cases.content import unavailable_bytes
from api.cases.errors import Refusal
from api.cases.file_names import film_name
from api.composition import BlobMissingError, ExportedFile, System, film_files
from domain.job_pruned import JobPrunedError
from domain.statuses import JobStatus

Form = Literal["otio", "zip"]
FORMS: tuple[Form, ...] = ("otio", "zip")
MEDIA_TYPES: dict[Form, str] = {"otio": "application/json", "zip": "application/zip"}
"""An edit is JSON and has no type of its own."""
PACKED = frozenset({"json", "otio", "srt", "txt", "vtt"})
"""How the names end of what packing makes smaller; pictures, sound and film are packed already."""


@dataclass(frozen=True)
class ExportRequest:
    job_id: UUID
    form: Form = "zip"


@dataclass(frozen=True)
class Export:
    """``chunks`` are read once."""

    filename: str
    media_type: str
    chunks: Iterator[bytes]


def export(system: System, request: ExportRequest) -> Export:
    """Export a completed film; reading its chunks blocks, too.

    Refusals ``job_not_found``, ``job_not_finished``, ``job_pruned`` and those of its content.
    """
    refuse_set_aside(system, request.job_id)
    job = system.studio.job(request.job_id)
    if job.pruned_at is not None:
        raise JobPrunedError(job.id, job.pruned_at)
    if job.status != JobStatus.COMPLETED:
        raise Refusal("job_not_finished", f"Job {job.id} is {job.status}, so there is no finished film.")
    film = system.studio.film(job)
    name = film_name(film.title or "", job.id)
    with unavailable_bytes():
        made = film_files(job, film.assets, system.blobs)
        if request.form == "otio":
            chunks = iter([next(made).data or b""])
        else:
            files = list(made)
            _require(system, files)
            ended = job.ended_at or system.clock()
            chunks = zipped([_member(system, name, file) for file in files], ended)
    return Export(f"{name}.{request.form}", MEDIA_TYPES[request.form], chunks)


def _require(system: System, files: Sequence[ExportedFile]) -> None:
    """What is gone is said before the first byte, while it can be said in words."""
    for file in files:
        if file.digest is not None and system.blobs.size(file.digest) is None:
            raise BlobMissingError(file.digest)


def _member(system: System, folder: str, file: ExportedFile) -> Member:
    packed = file.name.rpartition(".")[2] in PACKED
    path = f"{folder}/{file.name}"
    if file.data is not None:
        data = file.data
        return Member(path, file.size, lambda: iter([data]), packed=packed)
    digest = file.digest
    assert digest is not None
    return Member(path, file.size, lambda: _read(system, digest), packed=packed)


def _read(system: System, digest: str) -> Iterator[bytes]:
    with system.blobs.open(digest) as source:
        while chunk := source.read(1 << 18):
            yield chunk
