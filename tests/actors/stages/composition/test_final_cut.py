"""Where things lie in the finished film, as it is heard and seen: voices, music that makes way, captions.

The film is cut by the real ``final_cut`` from small segments and the real soundtrack, and looked at as a
stranger would: decoded.
"""

from itertools import product
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from actors.media import speech
from actors.media.encode import encode_segment
from actors.media.formats import Format
from actors.media.segments import Drawn
from actors.media.subtitles import to_srt, vtt_cues
from actors.media.tape import Samples
from actors.media.timeline import SAMPLE_RATE
from actors.stages.composition.film_frames import FilmFrames
from actors.stages.composition.final_cut import _chapter_title, _joined
from actors.stages.editor import Editor
from actors.work.stage import Inputs, Made, Order, Source, Task
from domain.asset import AssetKey, Recipe
from domain.failures import AttemptFailedError
from domain.submission import Options
from tests.actors.media.sounding import mastered, placed
from tests.actors.stages.test_craft_stages import picture
from tests.actors.staging import EMPTY_STUDIO, Staging
from tests.sounds import to_wav

FPS = 24
SMALL = Format(320, 180, FPS, "low", "superfast", 28)
VOICES_HZ, SPOKEN_S = (440.0, 700.0), (0.8, 0.6)
MUSIC_HZ = 2_500.0
LEAD, CROSSFADE = 12, 12
FIRST = LEAD + 20 + 15
"""Frames of the first scene: half a second, 0.8 s of speech, 0.6 s after it."""
SECOND = LEAD + 15 + 36
"""Of the second and last one: the music has a second and a half to end."""
LENGTH = FIRST - CROSSFADE + SECOND
ONSETS_S = (LEAD / FPS, (FIRST - CROSSFADE + LEAD) / FPS)
"""When the two voices are to be heard in the film."""


def tone(hz: float, seconds: float) -> Samples:
    return np.asarray(
        0.2 * np.sin(2 * np.pi * hz * np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE), np.float32
    )


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.stages.composition.film_frames.film_format", lambda *_: SMALL)


class CuttingRoom:
    """Two scenes spoken by two tones, their segments grey."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.staging = Staging(folder)
        self.options = Options.model_validate({"captions": "sidecar"} | options)
        self.brief = self.staging.brief(options=self.options.model_dump())
        self.sources = {source.name: source for source in self.staging.sources()}
        if self.options.has_narration:
            for n, (hz, seconds) in enumerate(zip(VOICES_HZ, SPOKEN_S, strict=True), 1):
                self.add(f"narration:{n}", to_wav(tone(hz, seconds)), "audio/wav")
        if self.options.has_music:
            music = tone(MUSIC_HZ, LENGTH / FPS)
            self.add("music", to_wav(np.stack([music, music], 1)), "audio/wav")
        for n in (1, 2):
            self.add(f"image:{n}", picture(n), "image/png")

    def add(self, name: str, data: bytes | Path, media_type: str, **facts: Any) -> None:
        data = data if isinstance(data, bytes) else data.read_bytes()
        self.sources[name] = Source(name, self.staging.blobs.put(data), media_type, facts)

    def task(self, name: str) -> Task:
        inputs = Inputs(self.sources, self.staging.blobs)
        key = AssetKey.parse(name)
        recipe = Recipe(parameters=self.editor().plan(self.brief, key, inputs).parameters)
        order = Order(self.brief, key, 1, 1, recipe, tuple(self.sources.values()))
        return Task(order, inputs, None, self.staging.never_cancelled())

    def editor(self) -> Editor:
        return Editor(EMPTY_STUDIO, lambda: None)  # type: ignore[return-value] # for manifests alone

    async def make(self, name: str) -> Made:
        return await self.editor().make(self.task(name))

    async def film(self, lengths: tuple[int, int, int] | None = None, *, apart: bool = True) -> Made:
        """The film of segments of these many frames: those of the narrations where none are told.

        Its sound is mixed ``apart``, or by the film itself as films were that were begun long ago.
        """
        lengths = lengths or (FIRST - CROSSFADE, CROSSFADE, SECOND - CROSSFADE)
        for (name, grey), length in zip(
            (("clip:1", 90), ("transition:1", 120), ("clip:2", 150)), lengths, strict=True
        ):
            frame = np.full((SMALL.height * 3 // 2, SMALL.width), 128, np.uint8)
            frame[: SMALL.height] = grey
            segment = encode_segment([frame] * length, SMALL)
            self.add(name, segment, "video/mp4", frames=length, remarks=remarks_of(frame, length))
        captions = await self.make("captions")
        self.add("captions", captions.data, captions.media_type)
        if apart and self.options.has_sound:
            soundtrack = await self.make("soundtrack")
            self.add("soundtrack", soundtrack.data, soundtrack.media_type, **soundtrack.facts)
            for heard in [name for name in self.sources if name.startswith(("narration", "music"))]:
                del self.sources[heard]  # the film is made without them
        return await self.make("video")


def remarks_of(frame: NDArray[np.uint8], length: int) -> list[dict[str, Any]]:
    """What is remarked of a segment of one frame, again and again."""
    drawn = Drawn(SMALL)
    for _ in range(length):
        drawn.see(frame)
    return [remark.to_dict() for remark in drawn.remarks()]


def sound(path: Path) -> NDArray[np.float32]:
    """The film's sound from its first instant, one ear."""
    with av.open(str(path)) as film:
        pieces = [frame.to_ndarray()[0] for frame in film.decode(audio=0)]
    return np.concatenate(pieces)


def level_db(wave: NDArray[np.float32], hz: float) -> NDArray[np.float64]:
    """How loud one tone is in each millisecond, by 10 ms around it."""
    turning = wave * np.exp(-2j * np.pi * hz * np.arange(len(wave)) / SAMPLE_RATE)
    window = np.hanning(SAMPLE_RATE // 100)
    power = np.abs(np.convolve(turning, window / window.sum(), "same"))[:: SAMPLE_RATE // 1000]
    return np.asarray(20 * np.log10(power + 1e-9))


def onset_s(wave: NDArray[np.float32], hz: float) -> float:
    """When a tone begins: 6 dB under its full level."""
    levels = level_db(wave, hz)
    return float(np.argmax(levels > np.percentile(levels, 99) - 6)) / 1000


# ---- without the film around it -----------------------------------------------------------------------


@pytest.mark.slow
async def test_voices_and_captions_are_placed_where_the_scenes_are(tmp_path: Path) -> None:
    room = CuttingRoom(tmp_path, music=False)
    task = room.task("soundtrack")
    soundtrack = (await room.make("soundtrack")).data
    assert isinstance(soundtrack, Path)
    film = FilmFrames(task.brief.options, task.inputs)
    timeline = film.timeline()
    assert timeline.length == LENGTH
    mixed = sound(soundtrack)
    for hz, onset in zip(VOICES_HZ, ONSETS_S, strict=True):
        assert onset_s(mixed, hz) == pytest.approx(onset, abs=0.02)
    starts = [cue.start_ms / 1000 for cue in film.cues()]
    assert starts == pytest.approx(ONSETS_S, abs=0.1)


def test_a_mix_turns_the_music_down_under_speech(tmp_path: Path) -> None:
    spoken = speech.load(to_wav(tone(440, 1.0)), "audio/wav")
    music = tone(MUSIC_HZ, 4.0)
    mixed = mastered(tmp_path, 4 * SAMPLE_RATE, [placed(spoken, 1)], np.stack([music, music], 1))
    levels = level_db(mixed[:, 0], MUSIC_HZ)
    assert levels[3600:3950].mean() - levels[1100:1900].mean() == pytest.approx(10, abs=1)
    unspoken = mastered(tmp_path, 4 * SAMPLE_RATE, [], np.stack([music, music], 1))
    even = level_db(unspoken[:, 0], MUSIC_HZ)
    assert even[3600:3950].mean() == pytest.approx(even[1100:1900].mean(), abs=0.5)


# ---- in the film, as it is heard and seen ------------------------------------------------------------


async def made(room: CuttingRoom) -> Path:
    film = await room.film()
    assert isinstance(film.data, Path)
    return film.data


@pytest.mark.slow
@pytest.mark.parametrize("music", [False, True])
async def test_each_voice_is_heard_half_a_second_after_its_scene_begins(tmp_path: Path, music: bool) -> None:
    wave = sound(await made(CuttingRoom(tmp_path, music=music)))
    for hz, onset in zip(VOICES_HZ, ONSETS_S, strict=True):
        assert onset_s(wave, hz) == pytest.approx(onset, abs=0.02)
        heard = level_db(wave, hz)[round(onset * 1000) + 100 : round(onset * 1000) + 400]
        assert heard.min() > heard.max() - 3, "and goes on"


@pytest.mark.slow
async def test_music_makes_way_for_the_voices_and_comes_back(tmp_path: Path) -> None:
    levels = level_db(sound(await made(CuttingRoom(tmp_path))), MUSIC_HZ)
    alone = levels[-300:-50].mean()
    for onset, spoken_s in zip(ONSETS_S, SPOKEN_S, strict=True):
        under = levels[round(onset * 1000) + 50 : round((onset + spoken_s) * 1000) - 50]
        assert alone - under.mean() == pytest.approx(10, abs=1)
    assert levels[:1000].max() < alone + 3


@pytest.mark.slow
async def test_captions_appear_when_their_words_are_heard(tmp_path: Path) -> None:
    room = CuttingRoom(tmp_path)
    film = await made(room)
    wave = sound(film)
    onsets = [onset_s(wave, hz) for hz in VOICES_HZ]
    vtt = room.staging.blobs.get(room.sources["captions"].digest)
    cues = list(vtt_cues(vtt.decode()))
    with av.open(str(film)) as opened:
        track = opened.streams.subtitles[0]
        soft = [float(p.pts * track.time_base) for p in opened.demux(track) if p.size > 2]
    srt = [line for line in to_srt(cues).splitlines() if "-->" in line]
    assert len(cues) == len(soft) == len(srt) == 2
    for onset, cue, packet_s, stamp in zip(onsets, cues, soft, srt, strict=True):
        assert cue.start_ms / 1000 == pytest.approx(onset, abs=0.1)
        assert packet_s == pytest.approx(onset, abs=0.1)
        hours, minutes, seconds = stamp.split(" --> ")[0].replace(",", ".").split(":")
        assert int(hours) * 3600 + int(minutes) * 60 + float(seconds) == pytest.approx(onset, abs=0.1)
    for cue, onset, spoken_s in zip(cues, onsets, SPOKEN_S, strict=True):
        assert cue.end_ms / 1000 >= onset + spoken_s - 0.05, "and stay until the last"


@pytest.mark.slow
async def test_burned_captions_appear_when_their_words_are_heard(tmp_path: Path) -> None:
    frames = {}
    for captions in ("burned", "none"):
        clip = await CuttingRoom(tmp_path / captions, captions=captions).make("clip:1")
        assert isinstance(clip.data, bytes)
        path = tmp_path / f"{captions}.mp4"
        path.write_bytes(clip.data)
        with av.open(str(path)) as opened:
            frames[captions] = [f.to_ndarray(format="gray").astype(int) for f in opened.decode(video=0)]
    seen = [np.abs(a - b).max() > 80 for a, b in zip(frames["burned"], frames["none"], strict=True)]
    assert seen.index(True) / FPS == pytest.approx(ONSETS_S[0], abs=0.1)
    assert all(seen[LEAD + 3 : LEAD + 18])


# ---- whatever was asked for --------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sound_asked", "narration", "music", "captions"),
    [
        (*sound, captions)
        for sound, captions in product(product([True, False], repeat=3), ["burned", "sidecar"])
    ]
    + [(True, False, False, "none"), (True, True, True, "none")],
)
async def test_every_combination_of_sound_and_captions_makes_a_film(
    tmp_path: Path, sound_asked: bool, narration: bool, music: bool, captions: str
) -> None:
    sounds = {"include_audio": sound_asked, "narration": narration, "music": music}
    room = CuttingRoom(tmp_path, captions=captions, **sounds)
    inputs = Inputs(room.sources, room.staging.blobs)
    film = FilmFrames(room.options, inputs)
    shapes = film.shapes()
    lengths = (len(shapes[0].clip), shapes[0].shared, len(shapes[1].clip))
    if room.options.has_music:
        wave = tone(MUSIC_HZ, sum(lengths) / FPS)
        room.add("music", to_wav(np.stack([wave, wave], 1)), "audio/wav")
    made = await room.film(lengths)
    heard = sound_asked and (narration or music)
    assert made.facts["audio"] == heard
    assert made.facts["checked"]["frames"] == sum(lengths)
    assert {remark["code"] for remark in made.facts["remarks"]} == {"flat_picture", "frozen_picture"}
    with av.open(str(made.data)) as opened:
        assert len(opened.streams.audio) == heard
        assert len(opened.streams.subtitles) == (captions == "sidecar")
        if heard:
            assert (opened.streams.audio[0].language == "eng") == narration


@pytest.mark.slow
async def test_a_film_that_is_not_as_long_as_its_scenes_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    room = CuttingRoom(tmp_path)
    await room.film()
    short = encode_segment([np.full((270, 320), 100, np.uint8)] * 20, SMALL)
    room.add("clip:1", short, "video/mp4", frames=FIRST - CROSSFADE)
    task = room.task("video")
    with pytest.raises(AttemptFailedError, match="quality_check_failed") as caught:
        await room.editor().make(task)
    codes = [finding["code"] for finding in caught.value.failure.details["findings"]]
    assert codes == ["wrong_length", "sound_length"]
    task.clear()
    left = [path.suffix for path in (tmp_path / "blobs" / "unfinished").iterdir()]
    assert left.count(".mp4") == 1, "that of the good film before"


# ---- what was made before ----------------------------------------------------------------------------


@pytest.mark.slow
async def test_a_film_begun_before_soundtracks_were_made_apart_is_heard_the_same(tmp_path: Path) -> None:
    then = await CuttingRoom(tmp_path / "then").film(apart=False)
    now = await CuttingRoom(tmp_path / "now").film()
    assert isinstance(then.data, Path)
    assert isinstance(now.data, Path)
    assert then.data.read_bytes() == now.data.read_bytes()
    assert then.facts == now.facts


@pytest.mark.slow
async def test_a_soundtrack_tells_what_is_heard_of_it(tmp_path: Path) -> None:
    room = CuttingRoom(tmp_path)
    made = await room.make("soundtrack")
    assert made.media_type == "audio/mp4"
    assert made.facts["duration_s"] == pytest.approx(LENGTH / FPS, abs=0.001)
    assert made.facts["checked"]["lufs"] == pytest.approx(-14, abs=1)
    assert made.facts["checked"]["true_peak_dbtp"] <= -1
    task = room.task("soundtrack")
    await room.editor().make(task)
    task.clear()
    left = [path.suffix for path in (tmp_path / "blobs" / "unfinished").iterdir()]
    assert left.count(".m4a") == 1, "that of the first"


@pytest.mark.slow
async def test_a_silent_soundtrack_is_refused_where_it_is_made(tmp_path: Path) -> None:
    room = CuttingRoom(tmp_path, narration=False)
    room.add("music", to_wav(np.zeros((SAMPLE_RATE, 2), np.float32)), "audio/wav")
    with pytest.raises(AttemptFailedError, match="quality_check_failed") as caught:
        await room.make("soundtrack")
    assert [finding["code"] for finding in caught.value.failure.details["findings"]] == ["sound_silent"]


def test_remarks_that_follow_each_other_are_told_as_one() -> None:
    def remark(kind: str, at_s: float, value: float) -> dict[str, Any]:
        return {"code": f"{kind}_picture", "message": "", "at_s": at_s, "value": value}

    told = _joined([remark("frozen", 0.0, 3.0), remark("flat", 1.0, 1.0), remark("frozen", 3.5, 2.0)])
    assert [(one["code"], one["at_s"], one["value"]) for one in told] == [
        ("frozen_picture", 0.0, 5.5),
        ("flat_picture", 1.0, 1.0),
    ]
    assert told[0]["message"] == "The picture is frozen for 5.5 s"
    assert len(_joined([remark("flat", 0.0, 1.0), remark("flat", 9.0, 1.0)])) == 2


@pytest.mark.parametrize(
    ("narration", "title"),
    [
        ("The lamp went out.", "The lamp went out."),
        ("The keeper lit the lamp at dusk.", "The keeper lit the lamp at …"),
        (
            "Rindfleischetikettierungsüberwachung und Grundstücksverkehr",
            "Rindfleischetikettierungsüberwachung und …",
        ),
        ("", ""),
        (
            "老人每天晚上登上灯塔点亮那盏灯，三十年来从未错过一个夜晚。",
            "老人每天晚上登上灯塔点亮那盏灯，三十年来 …",
        ),
        (
            "港の市場では、みかんやパンや新鮮な魚が色とりどりの屋根の下に並ぶ。",
            "港の市場では、みかんやパンや新鮮な魚が …",
        ),
        ("ประภาคารเก่าตั้งอยู่เหนือทะเลสีเทา ผู้ดูแลจุดตะเกียงทุกคืน", "ประภาคารเก่าตั้งอยู่เหนือทะเลสีเทา ผู้ …"),
        ("https://www.example.com/a/very/long/path/to/a/page.html", "https://www.example.com/a/very/long/ …"),
    ],
)
def test_a_chapter_is_called_by_the_first_words_that_a_menu_shows(narration: str, title: str) -> None:
    assert _chapter_title(narration) == title
