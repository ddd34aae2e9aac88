"""Files of one's own on their way into a film: whether they can be used there, and fitted to their places."""

from hashlib import file_digest
from typing import Any

from api.cases.callers import LOCAL
from api.cases.content import unavailable_bytes
from api.cases.errors import Faults, FieldError
from api.cases.files import refused_files
from api.composition import Place, System
from domain.asset import Asset, Provision
from domain.file import File, FileKind
from domain.film_graph import MUSIC
from domain.job import Job
from domain.script import Kind
from domain.submission import Submission

TAKES = {
    "image": FileKind.IMAGE,
    "shot": FileKind.VIDEO,
    "narration": FileKind.AUDIO,
    "music": FileKind.AUDIO,
}
"""What kind of file each kind of asset takes."""


def why_unusable(file: File | None, digest: str, kind: str, name: str) -> str | None:
    """What is wrong with this file for an asset of this kind; None where nothing is."""
    if file is None:
        return f"there is no file {digest}; send it to /v1/files first"
    wanted = TAKES[kind]
    return (
        None if file.kind is wanted else f"the file is of kind {file.kind}; {name} takes one of kind {wanted}"
    )


def unusable_files(system: System, submission: Submission, caller: str = LOCAL) -> list[FieldError]:
    """What is wrong with the files that a submission names. Blocks."""
    digest = submission.files.music
    if digest is None:
        return []
    if not submission.options.has_music:
        return [
            FieldError("/files/music", "the options leave music out; set music and include_audio to true")
        ]
    if submission.models.music is not None:
        message = f"{submission.models.music} would compose the music; name a model or give a file, not both"
        return [FieldError("/files/music", message)]
    why = why_unusable(system.files.find(caller, digest), digest, Kind.MUSIC, "music")
    return [FieldError("/files/music", why)] if why else []


def given_at_submit(system: System, job: Job, submission: Submission, caller: str = LOCAL) -> list[Asset]:
    """The assets of a new job that are files of its submission, unsaved. Blocks."""
    digest = submission.files.music
    file = system.files.find(caller, digest) if digest is not None else None
    if file is None:
        return []
    given = fitted(system, file, Place(Kind.MUSIC), caller, pointer="/files/music")
    return [Asset.provide(job.id, MUSIC, given, run=job.run, now=system.clock())]


def fitted(
    system: System, file: File, place: Place, caller: str, *, pointer: str, dry_run: bool = False
) -> Provision:
    """The file as it goes into its place; where it is not only a dry run its bytes are stored."""
    with unavailable_bytes():
        if not system.blobs.keep(file.digest):
            message = f"the file {file.digest} is gone, as nothing used it; send it to /v1/files again"
            raise Faults.of_one("invalid_submission", pointer, message)
        source, target = system.blobs.path(file.digest), system.blobs.new_file()
    try:
        with refused_files():
            opened = system.opening.fit(source, target, place)
        size = target.stat().st_size
        with unavailable_bytes():
            if not size:  # it fits as it is
                digest, size = file.digest, file.bytes
            elif dry_run:
                with target.open("rb") as made:
                    digest = f"sha256:{file_digest(made, 'sha256').hexdigest()}"
            else:
                digest, size = system.blobs.put_file(target)
    finally:
        system.blobs.discard(target)
    about: dict[str, Any] = {"file": file.digest, "changes": opened.notes}
    return Provision(digest, opened.media_type, size, opened.facts, about, caller)
