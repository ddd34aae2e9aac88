"""The whole product, in a process of its own: server, Ray, actors, emulator."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_product(folder: Path) -> Iterator[str]:
    """Where ``reelog serve --emulate`` listens; it ends with the block."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REELOG_")}
    command = [sys.executable, "-m", "api", "serve", "--emulate", "--port", "0"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[4],
        env=environment | {"REELOG_DATA_DIR": str(folder)},
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline().strip()
            assert line.startswith("http://127.0.0.1:"), f"it said {line!r}"
            yield line
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=60)
            finally:
                process.kill()
