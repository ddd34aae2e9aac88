"""A film's edit: what stands where, to the frame, and that the format's own library reads it."""

import json
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from actors.media.timeline import Joint
from actors.stages.composition.edit_list import Ending, edit_list
from actors.stages.composition.film_frames import FilmFrames
from domain.asset import AssetKey
from domain.script import Kind
from domain.submission import Options
from tests.actors.stages.composition.test_film_length import film

FPS = 24


def edit(made: FilmFrames, options: Options, **more: str) -> Any:
    """The edit of a film of three scenes whose files are named after their assets."""
    keys = [AssetKey(kind, n) for kind in (Kind.IMAGE, Kind.NARRATION, Kind.CLIP) for n in (1, 2, 3)]
    keys += [AssetKey(Kind.TRANSITION, n) for n in (1, 2)]
    paths = {key: f"files/{key.name}" for key in keys} | {AssetKey.parse(n): p for n, p in more.items()}
    return json.loads(edit_list(options, made._inputs, paths, {"job_id": "x"}))


def track(timeline: Any, name: str) -> Any:
    return next(one for one in timeline["tracks"]["children"] if one["name"] == name)


def placed(track: Any) -> list[tuple[str, int, int]]:
    """Name, start and end of each clip, in frames."""
    items = [item for item in track["children"] if item["OTIO_SCHEMA"] != "Transition.1"]
    ends = list(accumulate(int(item["source_range"]["duration"]["value"]) for item in items))
    starts = [0, *ends]
    return [
        (item["name"], start, end)
        for item, start, end in zip(items, starts, ends, strict=False)
        if item["OTIO_SCHEMA"] == "Clip.2"
    ]


@pytest.fixture
def options() -> Options:
    return Options(fps=FPS, music=False)


def test_an_outro_follows_the_last_scene_on_both_tracks_of_pictures(options: Options) -> None:
    made = film(options, (3.0, 2.0, 2.5))
    keys = [AssetKey(kind, n) for kind in (Kind.IMAGE, Kind.NARRATION, Kind.CLIP) for n in (1, 2, 3)]
    paths = {key: key.name for key in [*keys, *(AssetKey(Kind.TRANSITION, n) for n in (1, 2))]}
    found = json.loads(edit_list(options, made._inputs, paths, {}, Ending("outro.mp4", 96)))
    end = made.timeline().length
    for name in ("Film", "Pictures"):
        assert placed(track(found, name))[-1] == ("outro", end, end + 96)


def test_every_track_ends_with_the_film_and_the_clips_tile_it(options: Options) -> None:
    made = film(options, (3.0, 2.0, 2.5), ("crossfade", "fade", "cut"))
    timeline = made.timeline()
    found = edit(made, options)
    clips = placed(track(found, "Film"))
    assert clips == [(f"{s.kind}:{s.scene}", s.start, s.start + s.length) for s in timeline.segments()]
    pictures = placed(track(found, "Pictures"))
    assert [name for name, _, _ in pictures] == ["image:1", "image:2", "image:3"]
    assert clips[-1][2] == pictures[-1][2] == timeline.length
    chapters = found["tracks"]["markers"]
    assert [int(c["marked_range"]["start_time"]["value"]) for c in chapters] == [s for _, s, _ in pictures]
    assert [c["name"] for c in chapters] == ["Scene 1", "Scene 2", "Scene 3"]


def test_a_crossfade_is_a_transition_over_the_frames_that_scenes_share(options: Options) -> None:
    made = film(options, (3.0, 2.0, 2.5), ("crossfade", "fade", "cut"))
    timeline = made.timeline()
    children = track(edit(made, options), "Pictures")["children"]
    [cross, black] = [one for one in children if one["OTIO_SCHEMA"] == "Transition.1"]
    shared = timeline.shapes[0].shared
    assert shared == Joint.CROSSFADE.frames(FPS)
    cut = placed(track(edit(made, options), "Pictures"))[1][1]
    assert cut - cross["in_offset"]["value"] == timeline.starts[1]
    assert cut + cross["out_offset"]["value"] == timeline.starts[1] + shared
    assert cross["transition_type"] == "SMPTE_Dissolve"
    fade = Joint.FADE.frames(FPS)
    assert (black["in_offset"]["value"], black["out_offset"]["value"]) == (fade, fade)
    assert black["name"] == "fade through black"


def test_each_narration_stands_where_its_first_word_is_spoken(options: Options) -> None:
    made = film(options, (3.0, 2.0, 2.5))
    timeline = made.timeline()
    voices = placed(track(edit(made, options), "Narration"))
    assert voices == [
        (f"narration:{n}", int(timeline.speech_s(n) * FPS), int(timeline.speech_s(n) * FPS) + shape.speech)
        for n, shape in enumerate(timeline.shapes, 1)
    ]


def test_a_voice_that_was_sped_up_is_told_with_its_speed() -> None:
    options = Options(fps=FPS, music=False, target_duration_s=13.0)
    made = film(options, (6.0, 2.0, 2.4))
    scene = made.scene(1)
    assert scene.speech is not None
    assert scene.speech.pace > 1
    first = next(
        one for one in track(edit(made, options), "Narration")["children"] if one["OTIO_SCHEMA"] == "Clip.2"
    )
    assert [effect["time_scalar"] for effect in first["effects"]] == [scene.speech.pace]
    within = first["source_range"]["start_time"]["value"] + scene.shape.speech * scene.speech.pace
    assert within <= first["media_references"]["DEFAULT_MEDIA"]["available_range"]["duration"]["value"]


def test_captions_stand_where_they_are_seen(options: Options) -> None:
    made = film(options, (3.0, 2.0, 2.5))
    found = track(edit(made, options), "Captions")
    assert placed(found) == [
        (f"{n}: " + "\n".join(cue.lines), cue.frames(FPS).start, cue.frames(FPS).stop)
        for n, cue in enumerate(made.cues(), 1)
    ]
    texts = [one["metadata"]["reelog"]["text"] for one in found["children"] if "reelog" in one["metadata"]]
    assert " ".join(texts).replace("\n", " ").startswith("The keeper climbs the stairs")


def test_the_format_s_own_library_reads_it(options: Options, tmp_path: Path) -> None:
    otio = pytest.importorskip("opentimelineio", reason="it has no build for this Python")
    made = film(options, (3.0, 2.0, 2.5), ("crossfade", "fade", "cut"))
    path = tmp_path / "film.otio"
    path.write_text(json.dumps(edit(made, options)), encoding="utf-8")
    timeline = otio.adapters.read_from_file(str(path))
    length = made.timeline().length
    assert timeline.duration() == otio.opentime.RationalTime(length, FPS)
    assert [one.name for one in timeline.video_tracks()] == ["Pictures", "Film"]
    assert [one.name for one in timeline.audio_tracks()] == ["Narration"]
    for clip in timeline.find_clips():
        assert clip.trimmed_range_in_parent() is not None
        if isinstance(clip.media_reference, otio.schema.ExternalReference):
            assert not clip.media_reference.target_url.startswith(("/", "file:"))
            there, used = clip.available_range(), clip.trimmed_range()
            assert there.start_time <= used.start_time
            assert used.end_time_exclusive() <= there.end_time_exclusive()
    assert [marker.name for marker in timeline.tracks.markers] == ["Scene 1", "Scene 2", "Scene 3"]
    assert json.loads(otio.adapters.write_to_string(timeline, "otio_json"))["name"] == "The Keeper"
