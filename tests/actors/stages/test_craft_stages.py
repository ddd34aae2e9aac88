"""What is made here: music and composition as stages, and how their errors are told."""

import asyncio
import io
import json
import threading
import wave
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from actors.media.errors import CaptionError, EncodeError, MusicError, PictureError, RenderCancelled
from actors.stages.composer import Composer
from actors.stages.composition.manifest import manifest_of
from actors.stages.editor import Editor
from actors.work.rendering import crafted
from actors.work.stage import Inputs, Made, Order, Source, StageActor, Task
from domain.asset import AssetKey, Recipe
from domain.failures import AttemptFailedError
from domain.script import Kind
from tests.actors.conftest import Crew
from tests.actors.media.conftest import burst
from tests.actors.staging import EMPTY_STUDIO, SCENES, Staging
from tests.sounds import to_wav

pytestmark = pytest.mark.slow

SMALL = {"quality": "low", "fps": 24, "captions": "sidecar"}
SECONDS = (1.6, 1.2)
COMPOSER = Composer(None)  # type: ignore[arg-type]  # what is synthesised asks no model


def picture(seed: int) -> bytes:
    noise = np.random.default_rng(seed).integers(40, 215, (9, 16, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).resize((1344, 768), Image.Resampling.BICUBIC).save(file, "PNG")
    return file.getvalue()


class Cutting:
    """Two scenes, drawn and spoken."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.staging = Staging(folder)
        self.brief = self.staging.brief(options=SMALL | options)
        put = self.staging.blobs.put
        self.sources = {source.name: source for source in self.staging.sources()}
        for n, seconds in enumerate(SECONDS, 1):
            self._add(f"image:{n}", put(picture(n)), "image/png")
            self._add(f"narration:{n}", put(to_wav(burst(seconds, n))), "audio/wav")

    def _add(self, name: str, digest: str, media_type: str) -> None:
        self.sources[name] = Source(name, digest, media_type, {})

    def editor(self) -> Editor:
        # The studio is read for manifests alone.
        return Editor(EMPTY_STUDIO, lambda: datetime(2026, 11, 22, tzinfo=UTC))

    def task(self, stage: StageActor, name: str) -> Task:
        inputs = Inputs(self.sources, self.staging.blobs)
        key = AssetKey.parse(name)
        recipe = Recipe(parameters=stage.plan(self.brief, key, inputs).parameters)
        order = Order(self.brief, key, 1, 1, recipe, tuple(self.sources.values()))
        return Task(order, inputs, None, self.staging.never_cancelled())

    async def make(self, stage: StageActor, name: str) -> Made:
        return await stage.make(self.task(stage, name))


@pytest.fixture
def cutting(tmp_path: Path) -> Cutting:
    return Cutting(tmp_path)


async def test_the_music_is_as_long_as_the_film_and_the_same_again(cutting: Cutting) -> None:
    made, again = await cutting.make(COMPOSER, "music"), await cutting.make(COMPOSER, "music")
    assert isinstance(made.data, Path)
    assert isinstance(again.data, Path)
    assert made.data.read_bytes() == again.data.read_bytes()
    with wave.open(str(made.data)) as file:
        seconds = file.getnframes() / file.getframerate()
        assert (file.getframerate(), file.getnchannels()) == (48_000, 2)
    assert seconds == pytest.approx(made.facts["duration_s"], abs=0.001)
    assert seconds > sum(SECONDS), "speech, and breathing room"
    assert (made.cost_usd, made.usage) == (0.0, None)


async def test_music_that_cannot_be_written_leaves_no_thread(
    cutting: Cutting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_wav(_: Path, pieces: Iterator[Any], channels: int) -> int:
        assert len(next(pieces)[0]) == channels
        raise OSError("No space left on device")

    monkeypatch.setattr("actors.media.wav.write_wav", write_wav)
    with pytest.raises(OSError, match="No space left"):
        await cutting.make(COMPOSER, "music")
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("music")]


async def test_captions_hold_every_word_of_the_narration(cutting: Cutting) -> None:
    made = await cutting.make(cutting.editor(), "captions")
    assert isinstance(made.data, bytes)
    lines = made.data.decode().splitlines()
    assert lines[0].startswith("WEBVTT")
    shown = " ".join(line for line in lines[1:] if line and "-->" not in line)
    for word in " ".join(SCENES).split():
        assert word in shown
    assert made.facts["language"] == "en-GB"
    assert sum("-->" in line for line in lines) == made.facts["cues"]


@pytest.mark.parametrize(
    ("ratio", "size"), [("16:9", (1280, 720)), ("9:16", (720, 1280)), ("1:1", (720, 720))]
)
async def test_the_poster_has_the_films_size_and_says_where_it_was_drawn(
    tmp_path: Path, ratio: str, size: tuple[int, int]
) -> None:
    cutting = Cutting(tmp_path, aspect_ratio=ratio)
    made = await cutting.make(cutting.editor(), "poster")
    assert isinstance(made.data, bytes)
    with Image.open(io.BytesIO(made.data)) as image:
        assert (image.size, image.format) == (size, "JPEG")
    assert (made.facts["width"], made.facts["height"]) == size
    assert {"pillow", "uharfbuzz", "manimgx-fonts"} <= made.provenance["environment"]["build"].keys()


@pytest.mark.slow
async def test_a_clip_lasts_as_long_as_its_scene_and_says_where_it_was_rendered(cutting: Cutting) -> None:
    made = await cutting.make(cutting.editor(), "clip:1")
    assert made.media_type == "video/mp4"
    assert made.facts["frames"] / 24 == pytest.approx(made.facts["duration_s"], abs=0.001)
    assert made.facts["duration_s"] > SECONDS[0] - 0.5
    environment = made.provenance["environment"]
    assert environment["threads"] >= 1
    assert {"av", "numpy", "pillow", "uharfbuzz"} <= environment["build"].keys()


async def test_a_cancelled_rendering_stops(cutting: Cutting) -> None:
    editor = cutting.editor()
    task = cutting.task(editor, "clip:1")
    task.cancelled.set()
    with pytest.raises(asyncio.CancelledError):
        await editor.make(task)


def test_what_decides_a_renderings_bytes_is_in_its_recipe(cutting: Cutting) -> None:
    editor = cutting.editor()
    inputs = Inputs(cutting.sources, cutting.staging.blobs)

    def parameters(name: str) -> dict[str, Any]:
        return editor.plan(cutting.brief, AssetKey.parse(name), inputs).parameters

    assert {"width", "height", "fps", "preset", "crf", "threads", "captions"} <= parameters("clip:1").keys()
    assert {"width", "height", "fps", "preset", "crf", "threads"} <= parameters("transition:1").keys()
    assert parameters("captions")["captions"] == "sidecar"
    assert parameters("soundtrack") == {"sample_rate": 48_000, "channels": 2, "quality": "low"}
    assert editor.plan(cutting.brief, AssetKey.parse("clip:1"), inputs).reservation_usd == 0.0
    assert parameters("manifest") == {}


# ---- errors -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "code", "retryable"),
    [
        (CaptionError("glyphs_missing", "no font", "another font"), "missing_glyphs", False),
        (EncodeError("encoder_failed", "out of memory"), "render_failed", True),
        (EncodeError("segments_differ", "they do not fit"), "render_failed", False),
        (PictureError("picture_unreadable", "no picture"), "render_failed", None),
        (MusicError("chord_unknown", "what chord"), "render_failed", None),
    ],
)
async def test_a_media_error_becomes_a_failure_with_its_words_and_hint(
    error: Exception, code: str, retryable: bool | None
) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(AttemptFailedError) as caught:
        await crafted(fail)
    failure = caught.value.failure
    assert failure.code == code
    assert failure.details["error"] == type(error).__name__
    assert failure.details["media_code"] in str(error)
    assert failure.message in str(error)
    assert not failure.may_have_been_billed
    if retryable is not None:
        assert failure.retryable is retryable


async def test_a_rendering_that_was_told_to_stop_is_a_cancellation() -> None:
    def stop() -> None:
        raise RenderCancelled

    with pytest.raises(asyncio.CancelledError):
        await crafted(stop)


# ---- the manifest -----------------------------------------------------------------------------------


async def test_the_manifest_tells_every_asset_its_prompt_and_what_it_cost(crew: Crew) -> None:
    async with crew.directing():
        job = crew.submit()
        await crew.until_ended(job)
    job, assets = crew.studio.job(job.id), crew.studio.assets(job)

    told = json.loads(manifest_of(job, assets, datetime(2026, 11, 22, tzinfo=UTC), Inputs({}, crew.blobs)))

    entries = {entry["name"]: entry for entry in told["assets"]}
    assert entries.keys() == {key.name for key in assets if key.kind is not Kind.MANIFEST}
    assert entries["image:1"]["prompt"] == "make image:1"
    assert entries["clip:1"]["prompt"] is None
    assert entries["video"]["inputs"]["clip:1"] == entries["clip:1"]["digest"]
    assert told["cost"]["usd"] == pytest.approx(sum(entry["cost_usd"] for entry in told["assets"]))
    assert told["cost"]["requests"] == 7, "analysis, storyboard, audio plan, two pictures, two narrations"
    assert (told["job_id"], told["provider"], told["ai_generated"]) == (str(job.id), "emulator", True)
    assert told["made_at"] == "2026-11-22T00:00:00.000Z"
