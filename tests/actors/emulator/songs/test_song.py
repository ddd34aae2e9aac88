"""Songs: as long as the prompt says, louder and quieter by its sections, silent only at the end."""

import io

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from actors.emulator.songs.prompt import Chord, read
from actors.emulator.songs.score import compose
from actors.emulator.songs.song import SongRequest, make_song

RATE = 44_100
PROMPT = (
    "Hopeful cinematic score, instrumental only. About 20 seconds, ending with a gentle fade-out.\n"
    "[0:00 - 0:06] Intro: soft piano\n[0:06 - 0:16] Chorus: full orchestra\n[0:16 - 0:20] Outro"
)


@pytest.mark.parametrize(
    ("prompt", "seconds"),
    [
        ("A 2 minute song", 120),
        ("About 60 seconds, calm", 60),
        ("a 45-second loop", 45),
        ("[0:00 - 0:10] Intro\n[0:10 - 1:15] Verse", 75),
        ("A song", 90),
        ("a song of 4 hours, 90 minutes", 300),
    ],
)
def test_the_length_is_read_from_the_words(prompt: str, seconds: float) -> None:
    assert read(prompt).seconds == seconds


def test_a_clip_model_plays_half_a_minute_whatever_is_asked_for() -> None:
    assert read("A 2 minute song", fixed_s=30).seconds == 30


def test_sections_cover_the_song_without_gaps_and_stand_in_its_structure() -> None:
    wish = read(PROMPT)
    assert [(each.start, each.end) for each in wish.sections] == [(0, 6), (6, 16), (16, 20)]
    assert wish.sections[1].energy > wish.sections[0].energy > wish.sections[2].energy
    assert wish.structure().splitlines()[1] == "[6.0:] Chorus: full orchestra"
    own = read("A 60 second song").sections
    assert own[0].start == 0
    assert own[-1].end == pytest.approx(60)


def test_tempo_and_mood_follow_the_words() -> None:
    assert read("92 BPM").beats_per_minute == 92
    assert read("a very slow song").beats_per_minute < read("a fast song").beats_per_minute
    assert read("danger, a storm, fear").minor
    assert not read("joyful dance").minor


def test_key_and_chords_are_those_that_are_asked_for() -> None:
    wish = read(
        "Key: Bb major.\n[0:00 - 0:10] intro: soft, chords Bb F; at 0:04 it swells\n"
        "[0:10 - 0:20] climax: full, chords Gm7 Eb Dsus4 F#dim"
    )
    assert wish.key == Chord(10, minor=False)
    assert wish.sections[0].chords == (Chord(10, minor=False), Chord(5, minor=False))
    assert [each.root for each in wish.sections[1].chords] == [7, 3, 2, 6]
    assert [each.minor for each in wish.sections[1].chords] == [True, False, False, True]
    basses = [note.key % 12 for note in compose(wish, "", 0).notes if note.player == "bass"]
    assert {7, 3} <= set(basses) <= {7, 3, 2, 6}
    assert read("Key: F# minor").key == Chord(6, minor=True)
    assert read("a key change, Key Characters").key is None


def heard(raw: bytes) -> NDArray[np.float32]:
    with av.open(io.BytesIO(raw)) as container:
        assert container.streams.audio[0].rate == RATE
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
    sound = np.concatenate(frames, axis=1).astype(np.float32)
    if sound.shape[0] == 1:
        sound = sound.reshape(-1, 2).T
    return sound / (32_768 if np.abs(sound).max() > 2 else 1)


@pytest.mark.slow
@pytest.mark.parametrize("wav", [False, True], ids=["mp3", "wav"])
def test_a_song_sounds_to_its_end_without_clipping(wav: bool) -> None:
    song = make_song(SongRequest(PROMPT, None, wav=wav))
    assert song.mime == ("audio/wav" if wav else "audio/mpeg")
    sound = heard(song.raw)
    assert sound.shape[1] / RATE == pytest.approx(20, abs=0.1)
    assert 0.3 < float(np.abs(sound).max()) < 0.95
    tenths = [float(np.abs(part).max()) for part in np.array_split(sound, 200, axis=1)]
    assert min(tenths[:190]) > 0.01, "silence within"
    assert tenths[-1] < 0.001

    def level(start: float, end: float) -> float:
        return float(np.sqrt(np.mean(sound[:, round(start * RATE) : round(end * RATE)] ** 2)))

    assert level(7, 15) > 1.25 * level(1, 5)
    assert level(19, 20) < 0.5 * level(7, 15)
    assert float(np.abs(sound[0] - sound[1]).mean()) > 0.005, "both ears hear the same"


@pytest.mark.slow
def test_sections_differ_in_colour_and_songs_by_prompt_and_seed() -> None:
    song = heard(make_song(SongRequest(PROMPT, None, wav=True)).raw)

    def share_above(start: float, end: float, hertz: float) -> float:
        part = song[:, round(start * RATE) : round(end * RATE)].mean(axis=0)
        power = np.abs(np.fft.rfft(part)) ** 2
        return float(power[np.fft.rfftfreq(part.size, 1 / RATE) > hertz].sum() / power.sum())

    # Only the full section has drums, whose hiss reaches where nothing else does.
    assert share_above(7, 15, 8_000) > 5 * share_above(1, 5, 8_000)
    assert make_song(SongRequest(PROMPT, 8)).raw == make_song(SongRequest(PROMPT, 8)).raw
    assert make_song(SongRequest(PROMPT, 8)).raw != make_song(SongRequest(PROMPT, 8, seed=1)).raw
    assert make_song(SongRequest(PROMPT, 8)).raw != make_song(SongRequest(f"{PROMPT} sad", 8)).raw
