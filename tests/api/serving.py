"""A server without actors: in a thread, or as a process (``python -m tests.api.serving FOLDER [SECONDS]``).

The process gives up readers that take nothing for so many seconds; without a number, as soon as any of ours.
"""

import contextlib
import functools
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from actors.gemini.catalogue import Catalogue
from api.composition import System, open_system
from api.http.app import build_app
from api.http.server import Server
from api.model_directory import ModelDirectory
from api.settings import load_settings
from api.stream import event_stream


class _InThread(Server):
    """Signals belong to the main thread, and so to pytest."""

    def install_signal_handlers(self) -> None:
        return


@contextlib.contextmanager
def serving(system: System) -> Iterator[str]:
    """The address of a server of this system, which it starts and closes."""
    ready: queue.Queue[str] = queue.Queue()
    server = _InThread(build_app(system), system.settings, on_ready=ready.put)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield ready.get(timeout=30)
    finally:
        server.handle_exit(signal.SIGTERM, None)
        thread.join(20)


def main() -> None:
    if len(sys.argv) > 2:
        event_stream.SEND_TIMEOUT_S = float(sys.argv[2])
    settings = load_settings({}, Path("/nonexistent.env"), DATA_DIR=sys.argv[1], PORT=0)
    catalogue = functools.partial(Catalogue, None, date(2026, 11, 22))
    system = open_system(settings, provider="emulator", models=ModelDirectory(catalogue))
    Server(build_app(system), settings, on_ready=functools.partial(print, flush=True)).run()


if __name__ == "__main__":
    main()
