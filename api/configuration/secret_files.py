"""Secrets from files: ``NAME_FILE`` names the file that holds what ``NAME`` would.

Environments are inherited, listed by supervisors and kept in crash reports; what keeps secrets for containers
(Docker, Kubernetes, systemd) lays each down as a file. Nothing of a file's text is ever shown.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from api.configuration.faults import Fault

SUFFIX: Final = "_FILE"
NAMES: Final = (
    *("GEMINI_API_KEY", "GOOGLE_API_KEY", "REELOG_API_KEY", "REELOG_LINK_KEY", "REELOG_WEBHOOK_KEY"),
    "REELOG_STORE",
)
"""The address of a store may hold a password."""
OF_CLOUDS: Final[Mapping[str, tuple[str, ...]]] = {
    "s3": ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
    "az": (
        "AZURE_STORAGE_ACCOUNT_KEY",
        "AZURE_STORAGE_SAS_TOKEN",
        "AZURE_STORAGE_TOKEN",
        "AZURE_CLIENT_SECRET",
    ),
}
"""By the scheme of ``REELOG_BLOBS``; Google's has a file of its own: ``GOOGLE_APPLICATION_CREDENTIALS``."""
LARGEST: Final = 65_536


def layered(*layers: Mapping[str, str]) -> dict[str, str]:
    """All that the layers set, the last one's first. What one sets in either form hides both forms below."""
    merged: dict[str, str] = {}
    for layer in layers:
        for name in layer:
            if layer[name].strip():
                merged.pop(name.removesuffix(SUFFIX) if name.endswith(SUFFIX) else f"{name}{SUFFIX}", None)
        merged.update(layer)
    return merged


def read_secret_files(texts: Mapping[str, str], names: Iterable[str]) -> tuple[dict[str, str], list[Fault]]:
    """What the files of these names say, and what is wrong with those that cannot be read."""
    found: dict[str, str] = {}
    faults = []
    for name in names:
        path = texts.get(f"{name}{SUFFIX}", "").strip()
        if not path:
            continue
        if texts.get(name, "").strip():
            faults.append(Fault(f"{name}{SUFFIX}", path, f"set this or {name}, not both"))
            continue
        try:
            found[name] = _read(Path(path))
        except (OSError, ValueError, RuntimeError) as error:
            told = getattr(error, "strerror", None) or str(error)
            faults.append(Fault(f"{name}{SUFFIX}", path, told))
    return found, faults


def _read(path: Path) -> str:
    try:
        with path.expanduser().open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise ValueError("there is no such file") from None
    except IsADirectoryError:
        raise ValueError("this is a folder; name the file with the secret in it") from None
    except PermissionError:
        raise ValueError("this user may not read the file") from None
    if len(data) > LARGEST:
        raise ValueError("the file is larger than 64 KiB; a secret is one line")
    try:
        text = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise ValueError("the file holds no UTF-8 text") from None
    if not text:
        raise ValueError("the file is empty; write the secret into it")
    if len(text.splitlines()) > 1 or "\0" in text:
        raise ValueError("the file has several lines; write the secret alone, on one")
    return text
