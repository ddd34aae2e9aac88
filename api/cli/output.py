"""The files of a finished film, written into a folder: all of them whole, or those of before.

Each is copied beside its place first and renamed when all are there, so that a full disk or Ctrl-C never
leaves half a film under its name. What a killed command left beside them, the next one removes.
"""

import contextlib
import itertools
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from actors.media.subtitles import to_srt, vtt_cues
from actors.work import temporary_files
from api.cli.errors import InputError
from domain.ports import BlobStore
from domain.script import Kind
from projections.readers import ReadModels

FILES = {
    "video.mp4": Kind.VIDEO,
    "captions.vtt": Kind.CAPTIONS,
    "captions.srt": Kind.CAPTIONS,
    "poster.jpg": Kind.POSTER,
    "manifest.json": Kind.MANIFEST,
}
MIDI = "music.mid"
UNFINISHED = ".reelog-"
"""How the names of files begin that are not whole yet."""


def holds_film(folder: Path) -> bool:
    """Whether there are files of a film already, which a new one would replace."""
    return any((folder / name).exists() for name in FILES)


def unused(script: str) -> str:
    """A folder for the film of a script: ``story.txt`` → ``story``, or ``story-2`` where that is in use."""
    stem = Path(script).stem if script != "-" else ""
    name = stem.lstrip(".-") or "film"
    for number in itertools.count(1):
        folder = Path(name if number == 1 else f"{name}-{number}")
        if not folder.exists() or _is_empty(folder):
            break
    return str(folder)


def _is_empty(folder: Path) -> bool:
    try:
        return not any(folder.iterdir())
    except OSError:
        return False  # a file, or somebody else's


def prepare(out: str) -> Path:
    """The folder, made when missing and found writable, before anything is paid for. InputError else."""
    folder = Path(out).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, ValueError) as error:
        reason = "it is a file" if isinstance(error, FileExistsError) else getattr(error, "strerror", None)
        raise InputError(
            f"--out: {out!r} cannot be written to: {reason or error}; name a folder that this user may write"
        ) from None
    return folder


def export(
    readers: ReadModels, blobs: BlobStore, job_id: UUID, folder: Path, *, midi: bool = False
) -> dict[str, Path]:
    """Write the files of a completed job, with ``midi`` its notes too; gives where they are, by name."""
    digests = _digests(readers, job_id, midi=midi)
    unfinished: dict[str, Path] = {}
    temporary_files.sweep(folder, prefix=UNFINISHED)
    with contextlib.ExitStack() as stack:
        for name, digest in digests.items():
            descriptor, unfinished[name] = temporary_files.create(folder, prefix=UNFINISHED)
            stack.callback(_remove, unfinished[name])
            file = stack.enter_context(os.fdopen(descriptor, "wb"))
            if name == "captions.srt":
                file.write(to_srt(vtt_cues(blobs.get(digest).decode())).encode())
            else:
                with blobs.open(digest) as source:
                    shutil.copyfileobj(source, file, 1 << 20)
            file.flush()
            os.fsync(file.fileno())
        return {name: unfinished[name].replace(folder / name) for name in digests}


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


def _digests(readers: ReadModels, job_id: UUID, *, midi: bool) -> dict[str, str]:
    """The digest of each file: of the newest revision of the asset that it holds."""
    listed: list[dict[str, Any]] = [json.loads(body) for body in readers.assets(job_id)]
    made = {Kind(asset["kind"]): asset for asset in listed if asset["digest"]}
    digests = {name: made[kind]["digest"] for name, kind in FILES.items()}
    return {**digests, MIDI: made[Kind.MUSIC]["facts"]["midi_digest"]} if midi else digests
