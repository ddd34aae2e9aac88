"""The certificate and key that films are signed with, looked at when settings are read.

What C2PA asks of a certificate is checked here, so that a wrong one is named at start, among all other wrong
settings, and not when a film that was paid for is finished. So it stands with the settings; signing itself
(``actors/media/credentials.py``) is given what was checked.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from pydantic import SecretStr

_PURPOSES: Final = {
    "1.3.6.1.5.5.7.3.4": "e-mail protection",
    "1.3.6.1.5.5.7.3.36": "document signing",
    "1.3.6.1.4.1.62558.2.1": "C2PA claim signing",
}
_CURVES: Final = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
_SHORTEST_RSA: Final = 2048


_UNFIT: Final = f"it must be made for digital signatures and for {' or '.join(_PURPOSES.values())}"
_KEYS: Final = f"a key on {', '.join(_CURVES)}, an Ed25519 key, or an RSA key of {_SHORTEST_RSA} bits or more"
_SPKI: Final = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


class CertificateError(ValueError):
    """The certificate will not do; ``KeyFileError`` when it is the key."""


class KeyFileError(CertificateError):
    """The key will not do."""


@dataclass(frozen=True)
class SigningKey:
    """A certificate with those that vouch for it (PEM, its own first) and its key, which does not print."""

    certificates: str
    key: SecretStr
    algorithm: str
    subject: str
    until: datetime


def read_signing_key(certificate: Path, key: Path, now: datetime) -> SigningKey:
    """Both files, checked. CertificateError or KeyFileError says what would do."""
    chain = _chain(certificate)
    own = chain[0]
    _check(own, now)
    for one, other in pairwise(chain):
        try:
            one.verify_directly_issued_by(other)
        except (ValueError, TypeError, InvalidSignature):
            raise CertificateError("write the signer's certificate first, then each issuer's") from None
    secret = _key(key)
    if secret.public_key().public_bytes(*_SPKI) != own.public_key().public_bytes(*_SPKI):
        raise KeyFileError("this is not the key of the certificate in REELOG_C2PA_CERT")
    return SigningKey(
        "".join(each.public_bytes(serialization.Encoding.PEM).decode() for each in chain),
        SecretStr(
            secret.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ).decode()
        ),
        _algorithm(secret),
        own.subject.rfc4514_string(),
        own.not_valid_after_utc,
    )


def _chain(file: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError):
        raise CertificateError("write a file of certificates in PEM, the signer's own first") from None


def _check(own: x509.Certificate, now: datetime) -> None:
    if own.issuer == own.subject:
        raise CertificateError("a certificate that vouches for itself proves nothing: have one issued")
    if not own.not_valid_before_utc <= now <= own.not_valid_after_utc:
        raise CertificateError(
            f"not valid today, but from {own.not_valid_before_utc} to {own.not_valid_after_utc}"
        )
    try:
        usage = own.extensions.get_extension_for_class(x509.KeyUsage).value
        purposes = own.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        raise CertificateError(_UNFIT) from None
    if not usage.digital_signature or not {each.dotted_string for each in purposes} & _PURPOSES.keys():
        raise CertificateError(_UNFIT)


def _key(file: Path) -> PrivateKey:
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except TypeError:
        raise KeyFileError("write a key without a password, in a file that only this user reads") from None
    except (OSError, ValueError):
        raise KeyFileError("write a file with a private key in PEM") from None
    if not isinstance(key, PrivateKey):
        raise KeyFileError(f"write {_KEYS}")
    return key


def _algorithm(key: PrivateKey) -> str:
    """As C2PA names it."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= _SHORTEST_RSA:
        return "ps256"
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return _CURVES[key.curve.name]
    raise KeyFileError(f"write {_KEYS}")
