"""A key of the server's own, in a file that only its user reads, where no setting gives one."""

import contextlib
import os
from pathlib import Path
from secrets import token_hex


def kept_key(path: Path) -> str:
    """The key in the file; made when there is none, whole or not at all. OSError where it cannot be kept."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f"{path.name}.{token_hex(8)}")
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(made, path)  # where another process was quicker, its key counts
        made.unlink()
    return path.read_text("ascii").strip()
