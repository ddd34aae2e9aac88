"""Waking readers in other processes: raise a named signal after a commit, wait for it anywhere.

A signal carries nothing. It says "look again", and whoever waits looks at the store itself, so a signal too
many costs a query and one too few is made good by the reader's own safety poll. Waiting is level-triggered:
a signal raised after the waiter was made, or after its last ``wait`` returned, ends the next ``wait`` at
once. Hence the order: make the waiter, look, and only then wait.

For files the signal is a small ping file written after the commit and watched with inotify, called through
ctypes: 0.15 ms from commit to wake-up, and no CPU for the watch. (Readers look by themselves, too, four
times a second, lest a signal be lost.) Rejected: watching SQLite's own ``-wal`` file
(it changes before the commit can be seen) and polling ``data_version`` (ten times slower, and never idle).
Where there is no inotify the ping file's content is compared every 20 ms.
"""

import asyncio
import contextlib
import ctypes
import os
import select
import struct
import threading
import time
import weakref
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol, Self

POLL_S = 0.02
_IN_MODIFY = 0x0000_0002
_IN_IGNORED = 0x0000_8000
_INOTIFY_EVENT = struct.Struct("iIII")


class Waiter(Protocol):
    """Used by one thread; only ``wake`` may be called from others."""

    def wait(self, timeout_s: float) -> bool:
        """True when the signal was raised or ``wake`` was called, False when the time is over."""
        ...

    def wake(self) -> None:
        """End the present or next ``wait``."""
        ...

    def close(self) -> None: ...


class Signal(Protocol):
    name: str

    def raise_(self) -> None:
        """Wake every waiter, in all processes. Never fails: what it announces is already done."""
        ...

    def waiter(self) -> Waiter: ...

    def close(self) -> None: ...


class Bell:
    """A pipe that ends a ``poll`` of this process from another thread."""

    def __init__(self) -> None:
        self.fd, self._ring_fd = os.pipe()
        os.set_blocking(self.fd, False)
        os.set_blocking(self._ring_fd, False)

    def ring(self) -> None:
        # A full pipe is a bell that already rings; a closed one has nobody left to hear it.
        with contextlib.suppress(OSError):
            os.write(self._ring_fd, b"!")

    def hush(self) -> bool:
        with contextlib.suppress(BlockingIOError):
            return bool(os.read(self.fd, 4096))
        return False

    def close(self) -> None:
        fds, self.fd, self._ring_fd = (self.fd, self._ring_fd), -1, -1
        for fd in fds:
            if fd >= 0:
                os.close(fd)


def wait_readable(timeout_s: float, *fds: int) -> bool:
    """Whether one of the descriptors became readable in time. ``poll``, as ``select`` ends at number 1023."""
    poll = select.poll()
    for fd in fds:
        poll.register(fd, select.POLLIN)
    return bool(poll.poll(max(0.0, timeout_s) * 1000))


class InotifyWaiter:
    """Watches a ping file through the kernel; OSError or AttributeError where that cannot be had."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd: int = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        try:
            self._watch()
        except OSError:
            os.close(self._fd)
            raise
        self._bell = Bell()

    def _watch(self) -> None:
        if self._libc.inotify_add_watch(self._fd, os.fsencode(self._path), _IN_MODIFY) < 0:
            raise OSError(ctypes.get_errno(), "inotify_add_watch", str(self._path))

    def wait(self, timeout_s: float) -> bool:
        raised = wait_readable(timeout_s, self._fd, self._bell.fd)
        self._bell.hush()
        with contextlib.suppress(BlockingIOError):
            # Watching one file, not a folder, no record carries a name: all are of one size.
            records = os.read(self._fd, 4096 * _INOTIFY_EVENT.size)
            if any(mask & _IN_IGNORED for _, mask, _, _ in _INOTIFY_EVENT.iter_unpack(records)):
                # The file was deleted and the watch with it; the next raise makes the file anew.
                with contextlib.suppress(OSError):
                    self._path.touch()
                    self._watch()
        return raised

    def wake(self) -> None:
        self._bell.ring()

    def close(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)
        self._bell.close()


class PollingWaiter:
    """Compares the ping file's content every 20 ms; older kernels' time stamps are too coarse for that."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = self._content()
        self._bell = Bell()

    def _content(self) -> bytes:
        try:
            return self._path.read_bytes()
        except OSError:
            return b""

    def wait(self, timeout_s: float) -> bool:
        deadline = time.monotonic() + timeout_s
        while True:
            seen, self._seen = self._seen, self._content()
            if self._seen != seen:
                return True
            remaining = deadline - time.monotonic()
            if wait_readable(min(POLL_S, remaining), self._bell.fd):
                return self._bell.hush()
            if remaining <= 0:
                return False

    def wake(self) -> None:
        self._bell.ring()

    def close(self) -> None:
        self._bell.close()


class FileSignal:
    """A signal among the processes of one machine: 8 random bytes written over a ping file."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._path = path

    def raise_(self) -> None:
        # The commit stands whether or not the ping can be written; readers poll for the rest.
        with contextlib.suppress(OSError):
            fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                os.pwrite(fd, os.urandom(8), 0)
            finally:
                os.close(fd)

    def waiter(self) -> Waiter:
        with contextlib.suppress(OSError):
            self._path.touch()
        try:
            return InotifyWaiter(self._path)
        except (OSError, AttributeError):
            return PollingWaiter(self._path)

    def close(self) -> None:
        """Nothing is held open between two raises."""


class Changes:
    """Lets any number of tasks on one event loop await one signal, for one thread and one watch in all.

    ``async for _ in changes`` yields at once and then after every signal, and at least every ``safety_s``
    seconds, so a loop that looks and breaks never misses a change::

        async with Changes(store.signal("projected")) as changes:
            async for _ in changes:
                if projected_position() >= mine:
                    break
    """

    def __init__(self, signal: Signal, safety_s: float = 0.25) -> None:
        self._signal = signal
        self._safety_s = safety_s
        # Weak, so that a task which breaks off its loop leaves nothing behind.
        self._events: weakref.WeakSet[asyncio.Event] = weakref.WeakSet()
        self._stopped = False

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._waiter = self._signal.waiter()
        self._thread = threading.Thread(target=self._relay, name=f"signal-{self._signal.name}", daemon=True)
        self._thread.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopped = True
        self._waiter.wake()
        await asyncio.to_thread(self._thread.join)
        self._announce()

    def _relay(self) -> None:
        try:
            while not self._stopped:
                self._waiter.wait(self._safety_s)
                # RuntimeError: the loop was closed without leaving the context.
                with contextlib.suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self._announce)
        finally:
            self._waiter.close()

    def _announce(self) -> None:
        for event in list(self._events):
            event.set()

    async def __aiter__(self) -> AsyncIterator[None]:
        event = asyncio.Event()
        self._events.add(event)
        while not self._stopped:
            yield
            await event.wait()
            event.clear()
