"""How models are asked, as the settings say; a wrong prompt is told before anything is opened."""

from pathlib import Path

import pytest

from api.composition import asking, open_system
from api.settings import SettingsError, load_settings

NO_FILE = Path("/nonexistent/.env")


def test_models_think_a_little_where_nothing_is_said_and_the_sdk_can_ask() -> None:
    assert asking(load_settings({}, NO_FILE)).thinking == "low"
    assert asking(load_settings({"REELOG_THINKING": "high"}, NO_FILE)).thinking == "high"
    assert asking(load_settings({"REELOG_GEMINI_SDK": "google-generativeai"}, NO_FILE)).thinking is None


def test_how_often_a_call_is_looked_at_that_is_answered_later_can_be_set() -> None:
    assert asking(load_settings({}, NO_FILE)).poll_s == 2.0
    assert asking(load_settings({"REELOG_POLL": "0.25"}, NO_FILE)).poll_s == 0.25
    for wrong in ("0", "0.09", "61", "often"):
        with pytest.raises(SettingsError, match="REELOG_POLL"):
            load_settings({"REELOG_POLL": wrong}, NO_FILE)


def test_prompts_of_ones_own_reach_the_stages(tmp_path: Path) -> None:
    (tmp_path / "image.md").write_text("$frame\nWoodcut.", encoding="utf-8")
    settings = load_settings({"REELOG_PROMPTS": str(tmp_path)}, NO_FILE)
    assert asking(settings).prompt("image").text == "$frame\nWoodcut."


def test_a_wrong_prompt_is_told_with_its_file_before_anything_is_opened(tmp_path: Path) -> None:
    folder = tmp_path / "prompts"
    folder.mkdir()
    (folder / "image.md").write_text("A sea.", encoding="utf-8")
    data = tmp_path / "data"
    settings = load_settings({"REELOG_PROMPTS": str(folder), "REELOG_DATA_DIR": str(data)}, NO_FILE)
    with pytest.raises(SettingsError, match=r"REELOG_PROMPTS=.*image.md lacks \$frame"):
        open_system(settings, provider="emulator")
    assert not data.exists()
