"""Nothing is spent of which the price was not told first, or which may cost more than is allowed.

What costs something is asked for twice. The first call begins nothing: it tells the price, and gives a
*quote*, which names that price and stands for these arguments alone. The second call, with the quote, begins
it, unless it has become dearer since, or anything else is asked for. Nothing is kept between the two, so any
server on the store takes a quote of any other; and the quote is the idempotency key, so a call that is made
again because its answer was lost is paid for once.
"""

import json
import math
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_hex
from typing import Any, Self

from api.cases.errors import Faults

Json = dict[str, Any]

_QUOTE = re.compile(r"([0-9a-f]{16})-(\d{1,12})-(\d{0,15})-([0-9a-f]{16})")
CENTS = 100
MILLIONTHS = 1_000_000

Price = Callable[[str | None, float | None], Awaitable[Json]]
Begin = Callable[[str, float | None], Awaitable[Json]]


@dataclass(frozen=True)
class Quote:
    """What was told of what is asked for by some arguments; ``text`` is what goes to and fro.

    ``cents`` is the price. ``budget`` is what the whole job may cost then, in millionths; None: it has none.
    """

    cents: int
    budget: int | None
    text: str

    @classmethod
    def of(cls, asked: Json, cents: int, budget: int | None, nonce: str | None = None) -> Self:
        numbers = f"{nonce or token_hex(8)}-{cents}-{'' if budget is None else budget}"
        said = json.dumps([asked, numbers], sort_keys=True)
        return cls(cents, budget, f"{numbers}-{sha256(said.encode()).hexdigest()[:16]}")

    @classmethod
    def read(cls, asked: Json, text: str) -> Self:
        """The quote that was given for just this; Faults where it was given for something else, or never."""
        found = _QUOTE.fullmatch(text)
        budget = int(found[3]) if found and found[3] else None
        quote = cls.of(asked, int(found[2]), budget, found[1]) if found else None
        if quote is None or quote.text != text:
            message = (
                "quote is no quote of these arguments; call this with them and without quote: then their "
                "price is told, with a quote of it"
            )
            raise Faults.of_one("invalid_submission", "/quote", message)
        return quote

    @property
    def key(self) -> str:
        return f"mcp-{self.text}"

    @property
    def budget_usd(self) -> float | None:
        return None if self.budget is None else self.budget / MILLIONTHS


def limit_of(asked: float | None, most: float | None) -> float:
    """What may be spent; Faults where nobody has said. ``most`` is what settings allow."""
    limits = [limit for limit in (asked, most) if limit is not None]
    if not limits:
        message = (
            "max_cost_usd is missing; give what this may cost at the most, in US dollars, or set "
            "REELOG_MCP_MAX_USD for all calls"
        )
        raise Faults.of_one("invalid_submission", "/max_cost_usd", message)
    return min(limits)


async def spend(
    asked: Json, quote: str | None, limit_usd: float, budget_usd: float | None, price: Price, begin: Begin
) -> Json:
    """The price and a quote of it; or, where the quote comes back, what was begun.

    ``asked`` is the tool with its arguments, without the quote. ``budget_usd`` is the cap of the whole job
    that keeps what is begun within ``limit_usd``; None: nothing does, so its worst case must be.
    ``price`` and ``begin`` are given the idempotency key and that cap.
    """
    told = Quote.read(asked, quote) if quote else None
    if told is not None:
        budget_usd = told.budget_usd
    priced = await price(told.key if told else None, budget_usd)
    cents = _cents(priced["cost"], limit_usd, held=budget_usd is not None)
    if told is not None and cents <= told.cents:
        return {"begun": True, "limit_usd": limit_usd, "job": await begin(told.key, budget_usd)}
    budget = None if budget_usd is None else int(budget_usd * MILLIONTHS)
    risen = "It has become dearer since the price was told. " if told else ""
    return {
        "begun": False,
        "message": f"{risen}Nothing was begun and nothing spent. {_words(priced['cost'], limit_usd)} "
        f"To begin it, call {asked['tool']} again with the same arguments and this quote.",
        "quote": Quote.of(asked, cents, budget).text,
        "limit_usd": limit_usd,
        "price": priced,
    }


def _cents(cost: Json, limit_usd: float, *, held: bool) -> int:
    """What it costs, in cents, as far as the limit allows; Faults where that is not enough."""
    expected, most = cost["usd"], cost["at_most_usd"]
    if cost["unpriced"] or expected is None:
        message = (
            f"max_cost_usd is {limit_usd:g}, and of {cost['unpriced']} calls no price is known, so no limit "
            "can be kept; choose models with a price (`models` lists them)"
        )
        raise Faults.of_one("unpriced_model", "/max_cost_usd", message)
    needed = expected if held or most is None else most
    if needed > limit_usd:
        message = (
            f"max_cost_usd is {limit_usd:g}, and this {'costs about' if held else 'may cost'} {needed:.2f}"
        )
        raise Faults.of_one("invalid_submission", "/max_cost_usd", f"{message}; ask for less, or allow more")
    likely: float = min(limit_usd, expected if most is None else most)
    return math.ceil(round(likely * CENTS, 6))


def _words(cost: Json, limit_usd: float) -> str:
    most = (
        "" if cost["at_most_usd"] is None else f", at most {cost['at_most_usd']:.2f} if no call is repeated"
    )
    return f"It costs about {cost['usd']:.2f} USD{most}, and may cost no more than {limit_usd:g} USD."


def budget_within(job: Json, limit_usd: float) -> float:
    """What the whole job may cost, so that no more than the limit is added to what counts as spent."""
    cost = job["cost"]
    within = float(cost["usd"] + cost["unknown_usd"] + cost["reserved_usd"] + limit_usd)
    return within if cost["max_usd"] is None else min(within, cost["max_usd"])
