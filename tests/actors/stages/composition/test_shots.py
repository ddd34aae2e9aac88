"""A film may mix both: scenes of shots beside scenes over whose pictures the camera moves."""

import itertools
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from actors.media.footage import Footage
from actors.media.formats import Format
from actors.media.render import Shot
from actors.stages.composition.film_frames import FilmFrames
from actors.stages.editor import Editor
from actors.work.stage import Inputs, Made, Order, Source, Task
from domain.asset import AssetKey, Recipe
from tests.actors.media.filming import panning, write_shot
from tests.actors.staging import Staging, analysis, facts

SMALL = Format(320, 180, 24, "low", "superfast", 28)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.stages.composition.film_frames.film_format", lambda *_: SMALL)


class CuttingRoom:
    """A silent film of two scenes: of the first there is a shot, of the second a picture of one grey."""

    def __init__(self, folder: Path) -> None:
        self.staging = Staging(folder)
        self.brief = self.staging.brief(options={"include_audio": False, "captions": "none"})
        picture = BytesIO()
        Image.new("RGB", (640, 360), (200, 200, 200)).save(picture, "PNG")
        shot = write_shot(folder / "shot.mp4", lambda at: panning(at, speed=60), seconds=5, sound=True)
        put = self.staging.blobs.put
        sources = [
            self.staging.source("analysis", analysis(), **facts()),
            Source("shot:1", put(shot.read_bytes()), "video/mp4", {}),
            Source("image:2", put(picture.getvalue()), "image/png", {}),
        ]
        self.inputs = Inputs({source.name: source for source in sources}, self.staging.blobs)

    async def make(self, name: str) -> Made:
        editor = Editor(None, lambda: None)  # type: ignore[arg-type, return-value] # for manifests alone
        key = AssetKey.parse(name)
        recipe = Recipe(parameters=editor.plan(self.brief, key, self.inputs).parameters)
        order = Order(self.brief, key, 1, 1, recipe, ())
        return await editor.make(Task(order, self.inputs, None, self.staging.never_cancelled()))


def lumas(made: Made) -> Iterator[NDArray[np.uint8]]:
    assert isinstance(made.data, bytes)
    with av.open(BytesIO(made.data)) as container:
        assert [stream.type for stream in container.streams] == ["video"], "its sound is dropped"
        for frame in container.decode(video=0):
            yield frame.to_ndarray()[:180]


def test_a_scene_is_filmed_from_its_shot_where_it_has_one(tmp_path: Path) -> None:
    room = CuttingRoom(tmp_path)
    film = FilmFrames(room.brief.options, room.inputs)
    [first], [second] = film.shots(film.scene(1)), film.shots(film.scene(2))
    assert isinstance(first, Footage)
    assert isinstance(second, Shot)
    assert (first.seen, second.seen) == (range(film.scene(1).shape.length), range(film.scene(2).shape.length))


@pytest.mark.slow
async def test_a_clip_shows_the_shot_and_keeps_its_length(tmp_path: Path) -> None:
    room = CuttingRoom(tmp_path)
    made = await room.make("clip:1")
    frames = list(lumas(made))
    film = FilmFrames(room.brief.options, room.inputs)
    assert len(frames) == made.facts["frames"] == len(film.scene(1).shape.clip)
    steps = [float(np.abs(a.astype(int) - b).mean()) for a, b in itertools.pairwise(frames)]
    assert min(steps) > 0.5, "it moves in every frame"


@pytest.mark.slow
async def test_a_shot_dissolves_into_a_picture_and_moves_on_meanwhile(tmp_path: Path) -> None:
    room = CuttingRoom(tmp_path)
    clip, joint = list(lumas(await room.make("clip:1"))), list(lumas(await room.make("transition:1")))
    within = float(np.abs(clip[-2].astype(int) - clip[-1]).mean())
    assert float(np.abs(clip[-1].astype(int) - joint[0]).mean()) < 1.5 * within, "it meets the clip"
    spread = [float(frame.std()) for frame in joint]
    assert spread[0] > 20, "the shot is seen"
    assert spread[-1] < 3, "and ends in the grey"
    light = 16 + 219 * 200 / 255
    assert abs(float(joint[-1].mean()) - light) < 6
