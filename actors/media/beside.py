"""One more thread for work that is in order: two cores share a film's sound, and what waits is bounded.

What numpy, scipy and the codecs compute, they compute without Python's lock. The thread ends with the block
that began it, whatever ends that: what has not begun by then is left out, and what has is waited for.
``Executor.map`` was rejected: it takes all things at once, and with them all of a film's sound.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


@contextmanager
def another_thread(name: str) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1, thread_name_prefix=name) as thread:
        try:
            yield thread
        finally:
            thread.shutdown(cancel_futures=True)


def mapped(
    thread: ThreadPoolExecutor, function: Callable[[T], R], things: Iterable[T], at_once: int
) -> Generator[R]:
    """The function's answers in order: things are taken in this thread, and made of them in the other.

    So many at once have been taken and not been answered. What is raised there is raised here in its turn.
    """
    pending = deque[Future[R]]()
    for thing in things:
        pending.append(thread.submit(function, thing))
        if len(pending) >= at_once:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()
