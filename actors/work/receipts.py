"""Calls that a provider accepts first and answers later: their receipts on record, and who goes on with them.

Between the moment at which the provider has taken such a call and the one at which its receipt is durable
nobody else could ask for the answer, so nothing else is done between the two. From then on the attempt
belongs to whichever worker lives, and dying costs nothing.
"""

import asyncio
import logging

from actors.work import workshop
from actors.work.outcome import Begun
from actors.work.stage import Order
from actors.work.transient_errors import TRANSIENT_ERRORS
from actors.work.workshop import Workshop
from domain.asset_parts import Receipt
from domain.failures import AttemptFailedError, Code, Failure
from domain.store import ConflictError

log = logging.getLogger("reelog.worker")


async def record_receipt(shop: Workshop, order: Order, started: Begun, receipt: Receipt) -> None:
    """Put a receipt on record, however long the store takes; returns when it is durable.

    AttemptFailedError where nobody needs the answer any more. Whoever is cancelled meanwhile waits for the
    append under way: what ends the attempt is appended after it.
    """
    while True:
        append = asyncio.ensure_future(asyncio.to_thread(_append, shop, order, started, receipt))
        try:
            await asyncio.shield(append)
        except (*TRANSIENT_ERRORS, ConflictError) as error:
            log.warning("the receipt of %s waits: %s", order.name, error)
        except asyncio.CancelledError:
            await asyncio.wait([append])
            raise
        else:
            return
        await asyncio.sleep(workshop.APPEND_RETRY_S)


def _append(shop: Workshop, order: Order, started: Begun, receipt: Receipt) -> None:
    begin_with, started.asset = started.asset, None  # an append that fails has changed it
    asset, saved = shop.studio.change_asset(
        order.asset_id,
        lambda asset: asset.accept_call(
            order.revision,
            order.attempt,
            shop.worker,
            receipt,
            run=order.brief.run,
            now=shop.clock(),
            causation=started.position,
        ),
        begin_with,
    )
    attempt = asset.attempt(order.revision, order.attempt)
    if attempt is None or attempt.receipt != receipt:
        superseded = "The provider accepted the call when nobody needed its answer any more."
        raise AttemptFailedError(Failure.of(Code.SUPERSEDED, superseded, may_have_been_billed=True))
    started.asset, started.position = asset, saved.position or started.position


def resume(shop: Workshop, order: Order) -> Begun | None:
    """Record that this worker goes on with the order's accepted call; None when the order is out of date."""
    assert order.resume is not None
    resumes = order.resume.resumes
    asset, saved = shop.studio.change_asset(
        order.asset_id,
        lambda asset: asset.resume_attempt(
            order.revision,
            order.attempt,
            shop.worker,
            resumes=resumes,
            run=order.brief.run,
            now=shop.clock(),
            causation=order.causation,
        ),
    )
    mine = asset.attempt(order.revision, order.attempt)
    # Without a position it was the append of an earlier try, which was not acknowledged.
    is_mine = mine is not None and mine.is_accepted and mine.worker == shop.worker and mine.resumes > resumes
    return Begun(saved.position or order.causation or 0, asset, None, mine) if is_mine else None
