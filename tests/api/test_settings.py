"""Settings come from the environment and ``.env``; every wrong one is named, all at once."""

from pathlib import Path

import pytest

from api.settings import SHORTEST_KEY, SettingsError, load_settings

NO_FILE = Path("/nonexistent.env")


def test_the_defaults_are_those_documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings({})
    assert settings.data_dir == tmp_path / "reelog-data"
    assert settings.store == f"sqlite:///{tmp_path}/reelog-data/events.sqlite3"
    assert settings.blobs == f"file://{tmp_path}/reelog-data/blobs"
    assert (settings.host, settings.port, settings.url) == ("127.0.0.1", 8080, "http://127.0.0.1:8080")
    assert settings.gemini_sdk == "google-genai"
    assert settings.api_key is None


def test_a_dotenv_file_is_read_and_the_environment_overrides_it(tmp_path: Path) -> None:
    file = tmp_path / "my.env"
    file.write_text("REELOG_PORT=9001\nREELOG_MAX_ACTIVE_JOBS=7\nGEMINI_API_KEY=from-file\n")
    settings = load_settings({"REELOG_PORT": "9002"}, file)
    assert (settings.port, settings.max_active_jobs) == (9002, 7)
    assert settings.gemini_api_key is not None
    assert settings.gemini_api_key.get_secret_value() == "from-file"


def test_the_command_line_overrides_all() -> None:
    assert load_settings({"REELOG_PORT": "9002"}, NO_FILE, PORT=0).port == 0
    assert load_settings({"REELOG_PORT": "9002"}, NO_FILE, PORT=None).port == 9002


def test_every_wrong_value_is_named_at_once() -> None:
    wrong = {
        "REELOG_PORT": "http",
        "REELOG_STORE": "mysql://x",
        "REELOG_BLOBS": "ftp://x",
        "REELOG_GEMINI_SDK": "openai",
        "REELOG_GEMINI_BASE_URL": "localhost:1",
        "REELOG_MAX_ACTIVE_JOBS": "0",
        "REELOG_PRICES": "/nonexistent.json",
        "REELOG_HOST": "192.168.1.5",
    }
    with pytest.raises(SettingsError) as refusal:
        load_settings(wrong, NO_FILE)
    assert {fault.name for fault in refusal.value.faults} == set(wrong)
    for fault in refusal.value.faults:
        assert fault.value == wrong[fault.name]
        assert wrong[fault.name] in str(refusal.value)


@pytest.mark.parametrize("host", ["192.168.1.5", "::", "films.example"])
def test_an_address_that_others_reach_needs_a_key(host: str) -> None:
    with pytest.raises(SettingsError, match="REELOG_API_KEY"):
        load_settings({"REELOG_HOST": host}, NO_FILE)
    long_enough = {"REELOG_HOST": host, "REELOG_API_KEY": "k" * SHORTEST_KEY}
    assert load_settings(long_enough, NO_FILE).host == host


def test_a_key_that_can_be_guessed_is_refused_where_others_reach_the_server() -> None:
    short = {"REELOG_HOST": "192.168.1.5", "REELOG_API_KEY": "s3cretly-short."}
    with pytest.raises(SettingsError, match="REELOG_API_KEY: it has 15 characters") as refusal:
        load_settings(short, NO_FILE)
    assert "s3cretly" not in str(refusal.value)
    assert load_settings(short | {"REELOG_HOST": "127.0.0.1"}, NO_FILE).api_key is not None


@pytest.mark.parametrize("key", ["schlüssel-schlüssel", "κλειδί", "a\x1bb", "a\nb"])
def test_a_key_that_programs_send_differently_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(SettingsError, match="REELOG_API_KEY: write letters, digits and signs") as refusal:
        load_settings({"REELOG_API_KEY": key}, NO_FILE)
    assert key not in str(refusal.value)


def test_proxies_are_named_by_address_or_network() -> None:
    named = load_settings({"REELOG_TRUSTED_PROXIES": "127.0.0.1, 10.1.2.3/8 ::1"}, NO_FILE)
    assert named.trusted_proxies == ("127.0.0.1", "10.0.0.0/8", "::1")
    assert load_settings({}, NO_FILE).trusted_proxies == ()


@pytest.mark.parametrize("wrong", ["proxy.example", "10.0.0.0/33", "127.0.0.1:80", "*", "0.0.0.0/0", "::/0"])
def test_proxies_that_nobody_could_tell_or_that_are_everybody_are_refused(wrong: str) -> None:
    with pytest.raises(SettingsError, match=r"REELOG_TRUSTED_PROXIES.*: (write|this is everybody)"):
        load_settings({"REELOG_TRUSTED_PROXIES": wrong}, NO_FILE)


def test_both_names_of_the_provider_key_are_read_and_neither_prints() -> None:
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY"):
        settings = load_settings({name: "very-secret"}, NO_FILE)
        assert settings.gemini_api_key is not None
        assert settings.missing_key is None
        assert "very-secret" not in repr(settings)


def test_without_a_key_it_is_said_where_to_get_one_and_how_to_try_without() -> None:
    missing = load_settings({}, NO_FILE).missing_key
    assert missing is not None
    for word in ("GEMINI_API_KEY", "https://aistudio.google.com/apikey", "emulator"):
        assert word in missing


def test_misspelt_names_are_told() -> None:
    settings = load_settings({"REELOG_PROT": "1", "REELOG_PORT": "1", "OTHER": "x"}, NO_FILE)
    assert settings.unknown == ("REELOG_PROT",)


def test_models_can_have_limits_of_their_own(tmp_path: Path) -> None:
    own = {"REELOG_MODEL_RPM": "90", "REELOG_MODEL_LIMITS": "gemini-3.8-flash=8/60, gemini-nano-banana-2.1=2"}
    settings = load_settings(own, tmp_path / "none.env")

    assert (settings.model_concurrency, settings.model_rpm) == (16, 90)
    assert settings.model_limits == (("gemini-3.8-flash", 8, 60), ("gemini-nano-banana-2.1", 2, None))


@pytest.mark.parametrize("wrong", ["gemini-3.8-flash", "a=0", "a=2/x", "=3", "a=2,,"])
def test_a_limit_that_cannot_be_read_says_how_to_write_one(wrong: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="MODEL=CALLS/A_MINUTE"):
        load_settings({"REELOG_MODEL_LIMITS": wrong}, tmp_path / "none.env")
