"""Where the key comes from that secrets are made from."""

from pathlib import Path
from typing import Any, cast

import pytest

from api.settings import SettingsError, load_settings
from api.webhooks.opening import KEY_FILE, Webhooks
from api.webhooks.signing import SigningKeyError

NO_FILE = Path("/nonexistent.env")


def webhooks(tmp_path: Path, **environ: str) -> Webhooks:
    settings = load_settings(environ, NO_FILE, DATA_DIR=tmp_path)
    nothing = cast("Any", None)
    return Webhooks(settings, nothing, nothing, nothing, nothing, nothing, nothing)


def test_on_sqlite_it_lies_in_the_data_folder(tmp_path: Path) -> None:
    made = webhooks(tmp_path).key()
    assert made.text == (tmp_path / KEY_FILE).read_text("ascii")
    assert webhooks(tmp_path).key() == made


def test_a_setting_goes_before_it_also_from_a_file(tmp_path: Path) -> None:
    assert webhooks(tmp_path, REELOG_WEBHOOK_KEY="k" * 32).key().text == "k" * 32
    file = tmp_path / "key"
    file.write_text("s" * 40)
    assert webhooks(tmp_path, REELOG_WEBHOOK_KEY_FILE=str(file)).key().text == "s" * 40
    assert not (tmp_path / KEY_FILE).exists()


def test_servers_on_several_machines_need_the_setting(tmp_path: Path) -> None:
    with pytest.raises(SigningKeyError, match="set REELOG_WEBHOOK_KEY to the same text"):
        webhooks(tmp_path, REELOG_STORE="postgresql://me@db/reelog").key()


def test_a_short_key_is_refused_and_not_shown(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="32 characters or more") as refused:
        webhooks(tmp_path, REELOG_WEBHOOK_KEY="too-short-to-keep")
    assert "REELOG_WEBHOOK_KEY" in str(refused.value)
    assert "too-short-to-keep" not in str(refused.value)


@pytest.mark.parametrize(("value", "said"), [("10.0.0.0/33", "your own"), ("0.0.0.0/0", "this is everybody")])
def test_networks_are_named_one_by_one(tmp_path: Path, value: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        webhooks(tmp_path, REELOG_WEBHOOK_NETWORKS=value)
