"""How a command that serves is stopped: Ctrl-C and SIGTERM are its ways to end, and both end well."""

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

from api.cli.live import say


@contextlib.contextmanager
def stops_in_order() -> Iterator[None]:
    """Around uvicorn, which ends by itself on a signal and then hands it on, with nothing left to end."""
    former = signal.signal(signal.SIGTERM, _nothing)
    try:
        yield
    except KeyboardInterrupt:
        say("Stopped.")
    finally:
        signal.signal(signal.SIGTERM, former)


def _nothing(_signal: int, _frame: FrameType | None) -> None:
    pass
