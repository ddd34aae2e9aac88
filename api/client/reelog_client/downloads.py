"""A finished film's files, brought into a folder: all of them whole, or those of before.

Each is written beside its place as ``.video.mp4.DIGEST.part`` and renamed when all are there and have the
digest that is on record. A download that was cut, or a program that was killed, goes on where it was: what a
part is of is in its name, and the server is asked for the rest (``Range``, with ``If-Range``).
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from reelog_client.configuration import Patience
from reelog_client.documents import AssetDocument, JobDocument
from reelog_client.errors import (
    DownloadDamagedError,
    JobNotFinishedError,
    JobPrunedError,
    ReelogError,
    ended,
)
from reelog_client.exchange import PIECE_BYTES, READ, Flow
from reelog_client.retries import Waiting, opened, raise_problem
from reelog_client.subtitles import srt_of

VIDEO, VTT, SRT, POSTER, MANIFEST = "video.mp4", "captions.vtt", "captions.srt", "poster.jpg", "manifest.json"
KINDS = {VIDEO: "video", VTT: "captions", POSTER: "poster", MANIFEST: "manifest"}
"""The files and the assets that they are; captions.srt is made from captions.vtt."""


@dataclass(frozen=True)
class Progress:
    """How far a download has come."""

    file: str
    received: int
    total: int
    """Of all files together, like ``received``."""


OnProgress = Callable[[Progress], None]


def film_assets(job: JobDocument, assets: list[AssetDocument]) -> dict[str, AssetDocument]:
    """The assets of the film's files, by name; a JobError says why there are none."""
    if job["pruned_at"]:
        raise JobPrunedError(f"was pruned at {job['pruned_at']}: its files are gone", job)
    if (error := ended(job)) is not None:
        raise error
    if job["status"] != "completed":
        raise JobNotFinishedError(f"is {job['status']}: there is no film yet", job)
    made = {asset["kind"]: asset for asset in assets if asset["digest"]}
    return {name: made[kind] for name, kind in KINDS.items() if kind in made}


class FilmDownload:
    """The download of these assets into a folder."""

    def __init__(
        self, files: dict[str, AssetDocument], folder: Path, patience: Patience, progress: OnProgress | None
    ) -> None:
        self._files = files
        self._folder = folder
        self._patience = patience
        self._progress = progress
        self._received = 0
        self._total = sum(asset["bytes"] or 0 for asset in files.values())

    def run(self) -> Flow[dict[str, Path]]:
        """Bring all; gives where each is."""
        self._folder.mkdir(parents=True, exist_ok=True)
        ready: dict[str, Path] = {}
        for name, asset in self._files.items():
            digest = (asset["digest"] or "").removeprefix("sha256:")
            whole, part = self._folder / name, self._folder / f".{name}.{digest[:16]}.part"
            for stale in self._folder.glob(f".{name}.*.part"):
                if stale != part:
                    stale.unlink(missing_ok=True)
            if whole.is_file() and _digest(whole) == digest:
                self._count(name, whole.stat().st_size)
                continue
            yield from self._fetch(name, asset, part, digest)
            ready[name] = part
        if VTT in self._files:
            vtt = ready.get(VTT, self._folder / VTT).read_text("utf-8")
            ready[SRT] = self._folder / f".{SRT}.part"
            ready[SRT].write_text(srt_of(vtt), "utf-8", newline="\n")
        for name, part in ready.items():
            part.replace(self._folder / name)
        return {name: self._folder / name for name in (VIDEO, VTT, SRT, POSTER, MANIFEST)
                if name in self._files or (name == SRT and VTT in self._files)}  # fmt: skip

    def _fetch(self, name: str, asset: AssetDocument, part: Path, digest: str) -> Flow[None]:
        have = part.stat().st_size if part.exists() else 0
        size = asset["bytes"]
        if size is not None and have > size:
            part.unlink()
            have = 0
        self._count(name, have)
        waiting = Waiting(self._patience, reached=True)
        while size is None or have < size or not part.exists():
            try:
                have = yield from self._go_on(name, asset, part, have, waiting)
                break
            except ReelogError as error:
                if not (yield from waiting.after(error)):
                    raise
                have = part.stat().st_size if part.exists() else 0
        if _digest(part) != digest:
            part.unlink()
            raise DownloadDamagedError(f"{name} came with another digest than sha256:{digest}; ask again")

    def _go_on(self, name: str, asset: AssetDocument, part: Path, have: int, waiting: Waiting) -> Flow[int]:
        """Ask for what is missing of a file and write it down as it comes."""
        path, query = f"/v1/assets/{asset['id']}/content", {"revision": asset["revision"]}
        headers = {"Range": f"bytes={have}-", "If-Range": f'"{asset["digest"]}"'} if have else {}
        response = yield from opened(path, query, headers)
        if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and have:
            part.unlink()
            self._count(name, -have)
            return (yield from self._go_on(name, asset, part, 0, waiting))
        raise_problem(response)
        if have and response.status_code != HTTPStatus.PARTIAL_CONTENT:
            self._count(name, -have)
            have = 0
        with part.open("ab" if have else "wb") as file:
            while (piece := (yield READ)) is not None:
                file.write(piece)
                waiting.reset()
                have += len(piece)
                self._count(name, len(piece))
        return have

    def _count(self, name: str, received: int) -> None:
        self._received += received
        if self._progress is not None:
            self._progress(Progress(name, self._received, max(self._total, self._received)))


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(16 * PIECE_BYTES):
            found.update(piece)
    return found.hexdigest()
