"""Secrets from files count as if they were set, and nothing of a file's text is ever shown."""

from pathlib import Path

import pytest

from api.configuration.secret_files import NAMES, OF_CLOUDS
from api.settings import SettingsError, load_settings

NO_FILE = Path("/nonexistent.env")
SECRET = "s3cret-" + "k" * 20


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    return file


def test_keys_are_read_from_files(file: Path) -> None:
    settings = load_settings({"GEMINI_API_KEY_FILE": str(file), "REELOG_API_KEY_FILE": str(file)}, NO_FILE)
    assert settings.gemini_api_key is not None
    assert settings.api_key is not None
    assert settings.gemini_api_key.get_secret_value() == settings.api_key.get_secret_value() == SECRET
    assert not settings.unknown
    assert SECRET not in repr(settings)


def test_the_address_of_a_store_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("postgresql://reelog:pass@db/reelog")
    settings = load_settings({"REELOG_STORE_FILE": str(tmp_path / "store")}, NO_FILE)
    assert settings.store == "postgresql://reelog:pass@db/reelog"
    assert not settings.unknown


@pytest.mark.parametrize(("scheme", "name"), [(s, name) for s, names in OF_CLOUDS.items() for name in names])
def test_a_clouds_secrets_are_read_from_files_where_its_bucket_is_used(
    scheme: str, name: str, file: Path
) -> None:
    settings = load_settings({f"{name}_FILE": str(file)}, NO_FILE, BLOBS=f"{scheme}://films")
    assert settings.cloud[name].get_secret_value() == SECRET
    assert load_settings({f"{name}_FILE": "/nonexistent"}, NO_FILE).cloud == {}


def test_both_forms_at_once_are_refused(file: Path) -> None:
    with pytest.raises(SettingsError, match=r"GEMINI_API_KEY_FILE.*not both"):
        load_settings({"GEMINI_API_KEY_FILE": str(file), "GEMINI_API_KEY": SECRET}, NO_FILE)


def test_the_environment_goes_before_the_dotenv_file_in_either_form(tmp_path: Path, file: Path) -> None:
    dotenv = tmp_path / "my.env"
    dotenv.write_text("GEMINI_API_KEY=other\nREELOG_API_KEY_FILE=/nonexistent\n")
    settings = load_settings({"GEMINI_API_KEY_FILE": str(file), "REELOG_API_KEY": "mine"}, dotenv)
    assert settings.gemini_api_key is not None
    assert settings.gemini_api_key.get_secret_value() == SECRET
    assert settings.api_key is not None
    assert settings.api_key.get_secret_value() == "mine"
    told = load_settings({"REELOG_STORE_FILE": "/nonexistent"}, NO_FILE, STORE="sqlite:////tmp/x")
    assert told.store == "sqlite:////tmp/x"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("written", "said"),
    [
        (None, "no such file"),
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"s3cret-one\ns3cret-two\n", "several lines"),
        (b"s3cret-\xff\xfe", "no UTF-8 text"),
        (b"s3cret-" * 10_000, "larger than 64 KiB"),
    ],
)
def test_a_file_that_will_not_do_is_named_and_not_shown(
    tmp_path: Path, name: str, written: bytes | None, said: str
) -> None:
    path = tmp_path / "file"
    if written is not None:
        path.write_bytes(written)
    with pytest.raises(SettingsError, match=said) as refusal:
        load_settings({f"{name}_FILE": str(path)}, NO_FILE)
    assert [fault.name for fault in refusal.value.faults] == [f"{name}_FILE"]
    assert str(path) in str(refusal.value)
    assert "s3cret" not in str(refusal.value)


def test_a_folder_is_no_secret(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"REELOG_API_KEY_FILE=.*this is a folder"):
        load_settings({"REELOG_API_KEY_FILE": str(tmp_path)}, NO_FILE)


def test_what_a_file_says_wrongly_is_not_shown_either(file: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("s3cret-schlüssel")
    with pytest.raises(SettingsError) as refusal:
        load_settings({"REELOG_STORE_FILE": str(file), "GEMINI_API_KEY_FILE": str(key)}, NO_FILE)
    assert {fault.name for fault in refusal.value.faults} == {
        "REELOG_STORE_FILE",
        "GEMINI_API_KEY_FILE",
    }
    assert f"REELOG_STORE_FILE={str(file)!r}: what is in the file cannot be used: write sqlite:///FILE" in (
        str(refusal.value)
    )
    assert "s3cret" not in str(refusal.value)
