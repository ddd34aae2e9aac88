"""One film's wall time, made by the real stages: all of its rendering, and what is left at its very end.

``rendering`` is a film's clips, transitions, soundtrack, join and check, as many at a time as the crew has
places, beside the encoder alone on the same number of frames that are ready in memory: one clip after the
other, as one encoder can. The contract is at most 1.25 times that. ``the end of music and sound`` (composed,
mixed, mastered, encoded, listened to) and ``the join`` (with its check) are beside the film's own length: the
contract is 4 s and 3 s for a minute. Music and sound are made of a short film and of one three times as long,
which tells what of them is there however short a film is; what a worker loads at its start is loaded before.

``memory`` is the highest resident set of a process that makes music, soundtrack and film of 20 minutes and
100 scenes; its segments are ready. The contract is under 1 GB. The note tells the same of eight scenes.
"""

import asyncio
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from io import BytesIO
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from actors.media.encode import encode_segment
from actors.media.formats import film_format
from actors.media.render import render_still
from actors.media.timeline import SAMPLE_RATE
from actors.stages.composer import Composer
from actors.stages.composition.film_frames import FilmFrames
from actors.stages.editor import Editor
from actors.work.crew import seat_of
from actors.work.stage import Inputs, Made, Order, Source, StageActor, Task
from domain.asset import AssetKey, Recipe
from domain.script import AudioPlan, Kind, ScriptAnalysis, Stage
from tests.actors.staging import EMPTY_STUDIO, Staging
from tests.bench.report import Bench, Row, spread
from tests.sounds import to_wav

Frame = NDArray[np.uint8]
SPOKEN_S = 6.4
RENDERING_AT_MOST = 1 / 0.8
SOUND_AT_MOST, JOIN_AT_MOST = 4 / 60, 3 / 60
"""Of the film's own length."""
MEMORY_MB = 1000.0
"""Of each scene: with room to breathe and its share of the joints a scene lasts 7 s."""
WORDS = "The boat goes out at dawn, and nobody on the quay can say for certain whether it will come home."
SECTIONS = (
    ("intro", 4, ["Am", "F"], 0.2),
    ("build", 8, ["Am", "F", "C", "G"], 0.5),
    ("climax", 8, ["F", "G", "Em7", "Am"], 0.9),
    ("ending", 4, ["Dm7", "Am"], 0.3),
)


class Studio:
    """A film of so many scenes, with real stages and stored bytes, and no job around it."""

    def __init__(self, folder: Path, scenes: int, spoken_s: float = SPOKEN_S) -> None:
        self.staging = Staging(folder)
        self.scenes = scenes
        self.brief = self.staging.brief()
        self.format = film_format()
        moods = ("calm", "tense", "bright")
        found = [{"scene": n, "text": WORDS, "mood": moods[n % 3]} for n in range(1, scenes + 1)]
        analysis = ScriptAnalysis.model_validate(
            {
                "title": "The boat",
                "language": "en",
                "themes": ["sea"],
                "mood": "calm",
                "setting": "a quay",
                "palette": ["#102030"],
                "characters": [],
                "scenes": [
                    {"narration": WORDS, "visual": "A boat", "mood": scene["mood"], "characters": []}
                    for scene in found
                ],
            }
        )
        plan = AudioPlan.model_validate(
            {
                "voice": "Kore",
                "deliveries": [
                    {"scene": n, "style": "quietly", "pause_after_s": 0.6} for n in range(1, scenes + 1)
                ],
                "music": {
                    "mood": "calm",
                    "tempo_bpm": 84,
                    "key": "A minor",
                    "instruments": ["piano", "strings", "pad", "bass"],
                    "sections": [
                        {"name": name, "bars": bars, "chords": chords, "intensity": intensity}
                        for name, bars, chords, intensity in SECTIONS
                    ],
                },
            }
        )
        facts = {"title": "The boat", "language": "en", "mood": "calm", "scenes": found}
        self.sources = {
            "analysis": self.staging.source("analysis", analysis, **facts),
            "audio_plan": self.staging.source("audio_plan", plan),
        }
        spoken = to_wav(_phrases(spoken_s))
        for n in range(1, scenes + 1):
            self.add(f"narration:{n}", spoken, "audio/wav")
        self.composer: StageActor = Composer(None)  # type: ignore[arg-type]
        self.editor: StageActor = Editor(EMPTY_STUDIO, lambda: None)  # type: ignore[return-value]

    def add(self, name: str, data: bytes | Path, media_type: str, **facts: Any) -> None:
        put = self.staging.blobs.put
        digest = put(data) if isinstance(data, bytes) else self.staging.blobs.put_file(data)[0]
        self.sources[name] = Source(name, digest, media_type, facts)

    def inputs(self) -> Inputs:
        return Inputs(dict(self.sources), self.staging.blobs)

    def frames(self) -> FilmFrames:
        return FilmFrames(self.brief.options, self.inputs())

    async def make(self, name: str) -> None:
        key = AssetKey.parse(name)
        stage = self.composer if key.kind is Kind.MUSIC else self.editor
        recipe = Recipe(parameters=stage.plan(self.brief, key, self.inputs()).parameters)
        order = Order(self.brief, key, 1, 1, recipe, tuple(self.sources.values()))
        task = Task(order, self.inputs(), None, self.staging.never_cancelled())
        made: Made = await stage.make(task)
        self.add(name, made.data, made.media_type, **made.facts)
        task.clear()

    async def all_of(self, names: Sequence[str]) -> None:
        """As many at a time as the crew has places."""
        places = asyncio.Semaphore(seat_of(Stage.COMPOSITION).attempts)

        async def one(name: str) -> None:
            async with places:
                await self.make(name)

        await asyncio.gather(*map(one, names))

    @property
    def segments(self) -> list[str]:
        clips = [f"clip:{n}" for n in range(1, self.scenes + 1)]
        return [*clips, *(f"transition:{n}" for n in range(1, self.scenes))]


def _phrases(seconds: float) -> NDArray[np.float32]:
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    phase = 2 * np.pi * np.cumsum(120 + 12 * np.sin(2 * np.pi * 0.9 * t)) / SAMPLE_RATE
    voice = sum(np.sin(n * phase) / n for n in range(1, 12))
    return (0.12 * voice * np.clip(np.sin(2 * np.pi * 2.1 * t) + 0.6, 0, 1)).astype(np.float32)


def _picture(seed: int) -> bytes:
    """Detail at every size, as in a picture of a model."""
    rng = np.random.default_rng(seed)
    total = np.full((768, 1376, 3), 128.0)
    for size, strength in ((6, 60), (40, 40), (200, 20)):
        noise = Image.fromarray(rng.integers(0, 255, (size * 9 // 16 + 1, size, 3), dtype=np.uint8))
        total += (np.asarray(noise.resize((1376, 768), Image.Resampling.BICUBIC)) - 127.5) / 127.5 * strength
    target = BytesIO()
    Image.fromarray(np.clip(total, 0, 255).astype(np.uint8)).save(target, "PNG")
    return target.getvalue()


def _ready(film: FilmFrames) -> Iterator[Frame]:
    scene = film.scene(1)
    shot = film.shot(scene, 1)
    return (render_still(shot, film.format, number) for number in scene.shape.clip)


def rendering(scenes: int) -> dict[str, float]:
    """Seconds for each part, in this process."""
    with TemporaryDirectory() as folder:
        studio = Studio(Path(folder), scenes)
        for n in range(1, scenes + 1):
            studio.add(f"image:{n}", _picture(n), "image/png")
        took = {}
        asyncio.run(studio.make("captions"))
        asyncio.run(studio.make("music"))
        begun, spent = time.perf_counter(), time.process_time()
        asyncio.run(studio.all_of(["soundtrack", *studio.segments]))
        asyncio.run(studio.make("video"))
        took["rendering"], took["work"] = time.perf_counter() - begun, time.process_time() - spent
        begun = time.perf_counter()
        asyncio.run(studio.make("video"))
        took["video"] = time.perf_counter() - begun
        frames, _ = studio.frames().segments()
        total = frames[-1].start + frames[-1].length
        took["film"] = total / studio.format.fps
        ready = list(islice(_ready(studio.frames()), 120))
        begun, spent = time.perf_counter(), time.process_time()
        encode_segment(ready, studio.format)
        share = total / len(ready)
        took["encoder"] = (time.perf_counter() - begun) * share
        took["encoder's work"] = (time.process_time() - spent) * share
        return took


def sounding(scenes: int) -> dict[str, float]:
    """Seconds, and seconds of a processor, for music and soundtrack of a film; and how long it is."""
    for name in (*Composer.LIBRARIES, *Editor.LIBRARIES):
        import_module(name)
    with TemporaryDirectory() as folder:
        studio = Studio(Path(folder), scenes)
        begun, spent = time.perf_counter(), time.process_time()
        for name in ("music", "soundtrack"):
            asyncio.run(studio.make(name))
        took, work = time.perf_counter() - begun, time.process_time() - spent
        return {"took": took, "work": work, "film": float(studio.frames().timeline().duration_s)}


def memory(scenes: int, spoken_s: float) -> float:
    """The highest resident set in MB of music, soundtrack and film, in this process."""
    with TemporaryDirectory() as folder:
        studio = Studio(Path(folder), scenes, spoken_s)
        film = studio.frames()
        still = np.full((film.format.height * 3 // 2, film.format.width), 128, np.uint8)
        made: dict[int, bytes] = {}
        for segment in film.timeline().segments():
            if segment.length not in made:
                made[segment.length] = encode_segment([still] * segment.length, film.format)
            name = f"{segment.kind}:{segment.scene}"
            studio.add(name, made[segment.length], "video/mp4", frames=segment.length)
        for name in ("captions", "music", "soundtrack", "video"):
            asyncio.run(studio.make(name))
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _alone(function: Any, *arguments: Any) -> Any:
    """In a process of its own, so that its peak and its caches are its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(function, *arguments).result()


def _sounds(scenes: int, rounds: int) -> dict[str, float]:
    """The medians of :func:`sounding`, each in a process of its own."""
    found = [_alone(sounding, scenes) for _ in range(rounds)]
    return {name: median(one[name] for one in found) for name in found[0]}


def _growing(short: dict[str, float], long: dict[str, float]) -> str:
    """By processor time, which no other load is in: what grows with a film, and what does not."""
    growing = (long["work"] - short["work"]) / (long["film"] - short["film"])
    return f"{60 * growing:.2f} s a minute and {short['work'] - growing * short['film']:.2f} s once"


def measure(quick: bool) -> Sequence[Row]:
    scenes, rounds = (3, 1) if quick else (8, 3)
    sys.stderr.write(f"{rounds} films of {scenes} scenes\n")
    took: list[dict[str, float]] = [_alone(rendering, scenes) for _ in range(rounds)]

    def row(what: str, name: str, other: str, at_most: float | None = None, note: str = "") -> Row:
        mine, theirs = ([each[side] for each in took] for side in (name, other))
        notes = [spread(mine)] if rounds > 1 else []
        return Row(what, median(mine), median(theirs), "s", "; ".join([*notes, note]), at_most=at_most)

    sounds = [_sounds(count, rounds) for count in (scenes, 3 * scenes)]
    long = 20 if quick else 100
    return [
        row("rendering, beside the encoder alone", "rendering", "encoder", RENDERING_AT_MOST),
        row("the same in processor time", "work", "encoder's work", note="no other load is in it"),
        Row(
            "the end of music and sound, beside the film",
            sounds[0]["took"],
            sounds[0]["film"],
            "s",
            f"{sounds[0]['work']:.2f} s of a processor",
            at_most=SOUND_AT_MOST,
        ),
        Row(
            "the same of a film three times as long",
            sounds[1]["took"],
            sounds[1]["film"],
            "s",
            f"{sounds[1]['work']:.2f} s of a processor; {_growing(*sounds)}",
            at_most=SOUND_AT_MOST,
        ),
        row("the join and its check, beside the film", "video", "film", JOIN_AT_MOST),
        Row(
            f"memory of the renderer, {long} scenes",
            _alone(memory, long, 11.4),
            MEMORY_MB,
            "MB",
            f"{_alone(memory, 8, SPOKEN_S):.0f} MB with 8 scenes",
            at_most=1,
        ),
    ]


BENCH = Bench(
    "finish",
    "one film at 1280x720, 30 fps: its rendering, what is left at its end, and the memory of a long one",
    ("Reelog", "other"),
    measure,
)
