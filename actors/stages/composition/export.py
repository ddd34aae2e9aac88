"""Everything a finished film is made of, as files with names that a person understands.

The names are those by which the edit refers to them, so it opens wherever all are unpacked together.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

from actors.media.formats import film_format
from actors.media.outro import open_outro
from actors.media.pictures import picture_type
from actors.media.subtitles import to_srt, vtt_cues
from actors.stages.composition.edit_list import Ending, edit_list
from actors.work.briefing import source_of
from actors.work.exported_file import ExportedFile
from actors.work.stage import Inputs
from domain.asset import Asset, AssetKey
from domain.film_graph import playing, scenes_in, written_script
from domain.job import Job
from domain.media_types import suffix_of
from domain.ports import BlobStore
from domain.script import Kind

_FOLDERS = {
    Kind.IMAGE: "images",
    Kind.SHOT: "shots",
    Kind.NARRATION: "narration",
    Kind.CLIP: "clips",
    Kind.TRANSITION: "transitions",
}


def film_edit(job: Job, assets: Mapping[AssetKey, Asset], blobs: BlobStore) -> bytes:
    """The edit of a film that is made, as OpenTimelineIO. BlobError where its parts are gone."""
    made = _made(assets)
    inputs = Inputs({key.name: source_of(key.name, asset) for key, asset in made.items()}, blobs)
    options = job.options
    fmt = film_format(options.aspect_ratio, options.resolution, options.quality, options.fps)
    metadata = {"job_id": str(job.id), "run": job.run, "width": fmt.width, "height": fmt.height}
    ending = None
    if (digest := job.given.files.get("outro")) is not None:
        stored = blobs.path(digest)
        ending = Ending(_outro_name(stored), open_outro(stored, fmt.fps).frames)
    return edit_list(job.options, inputs, _paths(made), metadata, ending).encode()


def film_files(job: Job, assets: Mapping[AssetKey, Asset], blobs: BlobStore) -> Iterator[ExportedFile]:
    """All files of a film that is made, its edit first. BlobError where its parts are gone."""
    made = _made(assets)
    yield _of_data("film.otio", film_edit(job, assets, blobs))
    yield _of_data("script.txt", (written_script(assets) or job.script).encode())
    if (digest := job.given.files.get("outro")) is not None:
        stored = blobs.path(digest)
        yield ExportedFile(_outro_name(stored), stored.stat().st_size, digest=digest)
    for key, path in _paths(made).items():
        product = made[key].product
        assert product is not None
        yield ExportedFile(path, product.bytes, digest=product.digest)
        if key.kind is Kind.CAPTIONS:
            yield _of_data("captions.srt", to_srt(vtt_cues(blobs.get(product.digest).decode())).encode())
        notes = product.facts.get("midi_digest")
        if notes is not None:
            yield _of_data("music.mid", blobs.get(notes))


def _outro_name(path: Path) -> str:
    return f"outro.{suffix_of(picture_type(path) or 'video/mp4')}"


def _of_data(name: str, data: bytes) -> ExportedFile:
    return ExportedFile(name, len(data), data=data)


def _made(assets: Mapping[AssetKey, Asset]) -> dict[AssetKey, Asset]:
    """Of what plays."""
    return {key: asset for key, asset in playing(assets).items() if asset.product is not None}


def _paths(made: Mapping[AssetKey, Asset]) -> dict[AssetKey, str]:
    numbers = [scene.number for scene in scenes_in(made) or ()]
    following = dict(pairwise(numbers))
    return {key: _path(key, asset, following.get(key.scene or 0)) for key, asset in made.items()}


def _path(key: AssetKey, asset: Asset, following: int | None) -> str:
    """``following``: the scene that plays after the asset's."""
    assert asset.product is not None
    suffix = suffix_of(asset.product.media_type)
    if key.scene is None:
        return f"{key.kind.value}.{suffix}"
    after = f"-to-{following:02}" if key.kind is Kind.TRANSITION and following else ""
    beat = f"-{key.beat}" if key.beat > 1 else ""
    return f"{_FOLDERS[key.kind]}/scene-{key.scene:02}{after}{beat}.{suffix}"
