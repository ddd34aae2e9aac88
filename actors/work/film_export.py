"""Asks for all files of a finished film; what draws and encodes is loaded when they are, and not before."""

from collections.abc import Iterator, Mapping

from actors.work.exported_file import ExportedFile
from domain.asset import Asset, AssetKey
from domain.job import Job
from domain.ports import BlobStore

__all__ = ["ExportedFile", "film_files"]


def film_files(job: Job, assets: Mapping[AssetKey, Asset], blobs: BlobStore) -> Iterator[ExportedFile]:
    """All files of a finished film, its edit first. The first use takes a second."""
    from actors.stages.composition import export  # noqa: PLC0415 - see above

    return export.film_files(job, assets, blobs)
