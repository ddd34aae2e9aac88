"""retry, regenerate, fork, estimate, models: against a real server, which says first what they cost."""

import functools
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from actors.gemini.catalogue import Catalogue
from api.composition import System, open_system
from api.model_directory import ModelDirectory
from api.settings import load_settings
from domain.asset import AssetKey
from domain.given_scenes import CastMember, Given
from tests.api.cli.conftest import Run
from tests.api.planned import PlannedFilming
from tests.api.serving import serving

pytestmark = pytest.mark.slow


@pytest.fixture
def system(tmp_path: Path) -> Iterator[tuple[System, str]]:
    """An open system and the address of its server, which runs in a thread."""
    settings = load_settings({}, Path("/nonexistent.env"), DATA_DIR=tmp_path / "served", PORT=0)
    catalogue = functools.partial(Catalogue, None, date(2026, 11, 22))
    opened = open_system(settings, provider="emulator", models=ModelDirectory(catalogue))
    with serving(opened) as url:
        yield opened, url


@pytest.fixture
def made(system: tuple[System, str]) -> tuple[PlannedFilming, UUID, str]:
    return completed(system)


def completed(system: tuple[System, str], beats: int = 1) -> tuple[PlannedFilming, UUID, str]:
    server, url = system
    filming = PlannedFilming(server)
    filming.beats = beats
    job_id = filming.submit(given=Given(cast=(CastMember(name="Mara"),)))
    assert filming.finish(job_id) == "completed"
    assert server.readers.wait_for(server.log.head(), 10)
    return filming, job_id, url


Made = tuple[PlannedFilming, UUID, str]


def test_regenerate_tells_the_price_then_begins(run: Run, made: Made) -> None:
    filming, job_id, url = made
    result = run("regenerate", str(job_id), "image:1", "--prompt", "A quieter boat.", "--url", url)
    assert result.exit_code == 0, result.output
    assert "Made: image:1, clip:1, transition:1, poster, video, manifest." in result.stderr
    assert "Cost: about $0.0100, at most $" in result.stderr
    assert result.stdout.strip() == str(job_id)
    asset = filming.studio.find_asset(job_id, AssetKey.parse("image:1"))
    assert asset is not None
    assert (asset.revision, asset.recipe.prompt_version) == (2, "edited")


def test_one_picture_of_a_scene_is_made_again_by_its_name(run: Run, system: tuple[System, str]) -> None:
    filming, job_id, url = completed(system, beats=2)
    result = run("regenerate", str(job_id), "image:1.2", "--prompt", "A quieter boat.", "--url", url)
    assert result.exit_code == 0, result.output
    assert "Made: image:1.2, clip:1, transition:1, video, manifest." in result.stderr
    asset = filming.studio.find_asset(job_id, AssetKey.parse("image:1.2"))
    assert asset is not None
    assert (asset.revision, asset.recipe.prompt_version) == (2, "edited")
    shown = run("show", str(job_id), "--asset", "image:1.2", "--json", "--url", url)
    assert shown.exit_code == 0, shown.output


def test_a_dry_run_begins_nothing(run: Run, made: Made) -> None:
    filming, job_id, url = made
    head = filming.head()
    told = run("regenerate", str(job_id), "image:1", "--dry-run", "--json", "--url", url)
    assert json.loads(told.stdout)["redone"][0] == "image:1"
    assert run("fork", str(job_id), "--style", "ink", "--dry-run", "--url", url).exit_code == 0
    assert filming.head() == head


def test_fork_makes_a_new_job_with_the_changes(run: Run, made: Made) -> None:
    filming, job_id, url = made
    result = run(
        *("fork", str(job_id), "--voice", "Puck", "--prompt", "image:2=A red boat."),
        *("--cast-voice", "Mara=Kore", "--url", url, "--json"),
    )
    assert result.exit_code == 0, result.output
    job = json.loads(result.stdout)
    assert job["options"]["voice"] == "Puck"
    [mara] = filming.studio.job(UUID(job["id"])).given.cast
    assert (mara.name, mara.voice) == ("Mara", "Kore")
    asset = filming.studio.find_asset(UUID(job["id"]), AssetKey.parse("image:2"))
    assert asset is not None
    assert asset.recipe.prompt_version == "edited"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("regenerate", "{id}", "picture"), "no asset is named 'picture'"),
        (("regenerate", "{id}", "music", "--prompt", "x"), "has no prompt"),
        (("regenerate", "{id}", "image:1", "--prompt", "x", "--prompt-file", "y"), "not both"),
        (("fork", "{id}", "--prompt", "image:1"), "is no pair"),
        (("fork", "{id}", "--cast-voice", "Mara"), "--cast-voice: 'Mara' is no pair"),
        (("fork", "{id}", "--at", "999999"), "write a position that has happened"),
        (("fork", "{id}", "--fps", "7"), "24"),
    ],
)
def test_what_cannot_be_done_is_said_and_exits_with_2(run: Run, made: Made, arguments: Any, why: str) -> None:
    _, job_id, url = made
    result = run(*(a.format(id=job_id) for a in arguments), "--url", url)
    assert result.exit_code == 2, result.output
    assert why in result.stderr


def test_estimate_tells_cost_and_time_by_stage(run: Run, made: Made, tmp_path: Path) -> None:
    _, _, url = made
    script = tmp_path / "script.txt"
    script.write_text("A boat sets out at dawn. " * 20, encoding="utf-8")
    result = run("estimate", str(script), "--url", url)
    assert result.exit_code == 0, result.output
    assert "4 x gemini-nano-banana-2.1" not in result.stderr
    assert "Cost  about $" in result.stdout
    assert "Time  about" in result.stdout
    assert "measured" in result.stdout
    told = json.loads(run("estimate", str(script), "--json", "--url", url).stdout)
    assert told["basis"] == "measured"
    assert run("estimate", str(script), "--fps", "7", "--url", url).exit_code == 2
    [note] = [line for line in result.stdout.splitlines() if "Note:" in line]
    assert "list of models" in note


def test_estimate_tells_what_shots_would_cost_and_what_they_cost(
    run: Run, made: Made, tmp_path: Path
) -> None:
    _, _, url = made
    script = tmp_path / "story.txt"
    script.write_text("A boat sets out at dawn. " * 20, encoding="utf-8")
    still = run("estimate", str(script), "--url", url)
    assert re.search(
        r"Shots about \$\d+\.\d\d, at most \$.*, beside it, with --motion generated", still.stdout
    )
    moving = run("estimate", str(script), "--motion", "generated", "--url", url)
    assert "beside it" not in moving.stdout
    assert re.search(r"Shots +\d+ x gemini-omni-1.2-flash", moving.stdout)


def test_estimate_submit_and_fork_tell_what_may_surprise(run: Run, made: Made, tmp_path: Path) -> None:
    _, job_id, url = made
    script = tmp_path / "script.txt"
    script.write_text("The [[Eiffel Tower]] stands in Paris.", encoding="utf-8")
    told = run("estimate", str(script), "--url", url)
    assert "Note: Spoken, without its double brackets" in " ".join(told.stdout.split())
    assert "Note: Spoken" in run("submit", str(script), "--quiet", "--url", url).stderr
    submitted = run("submit", str(script), "--quiet", "--url", url).stdout.strip()
    assert "Note: Spoken" in run("show", submitted, "--url", url).stdout
    forked = run("fork", str(job_id), "--script", str(script), "--dry-run", "--url", url)
    assert "Note: Spoken" in forked.stderr


def test_retry_takes_another_budget(run: Run, system: tuple[System, str]) -> None:
    server, url = system
    filming = PlannedFilming(server)
    job_id = filming.submit(max_cost_usd=0.02)
    assert filming.finish(job_id) == "failed"
    assert server.readers.wait_for(server.log.head(), 10)
    result = run("retry", str(job_id), "--max-cost", "5", "--url", url, "--json")
    assert result.exit_code == 0, result.output
    assert "Made: analysis, and all that follows from it." in result.stderr
    assert "Cost: about $" in result.stderr
    assert json.loads(result.stdout)["cost"]["max_usd"] == 5
    assert run("retry", str(job_id), "--max-cost", "0", "--url", url).exit_code == 2
