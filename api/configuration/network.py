"""The variables by which the SDKs find certificates and proxies, and what is wrong with them."""

import os
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from api.configuration.faults import Fault
from api.configuration.values import is_loopback

_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "all_proxy")
VARIABLES = (*_CERTIFICATES, *_PROXIES)
_UNSET = "name certificates (PEM), or unset it"


def wrong_variables(values: Mapping[str, str], sdk: str, base_url: str | None) -> list[Fault]:
    """Those that this SDK would fail by, calling this address."""
    here = is_loopback(urlsplit(base_url or "").hostname or "")
    genai = sdk == "google-genai"
    checks: dict[str, Callable[[str], None]] = {"SSL_CERT_FILE": _certificates} if genai else {}
    if not here:
        places = _CERTIFICATES[1:2] if genai else _CERTIFICATES[2:]
        checks |= dict.fromkeys(places, _places) | dict.fromkeys(_PROXIES, _proxy)
    faults = []
    for name, check in checks.items():
        try:
            if value := values.get(name):
                check(value)
        except ValueError as error:
            faults.append(Fault(name, value or "", str(error)))
    return faults


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
