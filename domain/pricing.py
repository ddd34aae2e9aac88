"""What a call used, and what that cost: from the provider's own token counts and a dated list of prices.

Rejected: prices by image or by minute. What is billed are tokens, also of answers that failed, and the model
that is billed is the one that answered (``modelVersion``), not the one that was asked. A model without a
price is unpriced, None, never free. Music alone has a price by the item: one answered call is one song.

The list is JSON (``prices.json`` beside this module is the shipped one, see its ``about``); a user's own list
is laid over it, model by model. Prices are in US dollars for a million tokens or for an item, from the given
day (UTC) on.
"""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from domain.plain import shortened

SHIPPED_PRICES = Path(__file__).with_name("prices.json")
"""Where the shipped list is; whoever wires the parts together reads it."""

_MILLION = Decimal(1_000_000)
_TEXT = "TEXT"
MODALITIES = (_TEXT, "IMAGE", "AUDIO", "VIDEO")
MOST_USD = 1_000_000
"""Of a rate: more is a slip, and would soon be no number that can be kept."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """The tokens of one call, as the provider counted them. JSON-serialisable through `to_dict`."""

    prompt_tokens: int = 0
    """All input, the cached part included."""
    output_tokens: int = 0
    """The answer without thoughts; may exceed the sum of ``by_modality``, and then the rest is text."""
    thoughts_tokens: int = 0
    cached_tokens: int = 0
    """The part of ``prompt_tokens`` that was read from a cache, at a lower rate."""
    tool_tokens: int = 0
    """Input that the provider's own tools made, billed as input beside ``prompt_tokens``."""
    total_tokens: int = 0
    by_modality: dict[str, int] = field(default_factory=dict)
    """Output tokens by modality: TEXT, IMAGE, AUDIO, VIDEO."""
    prompt_by_modality: dict[str, int] = field(default_factory=dict)

    @property
    def has_counts(self) -> bool:
        """Whether it tells anything that is charged: a total alone, or nothing, has no price."""
        return bool(self.prompt_tokens or self.output_tokens or self.thoughts_tokens)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        return cls(**{key: value for key, value in stored.items() if key in cls.__dataclass_fields__})


class _Listed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _day(value: Any) -> date:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise ValueError(f'{_shown(value)} is no day; write it as text, such as "2026-09-02"')


def _modality(value: Any) -> Any:
    if value not in MODALITIES:
        raise ValueError(f"{_shown(value)} is no kind of output; write {', '.join(MODALITIES)}")
    return value


Rate = Annotated[Decimal, Field(ge=0, le=MOST_USD)]
"""US dollars for a million tokens."""
Rates = Annotated[dict[Annotated[str, BeforeValidator(_modality)], Rate], Field(min_length=1)]
"""Of output, by modality; TEXT is that of thoughts too."""


class LongContext(_Listed):
    """Rates for the whole call once its prompt is longer than ``over`` tokens."""

    over: int = Field(gt=0, strict=True)
    input: Rate
    cached_input: Rate | None = None
    output: Rates


class Price(_Listed):
    """What a model costs from a day on."""

    since: Annotated[date, BeforeValidator(_day)] = Field(alias="from")
    item: Rate | None = None
    """US dollars for what one call makes, whatever its tokens; takes the place of all rates."""
    input: Rate = Decimal(0)
    cached_input: Rate | None = None
    """None: cached input is charged as any other, which is the upper bound."""
    output: Rates = Field(default_factory=dict)
    long_context: LongContext | None = None
    source: str = ""

    @model_validator(mode="after")
    def _by_the_item_or_by_tokens(self) -> Self:
        rates = self.model_fields_set & {"input", "output", "cached_input", "long_context"}
        if self.item is not None and rates:
            raise ValueError(f"a price by the item has no {' and no '.join(sorted(rates))}")
        if self.item is None and not {"input", "output"} <= rates:
            raise ValueError("give item, or input and output")
        return self


class _File(_Listed):
    about: str = ""
    models: dict[str, list[Price]]
    aliases: dict[str, str] = Field(default_factory=dict)
    """Other names, as ``modelVersion`` spells them, of models that have a price."""


class PriceBook:
    """All prices, at all times. Immutable; the same question always has the same answer."""

    def __init__(self, models: Mapping[str, list[Price]], aliases: Mapping[str, str]) -> None:
        self._models = {
            name: sorted(prices, key=lambda price: price.since) for name, prices in models.items()
        }
        self._aliases = dict(aliases)

    @classmethod
    def parse(cls, *lists: str) -> Self:
        """Read price lists, each laid over those before it; raises ValueError naming what is wrong where."""
        models: dict[str, list[Price]] = {}
        aliases: dict[str, str] = {}
        for text in lists:
            try:
                file = _File.model_validate_json(text)
            except ValidationError as wrong:
                raise ValueError(f"price list: {'; '.join(map(_told, wrong.errors()))}") from None
            models |= file.models
            aliases |= file.aliases
        return cls(models, aliases)

    def price(self, model: str, at: datetime) -> Price | None:
        """Return the price that holds for ``model`` at a time, None when there is none."""
        today = at.astimezone(UTC).date()
        return next((price for price in reversed(self._prices(model)) if price.since <= today), None)

    def sold_by_the_item(self, model: str, at: datetime) -> bool:
        price = self.price(model, at)
        return price is not None and price.item is not None

    def next_price(self, model: str, at: datetime) -> Price | None:
        """Return the price that follows, where a change is announced."""
        today = at.astimezone(UTC).date()
        return next((price for price in self._prices(model) if price.since > today), None)

    def _prices(self, model: str) -> list[Price]:
        name = model.removeprefix("models/")
        return self._models.get(self._aliases.get(name, name), [])

    def cost_usd(self, model_version: str, usage: Usage, *, at: datetime) -> Decimal | None:
        """Return what a call cost; None when its model, or a kind of token it made, has no price.

        ``model_version`` is the model that answered. A record without any token is no record: None too, but
        for what is sold by the item.
        """
        price = self.price(model_version, at)
        if price is not None and price.item is not None:
            return price.item
        if price is None or not usage.has_counts:
            return None
        rates = _rates(price, usage.prompt_tokens + usage.tool_tokens)
        input_rate, output = rates.input, rates.output
        cached = min(usage.cached_tokens, usage.prompt_tokens)
        cached_rate = input_rate if rates.cached_input is None else rates.cached_input
        total = (usage.prompt_tokens - cached + usage.tool_tokens) * input_rate + cached * cached_rate
        for modality, tokens in _output_tokens(usage, output).items():
            if tokens and modality not in output:
                return None
            total += tokens * output.get(modality, Decimal(0))
        return total / _MILLION

    def reservation_usd(
        self,
        model: str,
        *,
        prompt_tokens: int,
        max_output_tokens: int,
        at: datetime,
        media_tokens: int | None = None,
    ) -> Decimal | None:
        """Return the most that a call can cost: a full answer, nothing cached.

        ``media_tokens`` of the answer are at the dearest rate, the rest is text; None: all of it may be.
        """
        price = self.price(model, at)
        if price is None or price.item is not None:
            return None if price is None else price.item
        rates = _rates(price, prompt_tokens)
        input_rate, output = rates.input, rates.output
        dearest = max(output.values())
        media = max_output_tokens if media_tokens is None else min(media_tokens, max_output_tokens)
        text = (max_output_tokens - media) * output.get(_TEXT, dearest)
        return (prompt_tokens * input_rate + media * dearest + text) / _MILLION


_WANTED = {
    "dict_type": "an object",
    "list_type": "a list",
    "too_short": 'an object of rates, such as {"TEXT": 3.75}',
    "decimal_type": 'a number, such as 0.75 or "0.75"',
    "decimal_parsing": 'a number, such as 0.75 or "0.75"',
}


def _told(fault: Any) -> str:
    """What is wrong where, and what would do."""
    place = f"/{'/'.join(str(part) for part in fault['loc'] if part != '[key]')}"
    said = str(fault["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    match fault["type"]:
        case "missing":
            return f"{place} is missing and must be given"
        case "extra_forbidden":
            return f"{place} is not known; leave it out"
        case "json_invalid":
            return said
        case "value_error":
            return f"{place}: {said}"
        case _:
            return f"{place} is {_shown(fault['input'])}; it should be {_WANTED.get(fault['type'], said)}"


def _shown(value: Any) -> str:
    return shortened(json.dumps(value, ensure_ascii=False))


def _rates(price: Price, prompt_tokens: int) -> Price | LongContext:
    long = price.long_context
    return long if long is not None and prompt_tokens > long.over else price


def _output_tokens(usage: Usage, output: Mapping[str, Rate]) -> dict[str, int]:
    """Count output by modality: what the provider does not break down is text, and so are thoughts.

    A model that has no price for text (speech) is charged for them at its dearest rate.
    """
    counts = dict(usage.by_modality)
    rest = max(0, usage.output_tokens - sum(counts.values())) + usage.thoughts_tokens
    modality = _TEXT if _TEXT in output else max(output, key=lambda name: output[name])
    counts[modality] = counts.get(modality, 0) + rest
    return counts
