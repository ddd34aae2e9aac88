"""A server without actors in a process of its own: ``python -m tests.api.serving FOLDER [SECONDS]``.

It gives up readers that take nothing for so many seconds; without a number, as soon as any server of ours.
"""

import functools
import sys
from datetime import date
from pathlib import Path

from actors.gemini.catalogue import Catalogue
from api.composition import open_system
from api.http.app import build_app
from api.http.server import Server
from api.model_directory import ModelDirectory
from api.settings import load_settings
from api.stream import event_stream


def main() -> None:
    if len(sys.argv) > 2:
        event_stream.SEND_TIMEOUT_S = float(sys.argv[2])
    settings = load_settings({}, Path("/nonexistent.env"), DATA_DIR=sys.argv[1], PORT=0)
    catalogue = functools.partial(Catalogue, None, date(2026, 11, 22))
    system = open_system(settings, provider="emulator", models=ModelDirectory(catalogue))
    Server(build_app(system), settings, on_ready=functools.partial(print, flush=True)).run()


if __name__ == "__main__":
    main()
