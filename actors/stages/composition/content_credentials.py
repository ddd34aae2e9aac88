"""What a film says of how it was made: to players in its metadata, to verifiers under its signature."""

from collections.abc import Mapping
from importlib.metadata import version

from actors.media.credentials import Claim, Ingredient, Source
from actors.work.stage import Brief, Inputs
from domain.asset import Asset, AssetKey
from domain.film_graph import SCRIPT
from domain.script import Kind

_MADE: dict[Kind, tuple[str, str]] = {
    Kind.IMAGE: ("Picture", "drawn"),
    Kind.SHOT: ("Shot", "filmed"),
    Kind.NARRATION: ("Voice", "spoken"),
    Kind.MUSIC: ("Music", "composed"),
}
"""What is seen and heard in a film as it is, and what was done to make it."""
_NOTED: dict[Kind, str] = {
    Kind.IMAGE: "pictures",
    Kind.SHOT: "shots",
    Kind.NARRATION: "voice",
    Kind.MUSIC: "music",
}


def comment(brief: Brief, assets: Mapping[AssetKey, Asset]) -> str:
    """What the film's metadata say of it: who made it, who wrote it, and what of it a person gave."""
    return " ".join(filter(None, (note(brief, assets), beside(brief, assets))))


def note(brief: Brief, assets: Mapping[AssetKey, Asset]) -> str:
    """The models that made pictures, shots, voices, music and text, in a sentence."""
    if brief.provider == "emulator":
        return "Made on the Reelog emulator: no AI model was called."
    made = [asset for asset in assets.values() if asset.product and asset.is_paid and not asset.is_provided]
    told = []
    for kind, what in _NOTED.items():
        models = {asset.recipe.model or "?": None for asset in made if asset.key.kind is kind}
        if models:
            told.append(f"{what} by {' and '.join(models)}")
    told.append(f"planning by {brief.models['text']}")
    return f"Made with artificial intelligence: {', '.join(told)}."


def given(assets: Mapping[AssetKey, Asset]) -> str:
    """What of the film a person gave, in a sentence; nothing where all of it was made."""
    told = []
    for kind, (what, _) in _MADE.items():
        those = [asset for key, asset in assets.items() if key.kind is kind and asset.product is not None]
        own = sum(asset.is_provided for asset in those)
        if own:
            told.append(f"{what.lower()} {own} of {len(those)}" if len(those) > 1 else what.lower())
    return f"Provided by a person, made by no model here: {', '.join(told)}." if told else ""


def beside(brief: Brief, assets: Mapping[AssetKey, Asset]) -> str:
    """What else is to be known: who wrote the script on a topic, and what of the film a person gave."""
    script = assets.get(SCRIPT)
    written = ""
    if script is not None and script.product is not None:
        by = script.recipe.model if brief.provider == "gemini" else "the emulator"
        written = f"Script written on a topic by {by}; its facts are not checked."
        if script.is_provided:
            written = "Script written by a person."
    return " ".join(filter(None, (written, given(assets))))


def claim(title: str, brief: Brief, assets: Mapping[AssetKey, Asset], inputs: Inputs) -> Claim:
    """What is to be signed: each picture, voice and piece of music, with the model that made it."""
    return Claim(
        title,
        comment(brief, assets),
        _source(brief, given=bool(given(assets))),
        [
            _ingredient(brief, asset, inputs)
            for key, asset in assets.items()
            if key.kind in _MADE and asset.product is not None
        ],
        ("Reelog", version("reelog")),
    )


def _source(brief: Brief, *, given: bool) -> Source:
    if brief.provider == "emulator":
        return "composite" if given else "algorithmicMedia"
    return "compositeWithTrainedAlgorithmicMedia" if given else "trainedAlgorithmicMedia"


def _ingredient(brief: Brief, asset: Asset, inputs: Inputs) -> Ingredient:
    product = asset.product
    assert product is not None
    what, how = _MADE[asset.key.kind]
    scene = "" if asset.key.scene is None else f" of scene {asset.key.scene}"
    beat = f" {asset.key.beat}" if asset.key.beat > 1 else ""
    by = "Reelog"
    if asset.is_provided:
        how, by = "provided", str(product.provenance["provided_by"])
    elif asset.is_paid and brief.provider == "emulator":
        by = "the emulator"
    elif asset.is_paid:
        by = product.provenance.get("model_version") or asset.recipe.model or "?"
    return Ingredient(
        asset.key.name,
        product.digest,
        product.media_type,
        inputs.blob_path(product.digest),
        f"{what}{beat}{scene}, {how} by {by}",
    )
