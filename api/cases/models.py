"""Which models there are for each stage, what they can do and cost, and how they have been doing.

Three sources, each named: the provider's own list (or the shipped one, when that cannot be had), the dated
price book, and our own record of calls. Nothing is probed: health is what happened, not what a test call
would say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from api.composition import System
from api.model_directory import Catalogue
from domain.default_models import ModelKind
from domain.expectation import MODEL_KIND
from domain.pricing import LongContext, Price
from domain.script import STAGE_OF, Kind
from projections.calls import health


@dataclass(frozen=True)
class ListModelsRequest:
    """``patience_s``: how long the provider's list is waited for where none is known yet."""

    patience_s: float = 0.0


def list_models(system: System, request: ListModelsRequest) -> dict[str, Any]:
    """``{source, provider, sdk, stages, data, voices}``; ``reason`` says why a model will not do. Blocks."""
    catalogue = system.models.catalogue(request.patience_s)
    data = [_model(system, catalogue, offer) for offer in catalogue.offers if offer.model.kind is not None]
    return {
        "source": catalogue.source,
        "provider": system.provider,
        "sdk": system.settings.gemini_sdk,
        "stages": [_stage(kind, data) for kind in Kind if kind in MODEL_KIND],
        "data": data,
        "voices": [_voice(voice, data) for voice in catalogue.offered_voices],
    }


def _voice(voice: Any, models: list[dict[str, Any]]) -> dict[str, Any]:
    """A voice, how it sounds, and which of the models that may be asked speak in it."""
    speech = [model for model in models if "speech" in model["kinds"] and model["available"]]
    spoken_by = [m["id"] for m in speech if not voice.library or m["capabilities"]["voice_library"]]
    return {**voice._asdict(), "models": spoken_by}


def _stage(kind: Kind, data: list[dict[str, Any]]) -> dict[str, Any]:
    """What would do for the stage that makes this kind of asset, the default first."""
    stage = STAGE_OF[kind].value
    fit = [model for model in data if stage in model["stages"] and model["available"]]
    default = next((m["id"] for m in data if stage in m["stages"] and m["default"]), None)
    ids = sorted((model["id"] for model in fit), key=lambda name: name != default)
    return {"stage": stage, "kind": MODEL_KIND[kind], "default": default, "models": ids}


def _model(system: System, catalogue: Catalogue, offer: Any) -> dict[str, Any]:
    model, now = offer.model, system.clock()
    kind: ModelKind = model.kind
    kinds = [made for made, by in MODEL_KIND.items() if by == kind]
    reason = catalogue.why_unfit(model.name, kind) or system.why_unsayable(model.name, kind)
    calls = {made: system.readers.calls(system.provider, model.name, made) for made in kinds}
    together = sorted(
        (c for of_kind in calls.values() for c in of_kind), key=lambda c: c.ended_at, reverse=True
    )
    return {
        "id": model.name,
        "kinds": [kind],
        "stages": [STAGE_OF[made].value for made in kinds],
        "default": offer.default,
        "state": model.state,
        "note": offer.note,
        "available": reason is None,
        "reason": reason,
        "capabilities": model.capabilities,
        "price": _price(
            system.prices.price(offer.answered_by, now),
            system.prices.next_price(offer.answered_by, now),
            model.tokens_per_second,
        ),
        "health": {
            **health(together),
            "stages": {STAGE_OF[made].value: health(of_kind) for made, of_kind in calls.items() if of_kind},
        },
    }


def _price(
    price: Price | None, following: Price | None, tokens_per_second: Mapping[str, int]
) -> dict[str, Any] | None:
    """US dollars for a million tokens, or by the item; None: no price is known, which is not free."""
    if price is None:
        return None
    long = price.long_context
    return {
        "item": None,
        **_rates(price),
        "per_second": _per_second(price, tokens_per_second),
        "since": price.since.isoformat(),
        "cached_input": _usd(price.cached_input),
        "long_context": None if long is None else {"over": long.over, **_tokens(long)},
        "source": price.source,
        "next": None if following is None else {**_rates(following), "since": following.since.isoformat()},
    }


def _rates(price: Price) -> dict[str, Any]:
    if price.item is not None:
        return {"input": None, "output": {}, "item": _usd(price.item)}
    return _tokens(price)


def _tokens(price: Price | LongContext) -> dict[str, Any]:
    return {
        "input": float(price.input),
        "output": {modality: float(rate) for modality, rate in price.output.items()},
    }


def _per_second(price: Price, tokens_per_second: Mapping[str, int]) -> dict[str, float] | None:
    """Of video, by resolution: what the provider charges for are tokens."""
    rate = price.output.get("VIDEO")
    if rate is None or not tokens_per_second:
        return None
    return {each: round(float(rate * tokens / 1_000_000), 3) for each, tokens in tokens_per_second.items()}


def _usd(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)
