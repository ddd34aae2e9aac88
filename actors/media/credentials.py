"""Content Credentials (C2PA): who made a film, how and of what, signed into the file, and read from it again.

The library is the consortium's own. Nothing is fetched from a network, neither what an ingredient points to
nor whether a certificate was withdrawn; a time stamp is asked for where an authority is named.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import c2pa
from pydantic import SecretStr

from actors.media.errors import EncodeError

MP4: Final = "video/mp4"
Source = Literal[
    "trainedAlgorithmicMedia", "algorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "composite"
]
"""The IPTC's words for what a model made, and for what a program drew without one; the same with something in
it that a person gave."""
_SOURCES: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_OFFLINE: Final[Mapping[str, Any]] = {
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
}
_WHO: Final = frozenset({"signingCredential.untrusted"})
"""Whether a signer is to be trusted is for whoever reads the film; that nothing was changed is for all."""


@dataclass(frozen=True)
class Signing:
    """A certificate and those that vouch for it (PEM, its own first), and its key, which does not print."""

    certificates: str
    key: SecretStr
    algorithm: str
    """As C2PA names it: es256, es384, es512, ps256 or ed25519."""
    time_authority: str | None = None
    """Who vouches for the hour (the address of an RFC 3161 service), so that the signature outlives the
    certificate."""


@dataclass(frozen=True)
class Ingredient:
    """Something in the film; credentials that it brought along are kept in the film's."""

    title: str
    digest: str
    media_type: str
    file: Path
    description: str


@dataclass(frozen=True)
class Claim:
    """What is signed: that this program made the film, in which way, of what."""

    title: str
    description: str
    source: Source
    ingredients: Sequence[Ingredient]
    program: tuple[str, str]
    """Name and version."""


@dataclass(frozen=True)
class Reading:
    """What credentials say: the signer's name, and the codes of all that is wrong with them."""

    signer: str
    faults: tuple[str, ...]
    manifest: dict[str, Any]


def sign(film: Path, signed: Path, claim: Claim, signing: Signing) -> None:
    """Write a finished MP4 with credentials to ``signed``; index first, pictures and sound as they are.

    Raises:
        EncodeError: ``signing_failed``.

    """
    name, version = claim.program
    agent = {"name": name, "version": version}
    created = {
        "action": "c2pa.created",
        "digitalSourceType": _SOURCES + claim.source,
        "softwareAgent": agent,
        "description": claim.description,
    }
    placed = [
        {"action": "c2pa.placed", "parameters": {"ingredientIds": [ingredient.digest]}}
        for ingredient in claim.ingredients
    ]
    manifest = {
        "claim_generator_info": [agent],
        "title": claim.title,
        "format": MP4,
        "assertions": [{"label": "c2pa.actions", "data": {"actions": [created, *placed]}}],
    }
    who = c2pa.C2paSignerInfo(
        signing.algorithm.encode(),
        signing.certificates.encode(),
        signing.key.get_secret_value().encode(),
        signing.time_authority.encode() if signing.time_authority else None,
    )
    try:
        with (
            _context() as context,
            c2pa.Builder(json.dumps(manifest), context) as builder,
            c2pa.Signer.from_info(who) as signer,
            film.open("rb") as unsigned,
            signed.open("w+b") as target,
        ):
            for ingredient in claim.ingredients:
                _add(builder, ingredient)
            builder.sign(signer, MP4, unsigned, target)
    except (c2pa.C2paError, OSError) as error:
        raise EncodeError(
            "signing_failed",
            f"The film could not be given Content Credentials: {error}",
            "See that the certificate is still valid (reelog doctor) and that REELOG_C2PA_TIME_URL,"
            " where it is set, answers; then retry",
        ) from error


def _add(builder: Any, ingredient: Ingredient) -> None:
    told = {
        "title": ingredient.title,
        "format": ingredient.media_type,
        "instance_id": ingredient.digest,
        "relationship": "componentOf",
        "description": ingredient.description,
    }
    with ingredient.file.open("rb") as file:
        builder.add_ingredient(json.dumps(told), ingredient.media_type, file)


def read(film: Path) -> Reading | None:
    """The credentials of a film; None where it has none, as files other than MP4."""
    with _context() as context, film.open("rb") as file:
        if file.read(8)[4:] != b"ftyp":
            return None
        file.seek(0)
        try:
            reader = c2pa.Reader.try_create(MP4, file, context=context)
        except c2pa.C2paError as error:
            return Reading("", (str(error),), {})
        if reader is None:
            return None
        with reader:
            found = reader.get_active_manifest() or {}
            results = (reader.get_validation_results() or {}).get("activeManifest", {})
            faults = dict.fromkeys(failure["code"] for failure in results.get("failure", ()))
    signature = found.get("signature_info", {})
    return Reading(
        signature.get("common_name") or signature.get("issuer") or "",
        tuple(code for code in faults if code not in _WHO),
        found,
    )


def _context() -> Any:
    return c2pa.Context.from_dict(dict(_OFFLINE))
