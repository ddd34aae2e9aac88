"""The finished film: joined without a seam, as long as its sound, and found good or bad by its own check."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from actors.media import film, mix, speech
from actors.media.captions import caption_scene, draw_cues
from actors.media.check import Expected, check
from actors.media.cues import Cue
from actors.media.encode import encode_segment
from actors.media.errors import EncodeError, PictureError
from actors.media.expect import Told, expected
from actors.media.formats import Format, film_format
from actors.media.interest import find_focus
from actors.media.motion import Motion, Move, choose_motion
from actors.media.poster import poster
from actors.media.render import Shot, render_clip, render_still, render_transition
from actors.media.timeline import SAMPLE_RATE, Joint, Timeline, scene_shape, silent_shapes, timeline
from actors.stages.checks.answers import check_picture
from tests.actors.media.sounding import encoded, mastered, placed

pytestmark = pytest.mark.slow

MakePicture = Callable[..., bytes]
MakeSpeech = Callable[..., bytes]


class Made:
    """A whole small film of three scenes, with everything that went into it."""

    def __init__(self, make_picture: MakePicture, make_speech: MakeSpeech, fmt: Format, path: Path) -> None:
        texts = ["One two three.", "Four five, six seven.", "Eight nine ten."]
        spoken = [speech.load(make_speech(*phrases)) for phrases in ((0.9,), (0.6, 0.5), (0.8,))]
        shapes = [
            scene_shape(s.duration_s, 0.6, fmt.fps, first=n == 0, last=n == 2) for n, s in enumerate(spoken)
        ]
        self.timeline: Timeline = timeline(shapes)
        self.shots = [
            Shot(make_picture(n), shape, choose_motion(n, "calm", shape.length / fmt.fps))
            for n, shape in enumerate(shapes)
        ]
        cues = [
            caption_scene(text, shape, fmt, speech=s)
            for text, shape, s in zip(texts, shapes, spoken, strict=True)
        ]
        self.cues = [cue.later(self.timeline.start_s(n)) for n, own in enumerate(cues, 1) for cue in own]
        self.segments = [
            render_clip(self.shots[s.scene - 1], fmt, draw_cues(cues[s.scene - 1], fmt))
            if s.kind == "clip"
            else render_transition(self.shots[s.scene - 1], self.shots[s.scene], fmt)
            for s in self.timeline.segments()
        ]
        voices = [placed(s, self.timeline.speech_s(n)) for n, s in enumerate(spoken, 1)]
        self.sound = mastered(path, self.timeline.samples, voices)
        self.soundtrack = encoded(path / "soundtrack.m4a", self.sound)
        self.path = path / "film.mp4"
        self.info = film.join(
            self.segments,
            fmt,
            self.path,
            sound=self.soundtrack,
            chapters=[film.Chapter(self.timeline.start_s(n), f"Scene {n}") for n in (1, 2, 3)],
            metadata={"title": "Größe & Licht", "comment": "Pictures by model X."},
            cues=self.cues,
            language="pt-BR",
            spoken=True,
        )
        narrated = [(float(v.at_s), float(v.at_s) + len(v.voice) / SAMPLE_RATE) for v in voices]
        self.expected = Expected(fmt, float(self.timeline.duration_s), True, narrated, self.cues)


@pytest.fixture(scope="module")
def made(
    make_picture: MakePicture,
    make_speech: MakeSpeech,
    small: Format,
    tmp_path_factory: pytest.TempPathFactory,
) -> Made:
    """Made once, looked at by many; a test that writes does so beside it."""
    return Made(make_picture, make_speech, small, tmp_path_factory.mktemp("film"))


def test_a_joined_film_holds_every_frame_of_its_segments(made: Made) -> None:
    assert made.info.frames == made.timeline.length
    separate = [frame for segment in made.segments for frame in _frames(BytesIO(segment))]
    joined = _frames(str(made.path))
    assert len(joined) == made.timeline.length
    assert all(np.array_equal(a, b) for a, b in zip(separate, joined, strict=True))


def _frames(source: str | BytesIO) -> list[NDArray[np.uint8]]:
    with av.open(source, "r") as container:
        return [frame.to_ndarray() for frame in container.decode(video=0)]


@pytest.mark.parametrize("fps", [24, 25, 30, 60])
def test_scenes_joined_by_cuts_and_fades_make_one_even_film(
    make_picture: MakePicture, tmp_path: Path, fps: int
) -> None:
    fmt = Format(160, 88, fps)
    joints = [Joint.CUT, Joint.FADE, Joint.CUT, Joint.CROSSFADE, Joint.CUT]
    line = timeline(silent_shapes([0.5] * 6, fps, 9.0, joints))
    shots = [
        Shot(make_picture(n), shape, choose_motion(n, "calm", shape.length / fps))
        for n, shape in enumerate(line.shapes)
    ]
    segments = [
        render_clip(shots[s.scene - 1], fmt)
        if s.kind == "clip"
        else render_transition(shots[s.scene - 1], shots[s.scene], fmt)
        for s in line.segments()
    ]
    info = film.join(segments, fmt, tmp_path / "film.mp4")
    assert info.frames == 9 * fps
    separate = [frame for segment in segments for frame in _frames(BytesIO(segment))]
    joined = _frames(str(tmp_path / "film.mp4"))
    assert len(joined) == 9 * fps
    assert all(np.array_equal(a, b) for a, b in zip(separate, joined, strict=True))
    assert check(tmp_path / "film.mp4", Expected(fmt, 9.0, sound=False)).ok


@pytest.mark.slow
@pytest.mark.parametrize(
    ("aspect_ratio", "resolution", "fps"),
    [("16:9", "2160p", 24), ("9:16", "1080p", 60), ("1:1", "1080p", 25)],
)
def test_large_films_are_made_in_every_shape(
    make_picture: MakePicture, tmp_path: Path, aspect_ratio: str, resolution: str, fps: int
) -> None:
    fmt = film_format(aspect_ratio, resolution, "low", fps)
    line = timeline(silent_shapes([1.0, 1.0], fps, 1.4, [Joint.FADE]))
    shots = [Shot(make_picture(n), shape, Motion(Move.ZOOM_IN, 0.1)) for n, shape in enumerate(line.shapes)]
    cues = draw_cues([Cue(0, 500, ("Large letters",))], fmt)
    segments = [
        render_clip(shots[0], fmt, cues),
        render_transition(shots[0], shots[1], fmt),
        render_clip(shots[1], fmt),
    ]
    film.join(segments, fmt, tmp_path / "film.mp4")
    report = check(tmp_path / "film.mp4", Expected(fmt, 1.4, sound=False))
    assert report.ok, report.findings
    assert report.measured["frames"] == round(1.4 * fps)
    assert min(fmt.width, fmt.height) == int(resolution[:-1])


def test_a_good_film_passes_its_check(made: Made) -> None:
    report = check(made.path, made.expected)
    assert report.ok, report.findings
    assert report.measured["faststart"]
    assert report.measured["frames"] == made.timeline.length
    assert report.measured["lufs"] == pytest.approx(-14, abs=0.5)


def test_picture_and_sound_end_together(made: Made) -> None:
    with av.open(str(made.path), "r") as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert video.duration is not None
        assert audio.duration is not None
        assert video.duration * video.time_base == made.timeline.duration_s
        assert audio.duration * audio.time_base == made.timeline.duration_s
        assert video.start_time == audio.start_time == 0


def test_the_sound_stands_where_it_was_put(made: Made) -> None:
    with av.open(str(made.path), "r") as container:
        decoded = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)[0]
    wanted = made.sound[:, 0]
    around = range(-64, 65)
    piece = wanted[24_000:72_000]
    match = [float(decoded[24_000 + d : 72_000 + d] @ piece) for d in around]
    assert abs(around[int(np.argmax(match))]) <= 1


def test_the_file_says_what_it_is(made: Made) -> None:
    with av.open(str(made.path), "r") as container:
        assert container.metadata["title"] == "Größe & Licht"
        assert container.metadata["comment"] == "Pictures by model X."
        chapters = container.chapters()
        assert [chapter["metadata"]["title"] for chapter in chapters] == ["Scene 1", "Scene 2", "Scene 3"]
        starts = [chapter["start"] * chapter["time_base"] for chapter in chapters]
    for start, n in zip(starts, (1, 2, 3), strict=True):
        assert abs(start - made.timeline.start_s(n)) <= Fraction(1, 1000)


def test_the_soft_captions_say_the_same_at_the_same_time(made: Made) -> None:
    with av.open(str(made.path), "r") as container:
        track = container.streams.subtitles[0]
        packets = [packet for packet in container.demux(track) if packet.size > 2]
        told = [
            (round(packet.pts * track.time_base * 1000), bytes(packet)[2:].decode()) for packet in packets
        ]
    assert told == [(cue.start_ms, "\n".join(cue.lines)) for cue in made.cues]


def test_captions_and_speech_say_in_which_language_they_are(made: Made, small: Format) -> None:
    with av.open(str(made.path), "r") as container:
        assert container.streams.audio[0].language == "por"
        assert container.streams.subtitles[0].language == "por"
    for tag, told in (("zh-Hans", "zho"), ("en", "eng"), ("fil", "fil"), ("x-ours", "und")):
        target = made.path.with_name("told.mp4")
        film.join(made.segments, small, target, sound=made.soundtrack, cues=made.cues, language=tag)
        with av.open(str(target), "r") as container:
            [captions], [music] = container.streams.subtitles, container.streams.audio
            assert (captions.language or "und") == told
            assert (music.language or "und") == "und", "nobody speaks in it"


def test_a_film_without_sound_has_no_sound_track(made: Made, small: Format) -> None:
    target = made.path.with_name("silent.mp4")
    film.join(made.segments, small, target)
    with av.open(str(target), "r") as container:
        assert not container.streams.audio
        assert not container.streams.subtitles
    assert check(target, replace(made.expected, sound=False)).ok
    assert [f.code for f in check(target, made.expected).findings] == ["sound_missing"]


def test_the_same_segments_give_the_same_file(made: Made, small: Format) -> None:
    first, second = made.path.with_name("a.mp4"), made.path.with_name("b.mp4")
    for target in (first, second):
        film.join(made.segments, small, target, sound=made.soundtrack, cues=made.cues)
    assert first.read_bytes() == second.read_bytes()


def test_segments_on_disk_join_like_those_in_memory(made: Made, small: Format) -> None:
    paths = []
    for number, segment in enumerate(made.segments):
        paths.append(made.path.with_name(f"{number}.mp4"))
        paths[-1].write_bytes(segment)
    first, second = made.path.with_name("a.mp4"), made.path.with_name("b.mp4")
    film.join(made.segments, small, first)
    film.join(paths, small, second)
    assert first.read_bytes() == second.read_bytes()


def test_segments_of_different_formats_are_refused(made: Made, small: Format, tmp_path: Path) -> None:
    tall = replace(small, width=180, height=320)
    other = encode_segment([np.full((480, 180), 128, np.uint8)] * 5, tall)
    with pytest.raises(EncodeError, match="segments_differ"):
        film.join([*made.segments, other], small, tmp_path / "x.mp4")
    with pytest.raises(EncodeError, match="segment_unreadable"):
        film.join([b"nothing"], small, tmp_path / "x.mp4")
    with pytest.raises(EncodeError, match="no_segments"):
        film.join([], small, tmp_path / "x.mp4")


def _bad_film(
    made: Made, small: Format, frames: list[NDArray[np.uint8]], sound: NDArray[np.float32]
) -> set[str]:
    target = made.path.with_name("bad.mp4")
    track = encoded(target.with_suffix(".m4a"), sound[: len(frames) * SAMPLE_RATE // small.fps])
    film.join([encode_segment(frames, small)], small, target, sound=track)
    seconds = len(frames) / small.fps
    report = check(target, Expected(small, seconds, True, [(0.0, seconds)]))
    return {f.code for f in (*report.findings, *report.remarks)}


def test_what_a_film_shows_and_says_is_remarked_and_no_fault(made: Made, small: Format) -> None:
    grey = [np.full((270, 320), 128, np.uint8)] * 96
    sound = np.resize(made.sound, (SAMPLE_RATE * 4, 2)).copy()
    sound[SAMPLE_RATE : round(SAMPLE_RATE * 3.4)] = 0
    target = made.path.with_name("grey.mp4")
    track = encoded(target.with_suffix(".m4a"), sound * np.float32(0.5))
    film.join([encode_segment(grey, small)], small, target, sound=track)
    report = check(target, Expected(small, 4.0, True, [(0.0, 4.0)]))
    assert report.ok
    assert {f.code for f in report.remarks} == {"flat_picture", "frozen_picture", "silence", "wrong_loudness"}
    pause = next(f for f in report.remarks if f.code == "silence")
    assert pause.at_s == pytest.approx(1.0, abs=0.1)
    assert pause.value == pytest.approx(2.4, abs=0.1)
    loud_sound = mix.limit(np.resize(made.sound, sound.shape) * np.float32(3), -2)
    track = encoded(target.with_suffix(".m4a"), loud_sound)
    loud = film.join([encode_segment(grey, small)], small, target, sound=track)
    assert [f.code for f in check(target, Expected(small, float(loud.duration_s), True)).findings] == [
        "wrong_loudness"
    ]


def test_black_flat_and_frozen_stretches_are_found(made: Made, small: Format) -> None:
    shot = made.shots[1]
    moving = [render_still(shot, small, n) for n in range(24)]
    black = np.full((270, 320), 128, np.uint8)
    black[:180] = 16
    grey = np.full((270, 320), 128, np.uint8)
    sound = np.resize(made.sound, (SAMPLE_RATE * 8, 2))
    assert "black_picture" in _bad_film(made, small, [*moving, *[black] * 24], sound)
    assert "flat_picture" in _bad_film(made, small, [*moving, *[grey] * 24], sound)
    assert "frozen_picture" in _bad_film(made, small, [*moving, *[moving[-1]] * 144], sound)
    long = [render_still(shot, small, n) for n in range(shot.shape.length)]
    assert _bad_film(made, small, long, sound) <= {"wrong_loudness"}


def _png(array: NDArray[np.uint8]) -> bytes:
    target = BytesIO()
    Image.fromarray(array).save(target, "PNG")
    return target.getvalue()


def _still_pictures() -> dict[str, NDArray[np.uint8]]:
    """Pictures that somebody may have wanted: hardly anything is in them, or hardly any light."""
    rng = np.random.default_rng(0)
    across, down = 384, 216
    night = np.full((down, across, 3), 3, np.uint8)
    night[rng.integers(down, size=60), rng.integers(across, size=60)] = 90
    ramp = np.linspace(0, 12, down).astype(np.uint8)[:, None, None]
    dark = np.broadcast_to(ramp, (down, across, 3)).copy()
    dot = np.full((down, across, 3), 245, np.uint8)
    dot[100:104, 200:204] = 20
    faint = np.full((down, across, 3), 250, np.uint8)
    faint[50:150, 100:300] = 244
    return {"night": night, "dark": dark, "a dot": dot, "faint": faint, "bright": 255 - dark}


@pytest.mark.parametrize("name", _still_pictures())
def test_no_film_is_refused_for_a_picture_that_was_taken(tmp_path: Path, name: str) -> None:
    data = _png(_still_pictures()[name])
    check_picture(data)
    fmt = Format(320, 180, 24, "low", "superfast", 28)
    shape = scene_shape(3.0, 0.6, fmt.fps, first=True, last=True)
    motion = choose_motion(1, "calm", shape.length / fmt.fps, seed="t", focus=find_focus(data))
    film.join([render_clip(Shot(data, shape, motion), fmt)], fmt, tmp_path / "film.mp4")
    report = check(tmp_path / "film.mp4", Expected(fmt, shape.length / fmt.fps, sound=False))
    assert report.ok, report.findings
    assert {remark.code for remark in report.remarks} <= {"black_picture", "flat_picture", "frozen_picture"}


def test_wrong_sound_is_found(made: Made, small: Format) -> None:
    shot = made.shots[1]
    moving = [render_still(shot, small, n) for n in range(24)] * 4
    quiet = np.resize(made.sound, (SAMPLE_RATE * 4, 2)) * np.float32(0.3)
    assert "wrong_loudness" in _bad_film(made, small, moving, quiet)
    assert "too_high_peak" in _bad_film(made, small, moving, np.sign(quiet) * np.float32(0.97))
    gap = np.resize(made.sound, (SAMPLE_RATE * 4, 2)).copy()
    gap[SAMPLE_RATE : round(SAMPLE_RATE * 3.4)] = 0
    assert "silence" in _bad_film(made, small, moving, gap)
    assert "sound_silent" in _bad_film(made, small, moving, np.zeros_like(gap))


def test_wrong_shape_length_and_captions_are_found(made: Made) -> None:
    fmt = replace(made.expected.fmt, width=640, height=360, fps=30)
    cues = [Cue(0, 1000, ("a",)), Cue(900, 1500, ("b",)), Cue(1500, 99_000, ("c", "d", "e"))]
    report = check(made.path, replace(made.expected, fmt=fmt, duration_s=9.0, cues=cues))
    assert {f.code for f in report.findings} == {
        "wrong_size", "wrong_length", "uneven_frames",
        "captions_overlap", "caption_outside", "caption_too_long",
    }  # fmt: skip


def test_a_film_cut_short_is_refused(made: Made) -> None:
    short = made.path.with_name("short.mp4")
    short.write_bytes(made.path.read_bytes()[:300])
    with pytest.raises(EncodeError, match="film_unreadable"):
        check(short, made.expected)


def test_a_film_is_expected_to_be_what_it_says_unless_told_otherwise(made: Made) -> None:
    own = expected(made.path)
    fmt = made.expected.fmt
    assert own == replace(made.expected, fmt=Format(fmt.width, fmt.height, fmt.fps), narrated=(), cues=())
    assert check(made.path, own).ok
    told = expected(made.path, Told(size=(640, 360), fps=25, duration_s=99.0, sound=False))
    codes = {finding.code for finding in check(made.path, told).findings}
    assert codes == {"wrong_size", "uneven_frames", "wrong_length", "sound_unasked"}
    with pytest.raises(EncodeError, match="film_unreadable"):
        expected(Path(__file__))


@pytest.mark.parametrize(
    "title", ["The Future of Content", "映画の未来", "مستقبل المحتوى", "A", "W" * 80, "ລາວ"]
)
def test_a_poster_has_the_film_s_size_and_carries_the_title(
    make_picture: MakePicture, small: Format, title: str
) -> None:
    plain = poster(make_picture(), "", small)
    titled = poster(make_picture(), title, small)
    with Image.open(BytesIO(titled)) as image, Image.open(BytesIO(plain)) as bare:
        assert image.format == "JPEG"
        assert image.size == (320, 180)
        drawn = np.asarray(image.convert("L")).astype(int)
        changed = np.abs(drawn - np.asarray(bare.convert("L")).astype(int))
    assert (changed > 25).any() == (title != "ລາວ")
    assert changed[:, -4:].mean() < changed.mean() + 8  # nothing runs out of the frame


def test_a_broken_picture_makes_no_poster(small: Format) -> None:
    with pytest.raises(PictureError):
        poster(b"nothing", "Title", small)
