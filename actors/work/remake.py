"""Making a film again from what is stored, with no provider call, and comparing the bytes.

Every asset that is made here is made again from exactly the inputs and the recipe on record. Equal inputs
that give equal digests, asset by asset, prove the whole film; so nothing made anew is fed to what follows,
and one difference does not hide another. In another environment (build, threads, processor) bytes may differ
honestly: then that is said, and what can be seen and heard is compared instead.
"""

import shutil
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from itertools import zip_longest
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from actors.media.formats import THREADS
from actors.work.briefing import brief_of
from actors.work.rendering import digest_of, environment
from actors.work.stage import Inputs, Made, Order, Source, StageActor, Task
from domain.asset import Asset, AssetKey, Product
from domain.film_graph import Assets, Graph, scenes_in
from domain.job import Job
from domain.ports import BlobStore
from domain.script import Kind, Stage

ALIKE = 4.0
"""Mean difference, in levels of 256, up to which two decodings show and sound the same to a person."""


@dataclass(frozen=True)
class Remade:
    """One asset made again. ``difference`` is the mean over all decoded samples, None where not compared.

    Of a ``signed`` film the one under its signature is compared: a signature holds the hour and chance.
    """

    key: AssetKey
    recorded: str
    made: str
    same_environment: bool
    difference: float | None = None
    signed: bool = False

    @property
    def same(self) -> bool:
        return self.recorded == self.made

    @property
    def alike(self) -> bool:
        return self.same or (self.difference is not None and self.difference <= ALIKE)


def remakable(job: Job, assets: Assets) -> list[AssetKey]:
    """What can be made again for nothing, in order. The manifest tells of its own hour and is left out."""
    return [
        key
        for key in Graph.of(job.options, scenes_in(assets), job.graph, script=job.script_origin).nodes
        if key.kind is not Kind.MANIFEST and key in assets and assets[key].product
        if not assets[key].is_paid and not assets[key].is_provided
    ]


async def remake(
    key: AssetKey,
    job: Job,
    assets: Assets,
    *,
    stages: Mapping[Stage, StageActor],
    blobs: BlobStore,
    keep: Path | None = None,
) -> Remade:
    """Make one asset again from its recorded inputs; its bytes go to ``keep`` where that is given.

    Raises AttemptFailedError where it cannot be made, BlobError where an input is gone.
    """
    asset = assets[key]
    product = asset.product
    assert product is not None
    sources = {name: _source(name, digest, assets) for name, digest in asset.inputs.items()}
    order = Order(
        brief_of(job, assets),
        key,
        asset.revision,
        len(asset.attempts) or 1,
        asset.recipe,
        tuple(sources.values()),
    )
    task = Task(order, Inputs(sources, blobs), None, threading.Event())
    try:
        path = _as_file(await stages[key.stage].make(task), task)
        digest = digest_of(path)
        recorded = product.provenance.get("unsigned_digest", product.digest)
        same_environment = _same_environment(key, product, same=digest == recorded)
        difference = None
        if digest != recorded:
            difference = _difference(path, blobs.path(product.digest), product.media_type)
        if keep is not None:
            shutil.move(path, keep)
    finally:
        task.clear()
    return Remade(
        key, recorded, digest, same_environment, difference, signed="unsigned_digest" in product.provenance
    )


def _source(name: str, digest: str, assets: Assets) -> Source:
    """The input as it was then, which may be an earlier revision than the newest."""
    asset: Asset = assets[AssetKey.parse(name)]
    product = next(p for p in asset.products.values() if p.digest == digest)
    return Source(name, product.digest, product.media_type, product.facts)


def _same_environment(key: AssetKey, product: Product, *, same: bool) -> bool:
    """Whether this machine is as the one that made it; what records no environment does not depend on it.

    But for music and posters, of which early versions recorded none: ``same`` bytes tell.
    """
    recorded = product.provenance.get("environment")
    if recorded is None:
        return same or key.kind not in (Kind.MUSIC, Kind.POSTER)
    return bool(recorded == {**environment(), "threads": recorded.get("threads", THREADS)})


def _as_file(made: Made, task: Task) -> Path:
    if isinstance(made.data, Path):
        return made.data
    path = task.new_file("")
    path.write_bytes(made.data)
    return path


# ---- what is seen and heard -------------------------------------------------------------------------


def _difference(made: Path, recorded: Path, media_type: str) -> float | None:
    """The mean difference of all decoded samples, in levels of 256; None where there are none to decode."""
    if media_type.startswith("image/"):
        return _mean([_picture(made)], [_picture(recorded)])
    if media_type.startswith(("video/", "audio/")):
        return max(
            _mean(_frames(made, kind), _frames(recorded, kind))
            for kind in _streams(made) | _streams(recorded)
        )
    return None


def _picture(path: Path) -> NDArray[Any]:
    with Image.open(BytesIO(path.read_bytes())) as image:
        return np.asarray(image.convert("RGB"))


def _streams(path: Path) -> set[str]:
    with av.open(str(path)) as container:
        return {stream.type for stream in container.streams if stream.type in ("video", "audio")}


def _frames(path: Path, kind: str) -> Iterator[NDArray[Any]]:
    """Decoded frames: pictures in 256 levels, sound scaled to the same."""
    with av.open(str(path)) as container:
        for frame in container.decode(**{kind: 0}):
            if isinstance(frame, av.VideoFrame):
                yield frame.to_ndarray(format="rgb24")
            elif isinstance(frame, av.AudioFrame):
                samples = frame.to_ndarray().astype(np.float64)
                yield samples * (128 if frame.format.name.startswith("flt") else 128 / 32768)


def _mean(one: Any, other: Any) -> float:
    """Infinite when there is more of one than of the other."""
    total, count = 0.0, 0
    for a, b in zip_longest(one, other):
        if a is None or b is None or a.shape != b.shape:
            return float("inf")
        total += float(np.abs(a.astype(np.float64) - b.astype(np.float64)).sum())
        count += a.size
    return total / count if count else 0.0
