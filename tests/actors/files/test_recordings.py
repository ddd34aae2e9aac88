"""Clips and sound are decoded to the last second and written without anything beside."""

from pathlib import Path

import av
import numpy as np
import pytest

from actors.files import formats, narrations, recordings
from actors.files.opened import Opened, Place
from actors.files.refusals import FileRefusedError
from tests.actors.files.material import SECRET, clip, sound, tone, turned, words

PERSONAL = {"title": "Holiday", "artist": SECRET, "location": f"+48.1+11.5/{SECRET}", "comment": SECRET}
TEXT = "The sea is wide and calm today, and a small boat sets out at dawn to find the morning."


def kept(path: Path) -> tuple[Opened, Path]:
    target = path.with_name(f"{path.name}.kept")
    fmt = formats.format_of(path.read_bytes()[: formats.ENOUGH_BYTES])
    return recordings.clean(path, target, fmt), target


def refused(path: Path) -> str:
    with pytest.raises(FileRefusedError) as error:
        kept(path)
    assert error.value.code == "unfit"
    return error.value.message


# ---- clips ------------------------------------------------------------------------------------------


def test_a_clip_keeps_its_picture_and_its_sound_and_nothing_else(tmp_path: Path) -> None:
    source = clip(tmp_path / "a.mp4", metadata=PERSONAL, sound=True)
    assert SECRET.encode() in source.read_bytes()
    opened, target = kept(source)
    data = target.read_bytes()
    assert SECRET.encode() not in data
    assert data.index(b"moov") < data.index(b"mdat")
    assert (opened.kind, opened.media_type) == ("video", "video/mp4")
    assert opened.facts == {"width": 320, "height": 180, "duration_s": 1.0, "fps": 25.0, "frames": 25}
    assert opened.notes == ["metadata with the place where it was taken was left out"]
    with av.open(str(target)) as container:
        assert [stream.codec_context.name for stream in container.streams.audio] == ["flac"]
        assert container.metadata.keys() <= {"major_brand", "minor_version", "compatible_brands"}
        assert sum(1 for _ in container.decode(video=0)) == 25


@pytest.mark.parametrize("codec", ["libx264", "mjpeg"])
def test_what_is_heard_of_a_clip_is_heard_again_in_time(tmp_path: Path, codec: str) -> None:
    source = clip(tmp_path / ("a.mp4" if codec == "libx264" else "a.avi"), codec=codec, sound=True, seconds=2)
    waves = []
    for path in (source, kept(source)[1]):
        with av.open(str(path)) as container:
            frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
        waves.append(np.concatenate(frames, axis=1)[0].astype(np.float32))
    heard, again = waves[0], waves[1] / 32_768
    assert abs(len(heard) - len(again)) < 2_048
    length = min(len(heard), len(again))
    assert np.abs(heard[:length] - again[:length]).max() < 0.001


def test_a_clip_in_a_scene_goes_without_its_sound(tmp_path: Path) -> None:
    source = kept(clip(tmp_path / "a.mp4", size=(1280, 720), sound=True))[1]
    opened = recordings.fit_clip(source, tmp_path / "fitted", Place("shot", 1280, 720))
    assert opened.notes == ["its sound was left out"]
    with av.open(str(tmp_path / "fitted")) as container:
        assert not container.streams.audio
        assert sum(1 for _ in container.decode(video=0)) == 25


def test_the_same_clip_is_kept_as_the_same_bytes(tmp_path: Path) -> None:
    assert kept(clip(tmp_path / "a.mp4"))[1].read_bytes() == kept(clip(tmp_path / "b.mp4"))[1].read_bytes()


def test_a_clip_that_was_held_upright_stands_upright(tmp_path: Path) -> None:
    opened, target = kept(turned(clip(tmp_path / "a.mp4")))
    assert (opened.facts["width"], opened.facts["height"]) == (180, 320)
    assert "turned upright" in opened.notes
    with av.open(str(target)) as container:
        frame = next(container.decode(video=0))
    assert frame.rotation == 0
    pixels = frame.to_ndarray(format="rgb24")
    assert pixels[40, 90, 0] > 150 > pixels[40, 90, 2], "what was left is above"
    assert pixels[280, 90, 2] > 150 > pixels[280, 90, 0]


def test_an_old_format_is_written_anew(tmp_path: Path) -> None:
    opened, target = kept(clip(tmp_path / "a.avi", codec="mjpeg"))
    with av.open(str(target)) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        assert sum(1 for _ in container.decode(video=0)) == opened.facts["frames"] == 25


def test_a_clip_cut_short_is_refused_with_its_figures(tmp_path: Path) -> None:
    source = clip(tmp_path / "a.mp4", seconds=4)
    source.write_bytes(source.read_bytes()[: source.stat().st_size * 6 // 10])
    assert "cut short" in refused(source)


def test_a_clip_without_its_index_is_broken(tmp_path: Path) -> None:
    source = clip(tmp_path / "a.mp4")
    data = source.read_bytes()
    source.write_bytes(data[: data.index(b"moov") - 4])
    assert "broken or cut short" in refused(source)


def test_noise_under_the_magic_of_a_clip_is_broken(tmp_path: Path) -> None:
    for magic in (b"\x00\x00\x00\x1cftypisom", b"\x1a\x45\xdf\xa3", b"OggS", b"fLaC", b"ID3\x04"):
        noise = tmp_path / "noise"
        noise.write_bytes(magic + np.random.default_rng(1).bytes(20_000))
        assert "broken" in refused(noise) or "holds neither" in refused(noise)


def test_a_long_clip_is_refused_by_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "LONGEST_CLIP_S", 1)
    assert "2 s long" in refused(clip(tmp_path / "a.mp4", seconds=2))


# ---- sound ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".flac", ".ogg", ".m4a"])
def test_sound_of_any_form_is_kept_without_its_tags(tmp_path: Path, suffix: str) -> None:
    opened, target = kept(sound(tmp_path / f"a{suffix}", tone(1.5), {"artist": SECRET, "title": "Song"}))
    assert SECRET.encode() not in target.read_bytes()
    assert (opened.kind, opened.media_type, opened.facts["channels"]) == ("audio", "audio/flac", 1)
    assert opened.facts["duration_s"] == pytest.approx(1.5, abs=0.08)
    assert opened.notes == ["metadata was left out"]


def test_the_same_sound_is_kept_as_the_same_bytes(tmp_path: Path) -> None:
    first, second = (kept(sound(tmp_path / name, tone(1)))[1] for name in ("a.wav", "b.wav"))
    assert first.read_bytes() == second.read_bytes()


def test_silence_is_no_sound(tmp_path: Path) -> None:
    assert "silence" in refused(sound(tmp_path / "a.wav", tone(1, loud=0.0)))


def test_sound_cut_short_is_refused_with_its_figures(tmp_path: Path) -> None:
    source = sound(tmp_path / "a.flac", words(8))
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    said = refused(source)
    assert "cut short" in said


def test_a_cover_makes_no_clip_of_a_song(tmp_path: Path) -> None:
    song = sound(tmp_path / "a.mp3", tone(1))
    opened, _ = kept(song)
    assert opened.kind == "audio"


# ---- in their places --------------------------------------------------------------------------------


def voice_over(tmp_path: Path, seconds: float) -> Path:
    return kept(sound(tmp_path / "voice.wav", np.concatenate([tone(1, 0.0), words(seconds)])))[1]


def test_a_voice_over_is_held_against_the_words_of_its_scene(tmp_path: Path) -> None:
    target = tmp_path / "fitted.wav"
    opened = narrations.fit(voice_over(tmp_path, 6), target, Place("narration", text=TEXT))
    assert opened.facts["duration_s"] == pytest.approx(6, abs=0.3)
    assert opened.facts["speech_rate"] is not None
    assert opened.notes == ["1.0 s of silence at its ends were cut off"]
    assert target.read_bytes()[:4] == b"RIFF"


def test_one_that_cannot_be_these_words_is_refused_with_the_figures(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match=r"does not fit the words .* s of speech"):
        narrations.fit(voice_over(tmp_path, 0.5), tmp_path / "b", Place("narration", text=TEXT))


def test_a_song_becomes_what_the_mix_reads(tmp_path: Path) -> None:
    from actors.media.wav import WavFile  # noqa: PLC0415 - the reader of the mix

    song = kept(sound(tmp_path / "song.mp3", tone(2)))[1]
    opened = recordings.fit_music(song, tmp_path / "b.wav")
    music = WavFile(tmp_path / "b.wav")
    assert music.read(0, 10).shape == (10, 2)
    assert len(music) / 48_000 == pytest.approx(opened.facts["duration_s"], abs=0.001)
    music.close()


def test_a_clip_of_the_films_shape_stays_as_it_is_and_another_is_refused(tmp_path: Path) -> None:
    source = kept(clip(tmp_path / "a.mp4"))[1]
    opened = recordings.fit_clip(source, tmp_path / "b", Place("shot", 1280, 720))
    assert opened.facts == {"width": 320, "height": 180, "duration_s": 1.0}
    with pytest.raises(FileRefusedError, match="only 32%"):
        recordings.fit_clip(source, tmp_path / "b", Place("shot", 720, 1280))
