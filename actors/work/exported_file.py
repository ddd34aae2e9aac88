"""A file of a finished film as it is handed out; it loads nothing of what makes one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ExportedFile:
    """``data`` where it is made for the export, else the stored bytes of ``digest``."""

    name: str
    size: int
    digest: str | None = None
    data: bytes | None = None
