"""Which store a URL names, and what it is opened with."""

import json
import pickle
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from actors.blobs import bucket as bucket_module
from actors.blobs.bucket import Bucket
from actors.blobs.errors import BlobStoreUnavailableError
from actors.blobs.folder import LocalBlobs
from actors.blobs.opening import BucketAccess, open_blobs
from api.configuration.cloud import VARIABLES
from tests.object_store import S3

SAMPLES = {
    "AWS_CHECKSUM_ALGORITHM": "sha256",
    "AWS_SERVER_SIDE_ENCRYPTION": "AES256",
    "AZURE_STORAGE_SAS_TOKEN": "sv=2026&sig=c2VjcmV0",
}
URLS = {"s3": "s3://films/reelog", "gs": "gs://films/reelog", "az": "az://films/reelog"}


def sample(name: str) -> str:
    if name.endswith(("_STYLE_REQUEST", "_ENABLED", "_SIGNATURE", "_EMULATOR", "_PAYER")):
        return "true"
    if "ENDPOINT" in name or name.endswith(("_URI", "_URL")):
        return "http://127.0.0.1:9"
    return SAMPLES.get(name, "c2VjcmV0")


@pytest.mark.parametrize("scheme", ["s3", "gs", "az"])
def test_each_variable_is_one_that_the_library_knows(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known: list[str] = []
    kind = bucket_module._STORES[scheme]

    class Watched:
        @staticmethod
        def from_url(url: str, *, config: dict[str, Any], **options: Any) -> Any:
            known.extend(config)
            needed = {"azure_storage_account_name": "films"} if scheme == "az" else {}
            return kind.from_url(url, config={**needed, **config}, **options)

    monkeypatch.setattr(bucket_module, "_STORES", {scheme: Watched})
    for name in VARIABLES[scheme]:
        if name.startswith(("GOOGLE_APPLICATION", "GOOGLE_SERVICE")):
            # These are files and documents, read at once: a wrong one is named.
            with pytest.raises(BlobStoreUnavailableError) as refusal:
                Bucket(URLS[scheme], {name: "/nowhere"})
            assert "GOOGLE_APPLICATION_CREDENTIALS" in refusal.value.hint
        else:
            rest = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"} if scheme == "s3" else {}
            Bucket(URLS[scheme], rest | {name: sample(name)})
    assert {name.lower() for name in VARIABLES[scheme]} - {"aws_endpoint_url_s3"} <= set(known)


@pytest.mark.parametrize(
    ("scheme", "variables", "address"),
    [
        (
            "s3",
            {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "eu-central-1"},
            "https://s3.eu-central-1.amazonaws.com/films/reelog/some?",
        ),
        (
            "az",
            {"AZURE_STORAGE_ACCOUNT_NAME": "house", "AZURE_STORAGE_ACCOUNT_KEY": "c2VjcmV0"},
            "https://house.blob.core.windows.net/films/reelog/some?",
        ),
    ],
)
def test_a_bucket_is_where_its_cloud_has_it(scheme: str, variables: dict[str, str], address: str) -> None:
    assert Bucket(URLS[scheme], variables).signed_address("some", timedelta(minutes=5)).startswith(address)


@pytest.mark.parametrize("half", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_half_a_key_is_named(half: str) -> None:
    with pytest.raises(BlobStoreUnavailableError, match="the key cannot be used") as refusal:
        Bucket(URLS["s3"], {half: "hush"})
    assert "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in refusal.value.hint
    assert "hush" not in str(refusal.value)


def test_the_address_of_s3_itself_goes_before_that_of_all_services() -> None:
    keys = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}
    places = {"AWS_ENDPOINT_URL": "http://all:1", "AWS_ENDPOINT_URL_S3": "http://s3:2"}
    assert (
        Bucket(URLS["s3"], keys | places)
        .signed_address("some", timedelta(minutes=5))
        .startswith("http://s3:2/")
    )


def test_an_account_that_is_not_named_is_asked_for() -> None:
    with pytest.raises(BlobStoreUnavailableError, match="no account") as refusal:
        Bucket(URLS["az"], {})
    assert "AZURE_STORAGE_ACCOUNT_NAME" in refusal.value.hint


def test_a_folder_needs_no_library_and_no_access(tmp_path: Path) -> None:
    assert isinstance(open_blobs(f"file://{tmp_path}/blobs"), LocalBlobs)


@pytest.mark.parametrize("url", ["s3://", "s3:///x", "ftp://films", "gs:films"])
def test_what_names_no_bucket_is_refused(url: str, tmp_path: Path) -> None:
    access = BucketAccess(tmp_path, 1, {"AWS_ACCESS_KEY_ID": SecretStr("k")})
    with pytest.raises(BlobStoreUnavailableError, match="not a blob store") as refusal:
        open_blobs(url, access)
    assert "s3://BUCKET/PREFIX" in refusal.value.hint


# ---- roles ----------------------------------------------------------------------------------------------


@pytest.fixture
def metadata() -> Iterator[tuple[str, list[str]]]:
    """Where a machine of Amazon's asks for its role's keys, and what it was asked."""
    asked: list[str] = []
    role = {
        "Code": "Success",
        "AccessKeyId": "ASIAROLE",
        "SecretAccessKey": "hush",
        "Token": "session",
        "Expiration": "2099-01-01T00:00:00Z",
        "LastUpdated": "2026-01-01T00:00:00Z",
        "Type": "AWS-HMAC",
    }
    answers = {
        "PUT /latest/api/token": b"a token",
        "GET /latest/meta-data/iam/security-credentials/": b"films",
        "GET /latest/meta-data/iam/security-credentials/films": json.dumps(role).encode(),
    }

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            asked.append(f"{self.command} {self.path}")
            body = answers[asked[-1]]
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

        do_GET = do_PUT = answer  # noqa: N815 - the library's names

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_without_a_key_the_role_of_the_machine_opens_the_bucket(
    s3: S3, metadata: tuple[str, list[str]], tmp_path: Path
) -> None:
    place, asked = metadata
    given = {"AWS_ENDPOINT_URL": s3.url, "AWS_METADATA_ENDPOINT": place}
    access = BucketAccess(tmp_path, 1000, {name: SecretStr(value) for name, value in given.items()})
    url = s3.bucket()
    blobs = open_blobs(url, access)
    assert blobs.verify(blobs.put(b"a film")) == 6
    blobs.put(b"another")
    assert set(Counter(asked).values()) == {3}, (
        "once for each way of making requests, and not for each request"
    )
    assert "Credential=ASIAROLE" in Bucket(url, given).signed_address("film", timedelta(minutes=5))


def test_a_bucket_is_opened_in_another_process_as_in_this_one(s3: S3, tmp_path: Path) -> None:
    """Its access goes to workers on other machines, pickled."""
    access = BucketAccess(tmp_path, 1000, {name: SecretStr(value) for name, value in s3.variables.items()})
    url = s3.bucket()
    digest = open_blobs(url, access).put(b"a film")
    assert open_blobs(url, pickle.loads(pickle.dumps(access))).verify(digest) == 6  # noqa: S301 - our own
