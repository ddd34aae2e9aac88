"""Settings come from the environment and ``.env``; every wrong one is named, all at once."""

from dataclasses import fields
from pathlib import Path

import pytest

from api.composition import open_system
from api.settings import KNOWN, SHORTEST_KEY, TABLE, Settings, SettingsError, load_settings, network_faults

NO_FILE = Path("/nonexistent.env")


def test_the_defaults_are_those_documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings({})
    assert settings.data_dir == tmp_path / "reelog-data"
    assert settings.store == f"sqlite:///{tmp_path}/reelog-data/events.sqlite3"
    assert settings.blobs == f"file://{tmp_path}/reelog-data/blobs"
    assert (settings.host, settings.port, settings.url) == ("127.0.0.1", 8080, "http://127.0.0.1:8080")
    assert not settings.url_is_given
    assert settings.gemini_sdk == "google-genai"
    assert settings.api_key is None


def test_each_setting_has_a_field_and_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "SETTINGS.md").read_text("utf-8")
    assert {field for field, _ in TABLE.values()} <= {field.name for field in fields(Settings)}
    assert {name for name in KNOWN if f"`{name}`" not in page} == {"REELOG_CRASH_AT"}


def test_the_page_tells_how_many_requests_and_jobs_are_let_in() -> None:
    page = (Path(__file__).parents[2] / "docs" / "SETTINGS.md").read_text("utf-8")
    open_to_others = load_settings({"REELOG_API_KEY": "k" * SHORTEST_KEY}, NO_FILE)
    assert load_settings({}, NO_FILE).rate_limit == 0
    told = f"| none without a key, {open_to_others.rate_limit} with one; {open_to_others.queue_limit} |"
    assert f"| `REELOG_RATE_LIMIT`, `REELOG_QUEUE_LIMIT` {told}" in page


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
    with pytest.raises(SettingsError, match="REELOG_API_KEY: a key has ASCII letters") as refusal:
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


UTF_16 = "REELOG_PORT=9001\r\n".encode("utf-16")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (UTF_16, "UTF-16"),
        (b"\xfe\xff" + "REELOG_PORT=9001".encode("utf-16-be"), "UTF-16"),
        ("REELOG_PORT=9001".encode("utf-16-le"), "NUL"),
        ("REELOG_PORT=9001".encode("utf-32"), "UTF-16"),
        (b"A=1\n# caf\xe9\n", "0xe9 in line 2"),
        (b"A=1\0\n", "NUL"),
        (b"A=1\n" * 300_000, "megabyte"),
    ],
    ids=["utf-16", "utf-16-be", "without-mark", "utf-32", "latin-1", "nul", "huge"],
)
def test_a_dotenv_file_that_cannot_be_read_is_named_with_all_else_that_is_wrong(
    tmp_path: Path, content: bytes, told: str
) -> None:
    file = tmp_path / ".env"
    file.write_bytes(content)
    with pytest.raises(SettingsError) as refusal:
        load_settings({"REELOG_PORT": "http"}, file)
    first, second = refusal.value.faults
    assert first.name == str(file)
    assert told in first.message
    assert "\n" not in str(first)
    assert second.name == "REELOG_PORT"


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ("GEMINI_API_KEY: canary-7713\n", "line 1 cannot"),
        ("\n# keys\n\n  GEMINI_API_KEY canary-7713\nREELOG_PORT=9001\n", "line 4 cannot"),
        ("A=1\r\nGEMINI_API_KEY='canary-7713\r\nB=2\n", "line 2 cannot"),
        ("=canary-7713\n\nsome words\n", "lines 1, 3 cannot"),
    ],
    ids=["colon", "space", "quote", "no-name"],
)
def test_a_line_of_a_dotenv_file_that_cannot_be_read_is_named_and_not_shown(
    tmp_path: Path, content: str, lines: str, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / ".env"
    file.write_bytes(content.encode())
    with pytest.raises(SettingsError) as refusal:
        load_settings({}, file)
    [fault] = refusal.value.faults
    assert str(fault).startswith(f"{file}: {lines}")
    assert "canary" not in str(fault)
    assert caplog.text == ""


def test_what_others_write_into_a_dotenv_file_is_no_hindrance(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        "# other\n\nexport A='1 # 2'\nB=\"two\nlines\"\nC\nD = x y # z\nREELOG_PORT=9001", encoding="utf-8"
    )
    assert load_settings({}, file).port == 9001


def test_a_folder_called_dotenv_is_named_unless_it_is_a_virtual_environment(tmp_path: Path) -> None:
    folder = tmp_path / ".env"
    folder.mkdir()
    with pytest.raises(SettingsError, match="it is a folder"):
        load_settings({}, folder)
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\n")
    assert load_settings({}, folder).port == 8080


def test_a_mark_of_utf8_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"\xef\xbb\xbfREELOG_PORT=9001\r\n")
    assert load_settings({}, file).port == 9001


def test_values_that_would_break_something_later_are_named_at_start(tmp_path: Path) -> None:
    prices, taken = tmp_path / "prices.json", tmp_path / "taken"
    prices.write_text("{")
    taken.write_text("")
    wrong = {
        "REELOG_PRICES": str(prices),
        "REELOG_DATA_DIR": str(taken),
        "REELOG_URL": "http://127.0.0.1:99999",
        "REELOG_LOG": "json\udcff",
        "GEMINI_API_KEY": "schlüssel",
        "REELOG_API_KEY": "two\nlines",
    }
    with pytest.raises(SettingsError) as refusal:
        load_settings(wrong, NO_FILE)
    assert {fault.name for fault in refusal.value.faults} == set(wrong)
    assert "schlüssel" not in str(refusal.value)
    assert "lines" not in str(refusal.value).replace("on one line", "")
    str(refusal.value).encode()


def test_a_home_that_nobody_has_is_told() -> None:
    told = "REELOG_DATA_DIR=.*no home folder ~nobody-of-this-name; write the whole path"
    with pytest.raises(SettingsError, match=told):
        load_settings({"REELOG_DATA_DIR": "~nobody-of-this-name/films"}, NO_FILE)


def test_where_the_current_folder_is_gone_only_a_named_one_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(SettingsError, match="the current folder is gone"):
        load_settings({})
    assert load_settings({"REELOG_DATA_DIR": str(tmp_path)}).data_dir == tmp_path


# ---- patience ---------------------------------------------------------------------------------------


def test_patience_is_half_an_hour_unless_told() -> None:
    assert load_settings({}, NO_FILE).patience_s == 1800
    assert load_settings({"REELOG_PATIENCE": "90"}, NO_FILE).patience_s == 90
    assert load_settings({"REELOG_PATIENCE": "0.5"}, NO_FILE).patience_s == 0.5
    assert load_settings({"REELOG_PATIENCE": "0"}, NO_FILE).patience_s == 0


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "1e3", "half an hour", "86401", "1800s", "١٨٠٠"])
def test_a_patience_that_is_no_time_is_named(text: str) -> None:
    with pytest.raises(SettingsError, match=r"REELOG_PATIENCE=.*from 0 to 86400"):
        load_settings({"REELOG_PATIENCE": text}, NO_FILE)


@pytest.mark.parametrize(
    ("name", "wrong", "told"),
    [
        ("POLL", "61", "from 0.1 to 60"),
        ("POLL", "0", "from 0.1 to 60"),
        ("POLL", "often", "from 0.1 to 60"),
        ("ALLOWED_HOSTS", "*", r"no port, no \*"),
        ("ALLOWED_HOSTS", "films.example:443", "no port"),
        ("ALLOWED_HOSTS", "[::1]:80", "no port"),
        ("ALLOWED_HOSTS", "filmé.example", "xn--"),
        ("URL", "http://films.example/?a=1", "nothing behind its path"),
        ("GEMINI_BASE_URL", "http://127.0.0.1:8089/#top", "nothing behind its path"),
        ("RAY_ADDRESS", "head", "write HOST:PORT"),
        ("RAY_ADDRESS", "http://head:6379", "write HOST:PORT"),
        ("RAY_ADDRESS", "head:0", "write HOST:PORT"),
        ("RAY_ADDRESS", "head:99999", "write a port"),
        ("RAY_ADDRESS", ":6379", "write HOST:PORT"),
        ("MODEL_LIMITS", "a=1, b=2, a=3", "a is named twice"),
        ("PRICES", "/", "this is a folder"),
    ],
)
def test_what_would_have_no_effect_or_fail_later_is_named_with_what_would_do(
    name: str, wrong: str, told: str
) -> None:
    with pytest.raises(SettingsError, match=rf"REELOG_{name}=.*{told}"):
        load_settings({f"REELOG_{name}": wrong}, NO_FILE)


def test_addresses_of_clusters_and_names_of_hosts_are_taken_as_they_are_written() -> None:
    for address in (
        "auto",
        "local",
        "10.0.0.5:6379",
        "reelog-head-svc:6379",
        "[::1]:6379",
        "ray://head:10001",
    ):
        assert load_settings({"REELOG_RAY_ADDRESS": address}, NO_FILE).ray_address == address
    hosts = load_settings({"REELOG_ALLOWED_HOSTS": "films.example, 10.0.0.5, ::1 [::1]"}, NO_FILE)
    assert hosts.allowed_hosts == ("films.example", "10.0.0.5", "::1", "[::1]")


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"DATA_DIR": "/films/here"}, "/films/here"),
        ({"DATA_DIR": "/films/here", "STORE": "sqlite:////films/there/log.db"}, "/films/there/log.db"),
        ({"STORE": "postgresql://reelog:secret@db:5433/films"}, "postgresql://reelog@db:5433/films"),
        ({"STORE": "postgresql://reelog@db/films?password=secret"}, "postgresql://reelog@db/films"),
    ],
)
def test_where_jobs_are_kept_is_said_without_a_password(settings: dict[str, str], where: str) -> None:
    told = load_settings({f"REELOG_{name}": value for name, value in settings.items()}, NO_FILE).where
    assert told == where


# ---- what the SDKs obey -----------------------------------------------------------------------------

GONE = "/nonexistent/ca.pem"
EMULATOR = {"REELOG_GEMINI_BASE_URL": "http://127.0.0.1:8089"}
OLD = {"REELOG_GEMINI_SDK": "google-generativeai"}


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"SSL_CERT_FILE": GONE}, ["SSL_CERT_FILE"]),
        ({"SSL_CERT_FILE": GONE} | EMULATOR, ["SSL_CERT_FILE"]),
        ({"SSL_CERT_FILE": "/etc/passwd"}, ["SSL_CERT_FILE"]),
        ({"SSL_CERT_FILE": "/tmp"}, ["SSL_CERT_FILE"]),  # noqa: S108 - a folder
        ({"SSL_CERT_DIR": GONE}, ["SSL_CERT_DIR"]),
        ({"SSL_CERT_DIR": f"{GONE}:/etc"}, []),
        ({"SSL_CERT_DIR": GONE} | EMULATOR, []),
        ({"REQUESTS_CA_BUNDLE": GONE}, []),
        (
            {"REQUESTS_CA_BUNDLE": GONE, "CURL_CA_BUNDLE": GONE} | OLD,
            ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"],
        ),
        ({"SSL_CERT_FILE": GONE} | OLD, []),
        ({"HTTPS_PROXY": "://x"}, ["HTTPS_PROXY"]),
        ({"HTTPS_PROXY": "http://[::1"}, ["HTTPS_PROXY"]),
        ({"http_proxy": "http://proxy:port"}, ["http_proxy"]),
        ({"ALL_PROXY": "socks5://127.0.0.1:1080"}, ["ALL_PROXY"]),
        ({"https_proxy": "ftp://x"} | EMULATOR, []),
        ({"HTTPS_PROXY": "proxy.example:3128", "http_proxy": "http://u:p@proxy:3128"}, []),
        ({"SSL_CERT_FILE": "", "HTTPS_PROXY": ""}, []),
    ],
)
def test_what_an_sdk_would_fail_by_is_named_and_nothing_else(
    environ: dict[str, str], named: list[str]
) -> None:
    faults = network_faults(load_settings(environ, NO_FILE))
    assert [fault.name for fault in faults] == named
    for fault in faults:
        assert environ[fault.name] in str(fault)


def test_a_provider_is_not_called_with_certificates_that_are_gone(tmp_path: Path) -> None:
    settings = load_settings({"SSL_CERT_FILE": GONE}, NO_FILE, DATA_DIR=tmp_path / "data")
    with pytest.raises(SettingsError, match="SSL_CERT_FILE"):
        open_system(settings)
    assert not (tmp_path / "data").exists()
    open_system(settings, provider="gemini").close()


@pytest.mark.parametrize("level", ["low", "medium", "high"])
def test_how_much_models_think_is_a_setting(level: str) -> None:
    assert load_settings({"REELOG_THINKING": level}, NO_FILE).thinking == level


def test_thinking_is_refused_where_it_is_no_level_or_the_sdk_cannot_ask() -> None:
    with pytest.raises(SettingsError, match=r"REELOG_THINKING=.*low or medium"):
        load_settings({"REELOG_THINKING": "a lot"}, NO_FILE)
    legacy = {"REELOG_GEMINI_SDK": "google-generativeai"}
    assert load_settings(legacy, NO_FILE).thinking is None
    with pytest.raises(SettingsError, match=r"REELOG_THINKING=.*google-generativeai cannot ask"):
        load_settings(legacy | {"REELOG_THINKING": "low"}, NO_FILE)


def test_prompts_of_ones_own_are_a_folder_that_is_there(tmp_path: Path) -> None:
    assert load_settings({"REELOG_PROMPTS": str(tmp_path)}, NO_FILE).prompts == tmp_path
    with pytest.raises(SettingsError, match=r"REELOG_PROMPTS=.*no such folder"):
        load_settings({"REELOG_PROMPTS": str(tmp_path / "none")}, NO_FILE)


def test_a_bucket_is_opened_by_the_variables_of_its_cloud_alone(tmp_path: Path) -> None:
    given = {
        "REELOG_BLOBS": "s3://films/reelog/",
        "AWS_ACCESS_KEY_ID": "AKIA",
        "AWS_SECRET_ACCESS_KEY": "hush",
        "AWS_PROFILE": "mine",
        "AZURE_STORAGE_ACCOUNT_KEY": "another",
    }
    (tmp_path / ".env").write_text("AWS_ENDPOINT_URL=http://127.0.0.1:9000\n")
    settings = load_settings(given, tmp_path / ".env")
    assert settings.blobs == "s3://films/reelog"
    assert {name: value.get_secret_value() for name, value in settings.cloud.items()} == {
        "AWS_ACCESS_KEY_ID": "AKIA",
        "AWS_SECRET_ACCESS_KEY": "hush",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9000",
    }
    assert "hush" not in repr(settings)
    assert load_settings(given | {"REELOG_BLOBS": "file:///films"}, tmp_path / ".env").cloud == {}


@pytest.mark.parametrize(
    "url",
    ["s3://", "s3:///prefix", "s3://Films", "gs://films?x=1", "az://user:key@films", "http://films", "films"],
)
def test_what_names_no_bucket_is_refused_with_what_would_do(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        load_settings({"REELOG_BLOBS": url}, tmp_path / "none.env")
    [fault] = refusal.value.faults
    assert (fault.name, fault.value) == ("REELOG_BLOBS", url)
    assert "s3://BUCKET/PREFIX" in fault.message


def test_a_key_that_fits_in_no_header_is_named_and_not_shown(tmp_path: Path) -> None:
    given = {"REELOG_BLOBS": "s3://films", "AWS_SECRET_ACCESS_KEY": "hush\u00e9"}
    with pytest.raises(SettingsError, match="AWS_SECRET_ACCESS_KEY") as refusal:
        load_settings(given, tmp_path / "none.env")
    assert "hush" not in str(refusal.value)


@pytest.mark.parametrize("text", ["59", "604801", "a day"])
def test_a_signed_address_is_good_for_a_minute_to_a_week(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match="from 60 to 604800"):
        load_settings({"REELOG_BLOBS_REDIRECT": text}, tmp_path / "none.env")


def test_other_sites_are_named_as_browsers_name_them(tmp_path: Path) -> None:
    named = "https://app.example http://localhost:3000, http://[::1]:8, https://app.example"
    settings = load_settings({"REELOG_CORS_ORIGINS": named}, tmp_path / "none.env")
    assert settings.cors_origins == ("https://app.example", "http://localhost:3000", "http://[::1]:8")
    assert load_settings({}, tmp_path / "none.env").cors_origins == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("*", "name the sites"),
        ("null", "is no origin"),
        ("app.example", "is no origin"),
        ("ftp://app.example", "is no origin"),
        ("https://b\u00fccher.example", "xn--"),
        ("http://app.example:99999", "is no origin"),
        ("http://[app", "is no origin"),
        ("https://app.example/", "write https://app.example"),
        ("https://app.example/films", "write https://app.example"),
        ("https://app.example:443", "write https://app.example"),
        ("https://App.Example", "write https://app.example"),
        ("https://me:pass@app.example", "write https://app.example"),
        ("https://good.example, *", "name the sites"),
    ],
)
def test_what_is_no_origin_is_named_at_start(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        load_settings({"REELOG_CORS_ORIGINS": text}, tmp_path / "none.env")
    [fault] = refusal.value.faults
    assert fault.name == "REELOG_CORS_ORIGINS"
    assert told in fault.message


def test_keys_of_links_are_secrets_of_some_length(tmp_path: Path) -> None:
    keys = "the-new-key-of-links, the-old-key-of-links"
    settings = load_settings({"REELOG_LINK_KEY": keys}, tmp_path / "none.env")
    assert [key.get_secret_value() for key in settings.link_keys] == keys.split(", ")
    assert "key-of-links" not in repr(settings)
    file = tmp_path / "key"
    file.write_text("too-short\n")
    for short in ({"REELOG_LINK_KEY": f"{keys},too-short"}, {"REELOG_LINK_KEY_FILE": str(file)}):
        with pytest.raises(SettingsError, match="less than 16") as refusal:
            load_settings(short, tmp_path / "none.env")
        assert "too-short" not in str(refusal.value)
        assert "key-of-links" not in str(refusal.value)
