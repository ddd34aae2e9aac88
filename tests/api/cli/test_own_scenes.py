"""Scenes and a cast in JSON files that name pictures by their paths."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.cli.errors import InputError
from api.cli.own_scenes import own_material
from domain.asset import AssetKey
from tests.actors.files.material import photo
from tests.api.cli.conftest import Run, Scripted

DIGEST = f"sha256:{'1' * 64}"


def written(path: Path, value: Any) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def test_paths_begin_at_the_json_and_each_file_is_sent_once(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    photo(tmp_path / "own" / "boat.jpg")
    scenes = written(
        tmp_path / "own" / "scenes.json",
        [{"text": "One.", "image": "boat.jpg"}, {"text": "Two.", "image": DIGEST}, {"text": "Three."}],
    )
    cast = written(tmp_path / "own" / "cast.json", [{"name": "Mara", "image": "boat.jpg"}])
    own = own_material(None, scenes, cast, {})
    asked: list[Path] = []

    def send(path: Path) -> str:
        asked.append(path)
        return f"sha256:{'2' * 64}"

    sent = own.sent(send)
    assert asked == [tmp_path / "own" / "boat.jpg"]
    assert [scene.get("image") for scene in sent["scenes"]] == [f"sha256:{'2' * 64}", DIGEST, None]
    assert sent["cast"] == [{"name": "Mara", "image": f"sha256:{'2' * 64}"}]
    assert own.script is None


def test_a_topic_is_taken_in_place_of_a_script() -> None:
    own = own_material(
        None, None, None, {}, {"about": "Why there are tides?", "audience": None, "tone": "warm"}
    )
    assert (own.script, own.name) == (None, "why-there-are-tides")
    assert own.unsent == {"topic": {"about": "Why there are tides?", "tone": "warm"}}


@pytest.mark.parametrize(
    ("script", "scenes", "topic", "said"),
    [
        ("-", None, {"about": "Tides", "audience": None, "tone": None}, "--topic: there is a SCRIPT already"),
        (None, None, {"about": None, "audience": None, "tone": "warm"}, "or --topic TEXT"),
        ("-", None, {"about": None, "audience": "all", "tone": None}, "--audience: it is of a script"),
    ],
)
def test_what_is_wrong_with_a_topic_is_told(
    script: str | None, scenes: Path | None, topic: dict[str, str | None], said: str
) -> None:
    with pytest.raises(InputError) as refused:
        own_material(script, scenes, None, {}, topic)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("script", "scenes", "said"),
    [
        (None, None, "SCRIPT: name a text file"),
        ("-", [{"text": "One."}], "--scenes: there is a SCRIPT already"),
        (None, {"text": "One."}, "holds no list"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, script: str | None, scenes: Any, said: str) -> None:
    file = written(tmp_path / "scenes.json", scenes) if scenes is not None else None
    with pytest.raises(InputError) as refused:
        own_material(script, file, None, {})
    assert said in str(refused.value)


def test_submit_sends_scenes_in_place_of_a_script(run: Run, scripted: Scripted, tmp_path: Path) -> None:
    scripted.answer("/v1/files", {"digest": DIGEST, "notes": []})
    scripted.answer("/v1/jobs", {"id": "9f0c2c0e-0000-4000-8000-000000000000", "notices": []})
    photo(tmp_path / "boat.jpg")
    scenes = written(tmp_path / "scenes.json", [{"text": "One.", "image": "boat.jpg"}])
    done = run("submit", "--scenes", str(scenes), "--url", scripted.url)
    assert done.exit_code == 0, done.output
    body = scripted.asked[-1][3] if scripted.asked[-1][1] == "/v1/jobs" else None
    assert body == {"scenes": [{"text": "One.", "image": DIGEST}]}


def test_submit_sends_a_topic_in_place_of_a_script(run: Run, scripted: Scripted) -> None:
    scripted.answer("/v1/jobs", {"id": "9f0c2c0e-0000-4000-8000-000000000000", "notices": []})
    about = ("--topic", "Why there are tides", "--audience", "children", "--target-duration", "90")
    done = run("submit", *about, "--url", scripted.url)
    assert done.exit_code == 0, done.output
    assert scripted.asked[-1][3] == {
        "topic": {"about": "Why there are tides", "audience": "children"},
        "options": {"target_duration_s": 90.0},
    }


def test_other_words_for_a_script_are_read_from_a_file_and_sent_as_text(
    run: Run, scripted: Scripted, tmp_path: Path
) -> None:
    job = "9f0c2c0e-0000-4000-8000-000000000000"
    asset = f"/v1/assets/{AssetKey.parse('script').id_in(UUID(job))}"
    preview = {"dry_run": True, "reused": [], "redone": ["analysis"], "changes": []}
    scripted.answer(asset, preview | {"cost": {"usd": 0.1, "at_most_usd": 0.2, "unpriced": 0}})
    own = tmp_path / "mine.txt"
    own.write_text("The sea comes.", encoding="utf-8")
    told = run("provide", f"{job}/script", str(own), "--dry-run", "--url", scripted.url)
    assert told.exit_code == 0, told.output
    assert "Made: analysis" in told.stderr
    assert scripted.asked[-1][3] == {"text": "The sea comes.", "dry_run": True}


def test_a_wrong_scene_is_refused_before_anything_is_sent(
    run: Run, scripted: Scripted, tmp_path: Path
) -> None:
    scenes = written(tmp_path / "scenes.json", [{"text": "One.", "pictur": "boat.jpg"}])
    done = run("submit", "--scenes", str(scenes), "--url", scripted.url)
    assert (done.exit_code, scripted.asked) == (2, [])
    assert "/scenes/0/pictur" in done.stderr


def test_all_that_is_wrong_with_scenes_is_told_at_once_by_its_place(
    run: Run, scripted: Scripted, tmp_path: Path
) -> None:
    scenes = written(
        tmp_path / "scenes.json",
        [{"text": "One.", "shot": "x.mp4"}, {"text": "Two.", "visul": "a boat"}, {"image": "sha256:1"}],
    )
    for command in (
        ("submit", "--url", scripted.url),
        ("estimate", "--url", scripted.url),
        ("make", "--emulate"),
    ):
        done = run(*command, "--scenes", str(scenes))
        assert (done.exit_code, scripted.asked) == (2, [])
        told = [line.strip().removeprefix("Error: ") for line in done.stderr.splitlines()]
        assert (
            told[0] == f"/scenes/0/shot: {tmp_path}/x.mp4 is no file; paths in the JSON begin at its folder"
        )
        assert told[1].startswith("/scenes/1/visul is not known here; did you mean visual?")
        assert told[2] == "/scenes/2/text is missing and must be given"
        assert told[3].startswith("/scenes/2/image: 'sha256:1' is no digest; write sha256: and 64 digits")


def test_no_scenes_are_refused_in_words(run: Run, tmp_path: Path) -> None:
    done = run("make", "--emulate", "--scenes", str(written(tmp_path / "scenes.json", [])))
    assert (done.exit_code, done.stderr) == (2, "Error: --scenes has 0 items; give at least 1\n")


def test_files_that_a_server_refuses_are_all_told_by_flag_or_place(
    run: Run, scripted: Scripted, tmp_path: Path
) -> None:
    problem = {"code": "file_unsupported", "detail": "Nobody here knows its format."}
    scripted.answer("/v1/files", problem, 422, content_type="application/problem+json")
    for name in ("bin.txt", "boat.jpg"):
        (tmp_path / name).write_text(name)
    scenes = written(tmp_path / "scenes.json", [{"text": "One.", "image": "boat.jpg"}])
    files = ("--scenes", str(scenes), "--logo-file", "bin.txt", "--outro-file", "boat.jpg")
    done = run("submit", *files, "--url", scripted.url)
    assert done.exit_code == 2, done.output
    assert len([path for _, path, *_ in scripted.asked if path == "/v1/files"]) == 2
    refused = "Nobody here knows its format."
    assert [line.strip() for line in done.stderr.splitlines()] == [
        f"Error: /scenes/0/image: {tmp_path}/boat.jpg: {refused}",
        f"--logo-file: {tmp_path}/bin.txt: {refused}",
        f"--outro-file: {tmp_path}/boat.jpg: {refused}",
    ]


@pytest.mark.slow
def test_files_that_are_refused_here_are_told_by_their_flags(run: Run, tmp_path: Path) -> None:
    for name in ("bin.txt", "song.txt"):
        (tmp_path / name).write_text("This is no picture, and no song.")
    files = ("--logo-file", "bin.txt", "--music-file", "song.txt")
    done = run("make", "-", "--emulate", *files, stdin=b"A boat.")
    assert done.exit_code == 2, done.output
    told = [line.strip().removeprefix("Error: ") for line in done.stderr.splitlines()][-2:]
    assert told[0].startswith(f"--music-file: {tmp_path}/song.txt: ")
    assert told[1].startswith(f"--logo-file: {tmp_path}/bin.txt: ")
