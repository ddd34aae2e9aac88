"""models: from a server with its record of calls, or from the settings alone, where nothing is begun.

Seen to fail where the store is opened, and so made, in the data folder.
"""

import functools
import json
from datetime import date
from pathlib import Path

import pytest

from actors.gemini.catalogue import Catalogue
from api.composition import open_system
from api.model_directory import ModelDirectory
from api.settings import load_settings
from tests.api.cli.conftest import Run
from tests.api.planned import PlannedFilming
from tests.api.serving import serving

pytestmark = pytest.mark.slow


def test_a_server_lists_its_models_with_how_they_have_been_doing(run: Run, tmp_path: Path) -> None:
    settings = load_settings({}, Path("/nonexistent.env"), DATA_DIR=tmp_path / "served", PORT=0)
    catalogue = functools.partial(Catalogue, None, date(2026, 11, 22))
    system = open_system(settings, provider="emulator", models=ModelDirectory(catalogue))
    with serving(system) as url:
        filming = PlannedFilming(system)
        assert filming.finish(filming.submit()) == "completed"
        assert system.readers.wait_for(system.log.head(), 10)

        listed = run("models", "--url", url)

    assert listed.exit_code == 0, listed.output
    assert "gemini-nano-banana-2.1 (default)" in listed.stdout
    assert "2 calls, 0 failed, 1.5 s" in listed.stdout


def test_where_nothing_was_made_the_settings_alone_tell_them_and_nothing_is_made(
    run: Run, tmp_path: Path
) -> None:
    listed = run("models", "--json")

    assert listed.exit_code == 0, listed.output
    models = {model["id"]: model for model in map(json.loads, listed.stdout.splitlines())}
    assert models["gemini-3.8-flash"]["health"]["calls"] == 0
    assert not (tmp_path / "reelog-data").exists()
