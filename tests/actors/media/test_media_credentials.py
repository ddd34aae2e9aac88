"""Content Credentials: C2PA's own verifier finds who made a film, how and of what, and any change."""

import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import av
import c2pa
import numpy as np
import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from pydantic import SecretStr

from actors.media import credentials
from actors.media.check import Expected, check
from actors.media.credentials import Claim, Ingredient, Signing, Source, read
from actors.media.encode import encode_segment
from actors.media.errors import EncodeError
from actors.media.film import join
from actors.media.formats import Format
from api.settings import load_settings
from tests.actors.media.sounding import encoded
from tests.certificates import SIGNER, Issued, issue

pytestmark = pytest.mark.slow

SECONDS = 2


@pytest.fixture
def film(small: Format, tmp_path: Path) -> Path:
    rng = np.random.default_rng(1)
    frames = (
        rng.integers(16, 235, (small.height * 3 // 2, small.width), dtype=np.uint8)
        for _ in range(small.fps * SECONDS)
    )
    sound = (0.15 * np.sin(np.arange(48_000 * SECONDS) * 0.05)).astype(np.float32)
    track = encoded(tmp_path / "sound.m4a", np.stack([sound, sound], 1))
    join([encode_segment(frames, small)], small, tmp_path / "film.mp4", sound=track)
    return tmp_path / "film.mp4"


@pytest.fixture
def issued(tmp_path: Path) -> Issued:
    return issue(tmp_path / "certificate")


@pytest.fixture
def signing(issued: Issued) -> Signing:
    key = load_settings(issued.environment, Path("/nonexistent.env")).signing
    assert key is not None
    return Signing(key.certificates, key.key, key.algorithm)


def claim(*ingredients: Ingredient, source: Source = "trainedAlgorithmicMedia") -> Claim:
    return Claim("Größe", "Pictures by model X.", source, ingredients, ("Reelog", "1.2"))


@pytest.fixture
def picture(make_picture: Callable[..., bytes], tmp_path: Path) -> Ingredient:
    file = tmp_path / "picture.png"
    file.write_bytes(make_picture(3))
    return Ingredient("image:1", "sha256:abc", "image/png", file, "Picture of scene 1, drawn by model X")


def sign(film: Path, claim: Claim, signing: Signing) -> None:
    """Put the signed film in the place of the one that was not."""
    signed = film.with_name("signed.mp4")
    credentials.sign(film, signed, claim, signing)
    signed.replace(film)


def verified(film: Path, authority: str) -> tuple[str, dict[str, object]]:
    """What C2PA's own reader says to somebody who trusts the authority."""
    context = c2pa.Context.from_dict(
        {"trust": {"trust_anchors": authority}, "verify": {"verify_trust": True}}
    )
    with context, film.open("rb") as file, c2pa.Reader("video/mp4", file, context=context) as reader:
        return str(reader.get_validation_state()), dict(reader.get_active_manifest() or {})


def test_a_verifier_trusts_the_film_and_learns_how_and_of_what_it_was_made(
    film: Path, signing: Signing, issued: Issued, picture: Ingredient
) -> None:
    sign(film, claim(picture), signing)
    state, manifest = verified(film, issued.authority)
    assert state == "Trusted"
    told = json.dumps(manifest)
    assert "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia" in told
    [ingredient] = manifest["ingredients"]  # type: ignore[misc]
    assert ingredient["title"] == "image:1"
    assert ingredient["instance_id"] == "sha256:abc"
    assert ingredient["description"] == "Picture of scene 1, drawn by model X"
    assert manifest["signature_info"]["common_name"] == SIGNER  # type: ignore[index]
    assert manifest["title"] == "Größe"


def test_what_no_model_made_is_not_signed_as_if_one_had(film: Path, signing: Signing) -> None:
    sign(film, claim(source="algorithmicMedia"), signing)
    reading = read(film)
    assert reading is not None
    told = json.dumps(reading.manifest)
    assert "digitalsourcetype/algorithmicMedia" in told
    assert "trainedAlgorithmicMedia" not in told


@pytest.fixture
def credited(make_picture: Callable[..., bytes], signing: Signing, tmp_path: Path) -> Path:
    """A picture with credentials of its own, as Gemini's have."""
    plain, signed = tmp_path / "plain.png", tmp_path / "signed.png"
    plain.write_bytes(make_picture(3))
    made = {
        "action": "c2pa.created",
        "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
    }
    told = {"title": "By another", "assertions": [{"label": "c2pa.actions", "data": {"actions": [made]}}]}
    who = c2pa.C2paSignerInfo(
        signing.algorithm.encode(),
        signing.certificates.encode(),
        signing.key.get_secret_value().encode(),
        None,
    )
    with (
        c2pa.Builder(json.dumps(told)) as builder,
        c2pa.Signer.from_info(who) as signer,
        plain.open("rb") as source,
        signed.open("w+b") as target,
    ):
        builder.sign(signer, "image/png", source, target)
    return signed


def test_credentials_that_a_picture_brought_along_are_kept(
    film: Path, signing: Signing, issued: Issued, credited: Path
) -> None:
    sign(film, claim(Ingredient("image:1", "sha256:abc", "image/png", credited, "drawn")), signing)
    with film.open("rb") as file, c2pa.Reader("video/mp4", file) as reader:
        titles = {each.get("title") for each in json.loads(reader.json())["manifests"].values()}
    assert titles == {"Größe", "By another"}
    assert verified(film, issued.authority)[0] == "Trusted"


def test_a_picture_whose_own_credentials_are_broken_spoils_no_film(
    film: Path, signing: Signing, issued: Issued, credited: Path
) -> None:
    """What a model's maker did wrong is told with the ingredient; the film's own signature holds."""
    changed = bytearray(credited.read_bytes())
    changed[-40] ^= 1
    credited.write_bytes(changed)
    sign(film, claim(Ingredient("image:1", "sha256:abc", "image/png", credited, "drawn")), signing)
    reading = read(film)
    assert reading is not None
    assert reading.faults == ()
    assert verified(film, issued.authority)[0] == "Trusted"


def test_a_signed_film_plays_as_before_and_passes_its_check(
    film: Path, small: Format, signing: Signing, picture: Ingredient
) -> None:
    before, unsigned = _decoded(film), film.read_bytes()
    sign(film, claim(picture), signing)
    assert film.read_bytes() != unsigned
    assert all(np.array_equal(one, other) for one, other in zip(before, _decoded(film), strict=True))
    report = check(film, Expected(small, SECONDS, sound=True))
    assert report.measured["faststart"]
    assert report.measured["signed_by"] == SIGNER
    structural = {"credentials_broken", "not_faststart", "uneven_frames", "wrong_length"}
    assert not {finding.code for finding in report.findings} & structural


def _decoded(film: Path) -> list[np.ndarray]:
    with av.open(str(film), "r") as container:
        return [frame.to_ndarray() for frame in container.decode()]


def test_a_film_that_was_changed_after_it_was_signed_is_found(
    film: Path, small: Format, signing: Signing
) -> None:
    sign(film, claim(), signing)
    changed = bytearray(film.read_bytes())
    changed[-200] ^= 1
    film.write_bytes(changed)
    [finding] = [
        f
        for f in check(film, Expected(small, SECONDS, sound=True)).findings
        if f.code == "credentials_broken"
    ]
    assert "bmffHash.mismatch" in str(finding.value)


def test_a_film_without_credentials_lacks_nothing(film: Path, small: Format) -> None:
    assert read(film) is None
    assert "signed_by" not in check(film, Expected(small, SECONDS, sound=True)).measured


@pytest.fixture
def time_authority(tmp_path: Path) -> Iterator[str]:
    """An RFC 3161 service: OpenSSL's, behind HTTP."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here")
    folder = tmp_path / "time"
    own = issue(folder, purpose=ExtendedKeyUsageOID.TIME_STAMPING)
    (folder / "serial").write_text("01")
    (folder / "tsa.cnf").write_text(
        f"[tsa]\ndefault_tsa=t\n[t]\nserial={folder}/serial\nsigner_cert={own.certificate}\n"
        f"certs={own.certificate}\nsigner_key={own.key}\nsigner_digest=sha256\n"
        "default_policy=1.2.3.4.1\ndigests=sha256,sha384,sha512\ness_cert_id_alg=sha256\n"
    )

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            (folder / "query").write_bytes(self.rfile.read(int(self.headers["content-length"])))
            answer = subprocess.run(
                ["openssl", "ts", "-reply", "-queryfile", "query", "-config", "tsa.cnf", "-section", "t"],
                cwd=folder,
                capture_output=True,
                check=True,
            ).stdout
            self.send_response(200)
            self.send_header("content-type", "application/timestamp-reply")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Service) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_an_authority_vouches_for_the_hour(film: Path, signing: Signing, time_authority: str) -> None:
    sign(film, claim(), replace(signing, time_authority=time_authority))
    reading = read(film)
    assert reading is not None
    assert reading.faults == ()
    signed = datetime.fromisoformat(reading.manifest["signature_info"]["time"])
    assert abs(datetime.now(UTC) - signed) < timedelta(minutes=10)


def test_an_authority_that_does_not_answer_is_a_failure_and_no_film_without_a_stamp(
    film: Path, signing: Signing
) -> None:
    before = film.read_bytes()
    with pytest.raises(EncodeError, match="signing_failed"):
        sign(film, claim(), replace(signing, time_authority="http://127.0.0.1:9/"))
    assert film.read_bytes() == before


def test_what_cannot_be_signed_stays_as_it_was_and_the_key_is_not_told(
    film: Path, signing: Signing, tmp_path: Path
) -> None:
    other = issue(tmp_path / "other").key.read_text()
    before = film.read_bytes()
    with pytest.raises(EncodeError, match="signing_failed") as caught:
        sign(film, claim(), Signing(signing.certificates, SecretStr(other), signing.algorithm))
    assert film.read_bytes() == before
    assert other.splitlines()[1] not in str(caught.value)
