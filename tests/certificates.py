"""Certificates that the tests issue themselves, by an authority that nobody else knows."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
SIGNER = "The tests' studio"


@dataclass(frozen=True)
class Issued:
    certificate: Path
    key: Path
    authority: str
    """The certificate of who issued it, in PEM: what a verifier is told to trust."""

    @property
    def environment(self) -> dict[str, str]:
        return {"REELOG_C2PA_CERT": str(self.certificate), "REELOG_C2PA_KEY": str(self.key)}


def issue(
    folder: Path,
    *,
    key: Key | None = None,
    purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.EMAIL_PROTECTION,
    days: tuple[int, int] = (-1, 30),
    self_signed: bool = False,
    password: bytes | None = None,
) -> Issued:
    """A certificate for signing content; valid between so many days from now."""
    folder.mkdir(parents=True, exist_ok=True)
    authority_key, own_key = (
        ec.generate_private_key(ec.SECP256R1()),
        key or ec.generate_private_key(ec.SECP256R1()),
    )
    begin, end = (datetime.now(UTC) + timedelta(days=each) for each in days)

    def certificate(
        name: str, whose: Key, issuer: str, issuing: Key, *, is_authority: bool
    ) -> x509.Certificate:
        usage = x509.KeyUsage(
            digital_signature=not is_authority,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=is_authority,
            crl_sign=is_authority,
            encipher_only=False,
            decipher_only=False,
        )
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .issuer_name(_name(issuer))
            .public_key(whose.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(whose.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuing.public_key()), critical=False
            )
        )
        if not is_authority:
            critical = purpose == ExtendedKeyUsageOID.TIME_STAMPING  # as RFC 3161 asks
            builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=critical)
        return builder.sign(
            issuing, None if isinstance(issuing, ed25519.Ed25519PrivateKey) else hashes.SHA256()
        )

    authority = certificate("Authority", authority_key, "Authority", authority_key, is_authority=True)
    issuer, issuing = (SIGNER, own_key) if self_signed else ("Authority", authority_key)
    own = certificate(SIGNER, own_key, issuer, issuing, is_authority=False)
    issued = Issued(folder / "cert.pem", folder / "key.pem", _pem(authority))
    issued.certificate.write_text(_pem(own) + ("" if self_signed else _pem(authority)))
    issued.key.write_bytes(
        own_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption(),
        )
    )
    return issued


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _name(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Reelog tests"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def server_certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate that a server of this name vouches for itself with, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    own = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "server.pem", folder / "server.key"
    certificate.write_bytes(own.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return certificate, secret
