"""Several calls of one attempt, where one asset takes more than one answer: their costs are one."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from actors.work.stage import Made, MakeFailedError
from domain.failures import AttemptFailedError

Call = Callable[[], Awaitable[Made]]


async def one_after_another(calls: Sequence[Call]) -> list[Made]:
    """Make the calls in order, no further than the first that fails.

    Its failure carries what the calls before it cost, too, and is no free one if there were any. Where nobody
    can tell what it cost itself it carries no usage: what was reserved for all of them counts then.
    """
    made: list[Made] = []
    for call in calls:
        try:
            made.append(await call())
        except MakeFailedError as error:
            if not made:
                raise
            untold = error.failure.may_have_been_billed and error.usage is None
            raise MakeFailedError(
                error.failure.within(may_have_been_billed=True),
                usage=None if untold else together([*(each.usage for each in made), error.usage]),
                cost_usd=cost_of([*(each.cost_usd for each in made), error.cost_usd]),
                request=listed([*(each.request for each in made), error.request]),
                raw=listed([*(each.raw for each in made), error.raw]),
            ) from error
        except AttemptFailedError as error:
            if not made:
                raise
            untold = error.failure.may_have_been_billed
            raise MakeFailedError(
                error.failure.within(may_have_been_billed=True),
                usage=None if untold else together([each.usage for each in made]),
                cost_usd=cost_of([each.cost_usd for each in made]),
                request=listed([each.request for each in made]),
                raw=listed([each.raw for each in made]),
            ) from error
    return made


def together(usages: Sequence[dict[str, Any] | None]) -> dict[str, Any] | None:
    """The sum of several usages, number by number; None where there is none."""
    total: dict[str, Any] = {}
    for usage in usages:
        for name, value in (usage or {}).items():
            if isinstance(value, dict):
                total[name] = together([total.get(name), value]) or {}
            else:
                total[name] = total.get(name, 0) + value
    return total or None


def cost_of(costs: Sequence[float | None]) -> float | None:
    """None when the price of one of them is not known."""
    known = [cost for cost in costs if cost is not None]
    return round(sum(known), 9) if len(known) == len(costs) else None


def listed(documents: Sequence[bytes | None]) -> bytes:
    """What was sent or came back, as one JSON list; null is nothing, and what is no JSON is text."""
    return json.dumps([_value(each) for each in documents], ensure_ascii=False, indent=1).encode()


def _value(document: bytes | None) -> Any:
    if not document:
        return None
    try:
        return json.loads(document)
    except ValueError:
        return document.decode(errors="replace")
