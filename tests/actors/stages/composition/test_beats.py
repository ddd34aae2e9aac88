"""A clip of several pictures: each is seen while its own words are, and neighbours meet the outer ones."""

from io import BytesIO
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from actors.media.formats import Format
from actors.stages.composition.film_frames import DISSOLVE_S, FilmFrames
from actors.stages.editor import Editor
from actors.work.stage import Inputs, Made, Order, Source, Task
from domain.asset import AssetKey, Recipe
from domain.script import Beat
from tests.actors.staging import EMPTY_STUDIO, SCENES, Staging, analysis, facts

FPS = 24
SMALL = Format(320, 180, FPS, "low", "superfast", 28)
WORDS = ("A lighthouse stands above the sea.", "Mara lights the lamp.", "It burns until the morning comes.")
LIGHT = {"image:1": 60, "image:1.2": 120, "image:1.3": 180, "image:2": 220}
"""How light each picture is: by that it is known again."""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.stages.composition.film_frames.film_format", lambda *_: SMALL)


def picture(light: int) -> bytes:
    data = BytesIO()
    Image.new("RGB", (640, 360), (light, light, light)).save(data, "PNG")
    return data.getvalue()


class CuttingRoom:
    """A silent film of two scenes, the first of three pictures; what is made is given these ``inputs``."""

    def __init__(self, folder: Path, *inputs: str) -> None:
        self.staging = Staging(folder)
        first, second = analysis().scenes
        beats = [Beat(text=text, visual="a view") for text in WORDS]
        first = first.model_copy(update={"narration": " ".join(WORDS), "beats": beats, "transition": "cut"})
        film = analysis().model_copy(update={"scenes": [first, second]})
        self.brief = self.staging.brief(options={"include_audio": False, "captions": "none"})
        sources = [self.staging.source("analysis", film, **facts())]
        put = self.staging.blobs.put
        sources += [Source(name, put(picture(LIGHT[name])), "image/png", {}) for name in inputs]
        self.inputs = Inputs({source.name: source for source in sources}, self.staging.blobs)

    @property
    def film(self) -> FilmFrames:
        return FilmFrames(self.brief.options, self.inputs)

    async def make(self, name: str) -> Made:
        editor = Editor(EMPTY_STUDIO, lambda: None)  # type: ignore[return-value] # for manifests alone
        key = AssetKey.parse(name)
        recipe = Recipe(parameters=editor.plan(self.brief, key, self.inputs).parameters)
        order = Order(self.brief, key, 1, 1, recipe, ())
        return await editor.make(Task(order, self.inputs, None, self.staging.never_cancelled()))


def lights(made: Made) -> list[float]:
    """How light each frame is."""
    assert isinstance(made.data, bytes)
    with av.open(BytesIO(made.data)) as segment:
        return [float(np.mean(f.to_ndarray(format="gray"))) for f in segment.decode(video=0)]


async def test_each_picture_is_seen_while_its_words_are(tmp_path: Path) -> None:
    room = CuttingRoom(tmp_path, "image:1", "image:1.2", "image:1.3")
    made = await room.make("clip:1")
    scene = room.film.scene(1)
    seen = lights(made)
    dissolve = int(DISSOLVE_S * FPS)
    for frames, name in zip(scene.beat_frames, ("image:1", "image:1.2", "image:1.3"), strict=True):
        whole = range(frames.start, frames.stop - (0 if name == "image:1.3" else dissolve))
        shown = [seen[n] for n in whole if n < len(seen)]
        assert shown == pytest.approx([LIGHT[name]] * len(shown), abs=4), name
    for cut in (frames.start for frames in scene.beat_frames[1:]):
        between = seen[cut - dissolve - 1 : cut + 1]
        assert between == sorted(between), "one picture goes over into the next"
    assert made.facts["cuts_s"] == [round(frames.start / FPS, 3) for frames in scene.beat_frames[1:]]
    assert made.facts["frames"] == len(seen)


async def test_a_transition_needs_and_shows_only_the_last_picture_and_the_next_first(tmp_path: Path) -> None:
    room = CuttingRoom(tmp_path, "image:1.3", "image:2")
    assert lights(await room.make("transition:1")) == pytest.approx([180, 220], abs=4)


async def test_a_scene_of_one_picture_tells_of_no_cuts(tmp_path: Path) -> None:
    assert "cuts_s" not in (await CuttingRoom(tmp_path, "image:2").make("clip:2")).facts


def test_every_picture_has_its_own_move_and_neighbours_differ(tmp_path: Path) -> None:
    room = CuttingRoom(tmp_path, *LIGHT)
    film = room.film
    shots = [*film.shots(film.scene(1)), *film.shots(film.scene(2))]
    moves = [shot.motion.move for shot in shots]
    assert all(one != two for one, two in pairwise(moves))
    assert SCENES[1] == film.scene(2).text
