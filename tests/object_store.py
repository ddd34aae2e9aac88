"""An S3 server on this machine (moto's), and a proxy before it in which requests go wrong as in real life.

The server forgets what it holds when it ends; whoever needs more than one store takes a bucket of one's own.
"""

import base64
import hmac
import json
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import formatdate
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from uuid import uuid4

import obstore
import pytest
from obstore.store import S3Store
from pydantic import SecretStr

from actors.blobs.opening import BucketAccess, open_blobs
from domain.ports import BlobStore

KEY, SECRET = "AKIAREELOGTESTS00000", "the-secret-of-the-tests"
_numbers = count(1)


@dataclass(frozen=True)
class S3:
    """Where it is reached; ``direct`` is the server itself, behind whatever proxy ``url`` is of."""

    url: str
    direct: str

    def bucket(self) -> str:
        """A new one, by its URL."""
        name = f"films-{next(_numbers)}"
        assert call(self.direct, "PUT", f"/{name}")[0] == 200
        return f"s3://{name}/reelog"

    @property
    def variables(self) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": "eu-central-1",
        }

    def open(self, url: str, cache: Path, cache_bytes: int = 1 << 30, **variables: str) -> BlobStore:
        given = {name: SecretStr(value) for name, value in {**self.variables, **variables}.items()}
        return open_blobs(url, BucketAccess(cache, cache_bytes, given))

    def keys(self, url: str) -> list[str]:
        """All that is in a bucket, below its prefix."""
        return sorted(self.sizes(url))

    def sizes(self, url: str) -> dict[str, int]:
        return {found["path"]: found["size"] for found in obstore.list(self._store(url)).collect()}

    def replace(self, url: str, key: str, data: bytes) -> None:
        """Damage or replace what a bucket holds, behind the product's back."""
        obstore.put(self._store(url), key, data)

    def make_older(self, url: str, key: str, by: timedelta) -> None:
        """As if it had been written earlier; the server's own memory is in this process."""
        from moto.s3.models import s3_backends  # noqa: PLC0415 - as below

        place = urlsplit(url)
        bucket = s3_backends["123456789012"]["aws"].buckets[place.netloc]
        bucket.keys[f"{place.path[1:]}/{key}"].last_modified -= by

    def _store(self, url: str) -> S3Store:
        config: Any = {
            name.lower(): v for name, v in {**self.variables, "AWS_ENDPOINT_URL": self.direct}.items()
        }
        return S3Store.from_url(url, config=config, client_options={"allow_http": True})


def call(
    url: str, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, bytes]:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    from moto.server import ThreadedMotoServer  # noqa: PLC0415 - takes a while, and few tests need it

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield S3(f"http://{host}:{port}", f"http://{host}:{port}")
    server.stop()


# ---- other clouds -------------------------------------------------------------------------------------

AZURITE = "REELOG_TEST_AZURE"
"""Where an Azurite is (``http://127.0.0.1:10000/devstoreaccount1``), if there is one to be tested with."""
_ACCOUNT = "devstoreaccount1"
_ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Azurite's own, which everybody knows."""


def azure_bucket(url: str) -> tuple[str, dict[str, str]]:
    """A new container of an Azurite, by its URL, and what it is opened with."""
    name = f"films-{uuid4().hex}"
    stamped = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": "2021-08-06"}
    lines = [f"{header}:{value}" for header, value in stamped.items()]
    signed = "\n".join(["PUT", *[""] * 11, *lines, f"/{_ACCOUNT}/{_ACCOUNT}/{name}", "restype:container"])
    signature = hmac.digest(base64.b64decode(_ACCOUNT_KEY), signed.encode(), "sha256")
    stamped["Authorization"] = f"SharedKey {_ACCOUNT}:{base64.b64encode(signature).decode()}"
    status, told = call(url, "PUT", f"/{_ACCOUNT}/{name}?restype=container", headers=stamped)
    assert status == 201, told
    return f"az://{name}/reelog", {
        "AZURE_STORAGE_ACCOUNT_NAME": _ACCOUNT,
        "AZURE_STORAGE_ACCOUNT_KEY": _ACCOUNT_KEY,
        "AZURE_STORAGE_ENDPOINT": url,
    }


def google_variables(url: str) -> dict[str, str]:
    """A bucket at ``url``, opened without a token."""
    account = {"gcs_base_url": url, "disable_oauth": True}
    empty = dict.fromkeys(("client_email", "private_key", "private_key_id"), "")
    return {"GOOGLE_SERVICE_ACCOUNT_KEY": json.dumps(account | empty), "GOOGLE_BASE_URL": url}


# ---- what goes wrong ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Refused:
    """Answered with an error as S3 writes it, and not carried out."""

    status: int
    code: str

    @property
    def body(self) -> bytes:
        return f"<?xml version='1.0'?><Error><Code>{self.code}</Code><Message>No.</Message></Error>".encode()


@dataclass(frozen=True)
class Cut:
    """The answer breaks off after so many bytes of its body."""

    after: int


@dataclass(frozen=True)
class Unanswered:
    """Carried out, but the answer never comes: the connection is closed instead."""


@dataclass
class Held:
    """Not answered before ``go`` is set; ``here`` says that the request has come."""

    here: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)


Fault = Refused | Cut | Unanswered | Held


Translate = Callable[[str, dict[str, str]], tuple[str, dict[str, str]]]


def from_google(path: str, headers: dict[str, str]) -> tuple[str, dict[str, str]]:
    """A request to Google's XML interface as one to S3, from which it differs in little."""
    translated = {name: value for name, value in headers.items() if name.lower() != "authorization"}
    if translated.pop("x-goog-if-generation-match", None) == "0":
        translated["If-None-Match"] = "*"
    scope = "20261128/us-east-1/s3/aws4_request"  # of a signature that nobody looks at
    translated["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={KEY}/{scope}, SignedHeaders=host, Signature=00"
    )
    place, mark, query = path.partition("?")
    return quote(unquote(place)) + mark + query, translated


class Proxy:
    """Between a store and the server. Faults wait for requests whose line (``PUT /films/…``) holds a text."""

    def __init__(self, upstream: str, translate: Translate | None = None) -> None:
        self._translate = translate or (lambda path, headers: (path, headers))
        self.seen: list[str] = []
        self._upstream = upstream
        self._faults: deque[tuple[str, Fault]] = deque()
        self._always: list[tuple[str, Fault]] = []
        self._lock = threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:
                    self.close_connection = True

            def log_message(self, *_: Any) -> None:
                """Nobody reads it."""

            def forward(self) -> None:
                proxy.answer(self)

            do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = forward  # noqa: N815 - the library's names

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def once(self, fault: Fault, when: str = "", times: int = 1) -> None:
        with self._lock:
            self._faults.extend([(when, fault)] * times)

    def always(self, fault: Fault, when: str = "") -> None:
        with self._lock:
            self._always.append((when, fault))

    def mend(self) -> None:
        with self._lock:
            self._faults.clear()
            self._always.clear()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        line = f"{handler.command} {handler.path}"
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        fault = self._fault(line)
        if isinstance(fault, Held):
            fault.here.set()
            fault.go.wait(60)
        if isinstance(fault, Refused):
            told = b"" if handler.command == "HEAD" else fault.body
            self._send(handler, fault.status, {"Content-Length": str(len(fault.body))}, told)
            return
        connection = HTTPConnection(urlsplit(self._upstream).netloc, timeout=60)
        try:
            path, headers = self._translate(handler.path, dict(handler.headers))
            connection.request(handler.command, path, body, headers)
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        if isinstance(fault, Unanswered):
            handler.close_connection = True
            return
        told = {name: v for name, v in answer.getheaders() if name.lower() not in {"connection", "date"}}
        if handler.command != "HEAD":
            told = {name: v for name, v in told.items() if name.lower() != "transfer-encoding"}
            told["Content-Length"] = str(len(data))
        if isinstance(fault, Cut):
            data = data[: fault.after]
            handler.close_connection = True
        self._send(handler, answer.status, told, data)

    def _fault(self, line: str) -> Fault | None:
        with self._lock:
            self.seen.append(line)
            for when, fault in list(self._faults):
                if when in line:
                    self._faults.remove((when, fault))
                    return fault
            return next((fault for when, fault in self._always if when in line), None)

    @staticmethod
    def _send(handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str], data: bytes) -> None:
        handler.send_response_only(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(data)
        handler.wfile.flush()


@contextmanager
def proxy_before(s3: S3, translate: Translate | None = None) -> Iterator[tuple[Proxy, S3]]:
    proxy = Proxy(s3.direct, translate)
    try:
        yield proxy, S3(proxy.url, s3.direct)
    finally:
        proxy.mend()
        proxy.close()
