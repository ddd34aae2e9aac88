"""Every setting, read here and nowhere else: the environment, then a ``.env`` file, then the default.

All wrong values are told at once, each with its name, its value and what would do, because whoever starts a
server should not have to find them one by one. Keys are kept as secrets that do not print.
"""

import os
import re
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

from api.env_file import EnvFileError, read_env_file
from domain.failures import PATIENCE_S
from domain.pricing import SHIPPED_PRICES, PriceBook
from domain.submission import MOST_PATIENCE_S

if TYPE_CHECKING:
    from api.certificates import SigningKey

PREFIX = "REELOG_"
KEYS = ("GEMINI_API_KEY", "GOOGLE_API_KEY")
KEY_PAGE = "https://aistudio.google.com/apikey"
MOST_ACTIVE_JOBS = 64
MOST_REQUESTS = 1_000_000
MOST_QUEUED = 1_000_000
LONGEST_GRACE_S = 600
RATE_LIMIT = 6000
"""For a server with a key, so one that others reach; on one's own machine there is nobody to hold back."""
MOST_CALLS = 1000
SHORTEST_KEY = 16
"""Of a server that other machines reach."""
_PORTS = range(65536)
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy")

Sdk = Literal["google-genai", "google-generativeai"]
Log = Literal["json", "text"]


@dataclass(frozen=True)
class Fault:
    """One wrong setting: its name, the value as it stands, and what would do."""

    name: str
    value: str
    message: str

    def __str__(self) -> str:
        shown = f"{self.name}={self.value!r}" if self.value else self.name
        return f"{shown}: {self.message}"


class SettingsError(Exception):
    """Some settings are wrong; ``faults`` names them all."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


@dataclass(frozen=True, kw_only=True)
class Settings:
    data_dir: Path
    store: str
    blobs: str
    ray_address: str | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    url: str = "http://127.0.0.1:8080"
    api_key: SecretStr | None = None
    allowed_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks whose X-Forwarded-For, -Proto and -Host are believed."""
    gemini_sdk: Sdk = "google-genai"
    gemini_base_url: str | None = None
    gemini_api_key: SecretStr | None = None
    max_active_jobs: int = 4
    rate_limit: int = 0
    """Requests a minute from one address to what needs a key; 0 is no limit."""
    queue_limit: int = 1000
    """Jobs that may wait to be begun."""
    patience_s: float = PATIENCE_S
    """For how long what costs nothing is tried again, where a job does not say."""
    grace_s: int = 10
    """How long calls in flight may take to end when the server is stopped."""
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

    @property
    def missing_key(self) -> str | None:
        """What to do when Google cannot be called because there is no key; None when there is one."""
        if self.gemini_api_key is not None or self.gemini_base_url is not None:
            return None
        return (
            f"GEMINI_API_KEY is not set. Get a key at {KEY_PAGE} and set it, "
            "or try everything without one on the emulator: reelog demo, or --emulate"
        )


KNOWN = {
    f"{PREFIX}{name}"
    for name in (
        "DATA_DIR",
        "STORE",
        "BLOBS",
        "RAY_ADDRESS",
        "HOST",
        "PORT",
        "URL",
        "API_KEY",
        "ALLOWED_HOSTS",
        "TRUSTED_PROXIES",
        "GEMINI_SDK",
        "GEMINI_BASE_URL",
        "MAX_ACTIVE_JOBS",
        "RATE_LIMIT",
        "QUEUE_LIMIT",
        "PATIENCE",
        "GRACE",
        "MODEL_CONCURRENCY",
        "MODEL_RPM",
        "MODEL_LIMITS",
        "LOG",
        "PRICES",
        "C2PA_CERT",
        "C2PA_KEY",
        "C2PA_TIME_URL",
        "CRASH_AT",
    )
}


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
        values = read_env_file(file)
    except EnvFileError as error:
        values = {}
        faults.append(Fault(str(file), "", str(error)))
    values.update(os.environ if environ is None else environ)
    values.update({f"{PREFIX}{name}": str(v) for name, v in overrides.items() if v is not None})
    settings = _Reader(values, faults).settings()
    # The SDKs read the environment alone: what .env says of these reaches nobody.
    surroundings = os.environ if environ is None else environ
    obeyed = {name: surroundings[name] for name in (*_CERTIFICATES, *_PROXIES) if surroundings.get(name)}
    return replace(settings, network=obeyed)


class _Reader:
    def __init__(self, values: Mapping[str, str], faults: Iterable[Fault] = ()) -> None:
        self._values = dict(values)
        self._faults: list[Fault] = list(faults)

    def settings(self) -> Settings:
        self._refuse_what_is_no_text()
        data_dir = self._read("DATA_DIR", None, _folder) or self._default_folder()
        host = self._text("HOST") or "127.0.0.1"
        port = self._read("PORT", 8080, _port)
        api_key = self._secret(f"{PREFIX}API_KEY")
        if api_key is None and not is_loopback(host):
            self._fault(
                "HOST",
                "this address can be reached from other machines: set REELOG_API_KEY as well, "
                "or use 127.0.0.1",
            )
        self._judge_key(api_key, host)
        settings = Settings(
            data_dir=data_dir,
            store=self._read("STORE", f"sqlite:///{data_dir}/events.sqlite3", _store),
            blobs=self._read("BLOBS", f"file://{data_dir}/blobs", _blobs),
            ray_address=self._text("RAY_ADDRESS"),
            host=host,
            port=port,
            url=self._read("URL", f"http://127.0.0.1:{port or 8080}", _http_url).rstrip("/"),
            api_key=api_key,
            allowed_hosts=self._read("ALLOWED_HOSTS", (), _hosts),
            trusted_proxies=self._read("TRUSTED_PROXIES", (), _networks),
            gemini_sdk=self._read("GEMINI_SDK", "google-genai", _sdk),
            gemini_base_url=self._read("GEMINI_BASE_URL", None, _http_url),
            gemini_api_key=self._secret("GEMINI_API_KEY") or self._secret("GOOGLE_API_KEY"),
            max_active_jobs=self._read("MAX_ACTIVE_JOBS", 4, _number(1, MOST_ACTIVE_JOBS)),
            rate_limit=self._read("RATE_LIMIT", RATE_LIMIT if api_key else 0, _number(0, MOST_REQUESTS)),
            queue_limit=self._read("QUEUE_LIMIT", 1000, _number(1, MOST_QUEUED)),
            patience_s=self._read("PATIENCE", PATIENCE_S, _seconds(MOST_PATIENCE_S)),
            grace_s=self._read("GRACE", 10, _number(0, LONGEST_GRACE_S)),
            model_concurrency=self._read("MODEL_CONCURRENCY", 16, _number(1, MOST_CALLS)),
            model_rpm=self._read("MODEL_RPM", None, _number(1, MOST_REQUESTS)),
            model_limits=self._read("MODEL_LIMITS", (), _model_limits),
            log=self._read("LOG", None, _log),
            prices=self._read("PRICES", None, _prices),
            signing=self._signing(),
            time_authority=self._read("C2PA_TIME_URL", None, _http_url),
            crash_at=self._text("CRASH_AT"),
            unknown=tuple(sorted(n for n in self._values if n.startswith(PREFIX) and n not in KNOWN)),
        )
        if self._faults:
            raise SettingsError(self._faults)
        return settings

    def _refuse_what_is_no_text(self) -> None:
        """Bytes that are not UTF-8 can be in a path of the machine, and in nothing that is written down."""
        for name in [n for n in self._values if n.startswith(PREFIX) or n in KEYS]:
            value = self._values[name]
            try:
                value.encode()
            except UnicodeEncodeError:
                shown = "" if name in KEYS or name == f"{PREFIX}API_KEY" else value
                self._faults.append(Fault(name, shown, "this is not UTF-8 text"))
                del self._values[name]

    def _default_folder(self) -> Path:
        try:
            return Path("reelog-data").absolute()
        except OSError:
            self._fault("DATA_DIR", "the current folder is gone: go to another one, or name a folder here")
            return Path("/nonexistent/reelog-data")

    def _judge_key(self, key: SecretStr | None, host: str) -> None:
        """A key that can be guessed is none."""
        if key is None:
            return
        text = key.get_secret_value()
        if len(text) < SHORTEST_KEY and not is_loopback(host):
            self._fault_of_secret(
                "API_KEY",
                f"it has {len(text)} characters, and {host} can be reached from other machines: set "
                f"{SHORTEST_KEY} or more, such as `openssl rand -hex 16` writes",
            )

    def _signing(self) -> "SigningKey | None":
        names = ("C2PA_CERT", "C2PA_KEY")
        given = [name for name in names if self._text(name)]
        for name in names if len(given) == 1 else ():
            if name not in given:
                self._fault(name, f"set this as well as {PREFIX}{given[0]}")
        certificate, key = (self._read(name, None, _file) for name in names)
        if certificate is None or key is None:
            return None
        from api.certificates import (  # noqa: PLC0415 - cryptography takes 70 ms, and few films are signed
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
        return self._values.get(f"{PREFIX}{name}", "").strip() or None

    def _secret(self, name: str) -> SecretStr | None:
        value = self._values.get(name, "").strip()
        if not all(" " <= letter <= "~" for letter in value):
            # It goes into a header; the value itself is never shown.
            told = "a key has ASCII letters, digits and signs on one line; this has others"
            self._faults.append(Fault(name, "", told))
            return None
        return SecretStr(value) if value else None

    def _read(self, name: str, default: Any, convert: Callable[[str], Any]) -> Any:
        text = self._text(name)
        if text is None:
            return default
        try:
            return convert(text)
        except (ValueError, OSError, RuntimeError) as error:
            # No home folder for ~, a path that is too long, a list of prices that is none.
            told = getattr(error, "strerror", None) or str(error)
            self._fault(name, " ".join(told.split()))
            return default

    def _fault_of_secret(self, name: str, message: str) -> None:
        self._faults.append(Fault(f"{PREFIX}{name}", "", message))

    def _fault(self, name: str, message: str) -> None:
        self._faults.append(Fault(f"{PREFIX}{name}", self._text(name) or "", message))


def network_faults(settings: Settings) -> list[Fault]:
    """What the SDKs would fail by at their first breath, with a message that does not name it.

    No hindrance to who only reads the store.
    """
    here = is_loopback(urlsplit(settings.gemini_base_url or "").hostname or "")
    genai = settings.gemini_sdk == "google-genai"
    checks: dict[str, Callable[[str], None]] = {"SSL_CERT_FILE": _certificates} if genai else {}
    if not here:
        places = _CERTIFICATES[1:2] if genai else _CERTIFICATES[2:]
        checks |= dict.fromkeys(places, _places) | dict.fromkeys(_PROXIES, _proxy)
    faults = []
    for name, check in checks.items():
        try:
            if value := settings.network.get(name):
                check(value)
        except ValueError as error:
            faults.append(Fault(name, value or "", str(error)))
    return faults


def is_loopback(host: str) -> bool:
    """Whether a server at this address can be reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


# ---- conversions: ValueError says what would do -----------------------------------------------------


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) not in _PORTS:
        raise ValueError("write a port from 1 to 65535, or 0 for any free one")
    return int(text)


def _number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        digits = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
        if not digits or not least <= int(text) <= most:
            raise ValueError(f"write a number from {least} to {most}")
        return int(text)

    return read


def _hosts(text: str) -> tuple[str, ...]:
    hosts = tuple(text.replace(",", " ").split())
    if any("/" in host for host in hosts):
        raise ValueError("write names of hosts alone, such as films.example, with commas between them")
    return hosts


def _seconds(most: int) -> Callable[[str], float]:
    def read(text: str) -> float:
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,3})?", text) or float(text) > most:
            raise ValueError(f"write seconds, from 0 to {most}")
        return float(text)

    return read


def _model_limits(text: str) -> tuple[tuple[str, int, int | None], ...]:
    """``gemini-3.8-flash=8/60, gemini-nano-banana-2.1=2``: calls at once, then calls a minute."""
    limits = []
    for part in text.split(","):
        name, _, numbers = part.strip().partition("=")
        at_once, _, a_minute = numbers.partition("/")
        try:
            calls = _number(1, MOST_CALLS)(at_once)
            rpm = _number(1, MOST_REQUESTS)(a_minute) if a_minute else None
        except ValueError:
            name = ""
        if not name:
            raise ValueError("write MODEL=CALLS or MODEL=CALLS/A_MINUTE, with commas between models")
        limits.append((name, calls, rpm))
    return tuple(limits)


def _networks(text: str) -> tuple[str, ...]:
    """``10.0.0.7, 172.16.0.0/12``; as they are compared: a network by its first address."""
    try:
        named = text.replace("*", "0.0.0.0/0").replace(",", " ").split()
        networks = [ip_network(part, strict=False) for part in named]
    except ValueError:
        raise ValueError(
            "write addresses or networks of proxies, such as 127.0.0.1 or 172.16.0.0/12, with commas between"
        ) from None
    if any(network.prefixlen == 0 for network in networks):
        raise ValueError("this is everybody, so anyone could give any address as their own; name the proxies")
    return tuple(
        str(network if network.num_addresses > 1 else network.network_address) for network in networks
    )


def _store(text: str) -> str:
    if not text.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise ValueError("write sqlite:///FILE or postgresql://USER@HOST/DATABASE")
    return text


def _blobs(text: str) -> str:
    if not text.startswith("file:///"):
        raise ValueError("write file:///absolute/folder")
    return text


def _http_url(text: str) -> str:
    url = urlsplit(text)
    if url.scheme not in {"http", "https"} or not url.hostname or url.port == 0:  # reading it may raise
        raise ValueError("write an address such as http://127.0.0.1:8080")
    return text


def _sdk(text: str) -> str:
    if text not in {"google-genai", "google-generativeai"}:
        raise ValueError("write google-genai or google-generativeai")
    return text


def _log(text: str) -> str:
    if text not in {"json", "text"}:
        raise ValueError("write json or text")
    return text


def _folder(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise ValueError("this is no folder")
    return path


def _prices(text: str) -> Path:
    path = _file(text)
    PriceBook.parse(SHIPPED_PRICES.read_text(encoding="utf-8"), path.read_text(encoding="utf-8"))
    return path


def _file(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if not path.is_file():
        raise ValueError("there is no such file")
    return path


_UNSET = "name certificates (PEM), or unset it"


def _certificates(text: str) -> None:
    if not Path(text).is_file():
        raise ValueError(f"there is no such file; {_UNSET}")
    try:
        ssl.create_default_context(cafile=text)
    except OSError as error:
        raise ValueError(f"it cannot be used ({error}); {_UNSET}") from None


def _places(text: str) -> None:
    if not any(Path(place).exists() for place in text.split(os.pathsep)):
        raise ValueError(f"there is nothing of this name; {_UNSET}")


def _proxy(text: str) -> None:
    what = "write an address such as http://proxy.example.org:3128, or unset it"
    try:
        url = urlsplit(text if "://" in text else f"http://{text}")
        usable = url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(f"this is no proxy that can be used; {what}")
