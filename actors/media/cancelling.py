"""Stopping work that is under way: whoever began it says when, and each loop that may take long asks.

A thread cannot be ended from outside, and handing a flag through every function would put it into the
signature of things that know nothing of jobs. So the flag belongs to the context in which they are called.
"""

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar

from actors.media.errors import RenderCancelled


def _never() -> bool:
    return False


_cancelled: ContextVar[Callable[[], bool]] = ContextVar("cancelled", default=_never)


@contextlib.contextmanager
def stopping_when(cancelled: Callable[[], bool]) -> Iterator[None]:
    """What is called meanwhile stops when ``cancelled`` becomes true."""
    token = _cancelled.set(cancelled)
    try:
        yield
    finally:
        _cancelled.reset(token)


def go_on() -> None:
    """RenderCancelled when the work is no longer wanted."""
    if _cancelled.get()():
        raise RenderCancelled
