"""Every setting, read here and nowhere else: the environment, then a ``.env`` file, then the default.

All wrong values are told at once, each with its name, its value and what would do, because whoever starts a
server should not have to find them one by one. Keys are kept as secrets that do not print. Longer than other
modules: a table is read as one.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import SecretStr

from api.configuration import cloud, network, secret_files, tracing, values
from api.configuration.env_file import EnvFileError, read_env_file
from api.configuration.faults import Fault, SettingsError
from api.configuration.link_keys import read_link_keys
from domain.failures import PATIENCE_S
from domain.options import MOST_PATIENCE_S
from domain.traces import read_traceparent

if TYPE_CHECKING:
    from api.configuration.signing_key import SigningKey

__all__ = ["KEY_PAGE", "Fault", "Settings", "SettingsError", "load_settings", "network_faults"]

PREFIX = "REELOG_"
KEYS = ("GEMINI_API_KEY", "GOOGLE_API_KEY")
HIDDEN = (*KEYS, *(f"{PREFIX}{name}_KEY" for name in ("API", "LINK", "WEBHOOK")))
"""Values that are never shown."""
STORE_FILE = "events.sqlite3"
KEY_PAGE = "https://aistudio.google.com/apikey"
MOST_ACTIVE_JOBS = 64
MOST_PLACES = 10_000
MOST_FILE_MB = 100_000
MOST_QUEUED = 1_000_000
LONGEST_GRACE_S = 600
SHORTEST_POLL_S, LONGEST_POLL_S = 0.1, 60
MOST_CACHE_MB = 100_000_000
REDIRECTS_S = (60, 604_800)
"""No store takes a signed address that is good for more than a week."""
RATE_LIMIT = 6000
"""For a server with a key, so one that others reach; on one's own machine there is nobody to hold back."""
SHORTEST_KEY, SHORTEST_WEBHOOK_KEY = 16, 32
"""The first of a server that other machines reach."""

Sdk = Literal["google-genai", "google-generativeai"]
Thinking = Literal["low", "medium", "high"]
Log = Literal["json", "text"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    data_dir: Path
    store: str
    blobs: str
    blobs_cache: Path
    """The folder of each machine for what it reads from a bucket."""
    blobs_cache_mb: int = 10_000
    blobs_redirect_s: int | None = None
    """For how long a signed address of films is good; None: films in a bucket come through the server."""
    cloud: Mapping[str, SecretStr] = field(default_factory=dict)
    """The variables of the cloud whose bucket ``blobs`` names, see ``configuration/cloud.py``."""
    ray_address: str | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    url: str = "http://127.0.0.1:8080"
    url_is_given: bool = False
    """Whether a server is named; else ``url`` is where one of these settings would be."""
    mcp_max_usd: float | None = None
    """What an agent may begin to spend with one call; None: each call says it."""
    root_path: str = ""
    """The path under which a proxy shows the server; empty: it has a host of its own."""
    api_key: SecretStr | None = None
    link_keys: tuple[SecretStr, ...] = ()
    """What links to assets are signed with, the newest first; none: what ``link_keys.py`` says."""
    allowed_hosts: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
    """Other sites whose pages may use the API."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks whose X-Forwarded-For, -Proto and -Host are believed."""
    webhook_networks: tuple[str, ...] = ()
    """Private addresses and networks that webhooks may call, also by plain HTTP."""
    webhook_key: SecretStr | None = None
    """What their secrets are made from; None: a key in the data folder, on SQLite alone."""
    gemini_sdk: Sdk = "google-genai"
    gemini_base_url: str | None = None
    gemini_api_key: SecretStr | None = None
    thinking: Thinking | None = None
    """How much text models think before they answer; None: low, where the SDK can ask."""
    prompts: Path | None = None
    """A folder of prompts in place of the shipped ones."""
    max_active_jobs: int = 4
    rate_limit: int = 0
    """Requests a minute from one address to what needs a key; 0 is no limit."""
    queue_limit: int = 1000
    """Jobs that may wait to be begun."""
    max_file_mb: int = 500
    """The largest file that may be sent, in millions of bytes."""
    patience_s: float = PATIENCE_S
    """For how long what costs nothing is tried again, where a job does not say."""
    poll_s: float = 2.0
    """How long after its acceptance a call that is answered later is asked for; later five times that."""
    grace_s: int = 10
    """How long calls in flight may take to end when the server is stopped."""
    renderers: int | None = None
    """How many processes may render at once, on all machines; None: as many as there are CPUs for."""
    artists: int | None = None
    """How many processes may ask models at once, on all machines; None: one on each, at most."""
    model_concurrency: int = 16
    """Calls at once to one model, for the whole cluster."""
    model_rpm: int | None = None
    """Calls a minute to one model; None is no limit of ours."""
    model_limits: tuple[tuple[str, int, int | None], ...] = ()
    """Models with limits of their own: name, calls at once, calls a minute."""
    log: Log | None = None
    """How log lines look; None: as JSON unless a person reads them in a terminal."""
    prices: Path | None = None
    signing: "SigningKey | None" = None
    """What films are signed with; None: they carry no Content Credentials."""
    time_authority: str | None = None
    """Who vouches for the hour at which they are signed."""
    crash_at: str | None = None
    """For the crash suite: where a process of ours is to die; see ``actors/work/crash.py``."""
    unknown: tuple[str, ...] = field(default=())
    """REELOG_ names that nothing here knows: perhaps misspelt."""
    network: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The variables by which the SDKs find certificates and proxies, see `network_faults`."""
    tracing: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The variables of OpenTelemetry that are read here, see ``configuration/tracing.py``."""

    @property
    def where(self) -> str:
        """Where jobs are kept, for people: the data folder, or the store elsewhere, without its password."""
        if not self.store.startswith("sqlite:///"):
            from domain.store import shown_url  # noqa: PLC0415 - who reads settings alone need not load it

            return shown_url(self.store)
        file = Path(self.store.removeprefix("sqlite:///")).absolute()
        usual = file.parent.resolve() == self.data_dir.resolve() and file.name == STORE_FILE
        return str(self.data_dir if usual else file)

    @property
    def traceparent(self) -> str | None:
        """The span of whoever started this command, where it names one."""
        return read_traceparent(self.tracing.get(tracing.TRACEPARENT))

    @property
    def missing_key(self) -> str | None:
        """What to do when Google cannot be called because there is no key; None when there is one."""
        if self.gemini_api_key is not None or self.gemini_base_url is not None:
            return None
        return (
            f"GEMINI_API_KEY is not set. Get a key at {KEY_PAGE} and set it, "
            "or try everything without one on the emulator: reelog demo, or --emulate"
        )


TABLE: dict[str, tuple[str, Callable[[str], Any]]] = {
    "DATA_DIR": ("data_dir", values.folder),
    "STORE": ("store", values.store_url),
    "BLOBS": ("blobs", values.blobs_url),
    "BLOBS_CACHE": ("blobs_cache", values.folder),
    "BLOBS_CACHE_MB": ("blobs_cache_mb", values.number(0, MOST_CACHE_MB)),
    "BLOBS_REDIRECT": ("blobs_redirect_s", values.number(*REDIRECTS_S)),
    "RAY_ADDRESS": ("ray_address", values.ray_address),
    "HOST": ("host", str),
    "PORT": ("port", values.port),
    "URL": ("url", values.server_url),
    "MCP_MAX_USD": ("mcp_max_usd", values.usd),
    "ROOT_PATH": ("root_path", values.root_path),
    "ALLOWED_HOSTS": ("allowed_hosts", values.hosts),
    "CORS_ORIGINS": ("cors_origins", values.origins),
    "LINK_KEY": ("link_keys", read_link_keys),
    "TRUSTED_PROXIES": ("trusted_proxies", values.networks),
    "WEBHOOK_NETWORKS": ("webhook_networks", values.private_networks),
    "GEMINI_SDK": ("gemini_sdk", values.one_of("google-genai", "google-generativeai")),
    "GEMINI_BASE_URL": ("gemini_base_url", values.base_url),
    "THINKING": ("thinking", values.one_of(*get_args(Thinking))),
    "PROMPTS": ("prompts", values.present_folder),
    "MAX_ACTIVE_JOBS": ("max_active_jobs", values.number(1, MOST_ACTIVE_JOBS)),
    "RATE_LIMIT": ("rate_limit", values.number(0, values.MOST_REQUESTS)),
    "QUEUE_LIMIT": ("queue_limit", values.number(1, MOST_QUEUED)),
    "MAX_FILE_MB": ("max_file_mb", values.number(1, MOST_FILE_MB)),
    "PATIENCE": ("patience_s", values.seconds(0, MOST_PATIENCE_S)),
    "POLL": ("poll_s", values.seconds(SHORTEST_POLL_S, LONGEST_POLL_S)),
    "GRACE": ("grace_s", values.number(0, LONGEST_GRACE_S)),
    "RENDERERS": ("renderers", values.number(1, MOST_PLACES)),
    "ARTISTS": ("artists", values.number(1, MOST_PLACES)),
    "MODEL_CONCURRENCY": ("model_concurrency", values.number(1, values.MOST_CALLS)),
    "MODEL_RPM": ("model_rpm", values.number(1, values.MOST_REQUESTS)),
    "MODEL_LIMITS": ("model_limits", values.model_limits),
    "LOG": ("log", values.one_of("json", "text")),
    "PRICES": ("prices", values.prices),
    "C2PA_TIME_URL": ("time_authority", values.http_url),
    "CRASH_AT": ("crash_at", str),
}
"""Each setting by its name without the prefix: the field of `Settings`, and how its text becomes a value."""
PAIR = ("C2PA_CERT", "C2PA_KEY")
"""Two files that make one field together."""
SECRETS = ("API_KEY", "API_KEY_FILE", "LINK_KEY_FILE", "WEBHOOK_KEY", "WEBHOOK_KEY_FILE", "STORE_FILE")
KNOWN = {f"{PREFIX}{name}" for name in (*TABLE, *PAIR, *SECRETS)}


def load_settings(
    environ: Mapping[str, str] | None = None, env_file: Path | None = None, **overrides: Any
) -> Settings:
    """Read the settings; SettingsError names every wrong one.

    ``overrides`` are what a command line was told, by the names of the fields in upper case (``PORT=0``);
    None is no override. ``env_file`` is ``.env`` in the current folder unless given.
    """
    file = env_file or Path(".env")
    faults = []
    try:
        texts = read_env_file(file)
    except EnvFileError as error:
        texts = {}
        faults.append(Fault(str(file), "", str(error)))
    told = {f"{PREFIX}{name}": str(value) for name, value in overrides.items() if value is not None}
    texts = secret_files.layered(texts, os.environ if environ is None else environ, told)
    settings = _Reader(texts, faults).settings()
    # The SDKs, and OpenTelemetry's, read the environment alone: what .env says of these reaches nobody.
    surroundings = os.environ if environ is None else environ
    obeyed = {name: surroundings[name] for name in network.VARIABLES if surroundings.get(name)}
    traced = {name: surroundings[name] for name in tracing.VARIABLES if surroundings.get(name)}
    return replace(settings, network=obeyed, tracing=traced)


class _Reader:
    def __init__(self, texts: Mapping[str, str], faults: Iterable[Fault] = ()) -> None:
        self._texts = dict(texts)
        self._faults: list[Fault] = list(faults)
        self._from_files: set[str] = set()

    def settings(self) -> Settings:
        self._refuse_what_is_no_text()
        self._read_files(secret_files.NAMES)
        read = {target: self._read(name, convert) for name, (target, convert) in TABLE.items()}
        given = {name: value for name, value in read.items() if value is not None}
        data_dir = given.get("data_dir") or self._default_folder()
        api_key = self._secret(f"{PREFIX}API_KEY")
        self._judge_key(api_key, given.get("host", Settings.host))
        if given.get("thinking") and given.get("gemini_sdk") == "google-generativeai":
            self._fault(
                "THINKING",
                f"google-generativeai cannot ask for it: set {PREFIX}GEMINI_SDK=google-genai, "
                "or leave it out",
            )
        defaults: dict[str, Any] = {
            "data_dir": data_dir,
            "store": f"sqlite:///{data_dir}/{STORE_FILE}",
            "blobs": f"file://{data_dir}/blobs",
            "blobs_cache": data_dir / "blob-cache",
            "url": f"http://127.0.0.1:{given.get('port') or Settings.port}",
            "rate_limit": RATE_LIMIT if api_key else 0,
        }
        settings = Settings(
            **(defaults | given),
            url_is_given="url" in given,
            api_key=api_key,
            webhook_key=self._webhook_key(),
            gemini_api_key=self._secret("GEMINI_API_KEY") or self._secret("GOOGLE_API_KEY"),
            signing=self._signing(),
            cloud=self._cloud(given.get("blobs", "")),
            unknown=tuple(sorted(n for n in self._texts if n.startswith(PREFIX) and n not in KNOWN)),
        )
        if self._faults:
            raise SettingsError([self._as_it_was_set(fault) for fault in self._faults])
        return settings

    def _as_it_was_set(self, fault: Fault) -> Fault:
        """What a file says wrongly is named by that file."""
        if fault.name not in self._from_files:
            return fault
        name = f"{fault.name}{secret_files.SUFFIX}"
        return Fault(name, self._texts[name], f"what is in the file cannot be used: {fault.message}")

    def _refuse_what_is_no_text(self) -> None:
        """Bytes that are not UTF-8 can be in a path of the machine, and in nothing that is written down."""
        for name in [n for n in self._texts if n.startswith(PREFIX) or n in KEYS]:
            value = self._texts[name]
            try:
                value.encode()
            except UnicodeEncodeError:
                shown = "" if name in HIDDEN else value
                self._faults.append(Fault(name, shown, "this is not UTF-8 text"))
                del self._texts[name]

    def _read_files(self, names: Iterable[str]) -> None:
        """Take the secrets that lie in files for what they are."""
        found, faults = secret_files.read_secret_files(self._texts, names)
        self._texts.update(found)
        self._from_files.update(found)
        self._faults += faults

    def _default_folder(self) -> Path:
        try:
            return Path("reelog-data").absolute()
        except OSError:
            self._fault("DATA_DIR", "the current folder is gone: go to another one, or name a folder here")
            return Path("/nonexistent/reelog-data")

    def _judge_key(self, key: SecretStr | None, host: str) -> None:
        """A server that other machines reach needs a key, and one that can be guessed is none."""
        if values.is_loopback(host):
            return
        if key is None:
            self._fault(
                "HOST",
                "this address can be reached from other machines: set REELOG_API_KEY as well, "
                "or use 127.0.0.1",
            )
        elif (letters := len(key.get_secret_value())) < SHORTEST_KEY:
            told = (
                f"it has {letters} characters, and {host} can be reached from other machines: set "
                f"{SHORTEST_KEY} or more, such as `openssl rand -hex 16` writes"
            )
            self._faults.append(Fault(f"{PREFIX}API_KEY", "", told))

    def _webhook_key(self) -> SecretStr | None:
        key = self._secret(name := f"{PREFIX}WEBHOOK_KEY")
        if key is not None and len(key.get_secret_value()) < SHORTEST_WEBHOOK_KEY:
            told = f"write {SHORTEST_WEBHOOK_KEY} characters or more, such as `openssl rand -hex 32` writes"
            self._faults.append(Fault(name, "", told))
        return key

    def _cloud(self, blobs: str) -> dict[str, SecretStr]:
        """What is set of the variables of the cloud where the bucket is."""
        scheme = blobs.partition(":")[0]
        self._read_files(secret_files.OF_CLOUDS.get(scheme, ()))
        read = {name: self._secret(name) for name in cloud.VARIABLES.get(scheme, ())}
        return {name: value for name, value in read.items() if value is not None}

    def _signing(self) -> "SigningKey | None":
        given = [name for name in PAIR if self._text(name)]
        for name in PAIR if len(given) == 1 else ():
            if name not in given:
                self._fault(name, f"set this as well as {PREFIX}{given[0]}")
        certificate, key = (self._read(name, values.file) for name in PAIR)
        if certificate is None or key is None:
            return None
        from api.configuration.signing_key import (  # noqa: PLC0415 - few films are signed, and it takes 70 ms
            CertificateError,
            KeyFileError,
            read_signing_key,
        )

        try:
            return read_signing_key(certificate, key, datetime.now(UTC))
        except CertificateError as error:
            self._fault("C2PA_KEY" if isinstance(error, KeyFileError) else "C2PA_CERT", str(error))
            return None

    def _text(self, name: str) -> str | None:
        return self._texts.get(f"{PREFIX}{name}", "").strip() or None

    def _secret(self, name: str) -> SecretStr | None:
        value = self._texts.get(name, "").strip()
        if not all(" " <= letter <= "~" for letter in value):
            # It goes into a header; the value itself is never shown.
            told = "a key has ASCII letters, digits and signs on one line; this has others"
            self._faults.append(Fault(name, "", told))
            return None
        return SecretStr(value) if value else None

    def _read(self, name: str, convert: Callable[[str], Any]) -> Any:
        """The value of a setting; None where it is not set, or wrong."""
        text = self._text(name)
        if text is None:
            return None
        try:
            return convert(text)
        except (ValueError, OSError, RuntimeError) as error:
            # No home folder for ~, a path that is too long, a list of prices that is none.
            told = getattr(error, "strerror", None) or str(error)
            self._fault(name, " ".join(told.split()))
            return None

    def _fault(self, name: str, message: str) -> None:
        full = f"{PREFIX}{name}"
        shown = "" if full in HIDDEN else self._text(name) or ""
        self._faults.append(Fault(full, shown, message))


def network_faults(settings: Settings) -> list[Fault]:
    """What the SDKs would fail by at their first breath, with a message that does not name it.

    No hindrance to who only reads the store.
    """
    return network.wrong_variables(settings.network, settings.gemini_sdk, settings.gemini_base_url)
