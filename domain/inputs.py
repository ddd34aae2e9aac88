"""What an asset was made from, held against what it would be made from now.

Where the log recorded which parts of a document were used, these are compared, else the whole.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from domain.asset import Asset, AssetKey, InputRef
from domain.asset_parts import Product


@dataclass(frozen=True)
class Input:
    """What an asset is made from: another one, or a named part of the document that it is."""

    key: AssetKey
    part: str | None = None


def is_made_from(
    asset: Asset,
    inputs: Iterable[Input],
    digest: Callable[[AssetKey, str | None], str | None],
    *,
    at_least: bool = False,
) -> bool:
    """Whether its latest revision was asked for from these, as they are now by their ``digest``.

    ``at_least``: from these, whatever else.
    """
    needed = [(one.key.name, one) for one in inputs]
    names = dict(needed).keys()
    if not (asset.inputs.keys() >= names if at_least else asset.inputs.keys() == names):
        return False
    for name, one in needed:
        part = one.part if name in asset.input_parts else None
        recorded = asset.inputs[name] if part is None else asset.input_parts[name].get(part)
        if recorded != digest(one.key, part):
            return False
    return True


def is_input_as_asked(asset: Asset, name: str, product: Product) -> bool:
    """Whether this input, if it is one, is still what the asset's latest revision was asked for from."""
    parts = asset.input_parts.get(name)
    if parts:
        return all(product.part(part) == digest for part, digest in parts.items())
    return asset.inputs.get(name, product.digest) == product.digest


def references_to(inputs: Iterable[Input], assets: Mapping[AssetKey, Asset]) -> tuple[InputRef, ...]:
    """The inputs as they are recorded, each once, with the parts that are used; all must be made.

    Of a document that has not all of these parts the whole is used.
    """
    parts: dict[AssetKey, list[str | None]] = {}
    for one in inputs:
        parts.setdefault(one.key, []).append(one.part)
    return tuple(_reference(assets[key], used) for key, used in parts.items())


def _reference(asset: Asset, used: list[str | None]) -> InputRef:
    known = asset.product.parts if asset.product is not None else {}
    digests = {part: known[part] for part in used if part is not None and part in known} if known else {}
    return asset.reference(digests if len(digests) == len(used) else None)
