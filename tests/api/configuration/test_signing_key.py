"""What films are signed with is looked at when settings are read; a wrong file is named, not told."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from api.settings import Settings, SettingsError, load_settings
from tests.certificates import SIGNER, Issued, Key, issue

NO_FILE = Path("/nonexistent.env")


def load(environment: dict[str, str]) -> Settings:
    return load_settings(environment, NO_FILE)


@pytest.mark.parametrize(
    ("make", "algorithm"),
    [
        (lambda: ec.generate_private_key(ec.SECP256R1()), "es256"),
        (lambda: ec.generate_private_key(ec.SECP384R1()), "es384"),
        (lambda: rsa.generate_private_key(65537, 2048), "ps256"),
        (ed25519.Ed25519PrivateKey.generate, "ed25519"),
    ],
)
def test_a_certificate_and_its_key_are_read(tmp_path: Path, make: Callable[[], Key], algorithm: str) -> None:
    issued = issue(tmp_path, key=make())
    settings = load(issued.environment)
    assert settings.signing is not None
    assert settings.signing.algorithm == algorithm
    assert SIGNER in settings.signing.subject
    secret = issued.key.read_text().splitlines()[1]
    assert secret in settings.signing.key.get_secret_value()
    assert secret not in repr(settings)


def test_without_them_nothing_is_signed() -> None:
    assert load({}).signing is None


def test_who_vouches_for_the_hour_is_read_and_a_wrong_address_named() -> None:
    url = "http://time.example/tsa"
    assert load({"REELOG_C2PA_TIME_URL": url}).time_authority == url
    with pytest.raises(SettingsError, match="REELOG_C2PA_TIME_URL"):
        load({"REELOG_C2PA_TIME_URL": "time.example"})


def _of_another(folder: Path) -> Issued:
    issued, other = issue(folder), issue(folder / "other")
    issued.key.write_bytes(other.key.read_bytes())
    return issued


def _turned_round(folder: Path) -> Issued:
    issued = issue(folder, purpose=ExtendedKeyUsageOID.EMAIL_PROTECTION)
    issued.certificate.write_text(issued.certificate.read_text() + issue(folder / "other").authority)
    return issued


def _no_key(folder: Path) -> Issued:
    issued = issue(folder)
    issued.key.write_text("not a key")
    return issued


def _no_certificate(folder: Path) -> Issued:
    issued = issue(folder)
    issued.certificate.write_bytes(issued.key.read_bytes())
    return issued


@pytest.mark.parametrize(
    ("make", "name", "why"),
    [
        (lambda folder: issue(folder, purpose=ExtendedKeyUsageOID.SERVER_AUTH), "CERT", "document signing"),
        (lambda folder: issue(folder, days=(-30, -1)), "CERT", "not valid today"),
        (lambda folder: issue(folder, days=(1, 30)), "CERT", "not valid today"),
        (lambda folder: issue(folder, self_signed=True), "CERT", "vouches for itself"),
        (_turned_round, "CERT", "certificate first"),
        (_no_certificate, "CERT", "in PEM"),
        (lambda folder: issue(folder, password=b"secret"), "KEY", "without a password"),
        (lambda folder: issue(folder, key=ec.generate_private_key(ec.SECP256K1())), "KEY", "2048 bits"),
        (_of_another, "KEY", "not the key of the certificate"),
        (_no_key, "KEY", "private key in PEM"),
    ],
)
def test_what_c2pa_would_refuse_is_named_at_start(
    tmp_path: Path, make: Callable[[Path], Issued], name: str, why: str
) -> None:
    issued = make(tmp_path)
    with pytest.raises(SettingsError) as refusal:
        load({**issued.environment, "REELOG_PORT": "http"})
    faults = {fault.name: str(fault) for fault in refusal.value.faults}
    assert faults.keys() == {f"REELOG_C2PA_{name}", "REELOG_PORT"}, "all at once"
    assert why in faults[f"REELOG_C2PA_{name}"]
    secret = issued.key.read_text().splitlines()[-2] if name == "CERT" else issued.key.read_text()
    assert secret not in str(refusal.value)


@pytest.mark.parametrize("given", ["CERT", "KEY"])
def test_one_without_the_other_is_named(tmp_path: Path, given: str) -> None:
    environment = issue(tmp_path).environment
    with pytest.raises(SettingsError) as refusal:
        load({f"REELOG_C2PA_{given}": environment[f"REELOG_C2PA_{given}"]})
    [fault] = refusal.value.faults
    assert {given, fault.name.removeprefix("REELOG_C2PA_")} == {"CERT", "KEY"}
    assert f"REELOG_C2PA_{given}" in fault.message


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    environment = issue(tmp_path).environment
    with pytest.raises(SettingsError, match="no such file"):
        load({**environment, "REELOG_C2PA_KEY": str(tmp_path / "gone.pem")})
