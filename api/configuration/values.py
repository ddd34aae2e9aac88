"""Texts of settings as values; ValueError says what would do."""

import math
import re
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from domain.pricing import SHIPPED_PRICES, PriceBook

MOST_REQUESTS = 1_000_000
MOST_CALLS = 1000
PORTS = range(65536)


def port(text: str) -> int:
    if not text.isdecimal() or int(text) not in PORTS:
        raise ValueError("write a port from 1 to 65535, or 0 for any free one")
    return int(text)


def number(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        digits = text.isascii() and text.isdecimal() and len(text) <= len(str(most))
        if not digits or not least <= int(text) <= most:
            raise ValueError(f"write a number from {least} to {most}")
        return int(text)

    return read


def hosts(text: str) -> tuple[str, ...]:
    """Names and addresses as they stand in Host headers, without their ports."""
    hosts = tuple(text.replace(",", " ").split())
    if not all(re.fullmatch(r"[A-Za-z0-9._-]+", host) or _is_address(host) for host in hosts):
        raise ValueError(
            "write names of hosts alone, such as films.example, with commas between them: no port, no *, "
            "other letters in their ASCII form (xn--…)"
        )
    return hosts


def origins(text: str) -> tuple[str, ...]:
    """``https://app.example, http://localhost:3000``; as browsers write them, to be compared."""
    named = tuple(dict.fromkeys(text.replace(",", " ").split()))
    for origin in named:
        if origin == "*":
            raise ValueError(
                "* would let every page on the web use this server, and spend: name the sites, such as "
                "https://app.example"
            )
        try:
            url = urlsplit(origin)
            host, port = url.hostname or "", url.port
        except ValueError as error:
            raise ValueError(f"{origin!r} is no origin: {error}") from None
        told = {"https": 443, "http": 80}.get(url.scheme)
        if told is None or not host or not host.isascii():
            raise ValueError(
                f"{origin!r} is no origin; write https://HOST or http://HOST:PORT, with commas between, a "
                "host of other letters in its ASCII form (xn--…)"
            )
        shown = f"[{host}]" if ":" in host else host
        exact = f"{url.scheme}://{shown}" + (f":{port}" if port not in (None, told) else "")
        if origin != exact:
            raise ValueError(f"{origin!r} is not what browsers send as the Origin of a page; write {exact}")
    return named


def seconds(least: float, most: int) -> Callable[[str], float]:
    def read(text: str) -> float:
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,3})?", text) or not least <= float(text) <= most:
            raise ValueError(f"write seconds, from {least:g} to {most}")
        return float(text)

    return read


def model_limits(text: str) -> tuple[tuple[str, int, int | None], ...]:
    """``gemini-3.8-flash=8/60, gemini-nano-banana-2.1=2``: calls at once, then calls a minute."""
    limits: list[tuple[str, int, int | None]] = []
    for part in text.split(","):
        name, _, numbers = part.strip().partition("=")
        at_once, _, a_minute = numbers.partition("/")
        try:
            calls = number(1, MOST_CALLS)(at_once)
            rpm = number(1, MOST_REQUESTS)(a_minute) if a_minute else None
        except ValueError:
            name = ""
        if not name:
            raise ValueError("write MODEL=CALLS or MODEL=CALLS/A_MINUTE, with commas between models")
        if any(name == other for other, *_ in limits):
            raise ValueError(f"{name} is named twice; give it one limit")
        limits.append((name, calls, rpm))
    return tuple(limits)


def usd(text: str) -> float:
    try:
        amount = float(text)
    except ValueError:
        amount = 0.0
    if not 0 < amount < math.inf:
        raise ValueError("write an amount of US dollars of more than 0, such as 2.50")
    return amount


def networks(text: str) -> tuple[str, ...]:
    """``10.0.0.7, 172.16.0.0/12``; as they are compared: a network by its first address."""
    return _networks(text, "proxies", "so anyone could give any address as their own; name the proxies")


def private_networks(text: str) -> tuple[str, ...]:
    """As above: those that webhooks may call though they are private."""
    return _networks(text, "your own", "so anyone could have any machine called; name the networks")


def _networks(text: str, whose: str, not_all: str) -> tuple[str, ...]:
    try:
        named = text.replace("*", "0.0.0.0/0").replace(",", " ").split()
        networks = [ip_network(part, strict=False) for part in named]
    except ValueError:
        raise ValueError(
            f"write addresses or networks of {whose}, such as 127.0.0.1 or 172.16.0.0/12, with commas between"
        ) from None
    if any(network.prefixlen == 0 for network in networks):
        raise ValueError(f"this is everybody, {not_all}")
    return tuple(
        str(network if network.num_addresses > 1 else network.network_address) for network in networks
    )


def store_url(text: str) -> str:
    if not text.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise ValueError("write sqlite:///FILE or postgresql://USER@HOST/DATABASE")
    return text


def blobs_url(text: str) -> str:
    if text.startswith("file:///"):
        return text
    if not re.fullmatch(r"(s3|gs|az)://[a-z0-9][a-z0-9._-]{1,221}(/[A-Za-z0-9!_.*'()/-]*)?", text):
        raise ValueError(
            "write file:///absolute/folder, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX"
        )
    return text.rstrip("/")


def http_url(text: str) -> str:
    url = urlsplit(text)
    if url.scheme not in {"http", "https"} or not url.hostname or url.port == 0:  # reading it may raise
        raise ValueError("write an address such as http://127.0.0.1:8080")
    return text


def base_url(text: str) -> str:
    """An address that paths are put behind."""
    if "?" in text or "#" in text:
        raise ValueError("write an address such as http://127.0.0.1:8080, with nothing behind its path")
    return http_url(text)


def server_url(text: str) -> str:
    return base_url(text).rstrip("/")


def ray_address(text: str) -> str:
    """What Ray itself can read; else a server would try for ever to join it."""
    host, _, number = text.removeprefix("ray://").rpartition(":")
    known = text in ("auto", "local") or re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)", host)
    if not known or (host and int(port(number)) == 0):
        raise ValueError("write HOST:PORT of the cluster's head, such as 10.0.0.5:6379, or auto")
    return text


def root_path(text: str) -> str:
    path = text.rstrip("/")
    parts = path.split("/")
    if path and (parts[0] or not all(re.fullmatch(r"(?!\.+$)[A-Za-z0-9._~-]+", part) for part in parts[1:])):
        raise ValueError("write the path under which a proxy shows the server, such as /reelog")
    return path


def one_of(*names: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in names:
            raise ValueError(f"write {' or '.join(names)}")
        return text

    return read


def folder(text: str) -> Path:
    path = _home(text)
    if path.exists() and not path.is_dir():
        raise ValueError("this is no folder")
    return path


def prices(text: str) -> Path:
    path = file(text)
    PriceBook.parse(SHIPPED_PRICES.read_text(encoding="utf-8"), path.read_text(encoding="utf-8"))
    return path


def present_folder(text: str) -> Path:
    path = folder(text)
    if not path.exists():
        raise ValueError("there is no such folder")
    return path


def file(text: str) -> Path:
    path = _home(text)
    if path.is_dir():
        raise ValueError("this is a folder; name a file")
    if not path.is_file():
        raise ValueError("there is no such file")
    return path


def _home(text: str) -> Path:
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError:
        raise ValueError(f"there is no home folder {text.partition('/')[0]}; write the whole path") from None


def _is_address(host: str) -> bool:
    try:
        ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether a server at this address can be reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
