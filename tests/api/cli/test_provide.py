"""``provide`` as a person types it, against a real server and the process that opens files."""

import json
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from domain.asset import AssetKey
from tests.actors.files.material import photo
from tests.api.cli.conftest import PREVIEW, Run, Scripted
from tests.api.cli.test_revise import Made, made, system
from tests.api.planned import PlannedFilming

pytestmark = pytest.mark.slow
__all__ = ["made", "system"]

IMAGE = AssetKey.parse("image:1")


def revision(filming: PlannedFilming, job_id: UUID) -> int:
    asset = filming.studio.find_asset(job_id, IMAGE)
    assert asset is not None
    return asset.revision


def test_a_picture_takes_the_place_of_another_and_the_price_is_told_first(run: Run, made: Made) -> None:
    filming, job_id, url = made
    photo(Path("mine.jpg"))
    tried = run("provide", f"{job_id}/image:1", "mine.jpg", "--dry-run", "--url", url)
    assert tried.exit_code == 0, tried.output
    assert "Sent: EXIF metadata with the place where it was taken was left out." in tried.stderr
    assert "Fitted: cropped around its subject: 75% is kept." in tried.stderr
    assert "Made: clip:1, transition:1, poster, video, manifest." in tried.stderr
    assert revision(filming, job_id) == 1

    done = run("provide", "latest/image:1", "mine.jpg", "--url", url)
    assert (done.exit_code, done.stdout.strip()) == (0, str(job_id))
    assert revision(filming, job_id) == 2

    for typed, said in (
        (
            (),
            "--asset: revision 2 of image:1 was provided by local, it has no attempt; there are: revision 1",
        ),
        (("--revision", "2"), "--revision 2 of image:1 was provided by local, it has no attempt"),
        (("--revision", "2", "--attempt", "1"), "--revision 2 of image:1 was provided by local"),
        (("--revision", "3"), "--revision: there is no revision 3 of image:1; there are: revision 1"),
    ):
        shown = run("show", "latest", "--asset", "image:1", *typed, "--url", url)
        assert (shown.exit_code, shown.stdout) == (2, ""), shown.output
        assert said in shown.stderr
    before = run("show", "latest", "--asset", "image:1", "--revision", "1", "--url", url)
    assert "image:1  revision 1, attempt 1" in before.stdout


def test_an_asset_is_named_by_its_id_too_and_a_key_begins_one_run(run: Run, made: Made) -> None:
    filming, job_id, url = made
    photo(Path("mine.jpg"))
    for _ in range(2):
        result = run(
            *("provide", str(IMAGE.id_in(job_id)), "mine.jpg", "--idempotency-key", "k", "--json"),
            *("--url", url),
        )
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["run"] == 2
    assert revision(filming, job_id) == 2


def test_a_script_is_sent_as_words_also_where_it_is_named_by_its_id(run: Run, scripted: Scripted) -> None:
    asset, job = uuid4(), {"id": str(uuid4()), "position": 1, "run": 2, "status": "running"}
    scripted.answer(f"/v1/assets/{asset}", {"id": str(asset), "kind": "script"})
    scripted.answer(f"/v1/assets/{asset}", PREVIEW)
    scripted.answer(f"/v1/assets/{asset}", job, 202)
    Path("words.txt").write_text("A boat sets out.", encoding="utf-8")

    done = run("provide", str(asset), "words.txt", "--url", scripted.url)

    assert (done.exit_code, done.stdout.strip()) == (0, job["id"])
    assert [(method, body) for method, _, _, body in scripted.asked] == [
        ("GET", None),
        ("PUT", {"text": "A boat sets out.", "dry_run": True}),
        ("PUT", {"text": "A boat sets out."}),
    ]


def test_what_is_wrong_is_said_and_nothing_begun(run: Run, made: Made) -> None:
    filming, job_id, url = made
    Path("notes.txt").write_text("no picture", encoding="utf-8")
    photo(Path("tall.jpg"), (1080, 1920))
    for asset, file, said in (
        (f"{job_id}/image:1", "nothing.jpg", "no file"),
        (f"{job_id}/image:1", "notes.txt", "Nobody here knows its format"),
        (f"{job_id}/image:1", "tall.jpg", "only 32% would be left"),
        (f"{job_id}/narration:1", "tall.jpg", "takes one of kind audio"),
        ("image:1", "tall.jpg", "latest/image:2"),
        (f"{job_id}/picture:1", "tall.jpg", "no asset is named"),
    ):
        result = run("provide", asset, file, "--url", url)
        assert result.exit_code == 2, result.output
        assert said in result.stderr
    assert revision(filming, job_id) == 1


def test_a_server_is_needed(run: Run) -> None:
    photo(Path("mine.jpg"))
    result = run("provide", "latest/image:1", "mine.jpg", "--url", "http://127.0.0.1:9")
    assert result.exit_code == 4


def test_a_file_that_is_refused_is_named(run: Run, made: Made) -> None:
    Path("bin.txt").write_text("This is no picture.", encoding="utf-8")
    refused = run("provide", "latest/image:1", "bin.txt", "--url", made[2])
    assert refused.exit_code == 2, refused.output
    assert refused.stderr.startswith("Error: FILE: bin.txt: ")
