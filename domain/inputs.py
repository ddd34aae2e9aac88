"""What an asset was made from, held against what it would be made from now.

Where the log recorded which parts of a document were used, these are compared, else the whole.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from domain.asset import Asset, AssetKey, InputRef


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
    needed = list(inputs)
    names = {one.key.name for one in needed}
    if not (asset.inputs.keys() >= names if at_least else asset.inputs.keys() == names):
        return False
    for one in needed:
        parts = asset.input_parts.get(one.key.name)
        part = one.part if parts is not None else None
        recorded = asset.inputs[one.key.name] if part is None or parts is None else parts.get(part)
        if recorded != digest(one.key, part):
            return False
    return True


def references_to(inputs: Iterable[Input], assets: Mapping[AssetKey, Asset]) -> tuple[InputRef, ...]:
    """The inputs as they are recorded, each once, with the parts that are used; all must be made.

    Of a document that has not all of these parts the whole is used.
    """
    parts: dict[AssetKey, list[str | None]] = {}
    for one in inputs:
        parts.setdefault(one.key, []).append(one.part)
    return tuple(_reference(assets[key], used) for key, used in parts.items())


def _reference(asset: Asset, used: list[str | None]) -> InputRef:
    whole, product = asset.reference(), asset.product
    assert product is not None
    found = {part: product.part(part) for part in used if part is not None}
    digests = {part: digest for part, digest in found.items() if digest is not None}
    return replace(whole, parts=digests) if len(digests) == len(used) else whole
